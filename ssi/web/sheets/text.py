"""CSV files, in the spellings that spreadsheets and programs leave them in."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from ssi.web.sheets.refusals import SheetCellTooLong, SheetIsOfOtherKind, SheetIsProtected, SheetQuoteIsOpen
from ssi.web.sheets.tables import LONGEST_CELL

_MARKS: Final = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_BINARY: Final = {b"%PDF": "A PDF document", b"\x1f\x8b": "A compressed file", b"{\\rtf": "A text document (RTF)"}
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_SEPARATORS: Final = "\t;,|"
_SEP_LINE: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def rows_of_text(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV file, with their numbers as a spreadsheet would count them."""
    encoding, head = _decoded(data)
    said = _SEP_LINE.match(head)
    separator = said[1] if said else _separator_of(head)
    text = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")
    reader = csv.reader(text, delimiter=separator, strict=True)
    line = 0
    try:
        for line, cells in enumerate(reader, start=1):
            if not (said and line == 1):
                yield line, cells
    except csv.Error as wrong:
        if "field larger" in str(wrong):
            raise SheetCellTooLong(line=line + 1, limit=LONGEST_CELL) from None
        raise SheetQuoteIsOpen(line=line + 1) from None


def _decoded(data: bytes) -> tuple[str, str]:
    """Return the encoding in which spreadsheets left the file, and how its text begins. Raises SheetIsOfOtherKind.

    All of it is decoded to see whether it can be; only the beginning is kept.
    """
    if data.startswith(_OLE):
        raise (
            SheetIsProtected if _ENCRYPTED in data else SheetIsOfOtherKind(what="An Excel 97-2003 workbook (XLS)")
        )
    for start, what in _BINARY.items():
        if data.startswith(start):
            raise SheetIsOfOtherKind(what=what)
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "")
    for encoding in (marked,) if marked else _likely(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return encoding, text[:LONGEST_CELL]
    raise SheetIsOfOtherKind(what="A file that is neither a spreadsheet (XLSX) nor text (CSV)")


def _likely(data: bytes) -> tuple[str, ...]:
    """Return the encodings to try: UTF-16 shows by its noughts, whatever is no UTF-8 is Windows' own."""
    if b"\0" in data[:200]:
        return ("utf-16-le" if data[1:2] == b"\0" else "utf-16-be",)
    return ("utf-8", "cp1252")


def _separator_of(text: str) -> str:
    """Return what stands between the columns: the separator most frequent in the first line that has any.

    `text` is how the file begins.
    """
    for line in text.splitlines():
        outside = re.sub(r'"[^"]*"?', "", line)
        found = max(_SEPARATORS, key=outside.count)
        if found in outside:
            return found
    return ","
