"""Devices at the service desk: to look at, found by their Device ID, and never counted."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Device
from ssi.accounts.models import Person
from tests.factories.inventory import DeviceFactory, DeviceModelFactory
from tests.personas import client_of

pytestmark = pytest.mark.django_db
LIST = "/admin/inventory/device/"


@pytest.fixture
def desk(dana: Person) -> Client:
    return client_of(dana)


def test_the_list_shows_one_page_and_counts_nothing(desk: Client) -> None:
    devices = sorted(DeviceFactory.create_batch(60), key=lambda device: device.pk)
    with CaptureQueriesContext(connection) as queries:
        page = desk.get(LIST).content.decode()
    asked = [query["sql"] for query in queries if "inventory_device" in query["sql"]]
    assert not any("COUNT(" in sql or "OFFSET" in sql for sql in asked)
    assert all(str(device.pk) in page for device in devices[:50])
    assert str(devices[50].pk) not in page
    assert "The first 50 are shown." in page
    assert "51 devices" not in page


@pytest.mark.parametrize("spelling", ["{}", "{plain}", "{lower}"])
def test_a_whole_device_id_is_found_through_the_key(desk: Client, spelling: str) -> None:
    device, other = DeviceFactory.create_batch(2)
    typed = spelling.format(device.pk, plain=device.pk.plain, lower=device.pk.plain.lower())
    page = desk.get(LIST, {"q": typed}).content.decode()
    assert str(device.pk) in page
    assert str(other.pk) not in page


@pytest.mark.parametrize("typed", ["1E-5A", "nonsense", "INC000000000001", "2000007794886"])
def test_what_is_no_whole_device_id_finds_nothing(desk: Client, typed: str) -> None:
    device = DeviceFactory.create()
    assert str(device.pk) not in desk.get(LIST, {"q": typed}).content.decode()


def test_a_device_is_shown_and_cannot_be_added_changed_or_deleted(desk: Client) -> None:
    device = DeviceFactory.create()
    address = f"{LIST}{device.pk}/change/"
    assert str(device.pk) in desk.get(address).content.decode()
    for path in (f"{LIST}add/", address, f"{LIST}{device.pk}/delete/"):
        assert desk.post(path, {"device_type": 2, "post": "yes"}).status_code == 403, path
    assert Device.objects.get() == device
    assert Device.objects.get().device_type == device.device_type


def test_an_unknown_or_malformed_device_is_sent_back_to_the_list(desk: Client) -> None:
    for path in ("00-DB-12-34-56-78-90-A0", "nonsense"):
        assert desk.get(f"{LIST}{path}/change/").status_code == 302


def test_device_models_are_found_by_words(desk: Client) -> None:
    DeviceModelFactory.create(manufacturer="5D09", model="10040100")
    DeviceModelFactory.create(manufacturer="2F01", model="41A00102")
    page = desk.get("/admin/inventory/devicemodel/", {"q": "1004"}).content.decode()
    assert "10040100" in page
    assert "41A00102" not in page


def test_nobody_else_gets_in(gina: Person) -> None:
    assert client_of(gina).get(LIST).status_code == 403
