"""XLSX workbooks: looked at as packages first, read by openpyxl then."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ssi.web.sheets.refusals import (
    SheetHasMacros,
    SheetIsDamaged,
    SheetIsNotCalculated,
    SheetIsOfOtherKind,
    SheetIsProtected,
    SheetUnpacksTooLarge,
)
from ssi.web.sheets.tables import MOST_COLUMNS

LAST_LINE: Final = 1_048_576
"""As in a spreadsheet: what says that it stands below is no row."""
MOST_PARTS: Final = 500
UNPACKED_PER_ROW: Final = 2_000
UNPACKED_AT_LEAST: Final = 20_000_000
"""How many bytes a workbook may unpack to: XLSX spends about 60 a cell."""
EXACT_BELOW: Final = 10**15
"""A spreadsheet keeps 15 digits of a number; the sixteenth is already a nought."""
_OTHER_PACKAGES: Final = {
    "xl/workbook.bin": "A binary workbook (XLSB)",
    "mimetype": "An OpenDocument spreadsheet (ODS)",
    "word/document.xml": "A text document (DOCX)",
    "Index/Document.iwa": "A Numbers spreadsheet",
}
_MACROS: Final = ("vbaproject.bin", "macrosheets/")
_BROKEN: Final = (
    ArithmeticError, AttributeError, EOFError, InvalidFileException, LookupError, OSError, RuntimeError,
    SyntaxError, TypeError, ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What openpyxl and the packages under it raise over a workbook that is not in order; some quote a cell."""


def rows_of_workbook(data: bytes, most_rows: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first visible sheet; of a formula the value that the program kept."""
    try:
        _examine(data, max(UNPACKED_AT_LEAST, most_rows * UNPACKED_PER_ROW))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet: Any = next((each for each in book.worksheets if each.sheet_state == "visible"), None)
        if sheet is None:
            raise SheetIsDamaged
        sheet.reset_dimensions()  # what a workbook says of its size is not always so
        for line, values in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), start=1):
            if line > LAST_LINE:
                raise SheetIsDamaged
            yield line, [_text_of(each) for each in values]
    except _BROKEN:
        raise SheetIsDamaged from None


def _examine(data: bytes, largest: int) -> None:
    """Look at the package before anything in it is read: kind, macros, size once unpacked, and no DTD."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = package.infolist()
        names = {part.filename for part in parts}
        for name, what in _OTHER_PACKAGES.items():
            if name in names:
                raise SheetIsOfOtherKind(what=what)
        if "xl/workbook.xml" not in names:
            raise SheetIsOfOtherKind(what="A compressed file that is no workbook")
        if any(mark in name.lower() for name in names for mark in _MACROS):
            raise SheetHasMacros
        if any(part.flag_bits & 1 for part in parts):
            raise SheetIsProtected
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > largest:
            raise SheetUnpacksTooLarge
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                _look_through(package, part)
        if b"macroEnabled" in package.read("[Content_Types].xml"):
            raise SheetHasMacros


_DTD: Final = (b"<!DOCTYPE", b"<!ENTITY")
_CHUNK: Final = 1 << 20


_WITHOUT_RESULT: Final = re.compile(rb"<c\b([^<>]*)><f\b[^<>]*(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>")
_IS_TEXT: Final = re.compile(rb"\bt=[\"']str")
"""Of a formula whose result is an empty text a spreadsheet program says that it is a text."""
_LONGEST_FORMULA: Final = 10_000


def _look_through(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a part that declares entities, or hides behind an encoding that no spreadsheet program writes.

    Of a worksheet also formulas without their results: their cells would look empty.
    """
    is_worksheet = part.filename.startswith("xl/worksheets/")
    with package.open(part) as file:
        before = b""
        while chunk := file.read(_CHUNK):
            text = before + chunk
            if (not before and b"\0" in chunk[:4]) or any(mark in text for mark in _DTD):
                raise SheetIsDamaged
            if is_worksheet and any(not _IS_TEXT.search(cell[1]) for cell in _WITHOUT_RESULT.finditer(text)):
                raise SheetIsNotCalculated
            before = text[-_LONGEST_FORMULA:]


def _text_of(value: object) -> str:
    """Return a cell as text; a number that a spreadsheet cannot have kept whole in scientific notation."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        if abs(value) >= EXACT_BELOW:
            return f"{value:.14E}"
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        return (value.date() if value.time() == time.min else value).isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)
