"""Reads the bytes of a signed file into records, one a line: UTF-8, CR LF, RFC 4180, no line breaks in fields.

Whatever the bytes are, nothing is raised: what is wrong is yielded as findings F06 to F08, and reading goes on
with the next line. Memory does not grow with the file, nor with a line of it.
"""

import csv
import hashlib
import re
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from ssi.uploads.findings import Found

BLOCK: Final = 256 * 1024
"""Bytes read at once."""

LONGEST_LINE: Final = 4_096
"""Bytes of a line without its line feed; no record of any version comes near."""

_BOM: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_UNREADABLE: Final = "\N{REPLACEMENT CHARACTER}"
_FIELD: Final = r'(?:"[^"]*(?:""[^"]*)*"|[^",]*)'
_QUOTED_WELL: Final = re.compile(f"{_FIELD}(?:,{_FIELD})*")


class Record(NamedTuple):
    """One line: its number from 1, and its fields. A line that could not be read has no fields at all.

    A character that may not be there (F07, F08) reads as U+FFFD: no field holds NUL, CR or LF.
    """

    line: int
    fields: list[str]


class Records:
    """The records of a file, to be iterated once; what is wrong with a line comes before its record.

    `most_lines` is how many lines it may have (F06); what lies beyond is not read. `line` is that of the record
    yielded last. `is_whole` tells, afterwards, whether the end of the file was reached, and there was anything.
    """

    def __init__(self, content: BinaryIO, *, most_lines: int) -> None:
        self.line = 0
        self.is_whole = False
        self._content = content
        self._most_lines = most_lines
        self._is_stopped = False
        self._digest = hashlib.sha256()
        self._lines: list[bytes] = []
        self._first = 1
        self._hashed = 0

    def __iter__(self) -> Iterator[Record | Found]:
        rest = b""
        is_skipping = False
        while block := self._content.read(BLOCK):
            if is_skipping:
                ended = block.find(b"\n") + 1
                is_skipping = not ended
                self._digest.update(block[:ended] if ended else block)
                block = block[ended:] if ended else b""
            block = rest + block
            ended = block.rfind(b"\n") + 1
            rest = block[ended:]
            if ended:
                yield from self._block(block[:ended])
            if self._is_stopped:
                break
            if len(rest) > LONGEST_LINE:
                yield from self._piece(rest)
                is_skipping, rest = True, b""
        if rest and not self._is_stopped:
            yield from self._piece(rest)
        if not self.line:
            yield Found("F06", "The file is empty.")
        self.is_whole = bool(self.line) and not self._is_stopped

    @property
    def raw(self) -> bytes:
        """Return the bytes of the line whose record was yielded last, with its line end where it has one."""
        return self._lines[self.line - self._first]

    def sha256_before(self) -> str:
        """Return the SHA-256 (hex) of all bytes before the line whose record was yielded last.

        Each byte is hashed once, however often this is asked.
        """
        self._hash_up_to(self.line - self._first)
        return self._digest.hexdigest()

    def _hash_up_to(self, index: int) -> None:
        if index > self._hashed:
            self._digest.update(b"".join(self._lines[self._hashed : index]))
            self._hashed = index

    def _block(self, block: bytes) -> Iterator[Record | Found]:
        """Yield the records of whole lines, as many as may still come."""
        lines = [each + b"\n" for each in block[:-1].split(b"\n")]
        room = self._most_lines - self.line
        is_too_many = len(lines) > room
        if is_too_many:
            lines = lines[:room]
            block = b"".join(lines)
        self._lines, self._first, self._hashed = lines, self.line + 1, 0
        text = _plain_text(block, lines)
        if text is None or (self._first == 1 and block.startswith(_BOM)):
            for raw in lines:
                yield from self._line(raw)
                if self._is_stopped:
                    return
        else:
            may_quote = '"' in text
            for line in text.split("\r\n"):
                self.line += 1
                if may_quote and '"' in line:
                    yield from self._read(line)
                else:
                    yield Record(self.line, line.split(","))
        self._hash_up_to(len(lines))
        if is_too_many:
            yield from self._too_many()

    def _piece(self, raw: bytes) -> Iterator[Record | Found]:
        """Yield the record of a line whose end was not seen: it is the last one, or too long."""
        if self.line >= self._most_lines:
            yield from self._too_many()
            return
        self._lines, self._first, self._hashed = [raw], self.line + 1, 0
        yield from self._line(raw)
        self._hash_up_to(1)

    def _too_many(self) -> Iterator[Found]:
        if not self._is_stopped:
            self._is_stopped = True
            yield Found("F06", f"The file has more than {self._most_lines:,} lines.", line=self.line + 1)

    def _line(self, raw: bytes) -> Iterator[Record | Found]:
        """Yield one line's record, after everything that is wrong with its bytes."""
        self.line += 1
        if len(raw.removesuffix(b"\n")) > LONGEST_LINE:
            yield Found("F08", f"The line is longer than {LONGEST_LINE:,} bytes.", self.line)
            yield Record(self.line, [])
            return
        if self.line == 1 and raw.startswith(_UTF_16):
            self._is_stopped = True
            yield Found("F07", "The file is in UTF-16, and was not read further.", self.line)
            return
        for code, message in _faults(raw, is_first=self.line == 1):
            yield Found(code, message, self.line)
        yield from self._read(_cleaned(raw, is_first=self.line == 1))

    def _read(self, text: str) -> Iterator[Record | Found]:
        """Yield the record of a line's text."""
        fields = _fields(text)
        if not fields:
            message = "The quotes are not those of RFC 4180, or a field holds a line break."
            yield Found("F08", message, self.line)
        yield Record(self.line, fields)


def _plain_text(block: bytes, lines: list[bytes]) -> str | None:
    """Return the text of whole lines, without the last line end; None where any needs a closer look."""
    ends = block.count(b"\r\n")
    if ends != len(lines) or ends != block.count(b"\r") or b"\0" in block:
        return None
    if max(map(len, lines), default=0) > LONGEST_LINE + 1:
        return None
    try:
        return block[:-2].decode() if lines else None
    except UnicodeDecodeError:
        return None


def _faults(raw: bytes, *, is_first: bool) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the bytes of a line, as code and sentence."""
    body = raw.removesuffix(b"\n").removesuffix(b"\r")
    if is_first and raw.startswith(_BOM):
        yield "F07", "The file begins with a byte order mark."
    if b"\0" in body:
        yield "F07", "The line holds a NUL character."
    try:
        body.decode()
    except UnicodeDecodeError as error:
        yield "F07", f"The line is not UTF-8 from its byte {error.start + 1} on."
    if not raw.endswith(b"\n"):
        yield "F08", "The last line does not end with CR LF: the file may have been cut off."
    elif not raw.endswith(b"\r\n"):
        yield "F08", "The line ends with LF alone, not with CR LF."
    if b"\r" in body:
        yield "F08", "There is a CR within the line."


def _cleaned(raw: bytes, *, is_first: bool) -> str:
    """Return the text of a line, with U+FFFD for what may not be there."""
    body = raw.removesuffix(b"\n").removesuffix(b"\r")
    if is_first:
        body = body.removeprefix(_BOM)
    return body.decode(errors="replace").replace("\0", _UNREADABLE).replace("\r", _UNREADABLE)


def _fields(text: str) -> list[str]:
    """Return the fields of a line; none where its quotes are not those of RFC 4180."""
    if '"' not in text:
        return text.split(",")
    return next(csv.reader([text], strict=True)) if _QUOTED_WELL.fullmatch(text) else []
