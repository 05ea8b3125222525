"""How the difference between a version and what was in force reads: in figures, in words, and as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from ssi.uploads.models.choices import MessageType, Period
from ssi.uploads.search.thresholds import Difference, Line, Move
from ssi.web.tones import ATTENTION, GOOD, OVER, UNDER_WAY, WAITING

MOST_SHOWN = 50

_TONES = {
    Move.UP: ATTENTION,
    Move.DOWN: UNDER_WAY,
    Move.NEW: WAITING,
    Move.GONE: ATTENTION,
    Move.WARNING: OVER,
    Move.UNCHANGED: OVER,
}


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One threshold, before and after."""

    line: Line

    @property
    def tone(self) -> str:
        """Return the tone of what happens to it."""
        return _TONES[self.line.move]

    @property
    def message_type(self) -> str:
        """Return what is counted, in words."""
        return MessageType(self.line.message_type).label

    @property
    def period(self) -> str:
        """Return over which time it counts, in words."""
        return Period(self.line.period).label

    @property
    def change(self) -> str:
        """Return by how much it changes: "+50.0 %" for instance; nothing where there is no before or after."""
        return _signed(self.line.change)

    @property
    def rise_of_days(self) -> str:
        """Return by how much it rises above its lowest of the last days, where small steps add up to a big one."""
        rise = self.line.rise_of_days
        return "" if rise is None else f"{_signed(rise)} in {settings.SSI_ADT_SECOND_OFFICER_DAYS} days"

    @property
    def warning(self) -> str:
        """Return the warning threshold, before and after where it changes."""
        was, now = self.line.warning_was, self.line.warning_now
        if self.line.now is None or was == now or self.line.was is None:
            return _number(now if self.line.now is not None else was)
        return f"{_number(was) or 'none'} → {_number(now) or 'none'}"


def _signed(change: Decimal | None) -> str:
    if change is None:
        return ""
    return f"+{change:,} %" if change > 0 else f"\N{MINUS SIGN}{abs(change):,} %" if change < 0 else ""


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


@dataclass(frozen=True, slots=True)
class DifferencePage:
    """A difference as a page shows it: the figures, and the first lines that are not as before, big ones first."""

    difference: Difference

    @property
    def figures(self) -> Sequence[tuple[str, int, str]]:
        """Return how many thresholds each thing happens to, with its tone where there are any."""
        shown = (Move.UP, Move.DOWN, Move.NEW, Move.GONE)
        counts = self.difference.counts
        return [(move.label, counts[move], _TONES[move] if counts[move] else OVER) for move in shown]

    @property
    def others(self) -> str:
        """Return what happens to the rest, in a sentence."""
        counts = self.difference.counts
        parts = [f"{counts[Move.UNCHANGED]:,} unchanged"]
        if counts[Move.WARNING]:
            parts.append(f"{counts[Move.WARNING]:,} with another warning threshold alone")
        return f"Of {self.difference.total:,} thresholds: {', '.join(parts)}."

    @property
    def lines(self) -> Sequence[ChangeLine]:
        """Return the first lines that are not as before."""
        changed = (line for line in self.difference.lines if line.move is not Move.UNCHANGED)
        return [ChangeLine(line) for line, _ in zip(changed, range(MOST_SHOWN), strict=False)]

    @property
    def more(self) -> int:
        """Return how many changed lines are not shown."""
        return self.difference.changed - len(self.lines)

    @property
    def big_tone(self) -> str:
        """Return how much the big moves want attention."""
        return ATTENTION if self.difference.big else GOOD


CSV_HEADER = (
    "Service Reference Variant",
    "Name",
    "Message type",
    "Period",
    "Exception from",
    "Exception to",
    "What",
    "Needs a second officer",
    "Quarantine before",
    "Quarantine after",
    "Change in %",
    "Warning before",
    "Warning after",
    "Line",
    "Note",
)


def change_row(line: Line) -> Sequence[object]:
    """Return a line of a difference as a row of a CSV file."""
    return (
        line.srv,
        line.name,
        line.message_type,
        line.period,
        line.exception_from_date,
        line.exception_to_date,
        line.move.label,
        "yes" if line.is_big else "",
        line.was,
        line.now,
        line.change,
        line.warning_was,
        line.warning_now,
        line.line,
        line.note,
    )
