"""The DCC Service Status of meter points: every rule of MP077, by what happens to their meters."""

import threading
from importlib import import_module
from itertools import permutations
from typing import Any

import pytest
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from inventory.actions.devices.moving import move_device
from inventory.actions.meter_points import refresh_service_status
from inventory.models import Device, MeterPoint, ServiceStatusChange
from inventory.models.choices import METERS, DeviceType, SmiStatus
from ssi.access.actor import Actor
from tests.factories.inventory import DeviceFactory, MeterPointFactory
from tests.factories.service_status import A, N, active_point, linked, meter_at, moved, status_of

pytestmark = pytest.mark.django_db
ROLES = ("import_meter_point", "secondary_import_meter_point", "export_meter_point")
BEFORE = [
    SmiStatus.PENDING,
    SmiStatus.WHITELISTED,
    SmiStatus.INSTALLED_NOT_COMMISSIONED,
    SmiStatus.SUSPENDED,
    SmiStatus.RECOVERY,
    SmiStatus.RECOVERED,
]


@pytest.fixture
def point() -> MeterPoint:
    return MeterPointFactory.create()


def steps(point: MeterPoint) -> list[tuple[int | None, int]]:
    found = ServiceStatusChange.objects.filter(meter_point=point).order_by("id")
    return list(found.values_list("from_status", "to_status"))


def refreshed(*points: MeterPoint) -> int:
    return refresh_service_status({point.pk for point in points}, at=timezone.now(), because="test")


def test_a_meter_point_has_no_status_until_a_meter_is_commissioned(point: MeterPoint) -> None:
    assert status_of(point) is None
    meter = meter_at(point, SmiStatus.WHITELISTED)
    moved(meter, "join_han")
    assert (status_of(point), steps(point)) == (None, [])
    moved(meter, "commission")
    assert (status_of(point), steps(point)) == (A, [(None, A)])
    change = ServiceStatusChange.objects.get()
    assert (change.because, change.file) == ("commission", None)


@pytest.mark.parametrize("role", ROLES)
def test_a_meter_counts_in_whichever_role_it_has_the_meter_point(point: MeterPoint, role: str) -> None:
    points: dict[str, Any] = {"import_meter_point": None} | {role: point}
    meter = meter_at(point, **points)
    moved(meter, "commission")
    assert status_of(point) is A
    moved(meter, "decommission")
    assert status_of(point) is N


@pytest.mark.parametrize("device_type", sorted(set(DeviceType) - METERS))
def test_what_is_no_smart_meter_never_counts(point: MeterPoint, device_type: DeviceType) -> None:
    status = None if device_type in {DeviceType.IHD, DeviceType.CAD} else SmiStatus.COMMISSIONED
    meter_at(point, status, device_type=device_type)  # type: ignore[arg-type]  # Type 2 Devices have none
    assert refreshed(point) == 0
    MeterPoint.objects.filter(pk=point.pk).update(dcc_service_status=A)
    assert refreshed(point) == 1
    assert status_of(point) is N


def test_linking_a_commissioned_meter_makes_it_a(point: MeterPoint) -> None:
    linked(meter_at(MeterPointFactory.create(), SmiStatus.COMMISSIONED, import_meter_point=None), point)
    assert steps(point) == [(None, A)]


@pytest.mark.parametrize("status", BEFORE)
def test_linking_any_other_meter_changes_nothing(point: MeterPoint, status: SmiStatus) -> None:
    linked(meter_at(point, status, import_meter_point=None), point)
    assert steps(point) == []
    MeterPoint.objects.filter(pk=point.pk).update(dcc_service_status=N)
    assert refreshed(point) == 0


def test_decommissioning_makes_it_n_and_a_new_meter_a_again(point: MeterPoint) -> None:
    meter = meter_at(point)
    moved(meter, "commission", "decommission")
    new = meter_at(point)
    assert status_of(point) is N
    moved(new, "commission")
    assert steps(point) == [(None, A), (A, N), (N, A)]


def test_unlinking_makes_it_n(point: MeterPoint) -> None:
    meter, other = meter_at(point, SmiStatus.COMMISSIONED), MeterPointFactory.create()
    refreshed(point)
    linked(meter, other)
    assert (status_of(point), status_of(other)) == (N, A)
    linked(meter, None)
    assert (status_of(point), status_of(other)) == (N, N)


@pytest.mark.parametrize("other", [*BEFORE, SmiStatus.COMMISSIONED])
def test_another_meter_that_carries_it_keeps_it_a(point: MeterPoint, other: SmiStatus) -> None:
    meter = meter_at(point)
    moved(meter, "commission")
    beside = meter_at(point, other, import_meter_point=None, export_meter_point=point)
    moved(meter, "decommission")
    assert steps(point) == [(None, A)]
    moved(beside, "decommission")
    assert steps(point) == [(None, A), (A, N)]


@pytest.mark.parametrize("other", [SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN])
def test_a_meter_that_is_gone_keeps_nothing(point: MeterPoint, other: SmiStatus) -> None:
    meter_at(point, other)
    meter = meter_at(point)
    moved(meter, "commission", "decommission")
    assert status_of(point) is N


def test_suspension_restoration_and_recovery_change_nothing(point: MeterPoint) -> None:
    meter = meter_at(point)
    moved(meter, "commission", "suspend", "restore_commissioned", "recover", "recovered")
    assert steps(point) == [(None, A)]
    moved(meter, "decommission")
    assert steps(point) == [(None, A), (A, N)]


def test_a_meter_decommissioned_while_suspended_makes_it_n(point: MeterPoint) -> None:
    moved(meter_at(point), "commission", "suspend", "decommission")
    assert status_of(point) is N


def test_a_meter_that_was_never_commissioned_leaves_no_trace(point: MeterPoint) -> None:
    moved(meter_at(point), "decommission")
    assert (status_of(point), steps(point)) == (None, [])


def test_the_order_of_events_at_two_meters_makes_no_difference_to_the_end() -> None:
    for order in permutations(["commission 0", "decommission 0", "commission 1"]):
        if order.index("commission 0") > order.index("decommission 0"):
            continue
        point = MeterPointFactory.create()
        meters = [meter_at(point), meter_at(point)]
        for event in order:
            verb, number = event.split()
            moved(meters[int(number)], verb)
        assert status_of(point) is A, order
        assert steps(point)[-1][1] == A


def test_a_meter_point_can_be_the_home_of_an_import_and_an_export(point: MeterPoint) -> None:
    both = meter_at(point, SmiStatus.COMMISSIONED, export_meter_point=MeterPointFactory.create())
    moved(both, "decommission")
    assert status_of(point) is None
    assert refreshed(point, both.export_meter_point) == 0  # type: ignore[arg-type]  # it has one


def test_nothing_asked_costs_nothing_and_once_more_changes_nothing(point: MeterPoint) -> None:
    meter_at(point, SmiStatus.COMMISSIONED)
    assert refresh_service_status([], at=timezone.now(), because="test") == 0
    assert refreshed(point) == 1
    assert refreshed(point) == 0


def test_what_is_rolled_back_leaves_no_change(point: MeterPoint) -> None:
    meter = meter_at(point)
    with transaction.atomic():
        moved(meter, "commission")
        transaction.set_rollback(True)
    assert (status_of(point), steps(point)) == (None, [])


@pytest.mark.django_db(transaction=True)
def test_two_meters_decommissioned_at_once_make_it_n_once() -> None:
    point, first = active_point("2000007794886")
    second = meter_at(point)
    moved(second, "commission")
    both_moved, failures = threading.Barrier(2, timeout=30), []

    def decommission(device: Device) -> None:
        try:
            with transaction.atomic():
                locked = Device.objects.select_for_update().get(pk=device.pk)
                both_moved.wait()
                move_device(
                    locked, "decommission", by=Actor.system(), at=timezone.now(), because="8.3", told_by=None
                )
        except Exception as trouble:  # noqa: BLE001 - told to the test
            failures.append(trouble)
        finally:
            connection.close()

    threads = [threading.Thread(target=decommission, args=[device]) for device in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert steps(point) == [(None, A), (A, N)]
    assert not DeviceFactory._meta.model.objects.filter(smi_status=SmiStatus.COMMISSIONED).exists()
    close_old_connections()


def test_an_older_estate_gets_its_statuses_and_the_first_run_waits() -> None:
    points = MeterPointFactory.create_batch(6)
    was_commissioned = {"commissioned_date": timezone.localdate()}
    there, gone, replaced, waits, never, both = points
    meter_at(there, SmiStatus.SUSPENDED, **was_commissioned)
    meter_at(gone, SmiStatus.DECOMMISSIONED, **was_commissioned)
    meter_at(replaced, SmiStatus.DECOMMISSIONED, **was_commissioned)
    meter_at(replaced, SmiStatus.COMMISSIONED, import_meter_point=None, export_meter_point=replaced)
    meter_at(waits, SmiStatus.DECOMMISSIONED, **was_commissioned)
    meter_at(waits, SmiStatus.INSTALLED_NOT_COMMISSIONED)
    meter_at(never, SmiStatus.DECOMMISSIONED)
    meter_at(both, SmiStatus.COMMISSIONED, device_type=DeviceType.GSME)
    with connection.cursor() as cursor:
        cursor.execute(import_module("inventory.migrations.0003_living_inventory").SERVICE_STATUSES)
    assert [status_of(point) for point in points] == [A, N, A, A, None, A]
    assert list(ServiceStatusChange.objects.values_list("meter_point", "to_status")) == [(gone.pk, N)]
    assert refreshed(*points) == 0
