"""The DCC service desk's move: giving a request to another User ID (MP121: the Helpdesk alone allocates)."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from incidents import history, recipients
from incidents.actions.install_code_requests import clock
from incidents.actions.install_code_requests.locking import locked
from incidents.actions.install_code_requests.notes import refuse_if_it_holds_a_code
from incidents.emails import install_code_requests as emails
from incidents.models import InstallCodeRequest
from incidents.models.choices import Event, ObligationEnd, State
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from ssi.refusals import NotInThisState, Refusal
from ssi.workflow import perform, require_move


class NoSuchUserId(Refusal):
    """{user_id} is not the User ID of a Party in the market."""

    suggestion = "Choose one from the list of current User IDs."
    field = "to"


class CannotBeAskedByItself(Refusal):
    """{party} raised this request, so it cannot be asked to answer it."""

    suggestion = "Choose the party that holds the device's install code."
    field = "to"


class AlreadyAsked(Refusal):
    """{party} is asked already, and its clock is running."""

    suggestion = "Choose another party, or write a note to remind this one."
    field = "to"


class NobodyThereCanAnswer(Refusal):
    """Nobody at {party} can answer requests yet."""

    suggestion = "Grant somebody there the Job Type Role OPS, INST or SVCM first, or choose another party."
    field = "to"


class ReasonNeeded(Refusal):
    """Both parties will read why the request was re-routed, so a reason is needed."""

    suggestion = "Write the reason in a sentence."
    field = "reason"


@transaction.atomic
def reroute(*, reference: str, to: Eui64, reason: str, by: Actor, seen: str = "") -> InstallCodeRequest:
    """Give a request to `to`, with a reason both parties read and a new clock.

    It may lie with the desk, or with an installing supplier that cannot answer any more (it left the market).
    `seen` is where it lay when the desk decided (`where`): of two at the desk at once, the later is refused.
    """
    by.require(Component.SERVICE_DESK)
    request = locked(reference, by=by)
    require_move(request.reroute, by=by)
    if seen and seen != where(request):
        raise NotInThisState(what=request.reference, state=_where_in_words(request))
    if not reason.strip():
        raise ReasonNeeded
    refuse_if_it_holds_a_code(reason, field="reason")
    installer = _installer(to, request)
    because = f"The DCC service desk re-routed it: {reason.strip()}"
    now = timezone.now()
    due_date = clock.due_date_from(now)
    clock.stop([request], ObligationEnd.REROUTED, at=now)
    clock.start({request.pk: installer.eui}, at=now)
    history.add(request, Event.REROUTED, by=by, text=f"To {installer.party.name}. {reason.strip()}")
    _tell(request, installer, due_date)
    perform(
        request.reroute,
        by=by,
        event="install_code_request.rerouted",
        to=installer,
        because=because[:300],
        due_date=due_date,
    )
    return request


def _tell(request: InstallCodeRequest, installer: UserId, due_date: date) -> None:
    """Tell whom the desk asks now, and whom it asks no more; who answers for both is told the former alone."""
    asked = recipients.who_may_answer(installer)
    relieved = recipients.installer_of(request) if request.state == State.ASSIGNED else []
    emails.installer_asked(request, to=asked, due_date=due_date)
    emails.installer_relieved(request, to=[each for each in relieved if each not in asked])


def where(request: InstallCodeRequest) -> str:
    """Return where a request lies: its state and whom it is assigned to."""
    return f"{request.state}/{request.assigned_to_id or ''}"


def _where_in_words(request: InstallCodeRequest) -> str:
    asked = f" to {request.assigned_to.party.name}" if request.assigned_to else ""
    return f"{request.get_state_display().lower()}{asked}"


def _installer(eui: Eui64, request: InstallCodeRequest) -> UserId:
    installer = UserId.objects.current().select_related("party").filter(pk=eui).first()
    if installer is None:
        raise NoSuchUserId(user_id=eui)
    if installer.party_id == request.raised_by_party_id:
        raise CannotBeAskedByItself(party=installer.party.name)
    if request.state == State.ASSIGNED and request.assigned_to_id == installer.eui:
        raise AlreadyAsked(party=installer.party.name)
    if not recipients.who_may_answer(installer):
        raise NobodyThereCanAnswer(party=installer.party.name)
    return installer
