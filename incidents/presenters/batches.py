"""How work on many requests at once reads on a screen and in a file: one page for every kind and state of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from incidents import rules
from incidents.actions.bulk import findings
from incidents.models import BulkJob, BulkRow
from incidents.models.choices import BulkKind, BulkState, Side, State
from incidents.presenters.batch_words import Words, go_with, name_of, said_with, words_of
from incidents.search.batches import Asked, Outcome, Planned
from ssi.access.actor import Actor
from ssi.web.pages import Page
from ssi.web.progress import time_left
from ssi.web.tones import ATTENTION

FRESH_FOR = timedelta(minutes=30)
"""So long a page asks again by itself; a job that takes longer is looked at by reloading."""


_TRACKED = (State.ASSIGNED, State.ANSWERED, State.WITH_SERVICE_DESK, State.CLOSED, State.WITHDRAWN)
_OVER = (State.ANSWERED, State.CLOSED, State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows cannot be done, and how many of them."""

    finding: str
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be done: where it stood, what was given, what is wrong and what to do."""

    line: int
    given: str
    message: str
    way_out: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many requests are in a state, and where they are listed."""

    number: int
    url: str


@dataclass(frozen=True, slots=True)
class Tracked:
    """One line of the tracker: an installing supplier, how far it is, and its requests by state."""

    asked: Asked
    cells: Sequence[Cell]
    total: Cell
    overdue: Cell

    @property
    def name(self) -> str:
        """Return who is asked."""
        return (
            self.asked.installer.party.name if self.asked.installer else "Nobody yet: the DCC service desk looks"
        )

    @property
    def waits(self) -> bool:
        """Tell whether some of its requests wait for an answer."""
        return State.ASSIGNED in self.asked.states

    @property
    def settled(self) -> int:
        """Return how many of its requests wait for nothing any more."""
        return sum(self.asked.states.get(state, 0) for state in _OVER)


@dataclass(frozen=True, slots=True)
class BatchPage:
    """A job as its page shows it."""

    job: BulkJob
    actor: Actor
    now: datetime
    outcome: Outcome = field(default_factory=Outcome)
    reasons: Sequence[Reason] = ()
    bad_rows: Page[BulkRow] | None = None
    plan: Sequence[Planned] = ()
    reason: str = ""

    @property
    def state(self) -> BulkState:
        """Return the job's state."""
        return BulkState(self.job.state)

    @property
    def state_tone(self) -> str:
        """Return the tone of the job's state, where it has one of its own."""
        return state_tone(self.job)

    @property
    def shows_bad_rows(self) -> bool:
        """Tell whether there are rows that cannot be done; while the list is checked nobody knows yet."""
        return bool(self.reasons) and self.job.state != BulkState.CHECKING

    @property
    def words(self) -> Words:
        """Return what this kind of work is called."""
        return words_of(self.job)

    @property
    def is_raising(self) -> bool:
        """Tell whether these are new requests, which have a tracker."""
        return bool(self.job.kind == BulkKind.RAISE)

    @property
    def is_at_work(self) -> bool:
        """Tell whether a worker has it now."""
        return self.job.state in {BulkState.CHECKING, BulkState.RUNNING}

    @property
    def asks_again(self) -> bool:
        """Tell whether the page keeps itself up to date: while there is something to see, and not all night."""
        return self.is_at_work and self.now - (self.job.confirmed_at or self.job.created_at) < FRESH_FOR

    @property
    def is_theirs(self) -> bool:
        """Tell whether the actor acts for the User ID that gave the instruction."""
        return self.actor.user_id is not None and self.job.user_id_id == self.actor.user_id

    @property
    def may_check_again(self) -> bool:
        """Tell whether the actor may have the list checked anew."""
        return self.is_raising and self.is_theirs and rules.may_do_in_bulk(self.job.kind, self.actor)

    @property
    def says(self) -> str:
        """Return what is read aloud when the page has renewed itself and the job has got further."""
        if self.job.state == BulkState.CHECKED:
            return f"Checked: {self.job.acceptable:,} lines can be used, {self.job.refused:,} cannot."
        if self.job.state == BulkState.DONE:
            return f"Done: {self.job.carried_out:,} carried out, {self.job.refused:,} refused."
        return self.job.get_state_display()

    @property
    def refused_tone(self) -> str:
        """Return how much the rows that cannot be used want attention."""
        return "attention" if self.job.refused else "over"

    @property
    def overdue_tone(self) -> str:
        """Return how much the answers want attention."""
        return "bad" if self.outcome.overdue else "over"

    @property
    def answered(self) -> int:
        """Return how many codes wait to be read."""
        return self.outcome.in_state(State.ANSWERED)

    @property
    def states(self) -> Sequence[str]:
        """Return the states that the tracker counts, in words."""
        return [state.label for state in _TRACKED]

    @property
    def planned(self) -> Sequence[Planned]:
        """Return who would be asked, with the reasons said of many devices."""
        return [replace(each, because=_of_many(each)) for each in self.plan]

    @property
    def go(self) -> str:
        """Return what the button says: "Ask for 37 install codes"."""
        return go_with(self.job)

    @property
    def done_so_far(self) -> int:
        """Return how many of its rows are dealt with."""
        return min(self.job.carried_out, self.job.acceptable)

    @property
    def estimate(self) -> str:
        """Return how long it will take still, as far as one can tell."""
        begun = self.job.confirmed_at or self.job.created_at
        return time_left(self.done_so_far, self.job.acceptable, (self.now - begun).total_seconds())

    @property
    def needed_by_date(self) -> date | None:
        """Return the day it is needed by."""
        day = self.job.facts.get("needed_by_date")
        return date.fromisoformat(day) if day else None

    @property
    def blank(self) -> int:
        """Return how many lines were left blank, to be answered another time."""
        return int(self.job.facts.get("blank") or 0)

    @property
    def said(self) -> Sequence[tuple[str, str]]:
        """Return what was said with the instruction, for all of its rows alike."""
        return said_with(self.job)

    @property
    def bad(self) -> Sequence[BadRow]:
        """Return the rows shown that cannot be done."""
        return [bad_row(row) for row in self.bad_rows.rows] if self.bad_rows else []

    @property
    def tracker(self) -> Sequence[Tracked]:
        """Return the tracker: who was asked, and how far each is."""
        return [self._tracked(each) for each in self.outcome.asked]

    def _tracked(self, asked: Asked) -> Tracked:
        installer = str(asked.installer.eui) if asked.installer else "nobody"
        return Tracked(
            asked,
            [Cell(asked.states.get(state, 0), self.requests(state=state, asked=installer)) for state in _TRACKED],
            Cell(asked.total, self.requests(asked=installer)),
            Cell(asked.overdue, self.requests(asked=installer, answer="overdue")),
        )

    @property
    def totals(self) -> Sequence[Cell]:
        """Return the tracker's last line: all of the batch by state."""
        return [Cell(self.outcome.in_state(state), self.requests(state=state)) for state in _TRACKED]

    @property
    def settled(self) -> int:
        """Return how many requests of the batch were answered, or ended."""
        return sum(self.outcome.in_state(state) for state in _OVER)

    @property
    def all_requests(self) -> str:
        """Return where the batch's requests are listed."""
        return self.requests()

    @property
    def overdue_requests(self) -> str:
        """Return where the batch's overdue requests are listed."""
        return self.requests(answer="overdue")

    @property
    def answered_requests(self) -> str:
        """Return where the codes that came in are listed."""
        return self.requests(state=State.ANSWERED)

    def requests(self, **filters: str) -> str:
        """Return the address of the requests of this batch, narrowed further."""
        if self.actor.is_dcc:
            return f"{reverse('incidents:incidents')}?{urlencode({'batch': self.job.reference, **filters})}"
        query = urlencode({"side": Side.RAISED.value, "batch": self.job.reference, **filters})
        return f"{reverse('incidents:requests')}?{query}"


def _of_many(planned: Planned) -> str:
    """Return why somebody is asked, said of many devices."""
    party = planned.installer.party.name if planned.installer else ""
    if party and planned.because.startswith(f"{party} pre-notified"):
        return "It pre-notified these devices."
    return planned.because.replace("this device", "these devices")


@dataclass(frozen=True, slots=True)
class Line:
    """A job as a line of the list."""

    job: BulkJob

    @property
    def words(self) -> Words:
        """Return what this kind of work is called."""
        return words_of(self.job)

    @property
    def state(self) -> BulkState:
        """Return the job's state."""
        return BulkState(self.job.state)

    @property
    def state_tone(self) -> str:
        """Return the tone of the job's state, where it has one of its own."""
        return state_tone(self.job)


def state_tone(job: BulkJob) -> str:
    """Return the tone of a job's state where it has one of its own: what is checked waits for somebody here."""
    return ATTENTION if job.state == BulkState.CHECKED else ""


def reasons_of(counted: Iterable[tuple[str, int]]) -> list[Reason]:
    """Return findings in words, with how many rows met each."""
    return [Reason(finding, name_of(finding), rows) for finding, rows in counted]


def bad_row(row: BulkRow) -> BadRow:
    """Return a row that cannot be done as it is shown."""
    message, way_out = findings.sentence(row)
    device = reverse("inventory:device", args=[row.device_id]) if row.device_id else ""
    return BadRow(row.line, row.given, message, way_out, device)
