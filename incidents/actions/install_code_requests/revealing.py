"""Reading an install code: first the record that it will be read, committed; only then the code.

Two steps, so that no code ever leaves without its audit event: `permit_reveal` writes and commits, `open_code`
finds the committed event and decrypts.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from django.db import transaction
from django.utils import timezone

from incidents import history, rules
from incidents.actions.install_code_requests.locking import locked
from incidents.actions.install_code_requests.notes import refuse_if_it_holds_a_code
from incidents.models import InstallCodeRequest
from incidents.models.choices import Event, State
from inventory.install_code import InstallCode
from ssi.access.actor import Actor
from ssi.audit import log
from ssi.audit.models import AuditEvent
from ssi.refusals import NotAllowed, NotInThisState, Refusal

PERMIT_LIFE = timedelta(minutes=5)
REVEALED = "install_code.revealed"


class RevealNeedsReason(Refusal):
    """An install code is shown only for a reason."""

    suggestion = "Write what you need it for; it goes into the audit log."
    source = "SSI design 6"
    field = "reason"


class RevealLimitReached(NotInThisState):
    """This code was read {times}, which is as often as it may be."""

    suggestion = "The DCC service desk can unlock it: write a note that says why you need it again."
    source = "SSI design 6"


class RevealNeedsFreshSignIn(Refusal):
    """Showing an install code needs a sign-in, or a token made for it, that is fresh."""

    suggestion = "Enter your password again. A program needs a token made with `api_token EMAIL --reveal`."
    source = "SSI design 6"
    status = HTTPStatus.FORBIDDEN


class RevealPermitSpent(Refusal):
    """This permission to read the code has run out."""

    suggestion = "Ask for the code again, with a reason."
    status = HTTPStatus.CONFLICT


@dataclass(frozen=True, slots=True)
class RevealPermit:
    """That a reveal was recorded: the request's reference, how often its code was shown, the audit event's id."""

    reference: str
    reveals: int
    event_id: int


@transaction.atomic
def permit_reveal(*, reference: str, reason: str, by: Actor) -> RevealPermit:
    """Count and record that `by` will read the code, for `reason`; commit it before `open_code`.

    Raises RequestUnknown, NotAllowed, NotInThisState, RevealLimitReached, RevealNeedsFreshSignIn and
    RevealNeedsReason.
    """
    request = locked(reference, by=by)
    if not rules.by_raiser(request, by):
        raise NotAllowed(
            why="Only the supplier that asked may read the code.", way_out="Ask the raiser of the request."
        )
    if request.state != State.ANSWERED:
        raise NotInThisState(what=request.reference, state=request.get_state_display().lower())
    if rules.is_read_out(request):
        raise limit_reached(request)
    if not by.may_reveal:
        raise RevealNeedsFreshSignIn
    if not reason.strip():
        raise RevealNeedsReason
    refuse_if_it_holds_a_code(reason, field="reason")
    request.reveals += 1
    request.save(update_fields=["reveals"])
    history.add(request, Event.REVEALED, by=by)
    event_id = log.record(REVEALED, by=by, about=request, reason=reason.strip(), code=str(request.install_code_id))
    return RevealPermit(reference=request.reference, reveals=request.reveals, event_id=event_id)


def limit_reached(request: InstallCodeRequest) -> RevealLimitReached:
    """Return why the code may not be read again."""
    return RevealLimitReached(times="once" if request.reveals == 1 else f"{request.reveals} times")


def open_code(*, permit: RevealPermit, by: Actor) -> InstallCode:
    """Decrypt what a committed audit event says `by` may read now. Raises RevealPermitSpent.

    The event is looked for outside any transaction (the database refuses otherwise): no committed event, no code.
    A permit is kept with its Idempotency-Key, so who comes with it may be the same person by a lesser token:
    raises RevealNeedsFreshSignIn.
    """
    return open_codes(permits=[permit], by=by)[0][1]


def open_codes(*, permits: Sequence[RevealPermit], by: Actor) -> list[tuple[InstallCodeRequest, InstallCode]]:
    """Decrypt many at once, each only under its own committed event, as `open_code` does.

    What ended since is left out; raises RevealPermitSpent if nothing is left, and RevealNeedsFreshSignIn.
    """
    if not by.may_reveal:
        raise RevealNeedsFreshSignIn
    events = log.find_many([each.event_id for each in permits], event=REVEALED, person_id=by.person_id)
    requests = _answered([each.reference for each in permits], by)
    opened = [
        (request, request.install_code.take())
        for permit in permits
        if (request := requests.get(permit.reference)) is not None
        and request.install_code is not None
        and rules.by_raiser(request, by)
        and _covers(events.get(permit.event_id), request)
    ]
    if not opened:
        raise RevealPermitSpent
    return opened


def _covers(event: AuditEvent | None, request: InstallCodeRequest) -> bool:
    """Tell whether a committed event is fresh and about this request with the very code it holds."""
    return (
        event is not None
        and timezone.now() - event.at < PERMIT_LIFE
        and event.reference == request.reference
        and event.detail.get("code") == str(request.install_code_id)
    )


def _answered(references: Collection[str], by: Actor) -> dict[str, InstallCodeRequest]:
    """Return the requests with their codes in one look, so that nobody erases one in between; none that ended."""
    found = InstallCodeRequest.objects.visible_to(by).select_related("install_code")
    return {each.reference: each for each in found.by_reference(*references).filter(state=State.ANSWERED)}
