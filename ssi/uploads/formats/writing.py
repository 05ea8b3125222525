"""Writes signed files, byte for byte as the portal reads them: what it prepares for AROs to be signed off line.

Whatever is written here is read without a finding, if its fields are what the reference page asks for. The bytes
come in pieces, so that memory does not grow with the file.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from ssi.eui64 import Eui64
from ssi.uploads.formats import names
from ssi.uploads.models.choices import Kind, Replaces

ADT_VERSION: Final = "1.0"
EXIT_QUARANTINE_VERSION: Final = "1.0"

_PIECE: Final = 64 * 1024
_LINE_END: Final = "\r\n"
_NOT_WRITABLE: Final = frozenset("\r\n\0")

name_of = names.name_of


class NotWritableError(ValueError):
    """A field has a line break or a NUL, which no signed file holds."""


def adt_file(
    *,
    user_id: Eui64,
    user_role: str,
    reference: str,
    created_at: datetime,
    effective_date: date,
    replaces: Replaces | str,
    rows: Iterable[Sequence[Any]],
) -> Iterator[bytes]:
    """Yield an ADT file. A row is what stands in a D record after its line number.

    That is Service Reference Variant, message type, period, warning and quarantine threshold, both dates of an
    exception, note; None where there is none. Raises NotWritableError.
    """
    header = (
        "H",
        Kind.ADT.letters,
        ADT_VERSION,
        user_id,
        user_role,
        reference,
        created_at,
        effective_date,
        replaces,
    )
    return _pieces(header, rows)


def exit_quarantine_file(
    *,
    user_id: Eui64,
    reference: str,
    created_at: datetime,
    event_ref: object,
    decisions: Iterable[tuple[object, str, str]],
) -> Iterator[bytes]:
    """Yield an Exit Quarantine file. A decision is RequestID, RELEASE or DELETE, and reason.

    `event_ref` is a whole number. Raises NotWritableError.
    """
    letters = Kind.EXIT_QUARANTINE.letters
    header = ("H", letters, EXIT_QUARANTINE_VERSION, user_id, reference, created_at, event_ref)
    return _pieces(header, ((event_ref, *decision) for decision in decisions))


def _pieces(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    digest = hashlib.sha256()
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=_LINE_END)
    writer.writerow([_cell(value) for value in header])
    number = 0
    for number, row in enumerate(rows, 1):
        writer.writerow(["D", number, *map(_cell, row)])
        if text.tell() > _PIECE:
            yield _taken(text, digest)
    yield _taken(text, digest)
    yield f"T,{number},{digest.hexdigest()}{_LINE_END}".encode()


def _taken(text: io.StringIO, digest: Any) -> bytes:
    """Return what was written as bytes, hashed, and begin anew."""
    piece = text.getvalue().encode()
    digest.update(piece)
    text.seek(0)
    text.truncate()
    return piece


def _cell(value: Any) -> str:
    """Return how a value stands in a file."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    if not _NOT_WRITABLE.isdisjoint(text):
        raise NotWritableError("A field of a signed file has no line break and no NUL.")
    return text
