"""Devices, their models and meter points, made straight in the tables."""

import datetime as dt
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from inventory.models import Device, DeviceModel, DeviceStatusChange, MeterPoint
from inventory.models.choices import TYPE_2, DeviceType, EsmeVariant, SmiStatus
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory

FIRST_DEVICE_ID = Eui64.parse("1E-5A-01-00-00-00-00-00")
FIRST_MPXN = 2_000_000_000_000


class DeviceModelFactory(DjangoModelFactory[DeviceModel]):
    """A Device Model; the same facts give the same row."""

    class Meta:
        model = DeviceModel
        django_get_or_create = ("device_type", "manufacturer", "model", "firmware_version", "smets_version")

    device_type = DeviceType.ESME
    manufacturer = "2F01"
    model = "41A00102"
    firmware_version = factory.LazyAttribute(lambda each: "" if each.device_type in TYPE_2 else "00020311")
    smets_version = factory.LazyAttribute(lambda each: "" if each.device_type in TYPE_2 else "SMETS V4.2")


class MeterPointFactory(DjangoModelFactory[MeterPoint]):
    """A meter point with an address: an MPAN unless `mpxn` says otherwise."""

    class Meta:
        model = MeterPoint
        django_get_or_create = ("mpxn",)

    mpxn = factory.Sequence(lambda n: str(FIRST_MPXN + n))
    uprn = factory.Sequence(lambda n: 100_000_000_000 + n)
    post_code = "NL1 4QX"
    address_identifier = factory.Sequence(lambda n: f"{n + 1} Alder Row")


class DeviceFactory(DjangoModelFactory[Device]):
    """A Pending ESME that a supplier pre-notified last week; Type 2 Devices have no status."""

    class Meta:
        model = Device

    device_id = factory.Sequence(lambda n: Eui64(FIRST_DEVICE_ID.as_bigint + n))
    device_type = DeviceType.ESME
    device_model = factory.SubFactory(DeviceModelFactory, device_type=factory.SelfAttribute("..device_type"))
    smi_status = factory.LazyAttribute(lambda each: None if each.device_type in TYPE_2 else SmiStatus.PENDING)
    esme_variant = factory.LazyAttribute(
        lambda each: EsmeVariant.A if each.device_type == DeviceType.ESME else None
    )
    notified_by = factory.SubFactory(UserIdFactory)
    notified_at = factory.LazyFunction(lambda: timezone.now() - dt.timedelta(days=7))
    status_since = factory.LazyAttribute(lambda each: None if each.smi_status is None else each.notified_at)


class DeviceStatusChangeFactory(DjangoModelFactory[DeviceStatusChange]):
    """A step in a device's status history: its pre-notification."""

    class Meta:
        model = DeviceStatusChange

    device_id = FIRST_DEVICE_ID
    to_status = SmiStatus.PENDING
    because = "SR 12.2"


def home(**meter: Any) -> dict[DeviceType, Device]:
    """Return the devices of one home by type: hub, electricity meter, gas meter, prepayment display."""
    hub = DeviceFactory.create(device_type=DeviceType.CHF, smi_status=SmiStatus.COMMISSIONED)
    inside = {"comms_hub": hub, "smi_status": SmiStatus.COMMISSIONED, "notified_by": hub.notified_by}
    return {
        DeviceType.CHF: hub,
        DeviceType.ESME: DeviceFactory.create(
            **inside | {"import_meter_point": MeterPointFactory.create()} | meter
        ),
        DeviceType.GSME: DeviceFactory.create(
            device_type=DeviceType.GSME, import_meter_point=MeterPointFactory.create(mpxn="3938424403"), **inside
        ),
        DeviceType.PPMID: DeviceFactory.create(device_type=DeviceType.PPMID, **inside),
    }
