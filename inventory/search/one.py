"""Finding one device, or the devices of one meter point, and what belongs to a device."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Q, QuerySet
from django.utils import timezone

from inventory.models import Device, DeviceStatusChange, MeterPoint
from inventory.models.choices import DeviceType
from inventory.recognise import Kind, recognise
from inventory.search.personal_data import PersonalData
from inventory.search.related import AnyOf
from inventory.search.removed import removed_among
from inventory.search.responsible import Responsible, responsible_for
from inventory.search.standing import Known
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.accounts.search import Successor, successors
from ssi.eui64 import Eui64, Eui64Field
from ssi.prepared import Prepared, Slot
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
            device = _PROBED.first(device_id=recognised.value)
            if device is None:
                raise why_unknown(Eui64.parse(str(recognised.value)), field="q")
            return Found(device=device)
        case Kind.MPAN | Kind.MPRN:
            mpxn = str(recognised.value)
            point = point_of(mpxn)
            devices = [] if point is None else _FIRST_TWO_AT(point=point)
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


def point_of(mpxn: str) -> int | None:
    """Return the key of a meter point, None where the inventory has never heard of it."""
    return _POINT.first(mpxn=mpxn)


def at_meter_point(mpxn: str) -> QuerySet[Device]:
    """Return the devices associated with an MPxN as import, secondary import or export."""
    point = point_of(mpxn)
    return Device.objects.none() if point is None else Device.objects.filter(associated_with(point))


def associated_with(point: int | Slot) -> Q:
    """Return the condition that a device is associated with a meter point in whichever way."""
    return Q(import_meter_point=point) | Q(secondary_import_meter_point=point) | Q(export_meter_point=point)


_POINT: Final = Prepared(
    lambda: MeterPoint.objects.filter(mpxn=Slot("mpxn", MeterPoint._meta.get_field("mpxn"))).values_list(
        "pk", flat=True
    )
)
_FIRST_TWO_AT: Final = Prepared(
    lambda: Device.objects.filter(associated_with(Slot("point", BigIntegerField()))).order_by("pk")[:2]
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
    taken_over: Mapping[Eui64, Successor]
    """Every User ID that was taken over by another, as of today."""

    @property
    def known(self) -> Known:
        """Return what the rules of corrections ask of it."""
        return Known(self.responsible.user_ids, self.taken_over)


_DEVICE_ID: Final = Slot("device_id", Eui64Field())
_HUB_ID: Final = Slot("hub_id", Eui64Field())
_PROBED: Final = Prepared(lambda: Device.objects.filter(pk=_DEVICE_ID))
_DEVICE: Final = Prepared(
    lambda: Device.objects.select_related(
        "device_model",
        "notified_by__party",
        "comms_hub__device_model",
        "import_meter_point",
        "secondary_import_meter_point",
        "export_meter_point",
    ).filter(pk=_DEVICE_ID)
)
_HISTORY: Final = Prepared(
    lambda: DeviceStatusChange.objects.filter(device_id=_DEVICE_ID).order_by("-at", "-pk")[:LONGEST_HISTORY]
)
_HOME: Final = Prepared(
    lambda: (
        Device.objects.filter(Q(comms_hub=_HUB_ID) | Q(pk=_HUB_ID))
        .exclude(pk=_DEVICE_ID)
        .select_related("device_model", "import_meter_point")[:MOST_IN_A_HOME]
    )
)
_NAMES: Final = Prepared(
    lambda: UserId.objects.filter(AnyOf(F("pk"), Slot("user_ids", ArrayField(Eui64Field())))).values_list(
        "pk", "party__name"
    )
)


def detail_of(device_id: Eui64, actor: Actor) -> Detail:
    """Return all that a device's page shows to `actor`, in seven queries at most. Raises DeviceUnknown."""
    device, today = device_of(device_id), timezone.localdate()
    history, taken_over = _HISTORY(device_id=device_id), successors(today)
    responsible = responsible_for(device, today, taken_over=taken_over)
    return Detail(
        device,
        history,
        _home_of(device),
        _names(device, responsible, {change.told_by for change in history if change.told_by}),
        responsible,
        PersonalData.of_devices([device], actor, taken_over=taken_over),
        taken_over,
    )


def _names(device: Device, responsible: Responsible, told_by: Iterable[Eui64]) -> dict[Eui64, str]:
    """Return the names of the parties concerned, asking for those alone that nobody has told yet."""
    names = dict(responsible.parties)
    if device.notified_by is not None:
        names[device.notified_by.eui] = device.notified_by.party.name
    missing = [user_id for user_id in told_by if user_id not in names]
    return names | dict(_NAMES(user_ids=missing)) if missing else names


def device_of(device_id: Eui64) -> Device:
    """Return a device with its model, User, hub and meter points, in one query. Raises DeviceUnknown."""
    device = _DEVICE.first(device_id=device_id)
    if device is None:
        raise why_unknown(device_id)
    return device


def _home_of(device: Device) -> list[Device]:
    """Return the other devices behind the same Communications Hub, the hub first, then by type."""
    hub_id = device.pk if device.device_type == DeviceType.CHF else device.comms_hub_id
    if hub_id is None:
        return []
    others = _HOME(hub_id=hub_id, device_id=device.pk)
    return sorted(others, key=lambda other: (other.pk != hub_id, other.device_type, other.pk))
