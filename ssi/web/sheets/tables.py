"""The table in a file, whichever way it was written."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
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
        return place_in(self.header, *names)


@dataclass(frozen=True, slots=True)
class SheetStream:
    """A table that is read as it is used, for files of a million rows; rows are as wide as they stand there."""

    header: tuple[str, ...] | None
    rows: Iterator[tuple[int, list[str]]] = field(repr=False)
    header_line: int = 0

    def place_of(self, *names: str) -> int | None:
        """Return where the column of one of these names stands, as `Sheet.place_of` does."""
        return place_in(self.header, *names)


def place_in(header: Sequence[str] | None, *names: str) -> int | None:
    """Return where the column of one of these names stands, whatever its capitals, blanks and dashes."""
    plain = [_bare(each) for each in header or ()]
    return next((plain.index(_bare(name)) for name in names if _bare(name) in plain), None)


def table_of(lines: Iterable[tuple[int, list[str]]], most_rows: int) -> Sheet:
    """Return the rows that hold something, equally wide, the header apart."""
    stream = stream_of(lines, most_rows)
    rows = list(stream.rows)
    width = max((len(cells) for _, cells in [*rows, (0, stream.header or ())]), default=0)
    wide = [(line, (*cells, *[""] * (width - len(cells)))) for line, cells in rows]
    if not wide:
        raise SheetIsEmpty
    header = None if stream.header is None else (*stream.header, *[""] * (width - len(stream.header)))
    return Sheet(header, wide, stream.header_line)


def stream_of(lines: Iterable[tuple[int, list[str]]], most_rows: int) -> SheetStream:
    """Return the table with its header apart; a row beyond `most_rows` raises when it is come to."""
    rows = _kept(lines)
    first = next(rows, None)
    if first is not None and _is_header(first[1]):
        return SheetStream(tuple(first[1]), _bounded(rows, most_rows), first[0])
    return SheetStream(None, _bounded(chain([first] if first else [], rows), most_rows))


def _bounded(rows: Iterable[tuple[int, list[str]]], most_rows: int) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows):
        if number >= most_rows:
            raise SheetHasTooManyRows(limit=most_rows)
        yield row


def _kept(lines: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold something, cleaned, without empty cells at their end."""
    for line, cells in lines:
        kept = [_cleaned(each) for each in cells[:MOST_COLUMNS]]
        while kept and not kept[-1]:
            kept.pop()
        if any(len(each) > LONGEST_CELL for each in kept):
            raise SheetCellTooLong(line=line, limit=LONGEST_CELL)
        if kept:
            yield line, kept


_AS_TEXT: Final = re.compile(r'="([^"]*)"')
_ESCAPED: Final = re.compile(r"'(?=[=+\-@\t\r])")


def _cleaned(cell: str) -> str:
    """Return what was meant: without blanks around it and without what keeps a spreadsheet from reading it."""
    text = cell.strip()
    if kept := _AS_TEXT.fullmatch(text):
        text = kept[1].strip()
    return _ESCAPED.sub("", text, count=1) if text.startswith("'") else text


_FEW_DIGITS: Final = 3


def _is_header(cells: Sequence[str]) -> bool:
    """Tell whether a first row names its columns: words, rather than identifiers or codes."""
    return all(
        re.search(r"[^\W\d_a-f]", each, re.IGNORECASE) and sum(letter.isdigit() for letter in each) <= _FEW_DIGITS
        for each in cells
        if each
    )


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
