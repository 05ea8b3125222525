"""How work packs read on a screen: how far one is, what can be done with it, and the way from one to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from incidents.models import InstallCodeRequest, WorkPack
from incidents.models.choices import State
from incidents.search.work_packs import Progress, Turn
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.web.pages import Page

PACK = "pack"
"""Stands in the address of an answer's page that belongs to a pack's queue, with the pack's reference."""

_SHOWN = (State.ASSIGNED, State.ANSWERED, State.WITH_SERVICE_DESK, State.CLOSED, State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class PackPage:
    """A work pack as its page shows it."""

    pack: WorkPack
    progress: Progress
    requests: Page[InstallCodeRequest]
    state: State | None
    actor: Actor

    @property
    def is_theirs(self) -> bool:
        """Tell whether the actor may answer it."""
        may_answer = self.actor.may(Component.INSTALL_CODE_REQUEST_RESPOND)
        return may_answer and self.actor.user_id == self.pack.installer_id

    @property
    def left_tone(self) -> str:
        """Return how much the answers that are left want attention."""
        if self.progress.overdue:
            return "bad"
        return "attention" if self.progress.left else "over"

    @property
    def answered(self) -> int:
        """Return how many were answered, closed ones included."""
        return self.progress.states.get(State.ANSWERED, 0) + self.progress.states.get(State.CLOSED, 0)

    @property
    def with_desk(self) -> int:
        """Return how many were declined and are the desk's now."""
        return self.progress.states.get(State.WITH_SERVICE_DESK, 0)

    @property
    def reason(self) -> str:
        """Return why nothing can be answered now, or nothing."""
        return "" if self.progress.left else "Nothing in this work pack waits for an answer."

    @property
    def tabs(self) -> Sequence[dict[str, Any]]:
        """Return the states by which its requests can be narrowed, each with its number."""
        address = self.pack.get_absolute_url()
        every = {"label": "All", "url": address, "current": self.state is None, "count": self.progress.total}
        return [
            every,
            *(
                {
                    "label": state.label,
                    "url": f"{address}?state={state.value}",
                    "current": state is self.state,
                    "count": number,
                }
                for state in _SHOWN
                if (number := self.progress.states.get(state, 0)) or state is self.state
            ),
        ]


@dataclass(frozen=True, slots=True)
class Queue:
    """Where in its work pack's queue a request stands, and the ways on from it."""

    turn: Turn

    @property
    def pack(self) -> WorkPack:
        """Return the work pack."""
        return self.turn.pack

    @property
    def skip(self) -> str:
        """Return the address of the next one, with this one left for later."""
        return next_after(self.turn.pack, self.turn.request)

    @property
    def decline(self) -> str:
        """Return the address at which this one is declined, and the queue goes on."""
        return in_queue(reverse("incidents:decline", args=[self.turn.request.reference]), self.turn.pack)

    @property
    def answer(self) -> str:
        """Return the address at which this one is answered, and the queue goes on."""
        return in_queue(reverse("incidents:answer", args=[self.turn.request.reference]), self.turn.pack)


def in_queue(address: str, pack: WorkPack) -> str:
    """Return the address of a move's page as part of a pack's queue."""
    return f"{address}?{urlencode({PACK: pack.reference})}"


def next_after(pack: WorkPack, request: InstallCodeRequest) -> str:
    """Return the address that leads to whatever is answered after `request`."""
    address = reverse("incidents:work_pack_next", args=[pack.reference])
    return f"{address}?{urlencode({'after': request.reference})}"
