"""A page makes a fixed number of queries, however many rows it shows."""

import json

import pytest
from django.test import Client

from inventory.models import Device
from inventory.models.choices import DeviceType
from ssi.accounts.models import Person
from tests.factories.inventory import DeviceFactory, DeviceStatusChangeFactory, home
from tests.personas import client_of
from tests.query_counts import HELD, counted
from tests.tokens import bearer

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]


@pytest.fixture
def portal(gina: Person) -> Client:
    """Return a browser that has loaded a page before, as all have but the first."""
    client = client_of(gina)
    client.get("/devices/")
    return client


@pytest.fixture
def meter() -> Device:
    """Return a meter in a full home with a history, among many other homes."""
    for _ in range(5):
        home()
    DeviceFactory.create_batch(10)
    device = home()[DeviceType.ESME]
    DeviceStatusChangeFactory.create_batch(4, device_id=device.pk, told_by=device.notified_by_id)
    return device


def test_device_pages(portal: Client, meter: Device) -> None:
    for page, address in {
        "devices: list": "/devices/",
        "devices: filtered list": "/devices/?device_type=ESME&smi_status=Pending&model=2F01",
        "devices: of a meter point": f"/devices/?mpxn={meter.import_meter_point}",
        "devices: search for a Device ID": f"/devices/?q={meter.pk}",
        "devices: search for a meter point": f"/devices/?q={meter.import_meter_point}",
        "devices: unknown Device ID": "/devices/?q=00-DB-12-34-56-78-90-A0",
        "devices: lookup form": "/devices/lookup/",
        "device": f"/devices/{meter.pk}/",
    }.items():
        with counted(page):
            response = portal.get(address)
        assert response.status_code in {200, 302}, page


def test_lookup_and_export(portal: Client, meter: Device) -> None:
    pasted = "\n".join(str(device.pk) for device in Device.objects.all())
    with counted("devices: lookup answer"):
        portal.post("/devices/lookup/", {"identifiers": f"{pasted}\n{meter.import_meter_point}"})
    with counted("devices: export"):
        file = b"".join(portal.get("/devices/export.csv"))
    assert len(file.splitlines()) == Device.objects.count() + 1


def test_api(vera: Person, meter: Device) -> None:
    program = Client(headers=bearer(vera))
    for call, address in {
        "API: device": f"/api/v1/devices/{meter.pk}",
        "API: devices": "/api/v1/devices",
        "API: filtered devices": f"/api/v1/devices?device_type=ESME&notified_by={meter.notified_by_id}",
    }.items():
        with counted(call):
            assert program.get(address).status_code == 200
    body = json.dumps({"identifiers": [str(device.pk) for device in Device.objects.all()]})
    with counted("API: lookup"):
        program.post("/api/v1/devices/lookup", body, content_type="application/json")


def test_what_is_held_is_sorted_and_moderate() -> None:
    held: dict[str, int] = json.loads(HELD.read_text())
    assert list(held) == sorted(held)
    assert max(held.values()) < 25
