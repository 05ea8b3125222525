"""Uploads never touch the disk, whatever their size."""

import io
import tempfile
from unittest import mock

import pytest
from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.test import RequestFactory

from ssi.web import in_memory

LARGE = 3_000_000
"""More than Django keeps in memory by itself."""


def received(*sizes: int) -> list[InMemoryUploadedFile]:
    """Return the files of a request that uploads as many bytes each."""
    files = {f"file{number}": SimpleUploadedFile("list.csv", b"x" * size) for number, size in enumerate(sizes)}
    request = RequestFactory().post("/", files)
    found = [request.FILES[name] for name in files]
    assert all(isinstance(file, InMemoryUploadedFile) for file in found)
    return found  # type: ignore[return-value]


def test_every_page_uses_this_handler() -> None:
    assert settings.FILE_UPLOAD_HANDLERS[-1] == "ssi.web.in_memory.InMemoryUploadHandler"


def test_a_large_file_comes_whole_and_no_temporary_file_is_made() -> None:
    with mock.patch.object(tempfile, "NamedTemporaryFile", side_effect=AssertionError):
        first, second = received(LARGE, 10)
    assert (first.size, second.size) == (LARGE, 10)
    assert first.read() == b"x" * LARGE
    assert isinstance(first.file, io.BytesIO)


@pytest.mark.parametrize("sizes", [(2_000,), (600, 600)])
def test_what_goes_beyond_the_limit_comes_empty_with_its_true_size(sizes: tuple[int, ...]) -> None:
    with mock.patch.object(in_memory, "MOST_BYTES", 1_000):
        files = received(*sizes)
    assert [file.size for file in files] == list(sizes)
    assert files[-1].read() == b""
