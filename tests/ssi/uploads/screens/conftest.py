"""The bytes of a test are kept in a folder of its own."""

from pathlib import Path

import pytest
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: LazySettings) -> Path:
    """Return where what is uploaded is kept."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return tmp_path / "uploads"
