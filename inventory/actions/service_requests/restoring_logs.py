"""Service Requests 8.12.1 and 8.12.2: a new hub, or its GPF, takes over the device log of the one it replaces.

When the response says so, the devices of the old log belong to the home of the new hub. Their SMI Status is theirs
and stays. Both homes must be the originator's, when it asks and again when the new hub answers.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from django.utils import timezone

from inventory.actions.service_requests.applied import ACCEPTED, Applied, Effect, Event
from inventory.actions.service_requests.awaiting import await_response, refuse_future
from inventory.actions.service_requests.checks import (
    locked_devices,
    require_known,
    require_responsible,
    require_status,
    require_type,
)
from inventory.duis.messages import DeviceCommand
from inventory.duis.refusals import DuisRefusal
from inventory.models import AwaitedResponse, Device
from inventory.models.choices import COMMS_HUB_PARTS, METERS, DeviceType, SmiStatus
from inventory.rules import RULES
from inventory.search.responsible import responsible_user_ids
from ssi.access.actor import Actor
from ssi.eui64 import Eui64

LOGGED: Final[Mapping[str, frozenset[DeviceType]]] = MappingProxyType(
    {
        "8.12.1": frozenset(DeviceType) - COMMS_HUB_PARTS,
        "8.12.2": frozenset({DeviceType.GSME, DeviceType.PPMID, DeviceType.IHD, DeviceType.CAD}),
    }
)
"""Which devices the log of a hub names, and which that of a GPF: the gas side, and displays (ours)."""

_OUT_OF_USE: Final = (SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN)


class SameLog(DuisRefusal):
    """{device} is to take over a device log from itself."""

    code = "SSI-SAME-HUB"
    suggestion = "Give the replaced device as OldCHFID or OldGPFID, and send the request to the new one."
    source = "ours"


class HomeOfSomebodyElse(DuisRefusal):
    """The home of {new} has {meter}, which is supplied by nobody who supplies the home of the old device."""

    code = "E4"
    suggestion = "Check both Device IDs: the devices of a home follow to the hub that replaced its own."
    source = "DUIS response codes: not authorised for the device at the required date and time; ours"


def ask_to_restore_log(message: DeviceCommand, *, by: Actor, at: datetime) -> Applied:
    """Check the request and keep it until the new hub answers; raises DuisRefusal."""
    rule, request_id = RULES[message.srv], message.request_id
    if message.other_device is None:
        raise TypeError(f"Service Request {rule.srv} was read without the ID of the old device.")
    new, old = _known(request_id.target, message.other_device, message.srv)
    require_status(new, rule)
    if new.device_id == old.device_id:
        require_responsible(old, request_id.originator, rule, at=at)
        raise SameLog(device=new)
    _require_one_home(new, old, request_id.originator, message.srv, at=at)
    refuse_future(message.execute_at, at=at)
    await_response(
        request_id,
        rule,
        command_variant=message.command_variant,
        device_id=new.device_id,
        facts={"other": str(old.device_id)},
        at=at,
    )
    return Applied(
        ACCEPTED,
        f"{_name(new)}: asked to take over the device log of {old.device_id}. Its devices follow when it answers.",
    )


def log_restored(awaited: AwaitedResponse, *, by: Actor, at: datetime) -> Effect:
    """Put the devices of the old log into the home of the new hub; raises E4 if it is another's by now."""
    new, old = _known(awaited.target, Eui64.parse(awaited.facts["other"]), awaited.srv)
    old_hub, new_hub = _hub_of(old), _hub_of(new)
    if old_hub is None or new_hub is None or old_hub == new_hub:
        return Effect(f"{_name(new)}: has the device log of {old.device_id}; no device changes its home.")
    _require_one_home(new, old, awaited.originator, awaited.srv, at=at)
    followers = Device.objects.select_for_update(no_key=True).filter(
        comms_hub=old_hub, device_type__in=LOGGED[awaited.srv]
    )
    moved = list(followers.exclude(smi_status__in=_OUT_OF_USE).order_by("pk"))
    Device.objects.filter(pk__in=[each.pk for each in moved]).update(comms_hub=new_hub)
    return Effect(
        f"{_name(new)}: has the device log of {old.device_id}; devices that follow: {len(moved)}.",
        tuple(Event("device.moved_to_hub", each, {"comms_hub": str(new_hub)}) for each in moved),
    )


def _require_one_home(new: Device, old: Device, originator: Eui64, srv: str, *, at: datetime) -> None:
    """Pass if both homes are the originator's, and the new one has no meter of who is nobody in the old; E4."""
    for device in (old, new):
        require_responsible(device, originator, RULES[srv], at=at)
    of_the_old = _suppliers(_hub_of(old), at=at)
    expected = {originator}.union(*of_the_old.values())
    known = {meter: each for meter, each in _suppliers(_hub_of(new), at=at).items() if each}
    strange = [meter for meter, each in known.items() if each.isdisjoint(expected)]
    if strange and (of_the_old or len(strange) == len(known)):  # else its meters followed to the new hub before
        raise HomeOfSomebodyElse(new=new, meter=strange[0])


def _suppliers(hub_id: Eui64 | None, *, at: datetime) -> dict[Device, frozenset[Eui64]]:
    """Return the meters in use behind a hub, with who is responsible for each."""
    meters = Device.objects.filter(comms_hub=hub_id, device_type__in=METERS) if hub_id else Device.objects.none()
    today = timezone.localdate(at)
    in_use = meters.exclude(smi_status__in=_OUT_OF_USE).order_by("pk")
    return {meter: responsible_user_ids(meter, today) for meter in in_use}


def _known(new_id: Eui64, old_id: Eui64, srv: str) -> tuple[Device, Device]:
    """Return the new and the old device, locked. Raises E19 or E11."""
    found, allowed = locked_devices(new_id, old_id), RULES[srv].device_types
    new = require_known(found, new_id, part="the new one", way_out="Check the second part of RequestID.")
    old = require_known(found, old_id, part="the old one", way_out="Check OldCHFID or OldGPFID.")
    require_type(new, allowed, part="the new one")
    require_type(old, allowed, part="the old one")
    return new, old


def _hub_of(device: Device) -> Eui64 | None:
    """Return the hub of a CHF, which is itself, or of a GPF, which is the CHF it is in."""
    return device.device_id if device.device_type == DeviceType.CHF else device.comms_hub_id


def _name(device: Device) -> str:
    return f"{DeviceType(device.device_type).duis} {device.device_id}"
