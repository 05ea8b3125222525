"""What an actor may do with a request now, and why not: one answer for the page's buttons and the API's `allowed`.

It asks the same permissions and the same state table as the actions; what it adds is the sentence.
"""

from dataclasses import dataclass
from enum import StrEnum

from incidents import rules
from incidents.actions.install_code_requests.revealing import limit_reached
from incidents.actions.install_code_requests.unlocking import not_locked
from incidents.models import InstallCodeRequest
from incidents.models.choices import Side, State
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.refusals import NotAllowed, NotInThisState, Refusal
from ssi.workflow import can_move_now, may_move


class Verb(StrEnum):
    """The moves that people make; the values are the API's."""

    ANSWER = "answer"
    DECLINE = "decline"
    REVEAL = "reveal"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    NOTES = "notes"
    REROUTE = "reroute"
    UNLOCK = "unlock"


DESK_ALONE = frozenset({Verb.REROUTE, Verb.UNLOCK})
"""Moves that the desk makes on its pages; the API has none of them."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A move as it is offered; `refusal` says why it cannot be made now, None when it can."""

    verb: Verb
    refusal: Refusal | None

    @property
    def reason(self) -> str:
        """Return why it cannot be made now and what to do about that, or nothing."""
        return f"{self.refusal.message} {self.refusal.way_out}".strip() if self.refusal else ""


class NotNow(NotInThisState):
    """{why}"""  # noqa: D400, D415 - a whole sentence comes with it

    suggestion = "{way_out}"


_BOTH = frozenset(Side)
_RAISER, _INSTALLER = "{raiser}, which raised the request,", "the supplier that was asked"
_WHOSE: dict[Verb, tuple[frozenset[Side], str]] = {
    Verb.ANSWER: (frozenset({Side.ASSIGNED}), _INSTALLER),
    Verb.DECLINE: (frozenset({Side.ASSIGNED}), _INSTALLER),
    Verb.REVEAL: (frozenset({Side.RAISED}), _RAISER),
    Verb.CLOSE: (frozenset({Side.RAISED}), _RAISER),
    Verb.WITHDRAW: (frozenset({Side.RAISED}), _RAISER),
    Verb.NOTES: (_BOTH, "either side, or the DCC service desk,"),
    Verb.REROUTE: (frozenset(), "the DCC service desk"),
    Verb.UNLOCK: (frozenset(), "the DCC service desk"),
}
"""Which side makes a move, and whose move it is in words."""

_COMPONENT = {
    Side.RAISED: Component.INSTALL_CODE_REQUEST_RAISE,
    Side.ASSIGNED: Component.INSTALL_CODE_REQUEST_RESPOND,
}
"""What a person of a side must reach to make its moves."""

_SHOWN: dict[Side | None, tuple[Verb, ...]] = {
    Side.RAISED: (Verb.REVEAL, Verb.CLOSE, Verb.WITHDRAW, Verb.NOTES),
    Side.ASSIGNED: (Verb.ANSWER, Verb.DECLINE, Verb.NOTES, Verb.CLOSE),
    None: (Verb.REROUTE, Verb.UNLOCK, Verb.NOTES, Verb.CLOSE),
}


def why_not(request: InstallCodeRequest, verb: Verb, actor: Actor) -> Refusal | None:
    """Return why `actor` may not make the move `verb` on `request` now, or None if they may; who before when."""
    if not _is_theirs(request, verb, actor):
        return _not_theirs(request, verb, actor)
    if not _is_now(request, verb, actor):
        if refusal := _not_as_often(request, verb):
            return refusal
        why, way_out = _not_now(request, verb)
        return NotNow(why=why, way_out=way_out)
    return None


def offers(request: InstallCodeRequest, actor: Actor) -> list[Offer]:
    """Return the moves of `actor`'s side of the request, those that cannot be made now with their reason."""
    return [Offer(verb, why_not(request, verb, actor)) for verb in _SHOWN[rules.side_of(request, actor)]]


def allowed(request: InstallCodeRequest, actor: Actor) -> list[Verb]:
    """Return the verbs of the API that `actor` may use on `request` now; `reveal` needs a token made for it."""
    return [
        verb
        for verb in Verb
        if verb not in DESK_ALONE
        and why_not(request, verb, actor) is None
        and (verb is not Verb.REVEAL or actor.may_reveal)
    ]


def _is_theirs(request: InstallCodeRequest, verb: Verb, actor: Actor) -> bool:
    if verb is Verb.REVEAL:
        return rules.by_raiser(request, actor)
    if verb is Verb.NOTES:
        return rules.may_write_notes(request, actor)
    if verb is Verb.UNLOCK:
        return rules.by_desk(request, actor)
    return may_move(request, getattr(request, verb), actor)


def _is_now(request: InstallCodeRequest, verb: Verb, actor: Actor) -> bool:
    if verb in _READING:
        return bool(request.state == State.ANSWERED) and rules.is_read_out(request) is (verb is Verb.UNLOCK)
    if verb is Verb.NOTES:
        return request.is_open
    return can_move_now(request, verb.value, actor)


_READING = frozenset({Verb.REVEAL, Verb.UNLOCK})


def _not_as_often(request: InstallCodeRequest, verb: Verb) -> Refusal | None:
    """Return the refusal of what hangs on how often an answered code was read."""
    if request.state != State.ANSWERED or verb not in _READING:
        return None
    return limit_reached(request) if verb is Verb.REVEAL else not_locked(request)


def _not_theirs(request: InstallCodeRequest, verb: Verb, actor: Actor) -> NotAllowed:
    """Say whose move it is; or, to somebody of the right side, which role it takes."""
    sides, whose = _WHOSE[verb]
    side = rules.side_of(request, actor)
    component = _COMPONENT[side] if side in sides and verb is not Verb.CLOSE else Component.INCIDENT_CLOSE
    if side in sides and not (decision := actor.decide(component)).allowed:
        return NotAllowed(why=decision.why, way_out=decision.way_out)
    only = whose.format(raiser=request.raised_by_party.name)
    return NotAllowed(why=f"Only {only} may do this.", way_out="A note reaches the other side by e-mail.")


def _not_now(request: InstallCodeRequest, verb: Verb) -> tuple[str, str]:
    if not request.is_open:
        return f"{request.reference} is {request.get_state_display().lower()}; nothing more can be done.", (
            "Raise a new request if you still need the code."
        )
    why = _WHY_NOT_NOW.get((verb, State(request.state)))
    return why or (f"{request.reference} is {request.get_state_display().lower()}.", "See its page.")


_WITHDRAW_OR_WAIT = "Wait for the e-mail that tells you, or withdraw the request."
_WHY_NOT_NOW: dict[tuple[Verb, State], tuple[str, str]] = {
    (Verb.ANSWER, State.ANSWERED): ("It is answered.", "If the code was wrong, you will be asked again."),
    (Verb.ANSWER, State.WITH_SERVICE_DESK): (
        "It is with the DCC service desk.",
        "If you do hold the code, say so in a note: the desk can ask you again.",
    ),
    (Verb.DECLINE, State.ANSWERED): ("It is answered.", "Write a note if you gave a wrong code."),
    (Verb.DECLINE, State.WITH_SERVICE_DESK): ("It is with the DCC service desk.", "There is nothing left to do."),
    (Verb.REVEAL, State.ASSIGNED): ("It is not answered yet.", _WITHDRAW_OR_WAIT),
    (Verb.REVEAL, State.WITH_SERVICE_DESK): (
        "The DCC service desk looks for who holds the code.",
        _WITHDRAW_OR_WAIT,
    ),
    (Verb.CLOSE, State.ASSIGNED): ("A request is closed once it is answered.", "Until then you can withdraw it."),
    (Verb.CLOSE, State.WITH_SERVICE_DESK): (
        "A request is closed once it is answered.",
        "Until then you can withdraw it.",
    ),
    (Verb.WITHDRAW, State.ANSWERED): ("It is answered.", "Close it and say what became of the code."),
    (Verb.UNLOCK, State.ASSIGNED): ("It is not answered yet.", "There is no code to read."),
    (Verb.UNLOCK, State.WITH_SERVICE_DESK): ("It is not answered yet.", "There is no code to read."),
    (Verb.REROUTE, State.ANSWERED): ("It is answered.", "Its raiser closes it, or returns a wrong code."),
}
