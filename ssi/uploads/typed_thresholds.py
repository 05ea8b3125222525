"""Thresholds as people type or paste them: a line each, its fields apart by commas or tabs."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from ssi.uploads.models import Threshold
from ssi.web.sheets import Sheet

COLUMNS: Final = (
    "SRV",
    "type (SR or SPC)",
    "period (DAY or HOUR)",
    "warning",
    "quarantine",
    "exception from",
    "exception to",
    "note",
)
MOST_ROWS: Final = 5_000
_NAMES: Final = (
    ("SRV", "Service Reference Variant"),
    ("Message type", "type"),
    ("Period",),
    ("Warning threshold", "warning"),
    ("Quarantine threshold", "quarantine"),
    ("Exception from", "from"),
    ("Exception to", "to"),
    ("Note",),
)


@dataclass(frozen=True, slots=True)
class Typed:
    """One threshold as it was typed: its line, counted from 1, and its fields, as many as were given."""

    line: int
    fields: tuple[str, ...]

    @classmethod
    def of(cls, threshold: Threshold) -> Self:
        """Return a threshold as one would type it."""
        values = (
            threshold.srv,
            threshold.message_type,
            threshold.period,
            threshold.warning,
            threshold.quarantine,
            threshold.exception_from_date,
            threshold.exception_to_date,
            threshold.note,
        )
        return cls(0, tuple("" if value is None else str(value) for value in values))

    @property
    def text(self) -> str:
        """Return its line."""
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(self.fields)
        return line.getvalue()

    @property
    def record(self) -> tuple[str, ...]:
        """Return what stands in a D record after its line number: empty where nothing was typed."""
        return (*self.fields, *[""] * (len(COLUMNS) - len(self.fields)))


def typed_rows(text: str) -> list[Typed]:
    """Return the lines that hold something. Raises csv.Error where a quote is not closed in its line."""
    found = []
    for line, typed in enumerate(text.splitlines(), start=1):
        if typed.strip():
            separator = "\t" if "\t" in typed else ","
            (cells,) = csv.reader([typed], delimiter=separator, strict=True)
            found.append(Typed(line, _tidy(cells)))
    return found


def columns_of(sheet: Sheet) -> str:
    """Return the rows of a table as one types them: its columns by their names, or else by their order."""
    places: Sequence[int | None] = [sheet.place_of(*names) for names in _NAMES]
    if places[0] is None:
        places = range(len(_NAMES))
    rows = []
    for _, cells in sheet.rows:
        fields = [cells[place] if place is not None and place < len(cells) else "" for place in places]
        rows.append(f"{Typed(0, _tidy(fields)).text}\n")
    return "".join(rows)


def _tidy(cells: Sequence[str]) -> tuple[str, ...]:
    """Return cells without blanks, without the apostrophe that guards a spreadsheet, and empty ones at the end."""
    tidy = [cell.strip() for cell in cells]
    tidy = [cell[1:] if cell[:1] == "'" and cell[1:2] in set("=+-@") else cell for cell in tidy]
    while tidy and not tidy[-1]:
        tidy.pop()
    return tuple(tidy)
