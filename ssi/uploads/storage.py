"""The bytes of signed files, kept as they came: written once, under names of our own, for nobody else to read.

Where they are kept is Django's STORAGES["uploads"]. Every opening proves that the bytes are still those that were
received. Infected files move to a quarantine, from which nothing opens them.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils import timezone

from ssi.refusals import Refusal
from ssi.uploads.models import PreparedFile, Upload

ALIAS: Final = "uploads"
KEPT: Final = "kept"
QUARANTINE: Final = "quarantine"
CHUNK: Final = 1 << 20
ORPHAN_AFTER: Final = timedelta(days=1)
"""Bytes that no row names so long after they were written belong to nothing that will still be committed."""


class FileTooLarge(Refusal):
    """A file may have {most:,} bytes, and this one has more."""

    suggestion = "Split it into several files, and send each of them."
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    field = "file"


class InQuarantine(Refusal):
    """Malware was found in this file, so it cannot be opened."""

    suggestion = "Tell your security team and the DCC service desk where it came from."
    status = HTTPStatus.CONFLICT


class BytesChanged(Exception):  # noqa: N818 - said of the bytes
    """The bytes are gone, or are not those that were received."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that are kept: their name, how many they are, and their SHA-256 in hex."""

    stored_as: str
    size: int
    sha256: str


class PrivateFiles(FileSystemStorage):
    """Files that only the portal reads, on the disk for certain before anything says that they are."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700} | options)

    def _save(self, name: str, content: "File[Any]") -> str:
        saved = str(super()._save(name, content))  # type: ignore[misc]  # the stubs leave it out
        path = Path(self.path(saved))
        for each in (path, *list(path.parents)[: len(Path(saved).parts)]):
            _fsync(each)
        return saved


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Measured(File):  # type: ignore[type-arg]  # not generic when it runs
    """A file on its way to be kept: counted and hashed in passing, and stopped where it is too long."""

    def __init__(self, content: "BinaryIO | File[bytes]", most: int) -> None:
        super().__init__(cast("Any", content))
        self._content, self._most = content, most
        self.digest = hashlib.sha256()
        self.measured = 0

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        self._content.seek(0)
        while chunk := self._content.read(CHUNK):
            self.digest.update(chunk)
            self.measured += len(chunk)
            if self.measured > self._most:
                raise FileTooLarge(most=self._most)
            yield chunk


def keep(content: "BinaryIO | File[bytes]") -> Kept:
    """Write bytes once, under a new name, and return what they are. Raises FileTooLarge.

    A row that names them is to be committed within a day, else they go.
    """
    measured = _Measured(content, settings.SSI_UPLOAD_MOST_BYTES)
    name = f"{KEPT}/{timezone.now():%Y-%m}/{uuid.uuid4().hex}"
    try:
        stored_as = _storage().save(name, measured)
    except BaseException:
        delete(name)
        raise
    return Kept(stored_as, measured.measured, measured.digest.hexdigest())


def opened(stored_as: str, sha256: str) -> BinaryIO:
    """Open kept bytes for reading, once they have proved to be those with that SHA-256; close them afterwards.

    Raises InQuarantine, and BytesChanged where they are gone or were changed.
    """
    if stored_as.startswith(f"{QUARANTINE}/"):
        raise InQuarantine
    try:
        content = _opened(stored_as)
    except OSError as gone:
        raise BytesChanged(f"What was kept as {stored_as} cannot be read.") from gone
    digest = hashlib.sha256()
    while chunk := content.read(CHUNK):
        digest.update(chunk)
    if digest.hexdigest() != sha256:
        content.close()
        raise BytesChanged(f"What is kept as {stored_as} is not what was received.")
    content.seek(0)
    return content


def copy_to_quarantine(stored_as: str) -> str:
    """Copy kept bytes to where nothing opens them; return their name there. May be done again.

    The caller deletes what they were copied from once the new name is committed; if it cannot, the sweep does.
    """
    name = f"{QUARANTINE}/{stored_as.removeprefix(f'{KEPT}/')}"
    delete(name)  # perhaps half of it, of a process that was killed
    with _opened(stored_as) as content:
        return _storage().save(name, File(content))


def delete(stored_as: str) -> None:
    """Remove kept bytes; what is not there is removed already."""
    _storage().delete(stored_as)


def sweep_orphans(*, older_than: timedelta = ORPHAN_AFTER) -> int:
    """Remove bytes that no row names, and return how many files they were; may run twice."""
    before = timezone.now() - older_than
    orphans = [name for name in _named_by_none(_every_name()) if _written_at(name) < before]
    for name in orphans:
        delete(name)
    return len(orphans)


def _named_by_none(names: list[str]) -> list[str]:
    named: set[str] = set()
    for model in (Upload, PreparedFile):
        for begin in range(0, len(names), 10_000):
            some = names[begin : begin + 10_000]
            named.update(model._default_manager.filter(stored_as__in=some).values_list("stored_as", flat=True))
    return [name for name in names if name not in named]


def _every_name() -> list[str]:
    """Return every name; asked before the rows are, so that a new row's bytes are not among them."""
    found = []
    for top in (KEPT, QUARANTINE):
        for month in _listed(top)[0]:
            found += [f"{top}/{month}/{name}" for name in _listed(f"{top}/{month}")[1]]
    return found


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        return _storage().listdir(folder)
    except FileNotFoundError:
        return [], []


def _written_at(name: str) -> datetime:
    try:
        return _storage().get_modified_time(name)
    except FileNotFoundError:  # another sweep was quicker
        return timezone.now()


def _opened(stored_as: str) -> BinaryIO:
    file = _storage().open(stored_as, "rb")
    return cast("BinaryIO", getattr(file, "file", file))  # Django's wrapper splits lines at a CR too


def _storage() -> Storage:
    return storages[ALIAS]
