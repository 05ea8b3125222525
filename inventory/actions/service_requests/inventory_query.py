"""Service Request 8.2, Read Inventory, answered from the inventory: at most 17 devices.

A DeviceID gives that device; a meter point or an address the devices of the homes whose meters are there.
Addresses are personal data: they are answered, and found by, only where the originator's party is registered, now
or by agreement later.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final, TypeVar

from django.db.models import Q, QuerySet

from inventory.actions.service_requests.applied import SUCCESS, Applied
from inventory.actions.service_requests.checks import require_known
from inventory.duis.inventory_answers import MOST_DEVICES
from inventory.duis.messages import InventoryAnswer, InventoryEntry, InventoryQuery, ModelFacts
from inventory.duis.refusals import DuisRefusal
from inventory.models import Device, MeterPoint
from inventory.models.choices import (
    Connectivity,
    CspRegion,
    DeviceType,
    DuisChoices,
    EsmeVariant,
    ProductStatus,
    SmiStatus,
)
from inventory.search.personal_data import points_registered_for
from ssi.access.actor import Actor
from ssi.accounts.models import UserId

Choice = TypeVar("Choice", bound=DuisChoices)

_POINTS: Final = ("import_meter_point", "secondary_import_meter_point", "export_meter_point")
_MOST_POINTS: Final = 100
"""Meter points of one address that are looked at: a block of flats has one UPRN a flat."""


class NoDeviceMatches(DuisRefusal):
    """No device matches what the request looks for, or none that its originator may find so."""

    code = "E080201"
    suggestion = "Check it, or look by DeviceID; by address one finds only where one's Party is registered."
    source = "DUIS 5.4 has the code; what it means is our reading (domain 4.12)"


class TooManyDevices(DuisRefusal):
    """More than {most} devices match, and an answer holds {most}."""

    code = "E080202"
    suggestion = "Look by DeviceID or by MPxN, one home at a time."
    source = "DUIS 5.4 has the code, and the limit of 17; what it means is our reading (domain 4.12)"


def read_inventory(message: InventoryQuery, *, by: Actor, at: datetime) -> Applied:
    """Answer with the devices found; raises DuisRefusal."""
    party_id = UserId.objects.get(pk=message.request_id.originator).party_id
    found = _found(message, party_id).select_related("device_model", *_POINTS).order_by("pk")
    devices = list(found[: MOST_DEVICES + 1])
    if message.device_id is not None:
        way_out = "Check DeviceID, or look for it by MPxN."
        require_known({each.pk: each for each in devices}, message.device_id, part="DeviceID", way_out=way_out)
    if not devices:
        raise NoDeviceMatches
    if len(devices) > MOST_DEVICES:
        raise TooManyDevices(most=MOST_DEVICES)
    points = {getattr(each, f"{name}_id") for each in devices for name in _POINTS} - {None}
    shown = points_registered_for(party_id, sorted(points))
    return Applied(
        SUCCESS,
        f"{len(devices)} device{'' if len(devices) == 1 else 's'} found.",
        payload=InventoryAnswer(tuple(_entry(each, shown) for each in devices)),
    )


def _found(message: InventoryQuery, party_id: int) -> QuerySet[Device]:
    if message.device_id is not None:
        return Device.objects.filter(pk=message.device_id)
    if message.mpxn:
        points = list(MeterPoint.objects.filter(mpxn=message.mpxn).values_list("pk", flat=True))
    else:
        there = MeterPoint.objects.filter(
            **{"uprn": message.uprn}
            if message.uprn is not None
            else {"post_code": message.post_code, "address_identifier": message.address_identifier}
        )
        points = sorted(points_registered_for(party_id, list(there.values_list("pk", flat=True)[:_MOST_POINTS])))
    return _in_homes_of(points)


def _in_homes_of(points: Collection[int]) -> QuerySet[Device]:
    """Return the meters at these meter points, and all that is behind the same hubs, with the hubs."""
    if not points:
        return Device.objects.none()
    at_points = Q(*((f"{name}__in", points) for name in _POINTS), _connector=Q.OR)
    meters = dict(Device.objects.filter(at_points).values_list("pk", "comms_hub")[: MOST_DEVICES + 1])
    hubs = {hub for hub in meters.values() if hub is not None}
    return Device.objects.filter(Q(pk__in={*meters, *hubs}) | Q(comms_hub__in=hubs))


def _entry(device: Device, shown: Collection[int]) -> InventoryEntry:
    model = device.device_model
    home = _address(device, shown)
    return InventoryEntry(
        device_id=device.device_id,
        model=ModelFacts(
            DeviceType(model.device_type),
            model.manufacturer,
            model.model,
            model.firmware_version,
            model.smets_version,
        ),
        smi_status=None if device.smi_status is None else SmiStatus(device.smi_status),
        firmware_status=_or_none(ProductStatus, model.firmware_status),
        cpl_status=_or_none(ProductStatus, model.cpl_status),
        gbcs_version=model.gbcs_version,
        han_variant=model.han_variant,
        commissioned_date=device.commissioned_date,
        import_mpxn=_mpxn(device.import_meter_point),
        secondary_import_mpan=_mpxn(device.secondary_import_meter_point),
        export_mpan=_mpxn(device.export_meter_point),
        esme_variant=_or_none(EsmeVariant, device.esme_variant),
        uprn=home.uprn if home else None,
        post_code=home.post_code if home else "",
        address_identifier=home.address_identifier if home else "",
        csp_region=_or_none(CspRegion, device.csp_region),
        s1sp=device.s1sp or "",
        connectivity=_or_none(Connectivity, device.connectivity),
    )


def _address(device: Device, shown: Collection[int]) -> MeterPoint | None:
    """Return the first of the device's meter points whose address the originator's party may see."""
    points = (getattr(device, name) for name in _POINTS)
    return next((each for each in points if each is not None and each.pk in shown), None)


def _mpxn(point: MeterPoint | None) -> str:
    return point.mpxn if point else ""


def _or_none(choices: type[Choice], value: int | None) -> Choice | None:
    return None if value is None else choices(value)
