"""Finding one device, or the devices of one meter point, and what belongs to a device."""

from dataclasses import dataclass
from http import HTTPStatus

from django.db.models import Q, QuerySet
from django.utils import timezone

from inventory.models import Device, DeviceStatusChange, MeterPoint
from inventory.models.choices import DeviceType
from inventory.recognise import Kind, recognise
from inventory.search.personal_data import PersonalData
from inventory.search.removed import removed_among
from inventory.search.responsible import Responsible, responsible_for
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from ssi.refusals import Refusal

MOST_IN_A_HOME = 50
"""A Communications Hub's device log holds 16; more only come from messages that are wrong."""
MOST_AT_A_METER_POINT = 50
LONGEST_HISTORY = 200


class DeviceUnknown(Refusal):
    """{device_id} is not in the Smart Metering Inventory."""

    suggestion = "Check it against the label. If it is right, ask whoever installed the device to pre-notify it."
    status = HTTPStatus.NOT_FOUND
    source = "SEC App AC: only pre-notified devices are in the inventory"
    field = "device_id"


class DeviceRemoved(DeviceUnknown):
    """{device_id} is no longer in the Smart Metering Inventory: it was {removed}."""

    suggestion = "{notified_by}If it is still to be installed, it has to be pre-notified again (SR 12.2)."
    source = "SECMP0060"


class MeterPointUnknown(Refusal):
    """No device in the Smart Metering Inventory is associated with {kind} {mpxn}."""

    suggestion = (
        "Check the number. A device is associated with its meter point when it is installed; until then search by "
        "its Device ID."
    )
    status = HTTPStatus.NOT_FOUND
    field = "mpxn"


@dataclass(frozen=True, slots=True)
class Found:
    """What the search box leads to: one device's page, an incident's page, or the devices of one meter point."""

    device: Device | None = None
    incident_reference: str = ""
    mpxn: str = ""


def find(text: str) -> Found:
    """Return what `text`, typed into the search box, leads to; two queries at most where it is found.

    Raises NotRecognised and SeveralRecognised (inventory.recognise), DeviceUnknown and MeterPointUnknown.
    """
    recognised = recognise(text)
    match recognised.kind:
        case Kind.INCIDENT:
            return Found(incident_reference=str(recognised.value))
        case Kind.DEVICE_ID:
            device = Device.objects.filter(pk=recognised.value).first()
            if device is None:
                raise why_unknown(Eui64.parse(str(recognised.value)), field="q")
            return Found(device=device)
        case Kind.MPAN | Kind.MPRN:
            mpxn = str(recognised.value)
            devices = list(at_meter_point(mpxn)[:2])
            if not devices:
                raise MeterPointUnknown.at("q", kind=recognised.kind, mpxn=mpxn)
            return Found(device=devices[0]) if len(devices) == 1 else Found(mpxn=mpxn)


def why_unknown(device_id: Eui64, *, field: str = "device_id") -> DeviceUnknown:
    """Return that a device is not in the inventory: it never was, or it left within the last year; one query."""
    removed = removed_among([device_id]).get(device_id)
    if removed is None:
        return DeviceUnknown.at(field, device_id=device_id)
    party = f"Its notifying party was {removed.party}. " if removed.party else ""
    return DeviceRemoved.at(field, device_id=device_id, removed=removed.in_words, notified_by=party)


def at_meter_point(mpxn: str) -> QuerySet[Device]:
    """Return the devices associated with an MPxN as import, secondary import or export."""
    point = MeterPoint.objects.filter(mpxn=mpxn).values_list("pk", flat=True).first()
    if point is None:
        return Device.objects.none()
    return Device.objects.filter(
        Q(import_meter_point=point) | Q(secondary_import_meter_point=point) | Q(export_meter_point=point)
    )


@dataclass(frozen=True, slots=True)
class Detail:
    """A device, the steps of its SMI Status newest first, the other devices of its home, and who is concerned."""

    device: Device
    history: list[DeviceStatusChange]
    home: list[Device]
    parties: dict[Eui64, str]
    """The names of the parties whose User IDs stand in the history, or are responsible."""
    responsible: Responsible
    personal_data: PersonalData


def detail_of(device_id: Eui64, actor: Actor) -> Detail:
    """Return all that a device's page shows to `actor`, in seven queries at most. Raises DeviceUnknown."""
    device = device_of(device_id)
    history = _history_of(device)
    responsible = responsible_for(device, timezone.localdate())
    named = {change.told_by for change in history if change.told_by} | responsible.user_ids
    return Detail(
        device,
        history,
        _home_of(device),
        dict(UserId.objects.filter(pk__in=named).values_list("pk", "party__name")),
        responsible,
        PersonalData.of_devices([device], actor),
    )


def device_of(device_id: Eui64) -> Device:
    """Return a device with its model, User, hub and meter points, in one query. Raises DeviceUnknown."""
    device = (
        Device.objects.select_related(
            "device_model",
            "notified_by__party",
            "comms_hub__device_model",
            "import_meter_point",
            "secondary_import_meter_point",
            "export_meter_point",
        )
        .filter(pk=device_id)
        .first()
    )
    if device is None:
        raise why_unknown(device_id)
    return device


def _history_of(device: Device) -> list[DeviceStatusChange]:
    return list(DeviceStatusChange.objects.filter(device_id=device.pk).order_by("-at", "-pk")[:LONGEST_HISTORY])


def _home_of(device: Device) -> list[Device]:
    """Return the other devices behind the same Communications Hub, the hub first, then by type."""
    hub_id = device.pk if device.device_type == DeviceType.CHF else device.comms_hub_id
    if hub_id is None:
        return []
    others = (
        Device.objects.filter(Q(comms_hub=hub_id) | Q(pk=hub_id))
        .exclude(pk=device.pk)
        .select_related("device_model", "import_meter_point")[:MOST_IN_A_HOME]
    )
    return sorted(others, key=lambda other: (other.pk != hub_id, other.device_type, other.pk))
