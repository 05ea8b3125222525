"""The kept counts: the same as counting one device after the other, and never half of them."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from inventory.actions.reports import DEVICES, refresh_device_counts
from inventory.actions.reports.counting import ONE_AT_A_TIME
from inventory.models import Device, DeviceCount, Registration, RollUp
from inventory.models.choices import METERS, DeviceType, RegistrationKind, SmiStatus, Whose
from ssi.accounts.models import Succession, UserId
from ssi.accounts.models.succession import TakenOverBecause
from ssi.accounts.search import successors
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import DeviceFactory, DeviceModelFactory, MeterPointFactory, home
from tests.factories.registrations import RegistrationFactory, day

pytestmark = pytest.mark.django_db

IS, ES, GS, ED, GT = RegistrationKind
Counts = Counter[tuple[Any, ...]]


def kept() -> Counts:
    return Counter(
        {
            (each.whose, each.user_id, each.device_type, each.smi_status, each.device_model_id): each.devices
            for each in DeviceCount.objects.all()
        }
    )


def one_after_the_other() -> Counts:
    """Return the counts as the report's page explains them."""
    counts: Counts = Counter()
    for device in Device.objects.all():
        what = (device.device_type, device.smi_status, device.device_model_id)
        counts[Whose.EVERYBODY, None, *what] += 1
        if device.notified_by_id:
            counts[Whose.NOTIFIED, device.notified_by_id, *what] += 1
        for user_id in _suppliers(device) | _operators(device):
            counts[Whose.RESPONSIBLE, user_id, *what] += 1
    return counts


def _registered(point_id: int | None, kinds: set[RegistrationKind]) -> set[Eui64]:
    today = timezone.localdate()
    here = [each for each in Registration.objects.filter(meter_point=point_id) if each.kind in kinds]
    return {
        each.user_id_id
        for each in here
        if each.from_date <= today and (each.to_date is None or each.to_date >= today)
    }


def _suppliers(device: Device) -> set[Eui64]:
    heirs = successors()
    found: set[Eui64] = set()
    for meter in _meters_for(device):
        found |= _registered(meter.import_meter_point_id, {IS, GS})
        found |= _registered(meter.secondary_import_meter_point_id, {IS, GS})
        found |= _registered(meter.export_meter_point_id, {ES})
    return {heirs[each].user_id.eui if each in heirs else each for each in found}


def _meters_for(device: Device) -> list[Device]:
    if device.device_type in METERS:
        return [device]
    hub = device.pk if device.device_type == DeviceType.CHF else device.comms_hub_id
    fuels = {DeviceType.HCALCS: {DeviceType.ESME}, DeviceType.GPF: {DeviceType.GSME}}
    wanted = fuels.get(DeviceType(device.device_type), METERS)
    return [each for each in Device.objects.filter(comms_hub=hub) if hub and each.device_type in wanted]


def _operators(device: Device) -> set[Eui64]:
    if device.device_type not in METERS:
        return set()
    return _registered(device.import_meter_point_id, {ED, GT})


@pytest.fixture
def estate() -> list[UserId]:
    """Return the suppliers of homes of every make: with and without gas, export, hubs, registrations."""
    chance = Random(20_26)
    users = UserIdFactory.create_batch(5)
    operator = UserIdFactory.create()
    for _ in range(25):
        _a_home(chance, users, operator)
    DeviceFactory.create(notified_by=None)
    Succession.objects.create(
        user_id=users[4], successor=users[0], from_date=day(-10), because=TakenOverBecause.SUPPLIER_OF_LAST_RESORT
    )
    return users


def _a_home(chance: Random, users: list[UserId], operator: UserId) -> None:
    hub = DeviceFactory.create(device_type=DeviceType.CHF, smi_status=SmiStatus.COMMISSIONED)
    inside = {"comms_hub": hub if chance.random() < 0.9 else None, "notified_by": chance.choice(users)}
    status = chance.choice([SmiStatus.PENDING, SmiStatus.COMMISSIONED, SmiStatus.SUSPENDED])
    points = {"import_meter_point": MeterPointFactory.create()}
    if chance.random() < 0.4:
        points["export_meter_point"] = MeterPointFactory.create()
    if chance.random() < 0.2:
        points["secondary_import_meter_point"] = MeterPointFactory.create()
    DeviceFactory.create(**inside, **points, smi_status=status)
    gas = MeterPointFactory.create(mpxn=f"{chance.randrange(10**9):010d}")
    DeviceFactory.create(**inside, device_type=DeviceType.GSME, import_meter_point=gas, smi_status=status)
    for device_type in (DeviceType.GPF, DeviceType.PPMID, DeviceType.HCALCS, DeviceType.IHD):
        DeviceFactory.create(**inside, device_type=device_type)
    for name, point in points.items():
        kind = ES if name.startswith("export") else IS
        if chance.random() < 0.9:
            RegistrationFactory.create(meter_point=point, kind=kind, user_id=chance.choice(users))
        RegistrationFactory.create(meter_point=point, kind=ED, user_id=operator)
    if chance.random() < 0.7:
        RegistrationFactory.create(
            meter_point=gas, kind=GS, user_id=users[0], from_date=day(-300), to_date=day(-3)
        )
        RegistrationFactory.create(meter_point=gas, kind=GS, user_id=users[1], from_date=day(-2), to_date=day(0))
        RegistrationFactory.create(meter_point=gas, kind=GS, user_id=users[2], from_date=day(1))


def test_every_count_is_right(estate: list[UserId]) -> None:
    done = refresh_device_counts()
    assert done
    assert kept() == one_after_the_other()
    assert done.counts == len(kept())
    assert {Whose(key[0]) for key in kept()} == set(Whose)


def test_a_refresh_replaces_what_was_counted(estate: list[UserId]) -> None:
    refresh_device_counts()
    first = RollUp.objects.get(name=DEVICES).refreshed_at
    Device.objects.filter(device_type=DeviceType.ESME).update(
        device_model=DeviceModelFactory.create(model="51A00102")
    )
    home()
    refresh_device_counts()
    assert kept() == one_after_the_other()
    assert RollUp.objects.get(name=DEVICES).refreshed_at > first


def test_an_empty_inventory_has_no_counts() -> None:
    done = refresh_device_counts()
    assert done
    assert done.counts == 0
    assert not DeviceCount.objects.exists()


def test_it_takes_as_many_statements_whatever_the_estate(estate: list[UserId]) -> None:
    sent: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    refresh_device_counts()
    numbers = []
    for _ in range(2):
        with connection.execute_wrapper(note):
            refresh_device_counts()
        numbers.append(len(sent))
        sent.clear()
        home()
    assert numbers[0] == numbers[1] < 20


@pytest.mark.django_db(transaction=True)
def test_one_at_a_time() -> None:
    home()
    others = connection.copy()
    try:
        with others.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        assert refresh_device_counts() is None
        assert not DeviceCount.objects.exists()
        with others.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])
        assert refresh_device_counts() is not None
    finally:
        others.close()
