"""How moving many requests at once reads: the page before it is done, and the file that is filled in."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from incidents import moves
from incidents.actions.bulk_moves.answer_rows import REASON
from incidents.models import InstallCodeRequest, WorkPack
from incidents.models.choices import BulkKind, DeclineReason, Side, State
from incidents.moves import Verb
from incidents.rules import may_do_in_bulk
from incidents.search.selections import Selection
from ssi.access.actor import Actor

TEMPLATE_CHOICES = {REASON: DeclineReason.labels}


@dataclass(frozen=True, slots=True)
class Words:
    """What is done with the chosen requests: the heading, its participle, and what the button says."""

    title: str
    done: str
    go: str
    lead: str
    noun: str = "request"


WORDS = {
    Verb.CLOSE: Words(
        "Close requests",
        "closed",
        "Close {count}",
        "What you say of the codes goes with each request. If they are wrong, the requests go back to the"
        " installing suppliers instead, and the codes are erased.",
    ),
    Verb.WITHDRAW: Words(
        "Withdraw requests",
        "withdrawn",
        "Withdraw {count}",
        "Nobody is asked for these codes any more. Each supplier that was asked gets one e-mail about them.",
    ),
    Verb.DECLINE: Words(
        "Decline requests",
        "declined",
        "Decline {count}",
        "The requests go to the DCC service desk, which looks for who holds the codes. Each raiser gets one e-mail"
        " about all of them.",
    ),
    Verb.REVEAL: Words(
        "Codes for DUIS",
        "read",
        "Download {count}",
        "The file has each device's DeviceID and InstallCode as SR 8.11 carries them, without the check digits.",
        "code",
    ),
}


@dataclass(frozen=True, slots=True)
class Unable:
    """A request that cannot be dealt with, and why."""

    request: InstallCodeRequest
    reason: str


@dataclass(frozen=True, slots=True)
class SelectionPage:
    """What was chosen, before anything is done with it."""

    verb: Verb
    selection: Selection
    actor: Actor

    @property
    def words(self) -> Words:
        """Return what is done with them."""
        return WORDS[self.verb]

    @property
    def able(self) -> int:
        """Return how many can be dealt with."""
        return len(self.selection.able)

    @property
    def go(self) -> str:
        """Return what the button says: "Close 37 requests"."""
        return self.words.go.format(count=f"{self.able:,} {self.words.noun}{'' if self.able == 1 else 's'}")

    @property
    def some_unable(self) -> Sequence[Unable]:
        """Return the first of those that cannot be dealt with, each with the reason."""
        return [Unable(each, self._why_not(each)) for each in self.selection.some_unable]

    @property
    def unable_states(self) -> str:
        """Return in which states those are that cannot be dealt with: "48 assigned, 3 with service desk"."""
        by_state = self.selection.unable_by_state
        return ", ".join(f"{by_state[state]:,} {state.label.lower()}" for state in State if state in by_state)

    @property
    def more_unable(self) -> int:
        """Return how many more there are than shown."""
        return self.selection.unable - len(self.selection.some_unable)

    def _why_not(self, request: InstallCodeRequest) -> str:
        refusal = moves.why_not(request, self.verb, self.actor)
        return f"{refusal.message} {refusal.way_out}".strip() if refusal else ""


@dataclass(frozen=True, slots=True)
class Together:
    """Something that can be done with many requests of a list at once."""

    label: str
    url: str


_TOGETHER = {
    Side.RAISED: (
        (BulkKind.CLOSE, "Close", "incidents:chosen_close"),
        (BulkKind.WITHDRAW, "Withdraw", "incidents:chosen_withdraw"),
        (BulkKind.RAISE, "Codes for DUIS", "incidents:chosen_codes"),
    ),
    Side.ASSIGNED: ((BulkKind.DECLINE, "Decline", "incidents:chosen_decline"),),
}
"""By side: who may do work of that kind is offered the page."""


def together_of(actor: Actor, side: Side) -> list[Together]:
    """Return what `actor` may do with many requests of one side at once."""
    return [Together(label, reverse(name)) for kind, label, name in _TOGETHER[side] if may_do_in_bulk(kind, actor)]


def template_name(pack: WorkPack | None) -> str:
    """Return what the file to be filled in is called."""
    return f"answers-{pack.reference}" if pack else "answers"


def template_line(request: InstallCodeRequest) -> tuple[str, ...]:
    """Return a request as a line to be filled in."""
    return request.reference, str(request.device_id), "", "", "", ""
