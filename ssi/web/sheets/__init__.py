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
from ssi.web.sheets.tables import Sheet, SheetStream, stream_of, table_of
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
    "SheetStream",
    "SheetTooLarge",
    "SheetUnpacksTooLarge",
    "SpoiltBySpreadsheet",
    "Upload",
    "bytes_of",
    "is_spoilt",
    "read_sheet",
    "stream_sheet",
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
    data = bytes_of(upload, largest_bytes=largest_bytes)
    lines = rows_of_workbook(data, most_rows) if data.startswith(_PACKAGES) else rows_of_text(data)
    return table_of(lines, most_rows)


def stream_sheet(data: bytes, *, most_rows: int, most_in_workbook: int) -> SheetStream:
    """Return the table in what `bytes_of` gave, to be read row by row, so that a million rows take little memory.

    Of a workbook, which cannot be read so sparingly, at most `most_in_workbook` rows. Raises the refusals above,
    those about a row when it is come to.
    """
    if data.startswith(_PACKAGES):
        return stream_of(rows_of_workbook(data, most_in_workbook), most_in_workbook)
    return stream_of(rows_of_text(data), most_rows)


def bytes_of(upload: Upload, *, largest_bytes: int) -> bytes:
    """Return what was uploaded. Raises SheetTooLarge or SheetIsEmpty."""
    if (upload.size or 0) > largest_bytes:
        raise SheetTooLarge(limit=largest_bytes // MEGABYTE)
    data = upload.read(largest_bytes + 1)
    if len(data) > largest_bytes:
        raise SheetTooLarge(limit=largest_bytes // MEGABYTE)
    if not data.strip():
        raise SheetIsEmpty
    return data


_SCIENTIFIC: Final = re.compile(r"[+-]?\d(?:[.,]\d+)?E[+-]\d+", re.IGNORECASE | re.ASCII)


def is_spoilt(text: str) -> bool:
    """Tell whether a cell is what a spreadsheet leaves of a long number, such as 3.0E+15."""
    return _SCIENTIFIC.fullmatch(text.strip()) is not None
