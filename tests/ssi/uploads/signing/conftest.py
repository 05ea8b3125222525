"""An upload of Northlight's, as it stands when its signature is looked into."""

import pytest

from ssi.accounts.models import Person
from tests.ssi.uploads.signing.verifying import Looked


@pytest.fixture
def looked(aroha: Person) -> Looked:
    """Return what verifies a signature over Northlight's file."""
    return Looked(aroha.grants.get().acting_for)
