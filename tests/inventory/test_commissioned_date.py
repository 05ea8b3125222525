"""A device has a commissioned date while it is in service, and none once it is back in waiting."""

import datetime as dt

import pytest

from inventory.models import Device
from inventory.models.choices import DeviceType, SmiStatus
from tests.factories.inventory import DeviceFactory
from tests.factories.service_status import moved

pytestmark = pytest.mark.django_db
SINCE = dt.date(2026, 1, 5)


def after(verb: str, device_type: DeviceType) -> Device:
    device = DeviceFactory.create(
        device_type=device_type, smi_status=SmiStatus.COMMISSIONED, commissioned_date=SINCE
    )
    moved(device, verb)
    return Device.objects.get(pk=device.pk)


@pytest.mark.parametrize(
    ("verb", "device_type"),
    [("unjoin", DeviceType.PPMID), ("unjoin", DeviceType.GPF), ("correct_hub_to_installed", DeviceType.CHF)],
)
def test_what_is_no_longer_commissioned_has_no_date_of_it(verb: str, device_type: DeviceType) -> None:
    device = after(verb, device_type)
    assert (device.smi_status, device.commissioned_date) == (SmiStatus.INSTALLED_NOT_COMMISSIONED, None)


@pytest.mark.parametrize("verb", ["suspend", "decommission"])
def test_what_was_in_service_keeps_it(verb: str) -> None:
    assert after(verb, DeviceType.CHF).commissioned_date == SINCE
