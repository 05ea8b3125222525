"""Finding devices by address: only where one may see the address."""

import pytest
from django.test import Client

from inventory.models import Device
from inventory.models.choices import RegistrationKind
from ssi.accounts.models import Person, UserId
from tests.factories.inventory import DeviceFactory, MeterPointFactory
from tests.factories.registrations import RegistrationFactory, day
from tests.personas import actor_of, client_of
from tests.query_counts import counted

pytestmark = pytest.mark.django_db
ADDRESS = "/devices/by-address/"


@pytest.fixture
def meter() -> Device:
    point = MeterPointFactory.create(uprn=100012345678, post_code="NL1 4QX", address_identifier="12 Alder Row")
    return DeviceFactory.create(import_meter_point=point)


def registered(person: Person, device: Device, **facts: object) -> None:
    user_id = UserId.objects.get(pk=actor_of(person).user.user_id)
    RegistrationFactory.create(meter_point=device.import_meter_point, user_id=user_id, **facts)


def found(client: Client, place: str, premises: str = "") -> list[Device]:
    response = client.get(ADDRESS, {"place": place, "premises": premises})
    assert response.status_code == 200
    return list(response.context["devices"])


def test_dcc_finds_every_device_by_its_address(dana: Person, meter: Device) -> None:
    other = DeviceFactory.create(
        export_meter_point=MeterPointFactory.create(post_code="NL14QX", address_identifier="120 Alder Row")
    )
    DeviceFactory.create(import_meter_point=MeterPointFactory.create(post_code="BG2 7TR"))
    desk = client_of(dana)
    assert found(desk, "nl14qx") == sorted([meter, other], key=lambda device: device.pk)
    for premises in ("12", "12 alder", "12  Alder Row"):
        assert found(desk, "NL1 4QX", premises) == [meter]
    assert found(desk, "NL1 4QX", "1") == []
    assert found(desk, "100 012345678") == [meter]
    assert found(desk, "7") == []


@pytest.mark.parametrize("kind", list(RegistrationKind))
def test_a_registered_party_finds_it_and_no_other(
    vera: Person, ivan: Person, meter: Device, kind: RegistrationKind
) -> None:
    registered(vera, meter, kind=kind)
    registered(ivan, meter, kind=kind, from_date=day(-99), to_date=day(-1))
    for place in ("NL1 4QX", "100012345678"):
        assert found(client_of(vera), place) == [meter]
        assert found(client_of(ivan), place) == []


def test_what_one_may_not_find_reads_as_what_is_not_there(gina: Person, meter: Device) -> None:
    there, absent = (
        client_of(gina).get(ADDRESS, {"place": place}).content.decode().replace(place, "")
        for place in ("100012345678", "100012345679")
    )
    assert "No device is found there" in there
    assert there.split("<h1>")[1] == absent.split("<h1>")[1]


def test_what_is_no_address_is_refused_with_a_way_out(vera: Person) -> None:
    page = client_of(vera).get(ADDRESS, {"place": "Mrs Jones"}).content.decode()
    assert "Give a postcode such as NL1 4QX" in page
    assert f'href="{ADDRESS}"' in client_of(vera).get("/devices/").content.decode()


@pytest.mark.xdist_group("query_counts")
def test_it_makes_a_fixed_number_of_queries(vera: Person, meter: Device) -> None:
    for _ in range(5):
        registered(vera, DeviceFactory.create(import_meter_point=MeterPointFactory.create()))
    portal = client_of(vera)
    portal.get("/devices/")
    with counted("devices: by address"):
        portal.get(ADDRESS, {"place": "NL1 4QX"})
