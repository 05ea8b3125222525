"""What an actor may do with an upload now, and why not: one answer for the page's buttons and the API.

It asks the same permissions and the same state table as the actions; what it adds is the sentence.
"""

from dataclasses import dataclass
from enum import StrEnum

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.refusals import NotAllowed, NotInThisState, Refusal
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import OPEN_STATES, Kind, State
from ssi.uploads.models.uploads import SUBMISSION
from ssi.workflow import can_move_now, may_move


class Verb(StrEnum):
    """The moves that people make; the values are those of the addresses and the API."""

    SUBMIT = "submit"
    APPROVE = "approve"
    DECLINE = "decline"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


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


_AT: dict[State, tuple[Verb, ...]] = {
    State.RECEIVED: (Verb.SUBMIT, Verb.WITHDRAW),
    State.CHECKED: (Verb.SUBMIT, Verb.WITHDRAW),
    State.AWAITING_APPROVAL: (Verb.APPROVE, Verb.DECLINE, Verb.WITHDRAW),
    State.ACCEPTED: (Verb.CONFIRM, Verb.REFUSE, Verb.WITHDRAW),
}
"""Which moves a page in a state speaks of at all; an upload that has ended is moved no more."""

_APPROVING = frozenset({Verb.APPROVE, Verb.DECLINE})
_OFFICERS = _APPROVING | {Verb.WITHDRAW}
_THE_DESKS = frozenset({Verb.CONFIRM, Verb.REFUSE})


def offers(upload: Upload, actor: Actor) -> list[Offer]:
    """Return the moves that the actor's roles are for, those that cannot be made now with their reason."""
    return [
        Offer(verb, why_not(upload, verb, actor))
        for verb in _AT.get(State(upload.state), ())
        if actor.may(_component(upload, verb))
    ]


def allowed(upload: Upload, actor: Actor) -> list[Verb]:
    """Return the moves that `actor` may make now."""
    return [offer.verb for offer in offers(upload, actor) if offer.refusal is None]


def why_not(upload: Upload, verb: Verb, actor: Actor) -> Refusal | None:
    """Return why `actor` may not make the move `verb` on `upload` now, or None if they may; who before when."""
    decision = actor.decide(_component(upload, verb))
    if not decision.allowed:
        return NotAllowed(why=decision.why, way_out=decision.way_out)
    if not may_move(upload, getattr(upload, verb), actor):
        return _not_theirs(upload, verb, actor)
    if not can_move_now(upload, verb, actor):
        why, way_out = _not_now(upload, verb)
        return NotNow(why=why, way_out=way_out)
    return None


def acted_for_the_user(upload: Upload, actor: Actor) -> NotAllowed | None:
    """Return why `actor` may not confirm a file for DCC: they were the User's voice; None if they were not."""
    if actor.person_id is None or actor.person_id not in upload.acted_for_user:
        return None
    did = (
        "registered this file" if actor.person_id == upload.uploaded_by_id else "recorded the second officer's yes"
    )
    return NotAllowed(
        why=f"You {did}, so somebody else must confirm it for DCC.",
        way_out="Ask another member of the desk. `manage.py open_desk_account` opens an account for one.",
    )


def _component(upload: Upload, verb: Verb) -> Component:
    """Return what one must reach to make the move."""
    if verb in _OFFICERS:
        return Component.ADT_APPROVAL
    return Component.SIGNED_FILES_DESK if verb in _THE_DESKS else SUBMISSION[Kind(upload.kind)]


def _not_theirs(upload: Upload, verb: Verb, actor: Actor) -> NotAllowed:
    if verb in _APPROVING and actor.party_id == upload.party_id:
        return NotAllowed(
            why=f"You {_part_in(upload, actor)} this file, so somebody else must approve it.",
            way_out="Ask another Authorised or Senior Responsible Officer of your company.",
        )
    if verb is Verb.CONFIRM and (refusal := acted_for_the_user(upload, actor)) is not None:
        return refusal
    return NotAllowed(
        why=f"This file is for {upload.user_id_id}, and you act for another User ID.",
        way_out="Switch to that User ID at the top of the page.",
    )


def _part_in(upload: Upload, actor: Actor) -> str:
    if actor.person_id == upload.submitted_by_id:
        return "submitted"
    return "uploaded" if actor.person_id == upload.uploaded_by_id else "signed"


def _not_now(upload: Upload, verb: Verb) -> tuple[str, str]:
    if upload.state not in OPEN_STATES:
        return f"{upload.reference} is {State(upload.state).in_words}; nothing more can be done with it.", (
            "Upload another file if something is to change."
        )
    if verb is Verb.SUBMIT and upload.state == State.RECEIVED:
        return "It is still being checked.", "The page shows how far that is; it usually takes seconds."
    if verb in {Verb.CONFIRM, Verb.REFUSE} and upload.confirmed_at is not None:
        return "It was confirmed already.", "It is applied on its effective date."
    return f"It is {State(upload.state).in_words}.", "Its page says what happens next."
