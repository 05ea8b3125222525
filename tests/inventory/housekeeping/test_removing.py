"""Taking devices out of the inventory leaves what it must, whatever their number."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.actions.devices import remove_devices
from inventory.models import Device, DeviceStatusChange, MeterPoint, RemovedDevice, ServiceStatusChange
from inventory.models.choices import DccServiceStatus, DeviceType, Removal, SmiStatus
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import DeviceFactory, MeterPointFactory, home

pytestmark = pytest.mark.django_db


def test_a_removed_device_leaves_a_row_and_the_end_of_its_history() -> None:
    user, at = UserIdFactory.create(), timezone.now()
    device = DeviceFactory.create(notified_by=user)
    assert remove_devices([device.device_id], at=at, how=Removal.DELETED) == 1
    assert not Device.objects.exists()
    kept = RemovedDevice.objects.get()
    assert (kept.device_id, kept.notified_by, kept.removed_at) == (
        device.device_id,
        user.eui,
        at,
    )
    assert (kept.status_since, kept.device_model_id, kept.how) == (
        device.status_since,
        device.device_model_id,
        Removal.DELETED,
    )
    last = DeviceStatusChange.objects.get()
    assert (last.from_status, last.to_status, last.because) == (SmiStatus.PENDING, None, "removed by 8.4")
    assert last.told_by == user.eui


def test_a_type_2_device_has_no_status_history() -> None:
    device = DeviceFactory.create(device_type=DeviceType.IHD)
    assert remove_devices([device.device_id], at=timezone.now(), how=Removal.DELETED) == 1
    assert RemovedDevice.objects.get().status_since is None
    assert not DeviceStatusChange.objects.exists()


def test_what_is_not_there_is_passed_over() -> None:
    assert remove_devices([], at=timezone.now(), how=Removal.HOUSEKEEPING) == 0
    assert remove_devices([Eui64(42)], at=timezone.now(), how=Removal.HOUSEKEEPING) == 0
    assert not RemovedDevice.objects.exists()


def test_what_a_hub_served_knows_no_hub_afterwards() -> None:
    devices = home()
    hub = devices[DeviceType.CHF]
    gone = [hub.device_id, devices[DeviceType.PPMID].device_id]
    assert remove_devices(gone, at=timezone.now(), how=Removal.HOUSEKEEPING) == 2
    assert set(Device.objects.values_list("comms_hub", flat=True)) == {None}
    assert Device.objects.count() == 2


def test_a_meter_points_service_status_follows() -> None:
    point = MeterPointFactory.create(dcc_service_status=DccServiceStatus.ACTIVE)
    meter = DeviceFactory.create(import_meter_point=point)
    remove_devices([meter.device_id], at=timezone.now(), how=Removal.HOUSEKEEPING)
    assert MeterPoint.objects.get().dcc_service_status == DccServiceStatus.NOT_ACTIVE
    assert ServiceStatusChange.objects.get().because == "removed by housekeeping"


@pytest.mark.parametrize("number", [2, 40])
def test_the_number_of_statements_does_not_grow_with_the_devices(number: int) -> None:
    devices = DeviceFactory.create_batch(number, notified_by=None, import_meter_point=MeterPointFactory.create())
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert (
            remove_devices([each.device_id for each in devices], at=timezone.now(), how=Removal.DELETED) == number
        )
    assert len(captured) == 4


def test_devices_are_one_table_in_which_a_place_is_one_rows() -> None:
    """Of a partitioned table several rows share a `ctid`, and removing by it would take strangers along."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relkind::text FROM pg_class WHERE oid = 'inventory_device'::regclass")
        assert cursor.fetchone() == ("r",)
