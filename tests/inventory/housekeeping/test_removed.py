"""A removed device can be looked up by its id for a year: on its page, in the search box, in lists, by program."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from inventory.actions.devices import remove_devices
from inventory.models import Device, RemovedDevice
from inventory.models.choices import Removal
from inventory.retention import RULES
from ssi.accounts.models import Person, UserId
from tests.factories.inventory import DeviceFactory
from tests.personas import actor_of, client_of
from tests.tokens import bearer

pytestmark = pytest.mark.django_db
REMOVED_AT = datetime(2026, 6, 2, 23, 30, tzinfo=UTC)  # in London it is the 3rd


@pytest.fixture
def gone(gina: Person) -> Device:
    """Return a device that Gina's company pre-notified and housekeeping removed."""
    device = DeviceFactory.create(notified_by=UserId.objects.get(pk=actor_of(gina).user.user_id))
    remove_devices([device.device_id], at=REMOVED_AT, how=Removal.HOUSEKEEPING)
    return device


SENTENCE = "is no longer in the Smart Metering Inventory: it was removed on Wed 3 Jun 2026 by housekeeping."
PARTY = "Its notifying party was Northlight Energy."


@pytest.mark.parametrize("reader", ["gina", "ivan", "olu", "dana"])
def test_its_page_says_when_and_how_it_left_to_everybody(
    gone: Device, reader: str, request: pytest.FixtureRequest
) -> None:
    page = client_of(request.getfixturevalue(reader)).get(gone.get_absolute_url())
    assert page.status_code == 404
    assert f"{gone.pk} {SENTENCE}" in page.content.decode()
    assert PARTY in page.content.decode()


def test_the_search_box_says_so(gone: Device, ivan: Person) -> None:
    page = client_of(ivan).get("/devices/", {"q": gone.pk.plain})
    assert SENTENCE in page.content.decode()


def test_a_list_looked_up_says_so_on_screen_and_in_the_file(gone: Device, ivan: Person) -> None:
    pasted = f"{gone.pk}\n00-DB-12-34-56-78-90-A0"
    page = client_of(ivan).post("/devices/lookup/", {"identifiers": pasted}).content.decode()
    assert "removed on Wed 3 Jun 2026 by housekeeping" in page
    file = b"".join(client_of(ivan).post("/devices/lookup/", {"identifiers": pasted, "csv": "1"})).decode()
    assert f"Not in the inventory: removed on Wed 3 Jun 2026 by housekeeping,{gone.pk}" in file
    assert "Not in the inventory,00-DB-12-34-56-78-90-A0" in file


def test_programs_are_told(gone: Device, gina: Person, vera: Person) -> None:
    program = Client(headers=bearer(vera))
    answer = program.get(f"/api/v1/devices/{gone.pk}")
    assert answer.status_code == 404
    assert answer.json()["detail"].endswith(SENTENCE)
    assert answer.json()["suggestion"].startswith(PARTY)
    body = json.dumps({"identifiers": [str(gone.pk)]})
    looked_up = program.post("/api/v1/devices/lookup", body, content_type="application/json").json()
    assert looked_up["not_found"] == [str(gone.pk)]
    assert looked_up["removed"] == [
        {
            "device_id": str(gone.pk),
            "removed_at": "2026-06-02T23:30:00Z",
            "how": "by housekeeping",
            "notified_by": {"user_id": str(actor_of(gina).user.user_id), "party": "Northlight Energy"},
        }
    ]


def test_pre_notified_again_it_is_a_device_like_any_other(gone: Device, gina: Person) -> None:
    DeviceFactory.create(device_id=gone.pk)
    page = client_of(gina).get(gone.get_absolute_url())
    assert page.status_code == 200
    assert "Removed from the inventory" in page.content.decode()
    assert "removed by housekeeping" in page.content.decode()


def test_the_latest_removal_counts(gone: Device, gina: Person) -> None:
    DeviceFactory.create(device_id=gone.pk)
    remove_devices([gone.pk], at=REMOVED_AT + timedelta(days=40), how=Removal.DELETED)
    page = client_of(gina).get(gone.get_absolute_url()).content.decode()
    assert "it was deleted on request (SR 8.4) on Mon 13 Jul 2026" in page


def test_after_a_year_it_is_forgotten(gone: Device) -> None:
    (rule,) = [each for each in RULES if each.model is RemovedDevice]
    assert not rule.due(REMOVED_AT + timedelta(days=365)).exists()
    assert rule.due(REMOVED_AT + timedelta(days=366)).exists()
