"""The table in a file, whichever way it was written."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ssi.web.sheets.refusals import SheetCellTooLong, SheetHasTooManyRows, SheetIsEmpty

MOST_COLUMNS: Final = 40
LONGEST_CELL: Final = 32_767
"""As in a spreadsheet."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its header, if it has one, and its rows, each with its number in the spreadsheet.

    Rows without anything in them are left out; all rows are as wide as the widest. What the cells hold stays out
    of `repr`, since it may be secret.
    """

    header: tuple[str, ...] | None
    rows: Sequence[tuple[int, tuple[str, ...]]] = field(repr=False)
    header_line: int = 0

    def place_of(self, *names: str) -> int | None:
        """Return where the column of one of these names stands, whatever its capitals, blanks and dashes."""
        plain = [_bare(each) for each in self.header or ()]
        return next((plain.index(_bare(name)) for name in names if _bare(name) in plain), None)


def table_of(lines: Iterable[tuple[int, list[str]]], most_rows: int) -> Sheet:
    """Return the rows that hold something, equally wide, the header apart."""
    rows: list[tuple[int, list[str]]] = []
    for line, cells in lines:
        kept = [_cleaned(each) for each in cells[:MOST_COLUMNS]]
        while kept and not kept[-1]:
            kept.pop()
        if any(len(each) > LONGEST_CELL for each in kept):
            raise SheetCellTooLong(line=line, limit=LONGEST_CELL)
        if not kept:
            continue
        if len(rows) > most_rows:  # one more for the header
            raise SheetHasTooManyRows(limit=most_rows)
        rows.append((line, kept))
    width = max((len(cells) for _, cells in rows), default=0)
    wide = [(line, (*cells, *[""] * (width - len(cells)))) for line, cells in rows]
    header_line, header = wide.pop(0) if wide and _is_header(wide[0][1]) else (0, None)
    if len(wide) > most_rows:
        raise SheetHasTooManyRows(limit=most_rows)
    if not wide:
        raise SheetIsEmpty
    return Sheet(header, wide, header_line)


_AS_TEXT: Final = re.compile(r'="([^"]*)"')
_ESCAPED: Final = re.compile(r"'(?=[=+\-@\t\r])")


def _cleaned(cell: str) -> str:
    """Return what was meant: without blanks around it and without what keeps a spreadsheet from reading it."""
    text = cell.strip()
    if kept := _AS_TEXT.fullmatch(text):
        text = kept[1].strip()
    return _ESCAPED.sub("", text, count=1) if text.startswith("'") else text


_FEW_DIGITS: Final = 3


def _is_header(cells: tuple[str, ...]) -> bool:
    """Tell whether a first row names its columns: words, rather than identifiers or codes."""
    return all(
        re.search(r"[^\W\d_a-f]", each, re.IGNORECASE) and sum(letter.isdigit() for letter in each) <= _FEW_DIGITS
        for each in cells
        if each
    )


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
