"""Lists of Device IDs as people have them: pasted, one a line or a table, or a file with a column of them.

Only that column is taken: by its header, else by what it holds. Where two columns could be it, nobody guesses.
What comes out is the list as it stands; whether an entry is a Device ID at all, the check of the batch says.
"""

import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from inventory.install_code import holds_install_code
from ssi.eui64 import Eui64, NotAnEui64
from ssi.refusals import Refusal
from ssi.web.sheets import Sheet, Upload, read_sheet

MOST_DEVICES: Final = 50_000
LARGEST_BYTES: Final = 10_000_000
NAMES: Final = ("Device ID", "Device IDs", "DeviceID", "Device GUID", "GUID", "EUI-64", "EUI")
"""What the industry's spreadsheets call the column."""
SHARE_THAT_CONVINCES: Final = 0.5
ROWS_LOOKED_AT: Final = 200
DIGITS_OF_A_CODE: Final = 32

Given = list[tuple[int, str]]
"""Each entry of a list with the number of its line."""


class ListIsEmpty(Refusal):
    """There is no Device ID in what you sent."""

    suggestion = "Paste the Device IDs, one a line, or choose a file that has a column of them."
    field = "device_ids"


class ListTooLong(Refusal):
    """There are {given:,} lines, and a batch takes {most:,} Device IDs."""

    suggestion = "Send them in several batches."
    field = "device_ids"


class ListHoldsInstallCode(Refusal):
    """Line {line} seems to hold an install code, which may stand only in the sealed answer field."""

    suggestion = "Take it out. If these are Device IDs, put each on a line of its own."
    source = "SSI design 6: install codes are sealed objects"
    hides_value = True
    field = "device_ids"


class FileNameHoldsInstallCode(Refusal):
    """The name of the file seems to hold an install code."""

    suggestion = "Rename the file and send it again: names of files are kept and shown."
    source = "SSI design 6: install codes are sealed objects"
    field = "file"


class NoColumnOfDeviceIds(Refusal):
    """No column of the table holds Device IDs."""

    suggestion = "Put them into a column of their own with “Device ID” above it, formatted as text."
    field = "device_ids"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that could be the one: where it stands, what is written above it, and its first Device ID."""

    number: int
    header: str
    sample: str

    @property
    def name(self) -> str:
        """Return the column as its spreadsheet names it: 'B, “Communications Hub”, such as 00-DB-…'."""
        header = f", “{self.header}”" if self.header else ""
        return f"Column {_letters(self.number)}{header}, such as {self.sample}"


class ColumnUnclear(Refusal):
    """{number} columns hold what could be Device IDs."""

    suggestion = "Say which of them to take."
    field = "column"
    columns: Sequence[Column]

    @classmethod
    def among(cls, columns: Sequence[Column]) -> "ColumnUnclear":
        """Return the refusal with the columns to choose from."""
        unclear = cls(number=len(columns))
        unclear.columns = columns
        return unclear


class NamedUpload(Upload, Protocol):
    """An upload with the name that its file had."""

    name: str | None


def read_pasted(text: str, *, column: int | None = None) -> Given:
    """Return the list in a pasted text: cells copied from a spreadsheet, or one or several Device IDs a line.

    `column` is the number of the column to take, where that was asked. Raises the refusals above and read_sheet's.
    """
    _refuse_codes(list(enumerate(text.splitlines(), start=1)))
    if "\t" in text:
        sheet = read_sheet(_Text(text), most_rows=MOST_DEVICES, largest_bytes=LARGEST_BYTES)
        return _column_of(sheet, column)
    return _bounded(
        [
            (number, entry)
            for number, line in enumerate(text.splitlines(), start=1)
            for part in re.split(r"[,;|]", line)
            for entry in _entries(part.strip())
        ]
    )


def read_file(upload: NamedUpload, *, column: int | None = None) -> Given:
    """Return the list in a CSV or XLSX file. Raises the refusals above, and read_sheet's."""
    if holds_install_code(upload.name or ""):
        raise FileNameHoldsInstallCode
    return _column_of(read_sheet(upload, most_rows=MOST_DEVICES, largest_bytes=LARGEST_BYTES), column)


class _Text(io.BytesIO):
    """A pasted text as if it had been uploaded."""

    def __init__(self, text: str) -> None:
        data = text.encode()
        super().__init__(data)
        self.size: int | None = len(data)


def _column_of(sheet: Sheet, chosen: int | None) -> Given:
    """Return the cells of the column chosen, or of the one that must be it; empty cells are left out."""
    place = _place_in(sheet) if chosen is None or not 0 <= chosen < len(sheet.rows[0][1]) else chosen
    given = [(line, cells[place]) for line, cells in sheet.rows if cells[place]]
    _refuse_codes(given)
    return _bounded(given)


def _place_in(sheet: Sheet) -> int:
    named = sheet.place_of(*NAMES)
    if named is not None:
        return named
    columns = _columns_that_could_be(sheet)
    if not columns and len(sheet.rows[0][1]) > 1:
        raise NoColumnOfDeviceIds
    if len(columns) > 1:
        raise ColumnUnclear.among(columns)
    return columns[0].number if columns else 0


def _columns_that_could_be(sheet: Sheet) -> list[Column]:
    """Return the columns of which at least half the cells, in the first rows, are Device IDs."""
    columns = []
    for number in range(len(sheet.rows[0][1])):
        cells = [cells[number] for _, cells in sheet.rows[:ROWS_LOOKED_AT] if cells[number]]
        ids = [cell for cell in cells if is_device_id(cell)]
        if ids and len(ids) >= SHARE_THAT_CONVINCES * len(cells):
            columns.append(Column(number, sheet.header[number] if sheet.header else "", str(Eui64.parse(ids[0]))))
    return columns


def _bounded(given: Given) -> Given:
    if not given:
        raise ListIsEmpty
    if len(given) > MOST_DEVICES:
        raise ListTooLong(given=len(given), most=MOST_DEVICES)
    return given


_WRITTEN_OUT: Final = re.compile(r"[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){7}", re.ASCII)


def is_device_id(text: str) -> bool:
    """Tell whether a text is a Device ID in any spelling."""
    if _WRITTEN_OUT.fullmatch(text):
        return True
    try:
        Eui64.parse(text)
    except NotAnEui64:
        return False
    return True


def _entries(part: str) -> list[str]:
    """Return what stands between two separators: one entry, or several Device IDs with blanks between them."""
    if not part:
        return []
    pieces = part.split()
    if len(pieces) > 1 and not is_device_id(part) and any(is_device_id(piece) for piece in pieces):
        return pieces
    return [part]


_HEX_DIGIT: Final = re.compile(r"[0-9A-Fa-f]", re.ASCII)
_DIGITS_ALONE: Final = re.compile(r"(?:[0-9A-Fa-f][\W_]*)+", re.ASCII)
_LENGTHS_OF_A_CODE: Final = (DIGITS_OF_A_CODE, DIGITS_OF_A_CODE + 4)
_SHORT: Final = 11
"""The longest piece of a code spread over lines: four octets, written apart."""


def _refuse_codes(lines: Given) -> None:
    """Refuse a list in which a line, or short lines together, hold an install code; Device IDs apart are none."""
    for number, line in lines:
        if len(line) >= DIGITS_OF_A_CODE and any(map(_holds_code, re.split(r"[,;|\t]", line))):
            raise ListHoldsInstallCode(line=number)
    pieces = [(number, line) for number, line in lines if 0 < len(line) <= _SHORT][:ROWS_LOOKED_AT]
    if pieces and _holds_code("\n".join(piece for _, piece in pieces)):
        raise ListHoldsInstallCode(line=pieces[0][0])
    for number, digits in _digits_over_lines(lines):
        if digits in _LENGTHS_OF_A_CODE:
            raise ListHoldsInstallCode(line=number)


def _digits_over_lines(lines: Given) -> Iterator[tuple[int, int]]:
    """Yield where several lines of nothing but hex digits begin that are no Device IDs, and how many digits."""
    start, digits, rows = 0, 0, 0
    for number, line in [*lines, (0, "")]:
        piece = unicodedata.normalize("NFKC", line).strip() if len(line) <= 2 * DIGITS_OF_A_CODE else ""
        if _DIGITS_ALONE.fullmatch(piece) and not any(map(is_device_id, [piece, *piece.split()])):
            start, digits, rows = start or number, digits + len(_HEX_DIGIT.findall(piece)), rows + 1
        elif start:
            if rows > 1:
                yield start, digits
            start, digits, rows = 0, 0, 0


_PLAIN: Final = re.compile(r"(?<![^\W_])[0-9A-Fa-f]{16}(?![^\W_])", re.ASCII)
_HALVES: Final = 2
_LOOKED_INTO: Final = 2_000
"""Letters of a line's part: no more than 64 of one are ever kept."""


def _holds_code(text: str) -> bool:
    """Tell whether a text holds an install code beside the Device IDs in it; most texts are too short to ask.

    Two numbers of 16 digits may be the halves of a code; three or more are a list.
    """
    rest = _WRITTEN_OUT.sub(" ", unicodedata.normalize("NFKC", text[:_LOOKED_INTO]))
    if len(_PLAIN.findall(rest)) > _HALVES:
        rest = _PLAIN.sub(" ", rest)
    return len(_HEX_DIGIT.findall(rest)) >= DIGITS_OF_A_CODE and holds_install_code(rest)


def _letters(number: int) -> str:
    """Return a column's letters, as spreadsheets name it: 0 is A, 26 is AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
