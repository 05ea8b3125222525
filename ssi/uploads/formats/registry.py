"""Which formats the portal reads: a later version of one is a module more, and a line here."""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from ssi.uploads.formats.adt import Adt10
from ssi.uploads.formats.exit_quarantine import ExitQuarantine10
from ssi.uploads.formats.frames import Format, Sender
from ssi.uploads.formats.frames import read as read_framed
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind

FORMATS: Final[tuple[Format, ...]] = (Adt10(), ExitQuarantine10())


def formats_of(kind: Kind) -> dict[str, Format]:
    """Return a kind's formats by version."""
    return {each.version: each for each in FORMATS if each.kind == kind}


def read(upload: Upload, content: BinaryIO) -> Iterator[Any]:
    """Yield, in the order of the file, the header's item, those of the details, and findings.

    Of a file that has not one finding, the bytes are exactly those that a writer made and hashed.
    """
    sender = Sender(upload.file_name, upload.user_id_id)
    return read_framed(content, formats_of(Kind(upload.kind)), sender)
