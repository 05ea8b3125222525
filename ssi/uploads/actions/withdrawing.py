"""Taking an upload back before it is applied."""

from django.db import transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.notifications import outbox
from ssi.uploads import emails, notices, recipients
from ssi.uploads.actions.locking import locked
from ssi.uploads.actions.rights import require_now
from ssi.uploads.kinds.registry import kind_of
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import State
from ssi.workflow import perform, require_move


@transaction.atomic
def withdraw(*, reference: str, by: Actor) -> Upload:
    """Take an upload of the own User ID back, wherever it stands before it is applied; what is in force stays.

    An SRO may as well as an ARO: whoever signed it may be gone, or their key. The desk is told where it was to
    confirm it. Raises UploadUnknown, NotAllowed, NotInThisState, RoleEnded.
    """
    upload = locked(reference, by=by)
    require_move(upload.withdraw, by=by)
    require_now(by, Component.ADT_APPROVAL)
    was = State(upload.state)
    if was is State.ACCEPTED:
        kind_of(upload).given_up(upload)
    perform(upload.withdraw, by=by, event="upload.withdrawn", person_id=by.person_id, at=timezone.now())
    if was is State.ACCEPTED:
        emails.withdrawn_for_desk(upload, to=recipients.service_desk())
    if was is State.AWAITING_APPROVAL:
        outbox.take_back(event=notices.AWAITS_APPROVAL.event, about=upload.audit_name, reference=upload.reference)
    return upload
