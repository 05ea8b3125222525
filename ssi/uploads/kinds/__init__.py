"""What each kind of signed file means: how its records are kept, what is checked of them, and what applying does.

The pipeline (`ssi/uploads/actions/pipeline.py`) is one for all; it asks the kind at each step.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from ssi.access.actor import Actor
from ssi.uploads.findings import Found
from ssi.uploads.models import Upload


class KindOfFile(Protocol):
    """One kind. Every method runs in the pipeline's transaction, on a locked upload, and may run again."""

    def read(self, upload: Upload, content: BinaryIO) -> Iterator[Any]:
        """Yield, in the file's order and the same each time, its header, its details, and what is wrong.

        Streams: memory does not grow with the file. Writes nothing.
        """
        ...

    def keep(self, upload: Upload, items: Sequence[Any]) -> None:
        """Keep a batch of what `read` yielded, but for findings: rows by COPY, the header onto `upload`.

        Sets and saves the upload's header fields.
        """
        ...

    def clear(self, upload: Upload) -> None:
        """Remove what `keep` wrote: the file is rejected, or read anew."""
        ...

    def check(self, upload: Upload) -> Iterator[Found]:
        """Yield what is wrong, or to be checked, by what is in the database; the rows are there now."""
        ...

    def accepted(self, upload: Upload) -> None:
        """Do what follows when it goes to DCC; raises a Refusal where another was quicker."""
        ...

    def given_up(self, upload: Upload) -> None:
        """Undo `accepted`: it was withdrawn, or DCC refused it."""
        ...

    def apply(self, upload: Upload, *, by: Actor, at: datetime) -> bool:
        """Put it in force, or carry its decisions out; return False where its effective date has not come.

        Ends what it takes the place of (`supersede`) at `at`, the moment from which it counts itself. The caller
        (`ssi/uploads/actions/applying.py`) then moves the upload itself (`apply`), in the same transaction: of one
        User and role only one may be in force.
        """
        ...
