"""Which kinds of signed files there are."""

from typing import Final

from ssi.uploads.kinds import KindOfFile
from ssi.uploads.kinds.adt import AdtFile
from ssi.uploads.kinds.exit_quarantine import ExitQuarantineFile
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind

KINDS: Final[dict[Kind, KindOfFile]] = {Kind.ADT: AdtFile(), Kind.EXIT_QUARANTINE: ExitQuarantineFile()}


def kind_of(upload: Upload) -> KindOfFile:
    """Return what knows the upload's kind of file."""
    return KINDS[Kind(upload.kind)]
