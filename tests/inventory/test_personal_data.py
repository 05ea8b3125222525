"""Addresses and UPRNs: shown to whoever is registered there or will be, to DCC, and to nobody else."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.models import Device, MeterPoint
from inventory.models.choices import DeviceType, RegistrationKind
from inventory.search.personal_data import FIELDS, PersonalData, points_registered_for
from ssi.access.actor import Actor
from ssi.accounts.models import Person, Succession, UserId
from ssi.accounts.models.succession import TakenOverBecause
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import DeviceFactory, MeterPointFactory, home
from tests.factories.registrations import RegistrationFactory, day
from tests.personas import actor_of, client_of
from tests.tokens import bearer

pytestmark = pytest.mark.django_db

REGISTERED: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    *(({"kind": kind}, True) for kind in RegistrationKind),
    ({"from_date": day(0), "to_date": day(0)}, True),
    ({"from_date": day(1)}, True),
    ({"from_date": day(30), "to_date": day(60)}, True),
    ({"to_date": day(-1)}, False),
    ({"from_date": day(-900), "to_date": day(-800)}, False),
]


@pytest.fixture
def meter() -> Device:
    return DeviceFactory.create(import_meter_point=MeterPointFactory.create())


def own_user(person: Person) -> UserId:
    return UserId.objects.get(pk=actor_of(person).user.user_id)


def secrets_of(point: MeterPoint | None) -> list[str]:
    assert point is not None
    return [str(point.uprn), point.post_code, point.address_identifier]


def asked(person: Person, device: Device) -> dict[str, Any]:
    """Return the device as the API gives it, which must be the same one by one, in a list and in a lookup."""
    client = Client(headers=bearer(person))
    one = client.get(f"/api/v1/devices/{device.pk}").json()
    body = json.dumps({"identifiers": [str(device.pk)]})
    looked_up = client.post("/api/v1/devices/lookup", body, content_type="application/json").json()["found"]
    listed = [
        each for each in client.get("/api/v1/devices").json()["items"] if each["device_id"] == str(device.pk)
    ]
    assert [one] == listed == looked_up
    return dict(one)


@pytest.mark.parametrize(("facts", "is_shown"), REGISTERED)
def test_a_registration_shows_the_address_while_it_runs_and_before(
    vera: Person, meter: Device, facts: dict[str, Any], is_shown: bool
) -> None:
    RegistrationFactory.create(meter_point=meter.import_meter_point, user_id=own_user(vera), **facts)
    page = client_of(vera).get(meter.get_absolute_url()).content.decode()
    assert [secret in page for secret in secrets_of(meter.import_meter_point)] == [is_shown] * 3
    assert ("Withheld: only a party registered" in page) is not is_shown
    answer = asked(vera, meter)
    assert answer["masked"] == ([] if is_shown else list(FIELDS))
    assert (answer["uprn"] is None) is not is_shown


def test_any_user_id_of_the_party_will_do_and_no_other_partys(vera: Person, ivan: Person, meter: Device) -> None:
    RegistrationFactory.create(
        meter_point=meter.import_meter_point, user_id=UserIdFactory.create(party=own_user(vera).party)
    )
    assert asked(vera, meter)["masked"] == []
    assert asked(ivan, meter)["masked"] == list(FIELDS)


def test_the_notifying_party_does_not_see_it_without_a_registration(ivan: Person) -> None:
    meter = DeviceFactory.create(import_meter_point=MeterPointFactory.create(), notified_by=own_user(ivan))
    RegistrationFactory.create(meter_point=meter.import_meter_point, user_id=UserIdFactory.create())
    assert asked(ivan, meter)["masked"] == list(FIELDS)


@pytest.mark.parametrize(
    ("registered", "taken_over_on", "is_ended", "is_shown"),
    [
        ({}, day(-1), False, True),
        ({}, day(0), False, True),
        ({"from_date": day(30)}, day(-1), False, True),
        ({"to_date": day(-1)}, day(-400), False, False),
        ({}, day(1), False, False),
        ({}, day(-1), True, False),
    ],
)
def test_who_took_a_failed_supplier_over_sees_what_is_registered_for_it(
    rhea: Person,
    ivan: Person,
    meter: Device,
    registered: dict[str, Any],
    taken_over_on: Any,
    *,
    is_ended: bool,
    is_shown: bool,
) -> None:
    failed, between = UserIdFactory.create(), UserIdFactory.create()
    RegistrationFactory.create(meter_point=meter.import_meter_point, user_id=failed, **registered)
    for user_id, successor in ((failed, between), (between, own_user(rhea))):
        Succession.objects.create(
            user_id=user_id,
            successor=successor,
            from_date=taken_over_on,
            because=TakenOverBecause.SUPPLIER_OF_LAST_RESORT,
            entered_by="desk@dcc.example",
            ended_at=timezone.now() if is_ended else None,
        )
    assert asked(rhea, meter)["masked"] == ([] if is_shown else list(FIELDS))
    assert asked(ivan, meter)["masked"] == list(FIELDS)


def test_dcc_sees_every_address_and_what_is_unknown_is_not_masked(dana: Person, vera: Person) -> None:
    meter = DeviceFactory.create(import_meter_point=MeterPointFactory.create(uprn=None, post_code=""))
    answer = asked(dana, meter)
    assert (answer["uprn"], answer["post_code"], answer["masked"]) == (None, None, [])
    assert answer["address_identifier"]
    masked = asked(vera, meter)
    assert masked["masked"] == list(FIELDS)
    assert asked(vera, DeviceFactory.create())["masked"] == []


def test_each_meter_point_is_judged_by_itself(vera: Person) -> None:
    meter = DeviceFactory.create(
        import_meter_point=MeterPointFactory.create(), export_meter_point=MeterPointFactory.create()
    )
    RegistrationFactory.create(
        meter_point=meter.export_meter_point, user_id=own_user(vera), kind=RegistrationKind.EXPORT_SUPPLIER
    )
    page = client_of(vera).get(meter.get_absolute_url()).content.decode()
    assert str(meter.export_meter_point.uprn) in page  # type: ignore[union-attr]  # it has one
    assert str(meter.import_meter_point.uprn) not in page  # type: ignore[union-attr]  # it has one
    assert asked(vera, meter)["masked"] == list(FIELDS)


def test_what_is_withheld_costs_what_is_shown(vera: Person) -> None:
    mine, theirs = home()[DeviceType.ESME], home()[DeviceType.ESME]
    RegistrationFactory.create(meter_point=mine.import_meter_point, user_id=own_user(vera))
    client = client_of(vera)
    client.get("/devices/")
    costs = []
    for device in (mine, theirs):
        with CaptureQueriesContext(
            connection,
        ) as made:
            client.get(device.get_absolute_url())
        costs.append(len(made))
    assert costs[0] == costs[1]


def test_nobody_in_particular_sees_nothing_and_the_portal_all() -> None:
    points = [point.pk for point in MeterPointFactory.create_batch(2)]
    user = UserIdFactory.create()
    RegistrationFactory.create(meter_point_id=points[1], meter_point=None, user_id=user)
    assert not PersonalData.of_points(points, Actor()).shows(points[0])
    assert PersonalData.of_points(points, Actor.system()).shows(points[0])
    assert not PersonalData.of_points(points, Actor(is_feed=True)).shows(points[0])
    assert points_registered_for(user.party_id, points) == {points[1]}
    assert points_registered_for(user.party_id, []) == frozenset()


def test_the_page_names_the_responsible_suppliers(vera: Person, meter: Device) -> None:
    client, address = client_of(vera), meter.get_absolute_url()
    stands_in = "The notifying party stands in"
    page = client.get(address).content.decode()
    assert stands_in in page
    for user in (own_user(vera), UserIdFactory.create()):
        kind = RegistrationKind.IMPORT_SUPPLIER
        point = MeterPointFactory.create()
        RegistrationFactory.create(meter_point=point, user_id=user, kind=kind)
        Device.objects.filter(pk=meter.pk).update(import_meter_point=point)
        page = client.get(address).content.decode()
        assert f"<dt>Responsible Supplier</dt><dd>{user.party.name}</dd>" in page
        assert stands_in not in page
    nobodys = DeviceFactory.create(notified_by=None)
    page = client.get(nobodys.get_absolute_url()).content.decode()
    assert '<dt>Responsible Supplier</dt><dd><span class="none">none</span></dd>' in page
