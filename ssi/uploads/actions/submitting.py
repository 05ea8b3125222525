"""Submitting a checked file: to DCC, or first to a second officer where much is taken away or raised."""

from http import HTTPStatus

from django.db import transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.acting import actor_later
from ssi.accounts.models import UserIdRole
from ssi.refusals import NotInThisState, Refusal
from ssi.uploads import emails, recipients
from ssi.uploads.actions.accepting import (
    ChangedMeanwhile,
    confirm_by,
    decided_by_constraints,
    is_out_of_date,
    refuse_what_is_older,
)
from ssi.uploads.actions.locking import hold_in_force, locked
from ssi.uploads.actions.rights import require_now
from ssi.uploads.kinds.registry import kind_of
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind
from ssi.uploads.models.uploads import SUBMISSION
from ssi.workflow import perform, require_move


class WarningsNotChecked(Refusal):
    """{reference} has warnings that nobody has said to have checked: {warnings}."""

    suggestion = "Look at each of them; if the numbers are meant, say “I have checked” and submit again."
    status = HTTPStatus.CONFLICT
    field = "checked"
    source = "domain 6.3: W50 and W51 are not fatal, but must be acknowledged"


class ShownOtherwise(NotInThisState):
    """{reference} was checked again after this page was opened, and what changes is not what the page showed."""

    suggestion = "Look at it as it is now, and submit it then."
    status = HTTPStatus.CONFLICT
    source = "Ours: what is submitted is what was shown"


@transaction.atomic
def submit(
    *,
    reference: str,
    warnings_checked: bool,
    by: Actor,
    seen: str | None = None,
    compared_with: str | None = None,
) -> Upload:
    """Submit a checked upload: it goes to DCC, or to a second officer of the party where one is needed.

    `warnings_checked` is the person's "I have checked", `seen` what `shown` said of the upload they looked at, if
    that is known, and `compared_with` the reference of the set that was shown beside it, "" for none. Raises
    UploadUnknown, NotAllowed, NotInThisState,
    RoleEnded, WarningsNotChecked, ChangedMeanwhile, NewerWasAccepted, AnotherSetIsSubmitted, FileWasAccepted, and
    what the kind refuses.
    """
    upload = locked(reference, by=by)
    require_move(upload.submit, by=by)
    if compared_with is not None and compared_with.upper() != compared_reference(upload):
        raise ShownOtherwise(reference=upload.reference)
    if seen is not None and seen != shown(upload):
        raise ShownOtherwise(reference=upload.reference)
    _submit(upload, warnings_checked=warnings_checked, by=by)
    return upload


def compared_reference(upload: Upload) -> str:
    """Return the reference of the set that it was checked against, "" where none was in force."""
    return upload.compared_with.reference if upload.compared_with is not None else ""


def shown(upload: Upload) -> str:
    """Return by what one tells whether a page showed the upload as it is now: what it was checked against."""
    return f"{upload.compared_with_id or 'nothing'}, {upload.warnings} warnings"


def submit_automatically(upload: Upload) -> bool:
    """Submit an upload that was just checked, if that was asked for with it and nothing needs a person's eyes.

    Done for whoever uploaded it, or signed it where the desk registered it from an e-mail, with the rights they
    have now. Where it cannot be, the AROs are told that it waits for them. Call it in the pipeline's transaction,
    on the locked upload. Return whether it was submitted.
    """
    if not upload.submit_when_checked:
        return False
    if not upload.warnings and not upload.second_because:
        try:
            with transaction.atomic():
                _submit(upload, warnings_checked=False, by=_on_behalf_of(upload))
        except Refusal:
            upload.refresh_from_db()
        else:
            return True
    emails.checked(upload, to=recipients.submitters_of(upload))
    return False


def _submit(upload: Upload, *, warnings_checked: bool, by: Actor) -> None:
    require_move(upload.submit, by=by)
    hold_in_force(upload)
    require_now(by, SUBMISSION[Kind(upload.kind)])
    if upload.warnings and not warnings_checked:
        raise WarningsNotChecked(reference=upload.reference, warnings=f"{upload.warnings:,}")
    if is_out_of_date(upload):
        raise ChangedMeanwhile(reference=upload.reference)
    refuse_what_is_older(upload)
    if upload.second_because:
        _ask_second(upload, warnings_checked, by)
    else:
        _to_dcc(upload, warnings_checked, by)


def _ask_second(upload: Upload, warnings_checked: bool, by: Actor) -> None:
    with decided_by_constraints(upload):
        perform(
            upload.ask_second,
            by=by,
            event="upload.submitted",
            person_id=by.person_id,
            at=timezone.now(),
            warnings_checked=_said(upload, warnings_checked),
        )
    emails.awaiting_approval(upload, to=recipients.approvers_of(upload))


def _to_dcc(upload: Upload, warnings_checked: bool, by: Actor) -> None:
    now = timezone.now()
    with decided_by_constraints(upload):
        kind_of(upload).accepted(upload)  # may touch a million rows: before the audit event, which all wait for
        perform(
            upload.submit,
            by=by,
            event="upload.submitted",
            person_id=by.person_id,
            at=now,
            warnings_checked=_said(upload, warnings_checked),
            due_date=confirm_by(now),
        )
    emails.accepted_for_desk(upload, to=recipients.service_desk())


def _said(upload: Upload, warnings_checked: bool) -> bool:
    """Keep "I have checked" only where there was something to check."""
    return warnings_checked and upload.warnings > 0


def _on_behalf_of(upload: Upload) -> Actor:
    """Return who submits what is to be submitted by itself, with the rights they have now."""
    person_id = upload.signer_id if upload.recovery_id else upload.uploaded_by_id
    return actor_later(
        person_id or 0, upload.party, upload.user_id_id, upload.user_role or _a_role_of(upload), via=upload.via
    )


def _a_role_of(upload: Upload) -> str:
    """Return a User Role of the User ID: an Exit Quarantine file names none, and any will do."""
    return (
        UserIdRole.objects.filter(held_by=upload.user_id_id)
        .order_by("user_role")
        .values_list("user_role", flat=True)[0]
    )
