"""Which kinds of signed files there are."""

from typing import Final

from ssi.uploads.kinds import KindOfFile
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind

KINDS: Final[dict[Kind, KindOfFile]] = {}


def kind_of(upload: Upload) -> KindOfFile:
    """Return what knows the upload's kind of file."""
    return KINDS[Kind(upload.kind)]
