"""What all signed files have in common: an H record first, D records numbered from 1, a T record last.

A format (`formats/adt.py`) adds what its header and its details hold. Everything that is wrong is yielded, in the
order of the file; nothing is raised, whatever the bytes are, and nothing is asked of the database.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Final, Protocol

from django.conf import settings

from ssi.eui64 import Eui64
from ssi.uploads.findings import Found
from ssi.uploads.formats import fields
from ssi.uploads.formats.names import parse_name
from ssi.uploads.formats.records import Record, Records
from ssi.uploads.models.choices import Kind

HEADER_AND_TRAILER: Final = 2
TRAILER_FIELDS: Final = 3
_SHA256: Final = 64
FILE_NAME: Final = "file name"


@dataclass(frozen=True, slots=True)
class Sender:
    """What is known of a file besides its bytes: its name, and whom the uploader acts for."""

    file_name: str
    user_id: Eui64


@dataclass(frozen=True, slots=True)
class Basics:
    """What every header says; "" or None where it cannot be read."""

    version: str
    user_id: Eui64 | None
    reference: str
    created_at: datetime | None


class Format(Protocol):
    """One format, in one version."""

    kind: Kind
    version: str
    header_fields: tuple[str, ...]
    """Names of the header's fields, "User ID", "reference" and "creation time" among them."""
    detail_fields: tuple[str, ...]

    def header(self, basics: Basics, values: Mapping[str, str]) -> tuple[Any, list[Found]]:
        """Return the header's item, and what is wrong with the fields that are this format's own."""
        ...

    def details(self, header: Any) -> Callable[[Record], Sequence[Any]]:
        """Return what reads D records, given the header's item or None: findings, and the detail's item.

        It gets records of as many fields as `detail_fields`; their numbering is checked before.
        """
        ...


def read(content: BinaryIO, formats: Mapping[str, Format], sender: Sender) -> Iterator[Any]:
    """Yield the header's item, those of the details, and findings. `formats` are those of a kind by version.

    A file of an unknown version is read like one of the newest, so that its other faults are told as well.
    """
    yield from _Reading(content, formats, sender).items()


@dataclass
class _Reading:
    content: BinaryIO
    formats: Mapping[str, Format]
    sender: Sender
    format: Format = field(init=False)
    records: Records = field(init=False)
    details: int = 0
    """D records so far."""
    unreadable: int = 0
    unreadable_line: int = 0
    number: int | None = 1
    """That the next D record should have; None after a line that could not be read, which may have been one."""
    trailer_line: int = 0
    is_told_of_more: bool = False

    def __post_init__(self) -> None:
        self.format = self.formats[max(self.formats)]
        most_lines = settings.SSI_UPLOAD_MOST_LINES + HEADER_AND_TRAILER
        self.records = Records(self.content, most_lines=most_lines)

    def items(self) -> Iterator[Any]:
        """Yield everything, in the order of the file; most lines are D records with nothing wrong."""
        read_detail: Callable[[Record], Sequence[Any]] | None = None
        length = 0
        for record in self.records:
            if isinstance(record, Found):
                yield record
                continue
            values = record.fields
            if read_detail is None:
                header, founds = self._header(record)
                yield from founds if header is None else [*founds, header]
                read_detail, length = self.format.details(header), len(self.format.detail_fields)
                if values and values[0] not in {"D", "T"}:
                    continue
            if (
                len(values) == length
                and values[0] == "D"
                and values[1] == str(self.number)
                and not self.trailer_line
            ):
                self.details += 1
                self.number = int(values[1]) + 1
            else:
                yield from self._unusual(record)
                if len(values) != length or values[0] != "D":
                    continue
            yield from read_detail(record)
        yield from self._end()

    # --- H ---

    def _header(self, record: Record) -> tuple[Any, list[Found]]:
        """Return the header's item, None where there is none, and what is wrong with it and the file's name."""
        values = record.fields
        if len(values) > 2 and values[0] == "H":  # noqa: PLR2004 - H, file type, version
            self.format = self.formats.get(values[2], self.format)
        letters, names = self.format.kind.letters, self.format.header_fields
        if not values:
            return None, self._name(None)
        if values[:2] != ["H", letters]:
            message = f"The first record does not begin with H,{letters}."
            return None, [*self._name(None), Found("F20", message, record.line)]
        if len(values) != len(names):
            message = f"The H record has {len(values)} fields, not {len(names)}."
            return None, [*self._name(None), Found("F20", message, record.line)]
        given = dict(zip(names, values, strict=True))
        basics, founds = self._basics(given, record.line)
        header, more = self.format.header(basics, given)
        return header, [*self._name(basics), *founds, *more]

    def _basics(self, given: Mapping[str, str], line: int) -> tuple[Basics, list[Found]]:
        """Return what every header says, and what is wrong with that."""
        version, reference, creation = given["format version"], given["reference"], given["creation time"]
        user_id, created_at = fields.user_id_of(given["User ID"]), fields.moment_of(creation)
        founds = []
        if version != self.format.version:
            known = ", ".join(sorted(self.formats))
            message = f"The format version is {fields.shown(version)}; the portal reads {known}."
            founds.append(Found("F21", message, line, "format version"))
        if user_id != self.sender.user_id:
            message = f"The header says {fields.shown(given['User ID'])}, and you act for {self.sender.user_id}."
            founds.append(Found("F22", message, line, "User ID"))
        if not fields.is_reference(reference):
            message = f"The reference is {fields.shown(reference)}; it is NEW, or 1 to 15 letters and digits."
            founds.append(Found("F24", message, line, "reference"))
            reference = ""
        if created_at is None:
            message = f"The creation time is {fields.shown(creation)}, not one such as 2026-08-26T12:00:00Z."
            founds.append(Found("F24", message, line, "creation time"))
        known_version = version if version in self.formats else ""
        return Basics(known_version, user_id, reference, created_at), founds

    def _name(self, basics: Basics | None) -> list[Found]:
        """Return what is wrong with the file's name, by itself and against the header."""
        name = parse_name(self.sender.file_name)
        if name is None or name.letters != self.format.kind.letters:
            return [Found("F05", f"The file is named {fields.shown(self.sender.file_name)}.", field=FILE_NAME)]
        founds = []
        if name.user_id != self.sender.user_id:
            message = f"The file's name says {name.user_id}, and you act for {self.sender.user_id}."
            founds.append(Found("F22", message, field=FILE_NAME))
        if basics and basics.reference and basics.reference != name.reference:
            message = f"The file's name says {name.reference}, and its header {basics.reference}."
            founds.append(Found("F05", message, field=FILE_NAME))
        if basics and basics.created_at and basics.created_at != name.created_at:
            message = "The creation time in the file's name is not that of its header."
            founds.append(Found("F05", message, field=FILE_NAME))
        return founds

    # --- D, and what has no place among them ---

    def _unusual(self, record: Record) -> Iterator[Found]:
        """Yield what is wrong with a line that is not simply the next D record; T is one of these too."""
        line, values = record
        if self.trailer_line and not self.is_told_of_more:
            self.is_told_of_more = True
            yield Found("F40", f"More follows after the T record in line {self.trailer_line:,}.", line)
        if not values:
            self.unreadable, self.unreadable_line, self.number = self.unreadable + 1, line, None
        elif values[0] == "D":
            yield from self._detail(record)
        elif values[0] == "T":
            yield from self._trailer(record)
        elif values[0] == "H":
            yield Found("F20", "There is one H record, and it comes first.", line)
        else:
            yield Found("F30", f"A record begins with H, D or T, not with {fields.shown(values[0])}.", line)

    def _detail(self, record: Record) -> Iterator[Found]:
        """Count a D record, and yield what is wrong with its number and its length."""
        line, values = record
        self.details += 1
        given = values[1] if len(values) > 1 else ""
        number, next_one = fields.number_of(given), self.number
        if number is None or str(number) != given or next_one not in {None, number}:
            comes_next = f", and {next_one} comes next" if next_one is not None else ""
            message = f"The D record has number {fields.shown(given)}{comes_next}."
            yield Found("F30", message, line, "line number")
        last = next_one if number is None else number
        self.number = None if last is None else last + 1
        if len(values) != len(self.format.detail_fields):
            message = f"The D record has {len(values)} fields, not {len(self.format.detail_fields)}."
            yield Found("F30", message, line)

    # --- T ---

    def _trailer(self, record: Record) -> Iterator[Found]:
        """Yield what is wrong with a T record. A good one has one spelling, so no byte of the file can change."""
        line, values = record
        self.trailer_line = line
        if len(values) != TRAILER_FIELDS:
            yield Found("F30", f"The T record has {len(values)} fields, not {TRAILER_FIELDS}.", line)
            return
        _, count, digest = values
        if not self._is_count(count):
            message = f"The T record counts {fields.shown(count)} D records; the file has {self.details:,}."
            yield Found("F40", message, line, "count")
        if digest != self.records.sha256_before():
            yield Found("F41", self._about(digest), line, "SHA-256")
        if b'"' in self.records.raw:
            yield Found("F30", "The T record has quotes.", line, suggestion="Write it without quotes.")

    def _is_count(self, count: str) -> bool:
        """Tell whether it can be the number of D records: a line that could not be read may be one of them."""
        number = fields.number_of(count)
        if number is None or str(number) != count:
            return False
        return self.details <= number <= self.details + self.unreadable

    def _about(self, digest: str) -> str:
        if digest.lower() == self.records.sha256_before():
            return "The SHA-256 is right, but is to be written in small letters."
        if len(digest) != _SHA256:
            return f"The T record's SHA-256 has {len(digest)} characters, not {_SHA256}."
        return "The T record's SHA-256 is not that of the bytes before it."

    def _end(self) -> Iterator[Found]:
        """Yield that the trailer is missing, unless the end was not reached or the last line not readable."""
        if self.records.is_whole and not self.trailer_line and self.unreadable_line < self.records.line:
            yield Found("F40", "The T record is missing.", self.records.line)
