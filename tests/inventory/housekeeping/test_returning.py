"""A device that housekeeping removed comes back: its history goes on, and says that it was away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.actions import housekeeping
from inventory.actions.devices import remove_devices
from inventory.actions.devices.interning import insert_new
from inventory.models import Device, DeviceStatusChange, HousekeepingRun, RemovedDevice
from inventory.models.choices import DeviceType, Removal, SmiStatus
from ssi.access.actor import Actor
from tests.factories.housekeeping import due_device
from tests.factories.inventory import DeviceFactory

pytestmark = pytest.mark.django_db


def come_back(device: Device) -> None:
    again = Device(
        device_id=device.pk,
        device_type=device.device_type,
        device_model_id=device.device_model_id,
        smi_status=device.smi_status,
        status_since=timezone.now(),
    )
    assert insert_new([again]) == [again]


def steps_of(device: Device) -> list[tuple[int | None, int | None, str]]:
    steps = DeviceStatusChange.objects.filter(device_id=device.pk).order_by("at", "id")
    return [(each.from_status, each.to_status, each.because) for each in steps]


def test_its_removal_is_then_a_step_of_its_history() -> None:
    device = due_device()
    assert device.status_since is not None
    DeviceStatusChange.objects.create(
        device_id=device.pk, at=device.status_since, to_status=SmiStatus.PENDING, because="12.2"
    )
    housekeeping.run(by=Actor.system())
    come_back(device)
    assert steps_of(device) == [
        (None, SmiStatus.PENDING, "12.2"),
        (SmiStatus.PENDING, None, "removed by housekeeping"),
    ]
    assert DeviceStatusChange.objects.get(to_status__isnull=True).at == RemovedDevice.objects.get().removed_at


def test_removed_twice_it_has_two_such_steps_and_none_is_doubled() -> None:
    device = due_device()
    for times in (1, 2):
        HousekeepingRun.objects.update(run_date=timezone.localdate() - timedelta(days=1))
        housekeeping.run(by=Actor.system())
        come_back(device)
        assert len(steps_of(device)) == RemovedDevice.objects.count() == times
        Device.objects.update(status_since=timezone.now() - timedelta(days=800))


@pytest.mark.parametrize("device_type", [DeviceType.ESME, DeviceType.IHD])
def test_what_was_deleted_on_request_has_its_step_at_once(device_type: DeviceType) -> None:
    device = DeviceFactory.create(device_type=device_type)
    remove_devices([device.pk], at=timezone.now(), how=Removal.DELETED)
    before = steps_of(device)
    come_back(device)
    assert steps_of(device) == before
    assert len(before) == (device_type is DeviceType.ESME)
