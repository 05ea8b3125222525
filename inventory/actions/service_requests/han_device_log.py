"""Service Request 8.11, Update HAN Device Log: a device may join a Communications Hub's network, or leaves it.

The request is checked and awaits its outcome; the device moves when the hub's response says success, or the DCC's
alert N24 does. Its install code is checked for form while it is read, and kept nowhere.
"""

from datetime import datetime
from typing import Any, Final

from inventory.actions.details.changing import change_details
from inventory.actions.devices.interning import meter_points
from inventory.actions.devices.moving import move_device
from inventory.actions.products.following import follow_hub
from inventory.actions.service_requests.applied import ACCEPTED, Applied, Effect, Event
from inventory.actions.service_requests.awaiting import await_response, refuse_future
from inventory.actions.service_requests.checks import (
    locked_devices,
    require_known,
    require_responsible,
    require_status,
    require_type,
    wrong_status,
)
from inventory.duis.messages import HanDeviceLogUpdate, LogChange
from inventory.duis.refusals import DuisRefusal
from inventory.models import AwaitedResponse, Device
from inventory.models.choices import COMMS_HUB_PARTS, METERS, DeviceType, SmiStatus
from inventory.rules import RULES
from ssi.access.actor import Actor
from ssi.eui64 import Eui64

RULE: Final = RULES["8.11"]
_METER_POINTS: Final = (
    ("ImportMPxN", "import_meter_point", "import_mpxn"),
    ("SecondaryImportMPAN", "secondary_import_meter_point", "secondary_import_mpan"),
    ("ExportMPAN", "export_meter_point", "export_mpan"),
)
"""The element of the request, the field of the device, and the name that message and kept facts share."""


class AlreadyInLog(DuisRefusal):
    """{device} is already in the device log of {hub}."""

    code = "SSI-ALREADY-WHITELISTED"
    suggestion = "Nothing needs doing; nothing was changed."
    source = "ours"


class InAnotherLog(DuisRefusal):
    """{device} is in the device log of another Communications Hub."""

    code = "SSI-OTHER-HUB"
    suggestion = "Have it removed there first, with Service Request 8.11 Remove sent to that hub."
    source = "ours"


class NotInLog(DuisRefusal):
    """{device} is not in the device log of {hub}."""

    code = "SSI-NOT-WHITELISTED"
    suggestion = "Check both Device IDs. If they are right, nothing needs doing; nothing was changed."
    source = "ours"


class MeterPointNotOfType(DuisRefusal):
    """{element} does not belong to a {device_type}."""

    code = "SSI-MPXN"
    suggestion = "Leave it out: a GSME has ImportMPxN alone, an ESME may have all three, others have none."
    source = "DUIS 8.11, 8.2; ours"


def ask_for_log_update(message: HanDeviceLogUpdate, *, by: Actor, at: datetime) -> Applied:
    """Check the request and keep it until its outcome is known; raises DuisRefusal."""
    request_id = message.request_id
    hub, device = _known(request_id.target, message.device_id)
    require_status(hub, RULE)
    _require_movable(device, message.change)
    require_responsible(hub, request_id.originator, RULE, at=at, joining=device)
    _require_news(device, hub, message.change)
    mpxns = {name: getattr(message, name) for _, _, name in _METER_POINTS}
    _require_fitting(device, mpxns)
    refuse_future(message.execute_at, at=at)
    await_response(
        request_id,
        RULE,
        command_variant=message.command_variant,
        device_id=device.device_id,
        facts={"change": message.change.value, **mpxns},
        at=at,
    )
    what = "added to" if message.change is LogChange.ADD else "removed from"
    return Applied(
        ACCEPTED,
        f"{DeviceType(device.device_type).duis} {device.device_id}: sent to {hub.device_id}, to be {what} "
        "its device log. It moves when the hub says that it did so.",
    )


def carry_out_log_update(awaited: AwaitedResponse, *, by: Actor, at: datetime) -> Effect:
    """Whitelist the device on the hub, with its meter points; or on Remove, make it Pending without them.

    Raises DuisRefusal if the device moved meanwhile, so that there is nothing to do.
    """
    hub, device = _known(awaited.target, awaited.device_id)
    change = LogChange(awaited.facts["change"])
    _require_movable(device, change)
    _require_news(device, hub, change)
    if change is LogChange.ADD:
        return _add(device, hub, awaited, by=by, at=at)
    return _remove(device, hub, awaited, by=by, at=at)


def _known(hub_id: Eui64, device_id: Eui64) -> tuple[Device, Device]:
    """Return hub and device, locked. Raises E19 or E11."""
    found = locked_devices(hub_id, device_id)
    hub = require_known(
        found,
        hub_id,
        part="the Communications Hub",
        way_out="Check the second part of RequestID: it is the Device ID of the hub's CHF.",
    )
    device = require_known(
        found,
        device_id,
        part="the device",
        way_out="Pre-notify the device with Service Request 12.2 first, or check DeviceID.",
    )
    require_type(
        hub,
        RULE.device_types,
        part="the Communications Hub",
        way_out="Send it to the CHF: the second part of RequestID.",
    )
    require_type(
        device,
        frozenset(DeviceType) - COMMS_HUB_PARTS,
        part="the device",
        way_out="Name a device of the home in DeviceID: CHF and GPF are the hub.",
    )
    return hub, device


def _require_movable(device: Device, change: LogChange) -> None:
    """Pass if a device in this status is ever added to a device log, or removed from one; raises E5."""
    if device.smi_status in {None, SmiStatus.PENDING, SmiStatus.WHITELISTED}:
        return
    needed = "a Pending device can be added to" if change is LogChange.ADD else "a Whitelisted device can leave"
    raise wrong_status(device, f"only {needed} a device log")


def _require_news(device: Device, hub: Device, change: LogChange) -> None:
    """Pass if the device is not where the request wants it, nor elsewhere."""
    is_in_log = device.is_type_2 or device.smi_status == SmiStatus.WHITELISTED
    if change is LogChange.REMOVE:
        if not is_in_log or (device.is_type_2 and device.comms_hub_id is None):
            raise NotInLog(device=device, hub=hub)
        if device.comms_hub_id not in {None, hub.pk}:
            raise NotInLog(device=device, hub=hub)
        return
    if is_in_log and device.comms_hub_id == hub.pk:
        raise AlreadyInLog(device=device, hub=hub)
    if is_in_log and device.comms_hub_id is not None:
        raise InAnotherLog(device=device)
    if device.smi_status == SmiStatus.WHITELISTED:
        raise wrong_status(device, "in the device log of a hub that is not known here")


def _require_fitting(device: Device, mpxns: dict[str, str]) -> None:
    """Pass if a device of this type has these meter points. Check digits do not count: published ones fail."""
    for element, _, name in _METER_POINTS:
        is_electric_only = name != "import_mpxn"
        fits = device.device_type in METERS and not (is_electric_only and device.device_type == DeviceType.GSME)
        if mpxns[name] and not fits:
            raise MeterPointNotOfType(element=element, device_type=DeviceType(device.device_type).duis)


def _add(device: Device, hub: Device, awaited: AwaitedResponse, *, by: Actor, at: datetime) -> Effect:
    because = f"{RULE.srv} {LogChange.ADD}"
    rows = meter_points(awaited.facts.get(name, "") for _, _, name in _METER_POINTS)
    given: dict[str, Any] = {
        field: rows[awaited.facts[name]] for _, field, name in _METER_POINTS if awaited.facts.get(name)
    }
    change_details(device, at=at, because=because, told_by=awaited.originator, **given)
    follows = follow_hub(device, hub, at=at, told_by=awaited.originator)
    if device.is_type_2:
        _put_on(device, hub)
    else:
        move_device(device, "whitelist", by=by, at=at, because=because, told_by=awaited.originator, hub=hub)
    effect = _effect("device.whitelisted", device, hub, "added to the device log of")
    return Effect(f"{effect.detail} {follows}".strip(), effect.events)


def _remove(device: Device, hub: Device, awaited: AwaitedResponse, *, by: Actor, at: datetime) -> Effect:
    """Take the device out of the hub's log; the meter points it was joined with go with it."""
    because = f"{RULE.srv} {LogChange.REMOVE}"
    none: dict[str, Any] = dict.fromkeys(field for _, field, _ in _METER_POINTS)
    change_details(device, at=at, because=because, told_by=awaited.originator, **none)
    if device.is_type_2:
        _put_on(device, None)
    else:
        move_device(device, "take_off_whitelist", by=by, at=at, because=because, told_by=awaited.originator)
    return _effect("device.taken_off_whitelist", device, hub, "removed from the device log of")


def _put_on(device: Device, hub: Device | None) -> None:
    """Link a Type 2 Device, which has no status, to the hub whose log names it."""
    device.comms_hub = hub
    device.save(update_fields=["comms_hub"])


def _effect(event: str, device: Device, hub: Device, what: str) -> Effect:
    status = "" if device.is_type_2 else f", now {SmiStatus(device.smi_status).duis}"
    return Effect(
        f"{DeviceType(device.device_type).duis} {device.device_id}: {what} {hub.device_id}{status}.",
        (Event(event, device, {"comms_hub": str(hub.device_id)}),),
    )
