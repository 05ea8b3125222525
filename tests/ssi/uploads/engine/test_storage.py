"""Bytes are kept as they came, under names of ours; changed or infected ones are opened by nobody."""

import hashlib
import io
import os
import stat
import uuid
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.conf import LazySettings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import storages

from ssi.uploads import storage
from ssi.uploads.storage import BytesChanged, FileTooLarge, InQuarantine

NOW = timedelta(seconds=-1)


def kept(content: bytes) -> storage.Kept:
    return storage.keep(io.BytesIO(content))


def test_what_is_kept_comes_back_with_its_size_and_hash(folder: Path) -> None:
    content = b"H,ADT\r\n" * 1_000_000
    found = kept(content)
    assert (found.size, found.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with storage.opened(found.stored_as, found.sha256) as again:
        assert again.read() == content


def test_an_empty_file_is_kept_too() -> None:
    found = kept(b"")
    assert found.size == 0
    with storage.opened(found.stored_as, found.sha256) as again:
        assert again.read() == b""


def test_only_the_portal_reads_it_and_its_name_says_nothing(folder: Path) -> None:
    path = folder / kept(b"x").stored_as
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    while path != folder.parent:
        path = path.parent
        if path != folder.parent:
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert len({kept(b"x").stored_as for _ in range(5)}) == 5


def test_it_is_on_the_disk_before_it_is_said_to_be() -> None:
    synced: list[str] = []
    with mock.patch.object(os, "fsync", side_effect=lambda fd: synced.append(os.readlink(f"/proc/self/fd/{fd}"))):
        found = kept(b"x")
    path = storages["uploads"].path(found.stored_as)
    assert synced[:2] == [path, str(Path(path).parent)]


def test_changed_bytes_are_not_opened(folder: Path) -> None:
    found = kept(b"D,1,8.11")
    (folder / found.stored_as).write_bytes(b"D,1,8.12")
    with pytest.raises(BytesChanged):
        storage.opened(found.stored_as, found.sha256)
    storage.delete(found.stored_as)
    with pytest.raises(BytesChanged):
        storage.opened(found.stored_as, found.sha256)
    storage.delete(found.stored_as)


def test_nothing_of_a_file_that_is_too_long_stays(folder: Path, settings: LazySettings) -> None:
    settings.SSI_UPLOAD_MOST_BYTES = 1_000
    with pytest.raises(FileTooLarge):
        kept(b"x" * 1_001)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_nothing_of_a_file_whose_disk_is_full_stays(folder: Path) -> None:
    with (
        mock.patch.object(os, "fsync", side_effect=OSError(28, "No space left")),
        pytest.raises(OSError, match="space"),
    ):
        kept(b"x")
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_nothing_opens_what_is_quarantined() -> None:
    found = kept(b"infected")
    name = storage.copy_to_quarantine(found.stored_as)
    assert storage.copy_to_quarantine(found.stored_as) == name, "a killed process' copy is made anew"
    with pytest.raises(InQuarantine):
        storage.opened(name, found.sha256)


@pytest.mark.django_db
def test_bytes_without_a_row_go_after_a_day(folder: Path) -> None:
    found = kept(b"x")
    quarantined = storage.copy_to_quarantine(found.stored_as)
    assert storage.sweep_orphans() == 0
    assert storage.sweep_orphans(older_than=NOW) == 2
    assert not (folder / found.stored_as).exists()
    assert not (folder / quarantined).exists()
    assert storage.sweep_orphans(older_than=NOW) == 0


def test_a_name_outside_is_not_opened() -> None:
    for name in ("../secrets", "/etc/passwd", f"kept/../../{uuid.uuid4()}"):
        with pytest.raises(SuspiciousFileOperation):
            storage.opened(name, "")
