"""Meters at meter points and what becomes of them, by the portal's own moves."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from inventory.actions.devices.moving import move_device
from inventory.actions.meter_points import refresh_service_status
from inventory.models import Device, MeterPoint, ServiceStatusChange
from inventory.models.choices import DccServiceStatus, SmiStatus
from ssi.access.actor import Actor
from tests.factories.inventory import DeviceFactory, MeterPointFactory

A, N = DccServiceStatus.ACTIVE, DccServiceStatus.NOT_ACTIVE


def meter_at(point: MeterPoint, status: SmiStatus = SmiStatus.INSTALLED_NOT_COMMISSIONED, **facts: Any) -> Device:
    """Return a meter associated with `point` that has a status, of which the point knows nothing yet."""
    return DeviceFactory.create(smi_status=status, **{"import_meter_point": point} | facts)


def moved(device: Device, *verbs: str, at: dt.datetime | None = None) -> None:
    """Move `device` as the portal does."""
    for verb in verbs:
        with transaction.atomic():
            locked = Device.objects.select_for_update().get(pk=device.pk)
            move_device(locked, verb, by=Actor.system(), at=at or timezone.now(), because=verb, told_by=None)


def linked(device: Device, point: MeterPoint | None, role: str = "import_meter_point") -> None:
    """Associate `device` with `point` or with none, as SR 8.4 does, and judge both points."""
    before = getattr(device, role)
    setattr(device, role, point)
    device.save(update_fields=[role])
    keys = {each.pk for each in (before, point) if each}
    refresh_service_status(keys, at=timezone.now(), because="8.4")


def status_of(point: MeterPoint) -> DccServiceStatus | None:
    """Return the point's DCC Service Status as the table has it."""
    found = MeterPoint.objects.values_list("dcc_service_status", flat=True).get(pk=point.pk)
    return None if found is None else DccServiceStatus(found)


def active_point(mpxn: str) -> tuple[MeterPoint, Device]:
    """Return a meter point that is A, and its meter."""
    point = MeterPointFactory.create(mpxn=mpxn)
    meter = meter_at(point)
    moved(meter, "commission")
    assert status_of(point) is A
    return point, meter


def waiting() -> int:
    """Return how many changes wait to be told."""
    return ServiceStatusChange.objects.filter(file=None).count()
