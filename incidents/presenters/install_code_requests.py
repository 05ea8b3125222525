"""How requests read on a screen: their moves as buttons, their history as a timeline, what happens next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe

from incidents import moves, rules
from incidents.models import InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.choices import Event, Outcome, Side, State
from incidents.moves import Verb
from inventory.models import Device
from inventory.models.choices import DeviceType
from ssi.access.actor import Actor

RAISED = "raise"
"""Stands beside the verbs in the address of a confirmation."""

_BUTTONS = {
    Verb.ANSWER: ("Answer with the install code", "primary"),
    Verb.DECLINE: ("Decline", "secondary"),
    Verb.REVEAL: ("Reveal the install code", "primary"),
    Verb.CLOSE: ("Close the request", "secondary"),
    Verb.WITHDRAW: ("Withdraw the request", "danger"),
    Verb.NOTES: ("Write a note", "secondary"),
    Verb.REROUTE: ("Re-route the request", "primary"),
    Verb.UNLOCK: ("Unlock the code", "secondary"),
}


@dataclass(frozen=True, slots=True)
class Button:
    """A move as the page shows it; greyed when it has a reason."""

    label: str
    kind: str
    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline: the party, never the person."""

    title: str
    at: datetime
    by: str
    detail: str | SafeString = ""


@dataclass(frozen=True, slots=True)
class StillNeeded:
    """The question to the raiser whose device needs no install code any more: why, and the move that fits."""

    because: str
    since: datetime | None
    button: Button


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Everything the page of one request shows to one actor.

    `claim` is what registration data say of the raiser's statement; the desk alone reads it.
    """

    request: InstallCodeRequest
    side: Side | None
    buttons: Sequence[Button]
    nothing_to_do: str
    may_write: bool
    timeline: Sequence[Moment]
    notes: Sequence[Moment]
    device: Device | None
    last_revealed_at: datetime | None = None
    still_needed: StillNeeded | None = None
    claim: str = ""

    @property
    def device_type(self) -> str:
        """Return the device's type as DUIS writes it."""
        return DeviceType(self.request.device_type).duis


def page_of(
    request: InstallCodeRequest, history: Sequence[InstallCodeRequestEvent], device: Device | None, actor: Actor
) -> RequestPage:
    """Return what the request's page shows to `actor`."""
    offers = moves.offers(request, actor)
    reasons = {offer.reason for offer in offers}
    nothing = reasons.pop() if len(reasons) == 1 and "" not in reasons else ""
    return RequestPage(
        request=request,
        side=rules.side_of(request, actor),
        buttons=[] if nothing else [_button(request, offer) for offer in offers if offer.verb is not Verb.NOTES],
        nothing_to_do=nothing,
        may_write=any(offer.verb is Verb.NOTES and not offer.reason for offer in offers),
        timeline=[_moment(event, noted=False) for event in reversed(history)],
        notes=[_moment(event, noted=True) for event in history if _is_note(event)],
        device=device,
        last_revealed_at=max((event.at for event in history if event.event == Event.REVEALED), default=None),
        still_needed=_still_needed(request, device, actor),
        claim=request.get_responsibility_display() if rules.by_desk(request, actor) else "",
    )


def _still_needed(request: InstallCodeRequest, device: Device | None, actor: Actor) -> StillNeeded | None:
    """Return the question to the raiser, while what it is asked for still holds."""
    if request.settled_at is None or not request.is_open or rules.side_of(request, actor) is not Side.RAISED:
        return None
    if request.settled_status != (device.smi_status if device else None):
        return None
    verb = Verb.CLOSE if request.state == State.ANSWERED else Verb.WITHDRAW
    [button] = buttons_of(request, [verb], actor)
    if device is None:
        return StillNeeded("The device is no longer in the inventory", None, button)
    has_been = "has been" if device.status_since else "is"
    return StillNeeded(f"The device {has_been} {device.get_smi_status_display()}", device.status_since, button)


def _button(request: InstallCodeRequest, offer: moves.Offer) -> Button:
    label, kind = _BUTTONS[offer.verb]
    return Button(label, kind, url_of(request, offer.verb), offer.reason)


def buttons_of(request: InstallCodeRequest, verbs: Sequence[Verb], actor: Actor) -> list[Button]:
    """Return these moves as buttons, greyed with the reason where `actor` cannot make them now."""
    return [_button(request, moves.Offer(verb, moves.why_not(request, verb, actor))) for verb in verbs]


def name_of(verb: Verb) -> str:
    """Return a move in words."""
    return _BUTTONS[verb][0]


def url_of(request: InstallCodeRequest, verb: Verb) -> str:
    """Return the address of the page on which a move is made."""
    return reverse(f"incidents:{verb}", args=[request.reference])


def _is_note(event: InstallCodeRequestEvent) -> bool:
    return bool(event.text) and event.event in {Event.NOTE_ADDED, Event.RAISED}


def _moment(event: InstallCodeRequestEvent, *, noted: bool) -> Moment:
    """Return an event as a line: a note's text stands among the notes, everything else's in the timeline."""
    text = event.text if noted or not _is_note(event) else ""
    title = "Note" if noted else event.get_event_display()
    return Moment(title, event.at, event.party_name or "The portal", mark_safe(linebreaks(text, autoescape=True)))  # noqa: S308 - escaped by linebreaks


# --- After a move ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What was done, and what happens next."""

    title: str
    next_steps: Sequence[str]


_UNTIL_THEN = "You get an e-mail when there is an answer. Until then you can withdraw the request."
_CONFIRMATIONS: dict[tuple[str, str], Confirmation] = {
    (RAISED, State.ASSIGNED): Confirmation("Request raised", ("{told}", _UNTIL_THEN)),
    (RAISED, State.WITH_SERVICE_DESK): Confirmation(
        "Request raised", ("{because} The DCC service desk looks for who holds the code.", _UNTIL_THEN)
    ),
    (Verb.ANSWER, State.ANSWERED): Confirmation(
        "Install code sealed and sent",
        (
            "{raiser} is told by e-mail. Each time it reads the code, you see that in the request's history.",
            "If the code turns out to be wrong, you are asked again. Otherwise {raiser} closes the request.",
        ),
    ),
    (Verb.DECLINE, State.WITH_SERVICE_DESK): Confirmation(
        "Request declined",
        (
            "The DCC service desk now looks for who holds the code.",
            "{raiser} is told by e-mail and sees your reason. There is nothing left for you to do.",
        ),
    ),
    (Verb.CLOSE, State.CLOSED): Confirmation(
        "Request closed", ("{asked} is told by e-mail. There is nothing left to do.",)
    ),
    (Verb.CLOSE, State.ASSIGNED): Confirmation(
        "Request returned: the code is wrong",
        ("{told}", "The wrong code was erased.", "You get an e-mail when there is a new answer."),
    ),
    (Verb.CLOSE, State.WITH_SERVICE_DESK): Confirmation(
        "Request returned: the code is wrong",
        (
            "{because} The DCC service desk looks for who holds the code.",
            "The wrong code was erased.",
            _UNTIL_THEN,
        ),
    ),
    (Verb.WITHDRAW, State.WITHDRAWN): Confirmation(
        "Request withdrawn", ("Nobody is asked for the code any more. There is nothing left to do.",)
    ),
    (Verb.UNLOCK, State.ANSWERED): Confirmation(
        "Code unlocked",
        (
            "{raiser} is told by e-mail and may read the code as often again as at first.",
            "Both suppliers see on the request's page that you unlocked it, and why. You never see the code.",
        ),
    ),
    (Verb.REROUTE, State.ASSIGNED): Confirmation(
        "Request re-routed", ("{told}", "{raiser} sees on the request's page who is asked now, and why.")
    ),
}


def confirmation_of(request: InstallCodeRequest, verb: str) -> Confirmation | None:
    """Return what to say after a move, or None if the request is not where that move leads."""
    said = _CONFIRMATIONS.get((verb, request.state))
    if said is None:
        return None
    asked = request.assigned_to.party.name if request.assigned_to else ""
    due = long_day(request.due_date) if request.due_date else ""
    facts = {
        "raiser": request.raised_by_party.name,
        "asked": asked,
        "told": f"{asked} is told by e-mail and has until the end of {due} to answer.",
        "because": request.with_desk_because,
    }
    return Confirmation(said.title, [step.format(**facts) for step in said.next_steps])


# --- Lists -----------------------------------------------------------------------------------------------------

CSV_HEADER = (
    "Reference",
    "State",
    "Device ID",
    "Device type",
    "MPxN",
    "Raised by",
    "Raised by User ID",
    "Assigned to",
    "Assigned to User ID",
    "Raised at (UTC)",
    "Notified at (UTC)",
    "Due date",
    "Overdue",
    "Answered at (UTC)",
    "Ended at (UTC)",
    "Outcome",
)


def csv_row(request: InstallCodeRequest) -> tuple[object, ...]:
    """Return one request as it leaves in a file: no note, no code."""
    asked = request.assigned_to
    return (
        request.reference,
        request.get_state_display(),
        request.device_id,
        DeviceType(request.device_type).duis,
        request.mpxn,
        request.raised_by_party.name,
        request.raised_by_id,
        asked.party.name if asked else "",
        asked.eui if asked else "",
        _utc(request.created_at),
        _utc(request.notified_at),
        request.due_date,
        "yes" if request.is_overdue else "",
        _utc(request.answered_at),
        _utc(request.ended_at),
        Outcome(request.outcome).label if request.outcome else "",
    )


def _utc(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


def long_day(day: date) -> str:
    """Return "Sunday 22 November 2026"."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def groups_of_four(digits: str) -> list[str]:
    """Return a code's digits as they are read out: in groups of four."""
    return [digits[at : at + 4] for at in range(0, len(digits), 4)]
