"""The raiser's last moves: closing with an outcome, returning a wrong code, withdrawing."""

from django.db import transaction
from django.utils import timezone

from incidents import history, recipients
from incidents.actions.escrow.withdrawing import found_wrong
from incidents.actions.install_code_requests import clock
from incidents.actions.install_code_requests.asking import why_nobody_can_be_asked
from incidents.actions.install_code_requests.locking import locked
from incidents.actions.install_code_requests.notes import refuse_if_it_holds_a_code
from incidents.actions.install_code_requests.raising import SENT_TO_DESK
from incidents.emails import install_code_requests as emails
from incidents.models import InstallCodeRequest
from incidents.models.choices import Event, ObligationEnd, Outcome
from inventory.actions.install_codes import erase_later
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.refusals import Refusal
from ssi.workflow import perform, require_move


class WithdrawalNeedsReason(Refusal):
    """The installing supplier will read why you withdraw the request, so a reason is needed."""

    suggestion = "Write the reason in a sentence."
    field = "reason"


@transaction.atomic
def close(*, reference: str, outcome: Outcome, by: Actor) -> InstallCodeRequest:
    """Close with what became of the code; a wrong code goes back to the installing supplier instead.

    Only the gaining supplier may (MP121). Raises RequestUnknown, NotAllowed, NotInThisState.
    """
    request = locked(reference, by=by)
    require_move(request.close, by=by)
    if outcome == Outcome.WRONG_CODE:
        _return(request, by)
        return request
    now = timezone.now()
    history.add(request, Event.CLOSED, by=by, text=Outcome(outcome).label)
    emails.request_closed(request, to=recipients.installer_of(request))
    perform(request.close, by=by, event="install_code_request.closed", outcome=outcome, at=now)
    if request.install_code_id:
        erase_later([request.install_code_id], ended_at=now)
    return request


def _return(request: InstallCodeRequest, by: Actor) -> None:
    """Ask the installing supplier again, with a new clock, or the desk if it is gone; the wrong code is erased."""
    wrong = request.install_code
    now = timezone.now()
    due_date = clock.due_date_from(now)
    gone = why_nobody_can_be_asked(request.assigned_to)
    clock.mark_wrong([request])
    history.add(request, Event.RETURNED, by=by)
    if gone:
        history.add(request, Event.SENT_TO_DESK, by=Actor.system(), text=gone)
    elif request.assigned_to_id is not None:
        clock.start({request.pk: request.assigned_to_id}, at=now)
        emails.installer_asked(request, to=recipients.installer_of(request), due_date=due_date)
    found_wrong([request], by=by)
    perform(request.return_to_installer, by=by, event="install_code_request.returned", due_date=due_date)
    if gone:
        perform(request.send_to_desk, by=Actor.system(), event=SENT_TO_DESK, because=gone)
    _erase(wrong)


def _erase(code: SealedInstallCode | None) -> None:
    """Delete a wrong code at once: nobody will ask for it again."""
    if code is not None:
        code.delete()


@transaction.atomic
def withdraw(*, reference: str, reason: str, by: Actor) -> InstallCodeRequest:
    """Take the request back before it is answered, saying why.

    Raises RequestUnknown, NotAllowed, NotInThisState, WithdrawalNeedsReason.
    """
    request = locked(reference, by=by)
    require_move(request.withdraw, by=by)
    if not reason.strip():
        raise WithdrawalNeedsReason
    refuse_if_it_holds_a_code(reason, field="reason")
    now = timezone.now()
    clock.stop([request], ObligationEnd.WITHDRAWN, at=now)
    history.add(request, Event.WITHDRAWN, by=by, text=reason.strip())
    emails.request_withdrawn(request, to=recipients.installer_of(request))
    perform(request.withdraw, by=by, event="install_code_request.withdrawn", at=now)
    return request
