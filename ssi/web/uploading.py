"""Large files go to disk while they come, at the few addresses that take them; all others stay in memory.

A page or API call that takes large files declares itself with `stream_files`. What it gets is a `StreamedFile`: an
open file without a name in a private folder, which vanishes with the request, or with the process if that is
killed. Nobody who does not reach the address can send a byte of it to the disk. See ADR 24.
"""

import hashlib
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers, StopUpload
from django.http import HttpRequest

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.refusals import Refusal


class LengthNotSaid(Refusal):
    """The call does not say how long its body is: it comes in chunks."""

    suggestion = "Send the file whole, with the length of the body in `Content-Length`."
    status = HTTPStatus.LENGTH_REQUIRED
    field = "Content-Length"


ROOM: Final = 1_000_000
"""Bytes that a request may have beyond its file: for the form, and for what belongs to the file."""

MEGABYTE: Final = 1_000_000
LEFTOVER_SECONDS: Final = 86_400


class UploadTooLarge(RequestDataTooBig):
    """A request announces, or brings, more bytes than its address takes; `most` is what a file may have."""

    def __init__(self, most: int, code: str) -> None:
        self.code = code
        self.title = "The file is too large"
        self.detail = f"A file may have {most // MEGABYTE:,} MB, and what was sent is more. None of it was kept."
        self.suggestion = "Split it into several files, and send each of them."
        super().__init__(self.detail)


@dataclass(frozen=True, slots=True)
class Entrance:
    """Addresses that take large files, from whom, and how large; `code` is the finding of a larger one."""

    pattern: re.Pattern[str]
    components: Sequence[Component]
    most_bytes: Callable[[], int]
    code: str


_entrances: list[Entrance] = []


def stream_files(
    pattern: str, *, components: Sequence[Component], most_bytes: Callable[[], int], code: str = ""
) -> None:
    """Let files sent to the addresses that `pattern` describes go to disk; called once when the portal starts.

    They are taken from whoever reaches one of `components`.
    """
    _entrances.append(Entrance(re.compile(pattern), components, most_bytes, code))


def entrance_of(path: str) -> Entrance | None:
    """Return what was declared for an address."""
    return next((each for each in _entrances if each.pattern.fullmatch(path)), None)


def require_length(request: HttpRequest) -> None:
    """Pass unless a file is sent without saying how long it is: Django would take the body for empty.

    Raises LengthNotSaid.
    """
    comes_in_chunks = "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length")
    if comes_in_chunks and request.method == "POST" and entrance_of(request.path) is not None:
        raise LengthNotSaid


class StreamedFile(UploadedFile):  # type: ignore[type-arg]  # not generic when it runs
    """A file on disk that has no name there; `sha256` is hex, of its bytes as they came."""

    def __init__(self, *args: Any, sha256: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sha256 = sha256


class StreamingUploadHandler(FileUploadHandler):
    """Writes the files of declared addresses to disk; stands before the handler that keeps them in memory.

    A request that announces too much is refused before it is read, one that brings more than it may as soon as it
    does. From somebody who does not reach the address nothing is read: the address' own answer follows.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._entrance = entrance_of(request.path) if request is not None else None
        self._most = self._entrance.most_bytes() if self._entrance else 0
        self._received = 0

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - Django's name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        """Refuse what is announced as too large, before any of it is read. Raises UploadTooLarge."""
        if self._entrance is not None and content_length > self._most + ROOM:
            raise UploadTooLarge(self._most, self._entrance.code)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin the next file, if it comes from somebody who may send it."""
        super().new_file(*args, **kwargs)
        if self._entrance is None:
            return
        if not self._may_send(self._entrance):
            raise StopUpload(connection_reset=True)
        self.file: Any = tempfile.TemporaryFile(dir=incoming_folder())  # noqa: SIM115 - closed with the request
        self._digest = hashlib.sha256()
        self._size = 0
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Write the next part, or leave it to the next handler. Raises UploadTooLarge."""
        if self._entrance is None:
            return raw_data
        self._received += len(raw_data)
        self._size += len(raw_data)
        if self._size > self._most or self._received > self._most + ROOM:
            self.file.close()
            raise UploadTooLarge(self._most, self._entrance.code)
        self._digest.update(raw_data)
        self.file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> StreamedFile | None:
        """Hand the file over."""
        if self._entrance is None:
            return None
        self.file.seek(0)
        return StreamedFile(
            self.file,
            self.file_name,
            self.content_type,
            self._size,
            self.charset,
            self.content_type_extra,
            sha256=self._digest.hexdigest(),
        )

    def _may_send(self, entrance: Entrance) -> bool:
        """Tell whether whoever calls reaches the address: the token's owner, or who is signed in."""
        actor = getattr(self.request, "auth", None) or getattr(self.request, "actor", None)
        return actor is not None and any(map(cast("Actor", actor).may, entrance.components))


def incoming_folder() -> Path:
    """Return the folder of files that are coming in, private and on the disk of those that are kept."""
    folder = Path(settings.MEDIA_ROOT) / "incoming"
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def sweep_incoming(older_than: float = LEFTOVER_SECONDS) -> int:
    """Remove what a killed process left where the system knows no files without names; return how many."""
    left = [path for path in incoming_folder().iterdir() if path.stat().st_mtime < time.time() - older_than]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
