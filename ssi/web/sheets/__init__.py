"""Reads the tables that people send: CSV as spreadsheets and programs write it, and XLSX workbooks.

Everything comes as text, row by row, with the number that the row has in the spreadsheet. Limits are held before
anything is read or unpacked, and nothing is guessed: a number too long for a spreadsheet to keep comes in
scientific notation, so that nobody takes what is left of it for an identifier (`is_spoilt` knows it).
"""

import re
from typing import Final, Protocol

from ssi.web.sheets.refusals import (
    SheetCellTooLong,
    SheetHasMacros,
    SheetHasTooManyRows,
    SheetIsDamaged,
    SheetIsEmpty,
    SheetIsNotCalculated,
    SheetIsOfOtherKind,
    SheetIsProtected,
    SheetQuoteIsOpen,
    SheetTooLarge,
    SheetUnpacksTooLarge,
    SpoiltBySpreadsheet,
)
from ssi.web.sheets.tables import Sheet, table_of
from ssi.web.sheets.text import rows_of_text
from ssi.web.sheets.workbooks import rows_of_workbook

__all__ = [
    "Sheet",
    "SheetCellTooLong",
    "SheetHasMacros",
    "SheetHasTooManyRows",
    "SheetIsDamaged",
    "SheetIsEmpty",
    "SheetIsNotCalculated",
    "SheetIsOfOtherKind",
    "SheetIsProtected",
    "SheetQuoteIsOpen",
    "SheetTooLarge",
    "SheetUnpacksTooLarge",
    "SpoiltBySpreadsheet",
    "Upload",
    "is_spoilt",
    "read_sheet",
]

MEGABYTE: Final = 1_000_000
_PACKAGES: Final = (b"PK\x03\x04", b"PK\x05\x06")


class Upload(Protocol):
    """What a form hands over: Django's UploadedFile, or anything like it."""

    @property
    def size(self) -> int | None:
        """Return how many bytes it holds, if that is known."""
        ...

    def read(self, num_bytes: int = ..., /) -> bytes:
        """Return at most so many bytes."""
        ...


def read_sheet(upload: Upload, *, most_rows: int, largest_bytes: int) -> Sheet:
    """Return the table that `upload` holds: CSV in any usual spelling, or the first visible sheet of an XLSX.

    `most_rows` and `largest_bytes` are limits; nothing beyond them is read. Raises the refusals above.
    """
    if (upload.size or 0) > largest_bytes:
        raise SheetTooLarge(limit=largest_bytes // MEGABYTE)
    data = upload.read(largest_bytes + 1)
    if len(data) > largest_bytes:
        raise SheetTooLarge(limit=largest_bytes // MEGABYTE)
    if not data.strip():
        raise SheetIsEmpty
    lines = rows_of_workbook(data, most_rows) if data.startswith(_PACKAGES) else rows_of_text(data)
    return table_of(lines, most_rows)


_SCIENTIFIC: Final = re.compile(r"[+-]?\d(?:[.,]\d+)?E[+-]\d+", re.IGNORECASE | re.ASCII)


def is_spoilt(text: str) -> bool:
    """Tell whether a cell is what a spreadsheet leaves of a long number, such as 3.0E+15."""
    return _SCIENTIFIC.fullmatch(text.strip()) is not None
