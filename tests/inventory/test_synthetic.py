"""The synthetic estate's things: as many as asked for, the same again, believable, clear of others' devices."""

import shutil
from collections import Counter
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F, Max, Q

from inventory import demo_products
from inventory.actions.suspicions import refresh_suspicions
from inventory.meter_points import mpan_check_digit, mprn_check_digits
from inventory.models import (
    CplEntry,
    Device,
    DeviceModel,
    DeviceStatusChange,
    MeterPoint,
    Registration,
    Suspicion,
)
from inventory.models.choices import (
    GAS_KINDS,
    TYPE_2,
    DccServiceStatus,
    DeviceType,
    EsmeVariant,
    SmiStatus,
    Suspect,
)
from inventory.synthetic import meter_points
from inventory.synthetic.products import PRODUCTS
from ssi.accounts.models import Party, UserId
from ssi.audit.models import AuditEvent
from ssi.web import synthetic
from tests.factories.inventory import DeviceFactory, MeterPointFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)
DEVICES = 12_000
NOT_COMMISSIONED = (SmiStatus.PENDING, SmiStatus.WHITELISTED, SmiStatus.INSTALLED_NOT_COMMISSIONED)
TABLES = (MeterPoint, Registration, Device, DeviceStatusChange)


def load(devices: int = DEVICES, **options: Any) -> str:
    told = StringIO()
    call_command("load_synthetic", devices=devices, as_of=TODAY, stderr=told, **options)
    return told.getvalue()


def shape_of_tables() -> list[tuple[str, ...]]:
    """Return every index and constraint of the tables, as the database defines them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = ANY(%(tables)s::regclass[])"
            " UNION ALL SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = ANY(%(tables)s::regclass[]) AND indisvalid ORDER BY 1, 2",
            {"tables": [model._meta.db_table for model in TABLES]},
        )
        return list(cursor.fetchall())


def rows() -> list[list[tuple[Any, ...]]]:
    return [list(model._default_manager.order_by("pk").values_list()) for model in TABLES]


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(model._meta.db_table for model in TABLES)}")


def test_a_believable_estate_of_the_size_asked_for() -> None:
    before = shape_of_tables()
    told = load()
    assert shape_of_tables() == before
    assert "12,000 devices" in told
    devices = list(Device.objects.select_related("device_model"))
    assert len(devices) == DEVICES
    _homes_are_as_in_life(devices)
    _statuses_are_as_in_life(devices)
    _long_tails(devices)
    _meter_points_are_as_in_life()
    _service_statuses_follow_from_the_meters(devices)
    _products_are_listed()
    _wrong_variants_are_found()
    _history_ends_at_the_status(devices)


def _homes_are_as_in_life(devices: list[Device]) -> None:
    assert {str(device.device_id)[:5] for device in devices} == {"1E-5C"}
    hubs = [device for device in devices if device.device_type == DeviceType.CHF]
    assert 4.3 < DEVICES / len(hubs) < 5.1
    homes = Counter(device.comms_hub_id for device in devices if device.comms_hub_id)
    assert set(homes) <= {hub.device_id for hub in hubs}
    assert max(homes.values()) <= 6
    types = Counter(device.device_type for device in devices)
    assert 0.7 < types[DeviceType.GSME] / types[DeviceType.ESME] < 0.87
    assert set(types) == set(DeviceType)
    assert all(device.csp_region for device in hubs)


def _statuses_are_as_in_life(devices: list[Device]) -> None:
    assert all((device.smi_status is None) == (device.device_type in TYPE_2) for device in devices)
    statuses = Counter(device.smi_status for device in devices if device.smi_status is not None)
    waiting = sum(statuses[status] for status in NOT_COMMISSIONED) / sum(statuses.values())
    assert 0.022 < waiting < 0.038
    assert statuses[SmiStatus.COMMISSIONED] / sum(statuses.values()) > 0.94
    for device in devices:
        assert device.notified_at is not None
        if device.status_since is not None:
            assert device.notified_at <= device.status_since
            assert device.status_since.date() <= TODAY
        if device.smi_status == SmiStatus.PENDING:
            assert device.import_meter_point_id is None
        assert (device.commissioned_date is None) == (device.smi_status in (*NOT_COMMISSIONED, None))
    wrong = Counter(device.esme_variant for device in devices if device.device_type == DeviceType.ESME)
    assert 0 < wrong[EsmeVariant.B] < sum(wrong.values()) * 0.04


def _long_tails(devices: list[Device]) -> None:
    models = Counter(device.device_model_id for device in devices if device.device_type == DeviceType.ESME)
    assert len(models) > 30
    assert max(models.values()) > 20 * sorted(models.values())[len(models) // 4]
    installers = Counter(device.notified_by_id for device in devices)
    (_, largest), *_ = installers.most_common()
    assert 0.15 < largest / DEVICES < 0.28
    assert len(installers) > 12


def _meter_points_are_as_in_life() -> None:
    for meter_point in MeterPoint.objects.all():
        body = meter_point.mpxn[:-1] if meter_point.is_electricity else meter_point.mpxn[:-2]
        check = mpan_check_digit(body) if meter_point.is_electricity else mprn_check_digits(body)
        assert f"{body}{check}" == meter_point.mpxn
        assert meter_point.post_code.startswith("Q")
    meters = Device.objects.filter(device_type__in=(DeviceType.ESME, DeviceType.GSME), comms_hub__isnull=False)
    assert 0 < meters.filter(import_meter_point__isnull=True).count() < meters.count() / 200
    gas = Registration.objects.filter(kind__in=GAS_KINDS)
    assert {len(mpxn) for mpxn in gas.values_list("meter_point__mpxn", flat=True)} == {10}
    running = Registration.objects.filter(to_date__isnull=True).values("meter_point", "kind")
    assert not running.annotate(many=Count("id")).filter(many__gt=1).exists()
    assert Registration.objects.filter(from_date__gt=TODAY).exists()
    supplied = Device.objects.filter(import_meter_point__isnull=False)
    assert Registration.objects.filter(kind=1).exclude(user_id__in=supplied.values("notified_by")).count() == 0


def _service_statuses_follow_from_the_meters(devices: list[Device]) -> None:
    statuses: dict[int, DccServiceStatus] = {}
    for device in devices:
        if device.smi_status is None or device.smi_status in NOT_COMMISSIONED:
            continue
        gone = device.smi_status == SmiStatus.DECOMMISSIONED
        for point in (device.import_meter_point_id, device.export_meter_point_id):
            if point is not None:
                statuses[point] = DccServiceStatus.NOT_ACTIVE if gone else DccServiceStatus.ACTIVE
    kept = dict(MeterPoint.objects.values_list("id", "dcc_service_status"))
    assert {key: status for key, status in kept.items() if status} == statuses
    assert set(statuses.values()) == set(DccServiceStatus)


def _products_are_listed() -> None:
    models = DeviceModel.objects.exclude(device_type__in=(*TYPE_2, DeviceType.GPF)).values_list(
        "device_type", "manufacturer", "model", "firmware_version", "smets_version"
    )
    entries = {
        (each.device_type, each.manufacturer, each.model, each.firmware_version, each.smets_version)
        for each in CplEntry.objects.all()
    }
    assert entries == set(models)


def _wrong_variants_are_found() -> None:
    refresh_suspicions()
    esmes = Device.objects.filter(device_type=DeviceType.ESME).exclude(smi_status=SmiStatus.DECOMMISSIONED)
    unlike = Suspicion.objects.filter(kind=Suspect.UNLIKE_ITS_MODEL).values("device_id").distinct().count()
    assert 0.01 < unlike / esmes.count() < 0.03
    assert {each.kind for each in Suspicion.objects.distinct("kind").order_by("kind")} == set(Suspect)


def _history_ends_at_the_status(devices: list[Device]) -> None:
    last: dict[Any, DeviceStatusChange] = {}
    for change in DeviceStatusChange.objects.order_by("id"):
        if change.device_id in last:
            assert change.from_status == last[change.device_id].to_status
            assert change.at >= last[change.device_id].at
        last[change.device_id] = change
    by_id = {device.device_id: device for device in devices}
    assert len(last) > DEVICES / 20
    assert all(by_id[device_id].smi_status == change.to_status for device_id, change in last.items())
    assert all(by_id[device_id].status_since == change.at for device_id, change in last.items())


def test_the_same_seed_makes_the_same_estate_and_another_does_not() -> None:
    load(2_000, seed=5)
    first = rows()
    empty()
    load(2_000, seed=5)
    assert rows() == first
    empty()
    load(2_000, seed=6)
    assert rows() != first


def test_it_goes_beside_what_is_there() -> None:
    device = DeviceFactory.create(import_meter_point=MeterPointFactory.create())
    before = shape_of_tables()
    load(3_000)
    assert shape_of_tables() == before
    assert Device.objects.count() == 1 + 3_000
    assert Device.objects.get(pk=device.pk).import_meter_point == device.import_meter_point
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    later = MeterPoint.objects.create(mpxn="1")
    assert later.pk == MeterPoint.objects.aggregate(last=Max("pk"))["last"]
    DeviceStatusChange.objects.create(device_id="1E-5C-01-00-00-00-00-00", because="a test")
    Registration.objects.create(meter_point=later, user_id=UserId.objects.all()[0], from_date=TODAY, kind=1)


def test_it_stays_clear_of_the_demo() -> None:
    assert not {each.oui for each in PRODUCTS} & {each.oui for each in demo_products.PRODUCTS}
    load(100)
    assert not MeterPoint.objects.filter(Q(mpxn__regex="^..00000.{6}$") | Q(mpxn__startswith="30")).exists()


def test_a_second_estate_is_refused() -> None:
    load(100)
    with pytest.raises(CommandError, match="a synthetic estate in this database already"):
        load(100)
    assert Device.objects.count() == 100


@pytest.mark.parametrize("devices", [0, 99, 200_000_001])
def test_an_absurd_size_is_refused(devices: int) -> None:
    with pytest.raises(CommandError, match=r"cannot be made\. Ask for 100 to 200,000,000"):
        load(devices)
    assert not Party.objects.exists()


def test_too_many_incidents_are_refused() -> None:
    with pytest.raises(CommandError, match="101 incidents are too many for 1,000 devices"):
        load(1_000, incidents=101)


def test_a_disk_that_is_too_small_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 9e9})())
    with pytest.raises(CommandError, match=r"takes about 9\.7 GB, and the database's disk has 9\.0 GB left"):
        load(20_000_000)
    assert not Party.objects.exists()


def test_what_is_unknown_of_the_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic, "_database_folder", lambda: None)
    assert "on the database's machine" in load(100)


def test_a_crash_leaves_nothing_but_the_parties(monkeypatch: pytest.MonkeyPatch) -> None:
    before = shape_of_tables()
    monkeypatch.setattr(meter_points, "registrations", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load(1_000)
    assert shape_of_tables() == before
    assert not any(model._default_manager.exists() for model in (*TABLES, DeviceModel))
    monkeypatch.undo()
    load(1_000)
    assert Device.objects.count() == 1_000


def test_the_log_tells_of_it() -> None:
    load(100, seed=3)
    event = AuditEvent.objects.get(event="synthetic_estate.loaded")
    assert (event.reference, event.detail) == ("seed 3", {"devices": 100})


def test_the_parties_have_left_and_been_succeeded() -> None:
    load(100)
    assert Party.objects.filter(left_date__lt=TODAY).count() == 4
    assert not Registration.objects.filter(
        to_date__isnull=True, user_id__party__left_date__lt=F("from_date")
    ).exists()
    assert Party.objects.get(name="Bramblewick Energy").left_date == TODAY - timedelta(days=240)


def test_a_hub_stands_before_its_gas_proxy_function() -> None:
    load(1_000)
    for proxy in Device.objects.filter(device_type=DeviceType.GPF):
        assert proxy.comms_hub_id is not None
        assert proxy.device_id.as_bigint == proxy.comms_hub_id.as_bigint + 1
