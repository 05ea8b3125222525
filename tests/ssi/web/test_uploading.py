"""Large files go to disk as they come, and never more than is announced, allowed, and sent by who may."""

import hashlib
import io
import stat
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.access.roles import JobTypeRole, UserRole
from ssi.web import uploading
from ssi.web.uploading import ROOM, StreamedFile, UploadTooLarge

MOST = 3_000_000
ADDRESS = "/large/new/"
ARO = Actor(person_id=1, user_role=UserRole.IS, job_type_roles=frozenset({JobTypeRole.ARO}))
OPS = Actor(person_id=2, user_role=UserRole.IS, job_type_roles=frozenset({JobTypeRole.OPS}))


@pytest.fixture(autouse=True)
def entrance(tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Declare one address that takes large files, in a folder of this test's own."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    monkeypatch.setattr(uploading, "_entrances", [])
    uploading.stream_files(
        "/large/[a-z]+/", components=(Component.ADT_SUBMISSION,), most_bytes=lambda: MOST, code="F06"
    )
    return tmp_path / "uploads" / "incoming"


def posted(*sizes: int, by: Actor | None = ARO, address: str = ADDRESS, name: str = "x.csv") -> HttpRequest:
    files = {f"file{number}": SimpleUploadedFile(name, b"x" * size) for number, size in enumerate(sizes)}
    request = RequestFactory().post(address, {"before": "1", **files, "later": "2"})
    request.actor = by  # type: ignore[attr-defined]
    return request


def test_a_large_file_comes_whole_from_a_disk_on_which_it_has_no_name(entrance: Path) -> None:
    request = posted(MOST, 10)
    large, small = request.FILES["file0"], request.FILES["file1"]
    assert isinstance(large, StreamedFile)
    assert isinstance(small, StreamedFile)
    assert (large.size, small.size) == (MOST, 10)
    assert large.sha256 == hashlib.sha256(b"x" * MOST).hexdigest()
    assert b"".join(large.chunks()) == b"x" * MOST
    assert not isinstance(large.file, io.BytesIO)
    assert list(entrance.iterdir()) == []
    request.close()
    assert large.closed


def test_the_folder_and_the_file_are_private(entrance: Path) -> None:
    file: Any = posted(10).FILES["file0"]
    assert stat.S_IMODE(entrance.stat().st_mode) == 0o700
    assert stat.S_IMODE(entrance.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(Path(f"/proc/self/fd/{file.file.fileno()}").stat().st_mode) == 0o600


def test_elsewhere_files_stay_in_memory() -> None:
    with mock.patch.object(tempfile, "TemporaryFile", side_effect=AssertionError):
        assert isinstance(posted(10, address="/small/new/").FILES["file0"], InMemoryUploadedFile)


def test_what_is_announced_as_too_large_is_not_read(entrance: Path) -> None:
    request = posted(10)
    request.META["CONTENT_LENGTH"] = str(4_000_000_000)
    body = mock.Mock(side_effect=AssertionError)
    request._stream = mock.Mock(read=body)
    with pytest.raises(UploadTooLarge) as refused:
        request.POST  # noqa: B018 - reading it is what is tested
    assert refused.value.code == "F06"
    body.assert_not_called()
    assert not entrance.exists()


@pytest.mark.parametrize("sizes", [(MOST + 1,), (MOST, ROOM + 1), (10, MOST + 1)])
def test_what_passes_the_limit_is_stopped_there(sizes: tuple[int, ...], entrance: Path) -> None:
    request = posted(*sizes)
    request.META["CONTENT_LENGTH"] = "5000"  # it lies, and the server in front did not see to it
    with pytest.raises(UploadTooLarge):
        request.FILES  # noqa: B018
    assert list(entrance.iterdir()) == []


@pytest.mark.parametrize("by", [None, OPS])
def test_nobody_else_puts_a_byte_on_the_disk(by: Actor | None, entrance: Path) -> None:
    request = posted(1_000_000, by=by)
    with mock.patch.object(tempfile, "TemporaryFile", side_effect=AssertionError):
        assert request.POST["before"] == "1"
    assert not request.FILES
    assert not entrance.exists()


def test_the_tokens_owner_counts_and_not_who_is_signed_in_beside() -> None:
    request = posted(10, by=ARO)
    request.auth = OPS  # type: ignore[attr-defined]
    assert not request.FILES


@pytest.mark.parametrize(
    ("name", "comes_as"),
    [
        ("../../etc/cron.d/x.csv", "x.csv"),
        ("..\\..\\x.csv", "x.csv"),
        ("/etc/passwd", "passwd"),
        ("a\x00b.csv", "ab.csv"),
    ],
)
def test_a_name_is_never_a_path(name: str, comes_as: str, entrance: Path) -> None:
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    body = f"--b\r\n{head}\r\n\r\nx\r\n--b--\r\n"
    request = RequestFactory().post(ADDRESS, body.encode(), content_type="multipart/form-data; boundary=b")
    request.actor = ARO  # type: ignore[attr-defined]
    file: Any = request.FILES["file"]
    assert file.name == comes_as
    assert list(entrance.iterdir()) == []


def test_what_a_killed_process_left_is_swept(entrance: Path) -> None:
    folder = uploading.incoming_folder()
    (folder / "old").write_bytes(b"x")
    assert uploading.sweep_incoming() == 0
    assert uploading.sweep_incoming(older_than=-1) == 1
    assert list(folder.iterdir()) == []
