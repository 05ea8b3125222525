"""Uploads stay in memory: what people send may hold secrets, and no temporary file outlives a crash.

The setting FILE_UPLOAD_HANDLERS names this handler for every page.
"""

import io
from typing import Any, Final

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MOST_BYTES: Final = 20_000_000
"""Of one request, all its files together; pages set lower limits of their own."""

_more: dict[str, int] = {}


def allow_more(address: str, most_bytes: int) -> None:
    """Let the page of that address take so many bytes: it reads them sparingly."""
    _more[address] = most_bytes


class InMemoryUploadHandler(FileUploadHandler):
    """Keeps the files of one request in memory, up to a limit.

    A file that goes beyond it comes empty but with its true size, so that the page can say that it is too large.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._received = 0
        self._most = _more.get(getattr(request, "path", ""), MOST_BYTES)
        self._file = io.BytesIO()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin the next file."""
        super().new_file(*args, **kwargs)
        self._file = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep the next part of the file, or drop all of it once the request is beyond the limit."""
        self._received += len(raw_data)
        if self._received <= self._most:
            self._file.write(raw_data)
        else:
            self._file = io.BytesIO()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Hand the file over."""
        self._file.seek(0)
        return InMemoryUploadedFile(
            self._file,
            self.field_name,
            self.file_name or "",
            self.content_type or "",
            file_size,
            self.charset,
            self.content_type_extra,
        )
