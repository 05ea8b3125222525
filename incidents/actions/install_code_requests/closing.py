"""The raiser's last moves, of one or many: closing with an outcome, returning wrong codes, withdrawing."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from incidents import history, recipients
from incidents.actions.escrow.withdrawing import found_wrong
from incidents.actions.install_code_requests import clock
from incidents.actions.install_code_requests.asking import ONE_BY_ONE, WholeMarket, why_nobody_can_be_asked
from incidents.actions.install_code_requests.locking import locked
from incidents.actions.install_code_requests.moving import Tell, nobody
from incidents.actions.install_code_requests.notes import refuse_if_it_holds_a_code
from incidents.actions.install_code_requests.raising import SENT_TO_DESK
from incidents.emails import install_code_requests as emails
from incidents.models import InstallCodeRequest
from incidents.models.choices import Event, ObligationEnd, Outcome, State
from inventory.actions.install_codes import erase_later
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from ssi.refusals import Refusal
from ssi.workflow import Stopped, perform_many, require_move


class WithdrawalNeedsReason(Refusal):
    """The installing supplier will read why you withdraw the request, so a reason is needed."""

    suggestion = "Write the reason in a sentence."
    field = "reason"


Refused = list[Stopped[InstallCodeRequest]]


@transaction.atomic
def close(*, reference: str, outcome: Outcome, by: Actor) -> InstallCodeRequest:
    """Close with what became of the code; a wrong code goes back to the installing supplier instead.

    Only the gaining supplier may (MP121). Raises RequestUnknown, NotAllowed, NotInThisState.
    """
    request = locked(reference, by=by)
    require_move(request.close, by=by)
    close_many([request], outcome=outcome, by=by, tell=_tell_installer)
    return request


def close_many(
    requests: Sequence[InstallCodeRequest], *, outcome: Outcome, by: Actor, tell: Tell = nobody
) -> Refused:
    """Close requests locked by the caller, or return them if their codes are wrong; return what was refused.

    `tell` writes to the installing suppliers of those that moved, where the caller does not do so itself.
    """
    if outcome == Outcome.WRONG_CODE:
        return _return_many(requests, by, tell)
    now = timezone.now()

    def follow(closed: list[InstallCodeRequest]) -> None:
        history.add_many(closed, Event.CLOSED, by=by, text=lambda _: Outcome(outcome).label)
        erase_later([each.install_code_id for each in closed if each.install_code_id], ended_at=now)
        tell(closed)

    _, refused = perform_many(
        requests,
        "close",
        by=by,
        event="install_code_request.closed",
        facts=lambda _: {"outcome": outcome, "at": now},
        follow=follow,
    )
    return refused


def _tell_installer(moved: list[InstallCodeRequest]) -> None:
    """Write to the installing supplier of a single request: it is closed, or it is asked again."""
    for request in moved:
        to = recipients.installer_of(request)
        if request.state == State.CLOSED:
            emails.request_closed(request, to=to)
        elif request.due_date is not None:
            emails.installer_asked(request, to=to, due_date=request.due_date)


def _return_many(requests: Sequence[InstallCodeRequest], by: Actor, tell: Tell) -> Refused:
    """Ask the installing suppliers again, with new clocks, or the desk where they are gone; the codes go."""
    now = timezone.now()
    due_date, wrong = clock.due_date_from(now), {each.pk: each.install_code_id for each in requests}
    gone = _why_they_are_gone(requests)

    def follow(returned: list[InstallCodeRequest]) -> None:
        asked = {
            each.pk: each.assigned_to_id
            for each in returned
            if each.assigned_to_id and not gone[each.assigned_to_id]
        }
        clock.mark_wrong(returned)
        history.add_many(returned, Event.RETURNED, by=by)
        clock.start(asked, at=now)
        found_wrong(returned, by=by)
        SealedInstallCode.objects.filter(pk__in=[wrong[each.pk] for each in returned]).delete()
        tell([each for each in returned if each.pk in asked])

    returned, refused = perform_many(
        requests,
        "return_to_installer",
        by=by,
        event="install_code_request.returned",
        facts=lambda _: {"due_date": due_date},
        follow=follow,
    )
    _send_to_desk([each for each in returned if gone[each.assigned_to_id]], gone)
    return refused


def _why_they_are_gone(requests: Sequence[InstallCodeRequest]) -> dict[Eui64 | None, str]:
    """Return why each installing supplier cannot be asked again, "" if it can."""
    installers = UserId.objects.select_related("party").in_bulk(
        {each.assigned_to_id for each in requests} - {None}
    )
    market = WholeMarket() if len(installers) > 1 else ONE_BY_ONE
    return {key: why_nobody_can_be_asked(installer, market) for key, installer in installers.items()}


def _send_to_desk(requests: Sequence[InstallCodeRequest], gone: Mapping[Eui64 | None, str]) -> None:
    portal = Actor.system()
    perform_many(
        requests,
        "send_to_desk",
        by=portal,
        event=SENT_TO_DESK,
        facts=lambda request: {"because": gone[request.assigned_to_id]},
        follow=lambda sent: history.add_many(
            sent, Event.SENT_TO_DESK, by=portal, text=lambda request: request.with_desk_because
        ),
    )


@transaction.atomic
def withdraw(*, reference: str, reason: str, by: Actor) -> InstallCodeRequest:
    """Take the request back before it is answered, saying why.

    Raises RequestUnknown, NotAllowed, NotInThisState, WithdrawalNeedsReason.
    """
    request = locked(reference, by=by)
    require_move(request.withdraw, by=by)
    withdraw_many(
        [request],
        reason=reason_to_withdraw(reason),
        by=by,
        tell=lambda _: emails.request_withdrawn(request, to=recipients.installer_of(request)),
    )
    return request


def reason_to_withdraw(text: str) -> str:
    """Return the reason as it may be kept. Raises WithdrawalNeedsReason, TextTooLong, NoteHoldsInstallCode."""
    if not text.strip():
        raise WithdrawalNeedsReason
    refuse_if_it_holds_a_code(text, field="reason")
    return text.strip()


def withdraw_many(
    requests: Sequence[InstallCodeRequest], *, reason: str, by: Actor, tell: Tell = nobody
) -> Refused:
    """Withdraw requests locked by the caller, for a reason that may be kept; return what was refused.

    `tell` writes to the installing suppliers of those that moved, where the caller does not do so itself.
    """
    now = timezone.now()

    def follow(withdrawn: list[InstallCodeRequest]) -> None:
        clock.stop(withdrawn, ObligationEnd.WITHDRAWN, at=now)
        history.add_many(withdrawn, Event.WITHDRAWN, by=by, text=lambda _: reason)
        tell(withdrawn)

    _, refused = perform_many(
        requests,
        "withdraw",
        by=by,
        event="install_code_request.withdrawn",
        facts=lambda _: {"at": now},
        follow=follow,
    )
    return refused
