"""The second officer: approving what another submitted, or declining it. Source: DP108, ours."""

from django.db import transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.refusals import Refusal
from ssi.uploads import emails, recipients
from ssi.uploads.actions.accepting import (
    ChangedSinceSubmitted,
    confirm_by,
    decided_by_constraints,
    is_out_of_date,
    refuse_what_is_older,
)
from ssi.uploads.actions.locking import hold_in_force, locked
from ssi.uploads.actions.rights import require_now
from ssi.uploads.kinds.registry import kind_of
from ssi.uploads.models import Upload
from ssi.workflow import perform, require_move

LONGEST_REASON = 500


class ReasonMissing(Refusal):
    """Whoever submitted the file reads why it is not approved, so a reason is needed."""

    suggestion = "Write in a sentence what is wrong, at most 500 characters."
    field = "because"


@transaction.atomic
def approve(*, reference: str, by: Actor) -> Upload:
    """Approve what another officer submitted: DCC sees it from now on.

    Raises UploadUnknown, NotAllowed (also for who uploaded, submitted or signed it), NotInThisState, RoleEnded,
    ChangedSinceSubmitted, NewerWasAccepted, FileWasAccepted, and what the kind refuses.
    """
    upload = locked(reference, by=by)
    require_move(upload.approve, by=by)
    hold_in_force(upload)
    require_now(by, Component.ADT_APPROVAL)
    if is_out_of_date(upload):
        raise ChangedSinceSubmitted(reference=upload.reference)
    refuse_what_is_older(upload)
    now = timezone.now()
    with decided_by_constraints(upload):
        kind_of(upload).accepted(upload)
        perform(
            upload.approve,
            by=by,
            event="upload.approved",
            person_id=by.person_id,
            at=now,
            due_date=confirm_by(now),
        )
    emails.approved(upload, to=recipients.submitters_of(upload))
    emails.accepted_for_desk(upload, to=recipients.service_desk())
    return upload


@transaction.atomic
def decline(*, reference: str, because: str, by: Actor) -> Upload:
    """Decline what another officer submitted: it goes no further, and what is in force stays.

    Raises as `approve`, and ReasonMissing.
    """
    upload = locked(reference, by=by)
    require_move(upload.decline, by=by)
    require_now(by, Component.ADT_APPROVAL)
    because = because.strip()
    if not because or len(because) > LONGEST_REASON:
        raise ReasonMissing
    perform(
        upload.decline,
        by=by,
        event="upload.declined",
        person_id=by.person_id,
        at=timezone.now(),
        because=because,
    )
    emails.declined(upload, to=recipients.submitters_of(upload))
    return upload
