"""How files of corrections read, on their page and as a result file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from inventory.actions.corrections import findings
from inventory.models import CorrectionBatch, CorrectionRow
from inventory.models.choices import SmiStatus
from inventory.models.corrections import AT_WORK, CorrectionState
from inventory.presenters.correcting import letters
from inventory.rules_of_details import Rule
from ssi.web.pages import Page
from ssi.web.progress import time_left
from ssi.web.tones import ATTENTION, GOOD, OVER, UNDER_WAY

FRESH_FOR: Final = timedelta(minutes=30)
"""So long a page asks again by itself; a file that takes longer is looked at by reloading."""

_TONES: Final = {
    CorrectionState.CHECKED: ATTENTION,
    CorrectionState.APPLIED: GOOD,
    CorrectionState.REVERTED: OVER,
    CorrectionState.CANCELLED: OVER,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows are not applied, and how many of them."""

    finding: str
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file as the page shows it."""

    row: CorrectionRow

    @property
    def given(self) -> str:
        """Return what stood on the line: the Device ID, or what was there in its place."""
        return str(self.row.device_id) if self.row.device_id else self.row.given

    @property
    def current(self) -> str:
        """Return the variant at the check."""
        return letters(self.row.current)

    @property
    def wanted(self) -> str:
        """Return the variant asked for."""
        return letters(self.row.wanted) or (self.row.given if self.row.device_id else "")

    @property
    def status(self) -> SmiStatus | None:
        """Return the SMI Status at the check."""
        return SmiStatus(self.row.smi_status) if self.row.smi_status else None

    @property
    def rule(self) -> str:
        """Return the rule that allows it, in words."""
        return Rule(self.row.rule).short if self.row.rule else ""

    @property
    def wrong(self) -> tuple[str, str]:
        """Return what speaks against it, and what to do."""
        return findings.sentence(self.row)


@dataclass(frozen=True, slots=True)
class BatchPage:
    """A file of corrections as its page shows it, whatever its state."""

    batch: CorrectionBatch
    now: datetime
    good_page: Page[CorrectionRow] | None = None
    bad_page: Page[CorrectionRow] | None = None
    reason: str = ""

    @property
    def state(self) -> CorrectionState:
        """Return its state."""
        return CorrectionState(self.batch.state)

    @property
    def tone(self) -> str:
        """Return the tone of its state."""
        return _TONES.get(self.state, UNDER_WAY)

    @property
    def is_at_work(self) -> bool:
        """Tell whether a worker has it now."""
        return self.state in AT_WORK

    @property
    def asks_again(self) -> bool:
        """Tell whether the page keeps itself up to date: while there is something to see, and not all night."""
        return self.is_at_work and self.now - self.batch.stage_at < FRESH_FOR

    @property
    def total(self) -> int:
        """Return how many rows the present stage goes through."""
        if self.state == CorrectionState.CHECKING:
            return self.batch.given
        return self.batch.allowed if self.state == CorrectionState.APPLYING else self.batch.done

    @property
    def dealt_with(self) -> int:
        """Return how many of them are dealt with."""
        if self.state == CorrectionState.CHECKING:
            return self.batch.allowed + self.batch.refused
        if self.state == CorrectionState.APPLYING:
            return self.batch.done + self.batch.conflicts
        return self.batch.undone + self.stayed

    @property
    def estimate(self) -> str:
        """Return how long it will take still, as far as one can tell."""
        seconds = (self.now - self.batch.stage_at).total_seconds()
        return time_left(self.dealt_with, self.total, seconds)

    @property
    def stayed(self) -> int:
        """Return how many applied rows could not be put back."""
        return sum(int(rows) for key, rows in self.batch.findings.items() if key.startswith(findings.KEPT))

    @property
    def in_order(self) -> int:
        """Return how many rows nothing speaks against."""
        return int(self.batch.given - sum(self.batch.findings.values()))

    @property
    def says(self) -> str:
        """Return what is read aloud when the page has renewed itself."""
        batch = self.batch
        if self.state == CorrectionState.CHECKED:
            return f"Checked: {batch.allowed:,} lines may be applied, {batch.refused:,} may not."
        if self.state == CorrectionState.APPLIED:
            return f"Applied: {batch.done:,} corrected, {batch.conflicts:,} conflicts."
        if self.state == CorrectionState.REVERTED:
            return f"Reverted: {batch.undone:,} put back, {self.stayed:,} left as they are."
        return str(batch.get_state_display())

    @property
    def reasons(self) -> Sequence[Reason]:
        """Return why rows are not applied, the most frequent first."""
        counted = sorted(self.batch.findings.items(), key=lambda each: (-each[1], each[0]))
        return [Reason(key, findings.name_of(key), rows) for key, rows in counted if rows]

    @property
    def good(self) -> Sequence[Row]:
        """Return the rows shown that nothing speaks against."""
        return [Row(row) for row in self.good_page.rows] if self.good_page else []

    @property
    def bad(self) -> Sequence[Row]:
        """Return the rows shown that something speaks against."""
        return [Row(row) for row in self.bad_page.rows] if self.bad_page else []


CSV_HEADER: Final = (
    "Line",
    "Device ID",
    "SMI Status at the check",
    "ESME Variant at the check",
    "ESME Variant asked for",
    "Result",
    "Rule",
    "What is wrong",
    "What to do",
)


def csv_rows(batch: CorrectionBatch, rows: Iterator[CorrectionRow]) -> Iterator[Sequence[object]]:
    """Yield the rows of a file as lines of the result file."""
    for row in rows:
        shown = Row(row)
        yield (
            row.line,
            shown.given,
            shown.status.duis if shown.status else "",
            shown.current,
            shown.wanted,
            result_of(batch, row),
            shown.rule,
            *shown.wrong,
        )


def result_of(batch: CorrectionBatch, row: CorrectionRow) -> str:
    """Return what became of a row: it follows from its finding and from how far its file is."""
    state = CorrectionState(batch.state)
    if row.finding.startswith(findings.KEPT):
        return "Applied, and not put back"
    if row.finding:
        return "Conflict: not applied" if row.rule else "Refused"
    before, after = _RESULTS[state]
    return after if row.line <= batch.at_line else before


_RESULTS: Final = {
    CorrectionState.CHECKING: ("To be checked", "May be applied"),
    CorrectionState.CHECKED: ("May be applied", "May be applied"),
    CorrectionState.CANCELLED: ("Not applied: called off", "Not applied: called off"),
    CorrectionState.APPLYING: ("To be applied", "Applied"),
    CorrectionState.APPLIED: ("Applied", "Applied"),
    CorrectionState.REVERTING: ("Applied, to be put back", "Put back"),
    CorrectionState.REVERTED: ("Put back", "Put back"),
}
"""What a row that nothing speaks against is, before its stage has come to it and after."""
