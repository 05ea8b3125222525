"""Who the Responsible Supplier of a device is, by registrations past, present and agreed."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection

from inventory.models import Device, MeterPoint
from inventory.models.choices import DeviceType, RegistrationKind, SmiStatus
from inventory.search.responsible import (
    responsible_facts,
    responsible_for,
    responsible_suppliers,
    responsible_user_ids,
)
from ssi.accounts.models import Succession, UserId
from ssi.accounts.models.succession import TakenOverBecause
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import DeviceFactory, MeterPointFactory, home
from tests.factories.registrations import RegistrationFactory, day

pytestmark = pytest.mark.django_db
IS, ES, GS = (
    RegistrationKind.IMPORT_SUPPLIER,
    RegistrationKind.EXPORT_SUPPLIER,
    RegistrationKind.GAS_SUPPLIER,
)
ED, GT = RegistrationKind.ELECTRICITY_DISTRIBUTOR, RegistrationKind.GAS_TRANSPORTER


def registered(point: MeterPoint | None, kind: RegistrationKind = IS, **facts: Any) -> UserId:
    user: UserId = UserIdFactory.create()
    RegistrationFactory.create(meter_point=point, kind=kind, user_id=user, **facts)
    return user


def names(device: Device, *, future: bool = False, days: int = 0) -> set[Eui64]:
    return set(responsible_user_ids(device, day(days), future=future))


def keys(*users: UserId | None) -> set[Eui64]:
    return {user.pk for user in users if user}


def succeeded(user: UserId, successor: UserId, days: int = -1) -> None:
    Succession.objects.create(
        user_id=user,
        successor=successor,
        from_date=day(days),
        because=TakenOverBecause.TRADE_SALE,
        entered_by="desk@dcc.example",
    )


def test_an_esme_has_the_import_supplier_of_its_mpans_and_the_export_supplier_of_its_export_mpan() -> None:
    points = MeterPointFactory.create_batch(3)
    meter = DeviceFactory.create(
        import_meter_point=points[0], secondary_import_meter_point=points[1], export_meter_point=points[2]
    )
    one, two, export = registered(points[0]), registered(points[1]), registered(points[2], ES)
    registered(points[0], ED), registered(points[0], ES), registered(points[2])
    assert names(meter) == keys(one, two, export)


def test_a_gsme_has_the_gas_supplier_alone() -> None:
    point = MeterPointFactory.create(mpxn="3938424403")
    meter = DeviceFactory.create(device_type=DeviceType.GSME, import_meter_point=point)
    gas = registered(point, GS)
    registered(point, GT)
    assert names(meter) == keys(gas)
    assert responsible_for(meter, day(0)).is_registered


def test_what_is_behind_a_hub_has_the_suppliers_of_the_meters_there() -> None:
    devices = home(export_meter_point=MeterPointFactory.create())
    hub, esme, gsme = (devices[each] for each in (DeviceType.CHF, DeviceType.ESME, DeviceType.GSME))
    inside = {"comms_hub": hub, "smi_status": SmiStatus.COMMISSIONED}
    gpf, hcalcs = (
        DeviceFactory.create(device_type=each, **inside) for each in (DeviceType.GPF, DeviceType.HCALCS)
    )
    ihd = DeviceFactory.create(device_type=DeviceType.IHD, comms_hub=hub)
    power, gas = registered(esme.import_meter_point), registered(gsme.import_meter_point, GS)
    export = registered(esme.export_meter_point, ES)
    home()
    assert names(hub) == names(devices[DeviceType.PPMID]) == names(ihd) == keys(power, gas)
    assert names(hcalcs) == names(esme) == keys(power, export)
    assert names(gpf) == names(gsme) == keys(gas)


def test_registrations_count_from_their_first_day_to_their_last() -> None:
    point = MeterPointFactory.create()
    meter = DeviceFactory.create(import_meter_point=point)
    before = registered(point, from_date=day(-400), to_date=day(-1))
    now = registered(point, from_date=day(0), to_date=day(9))
    soon = registered(point, from_date=day(10))
    assert names(meter, days=-1) == keys(before)
    assert names(meter) == names(meter, days=9) == keys(now)
    assert names(meter, days=10) == keys(soon)
    assert names(meter, future=True) == keys(now, soon)
    assert names(meter, days=11, future=True) == keys(soon)


def test_the_notifying_party_stands_in_where_nobody_is_registered() -> None:
    point = MeterPointFactory.create()
    meter = DeviceFactory.create(import_meter_point=point)
    installer = meter.notified_by
    registered(point, ED)
    registered(point, to_date=day(-1))
    assert names(meter) == keys(installer)
    assert not responsible_for(meter, day(0)).is_registered
    assert names(DeviceFactory.create(notified_by=installer)) == keys(installer)
    assert names(DeviceFactory.create(device_type=DeviceType.PPMID, notified_by=installer)) == keys(installer)
    soon = registered(point, from_date=day(3))
    assert names(meter) == keys(installer)
    assert names(meter, future=True) == keys(soon)


def test_nobody_is_named_where_nobody_is_known() -> None:
    unknown = DeviceFactory.create(notified_by=None)
    assert names(unknown) == set()
    assert not responsible_for(unknown, day(0)).is_registered
    assert names(DeviceFactory.create(device_type=DeviceType.CHF, notified_by=None)) == set()


def test_a_successor_stands_beside_whom_it_took_over() -> None:
    point = MeterPointFactory.create()
    meter = DeviceFactory.create(import_meter_point=point)
    failed, middle, last = registered(point), UserIdFactory.create(), UserIdFactory.create()
    succeeded(failed, middle)
    succeeded(middle, last, days=2)
    assert names(meter) == keys(failed, middle)
    assert names(meter, days=2) == keys(failed, last)
    assert meter.notified_by is not None
    succeeded(meter.notified_by, last)
    assert names(meter) == keys(failed, middle)
    assert names(DeviceFactory.create(notified_by=meter.notified_by)) == keys(meter.notified_by, last)


def many(devices: str, given: Iterable[Device] = (), **facts: Any) -> dict[Eui64, set[Eui64]]:
    named: dict[Eui64, set[Eui64]] = {device.pk: set() for device in given}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT device_id, user_id FROM {responsible_suppliers(devices)} AS responsible",
            responsible_facts(day(0)) | facts,
        )
        for device_id, user_id in cursor.fetchall():
            named.setdefault(Eui64(device_id), set()).add(Eui64(user_id))
    return named


def test_many_devices_get_what_each_of_them_gets_alone() -> None:
    for _ in range(2):
        devices = home(
            import_meter_point=MeterPointFactory.create(), export_meter_point=MeterPointFactory.create()
        )
        registered(devices[DeviceType.ESME].import_meter_point)
        registered(devices[DeviceType.ESME].export_meter_point, ES)
    gas = MeterPoint.objects.get(mpxn="3938424403")
    succeeded(registered(gas, GS), UserIdFactory.create())
    DeviceFactory.create(notified_by=None)
    DeviceFactory.create()
    every = list(Device.objects.all())
    assert many("inventory_device", every) == {device.pk: names(device) for device in every}
    one = every[0]
    assert many("(SELECT %(one)s::bigint AS device_id)", [one], one=one.pk.as_bigint) == {one.pk: names(one)}
    assert many("(SELECT 1::bigint AS device_id WHERE false)") == {}
