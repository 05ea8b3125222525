"""Reading an install code: first the record that it will be read, committed; only then the code.

Two steps, so that no code ever leaves without its audit event: `permit_reveal` writes and commits, `open_code`
finds the committed event and decrypts.
"""

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
    if not by.may_reveal:
        raise RevealNeedsFreshSignIn
    event = log.find(permit.event_id, event=REVEALED, reference=permit.reference, person_id=by.person_id)
    request = _answered(permit.reference, by)
    fresh = event is not None and timezone.now() - event.at < PERMIT_LIFE
    if event is None or not fresh or request is None or request.install_code is None:
        raise RevealPermitSpent
    if not rules.by_raiser(request, by):
        raise RevealPermitSpent
    if event.detail.get("code") != str(request.install_code_id):
        raise RevealPermitSpent
    return request.install_code.take()


def _answered(reference: str, by: Actor) -> InstallCodeRequest | None:
    """Return the request with its code in one look, so that nobody erases it in between; None once it ended."""
    found = InstallCodeRequest.objects.visible_to(by).select_related("install_code")
    return found.filter(reference=reference, state=State.ANSWERED).first()
