"""The export of a quarantine event is narrowed by filters that can be read, or nothing is sent."""

import pytest

from ssi.accounts.models import Person
from ssi.uploads.models import QuarantineEvent
from tests.personas import client_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("query", ["target=rubbish", "fate=rubbish"])
def test_a_wrong_filter_leads_back_to_the_page(query: str, event: QuarantineEvent, aroha: Person) -> None:
    address = event.get_absolute_url()
    answer = client_of(aroha).get(f"{address}export.csv?{query}")
    assert (answer.status_code, answer["Location"]) == (302, f"{address}?{query}#communications")
    assert client_of(aroha).get(f"{address}export.csv?srv=").status_code == 200
