"""A folder for what a test uploads, an authority that the portal trusts, and the certificates of two AROs."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from ssi.accounts.models import Person
from ssi.uploads.issuing import Issued
from tests.factories.uploads import TestAuthority, trusted_authority


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, settings: LazySettings) -> Path:
    """Keep the bytes of every test in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return tmp_path / "uploads"


@pytest.fixture
def folder(own_folder: Path) -> Path:
    """Return where the bytes of this test are kept."""
    return own_folder


@pytest.fixture
def authority(tmp_path: Path, settings: LazySettings) -> TestAuthority:
    """Return an authority whose folder SSI_FILE_TRUST names."""
    return trusted_authority(tmp_path / "file-trust", settings)


@pytest.fixture
def arohas(authority: TestAuthority, aroha: Person) -> Issued:
    """Return the certificate, with its key, of Northlight's ARO: `sign(content, *arohas)`."""
    return authority.certificate_for(aroha, aroha.grants.get().acting_for)


@pytest.fixture
def belas(authority: TestAuthority, bela: Person) -> Issued:
    """Return the certificate, with its key, of Brightgrid's ARO."""
    return authority.certificate_for(bela, bela.grants.get().acting_for)
