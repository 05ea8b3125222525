"""Service Request 8.11, Update HAN Device Log: a device may join a Communications Hub's network, or leaves it.

The request is applied as if the hub had answered at once. Not checked: whether the originator supplies the home
(E4), and whether the meter points are registered to it.
"""

from datetime import datetime
from typing import Final

from django.utils import timezone

from inventory.actions.devices.interning import meter_points
from inventory.actions.service_requests.applied import ACCEPTED, Applied, Event
from inventory.actions.service_requests.originator import require_command_variant, require_originator
from inventory.duis.messages import HanDeviceLogUpdate, LogChange, Srv
from inventory.duis.refusals import DuisRefusal
from inventory.models import Device, DeviceStatusChange
from inventory.models.choices import COMMS_HUB_PARTS, METERS, DeviceType, SmiStatus
from ssi.access.actor import Actor
from ssi.access.roles import UserRole
from ssi.workflow import require_move

ELIGIBLE: Final = frozenset({UserRole.IS, UserRole.GS, UserRole.OU})
COMMAND_VARIANTS: Final = frozenset({1, 2, 3})
HUB_OUT_OF_USE: Final = frozenset({SmiStatus.SUSPENDED, SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN})
"""A suspended device refuses non-critical requests with E5 (MP105); the others are gone."""

_METER_POINTS: Final = ("import_meter_point", "secondary_import_meter_point", "export_meter_point")


class DeviceUnknown(DuisRefusal):
    """{device}, which the request names as {part}, is not in the inventory."""

    code = "E19"
    suggestion = "{way_out}"
    source = "DUIS response codes: the device does not exist"


class WrongDeviceType(DuisRefusal):
    """{device} is a {device_type}, and the request names it as {part}."""

    code = "E11"
    suggestion = "{way_out}"
    source = "DUIS response codes: the Service Reference is not compatible with the device type"


class WrongStatus(DuisRefusal):
    """{device} is {status}, and {needed}."""

    code = "E5"
    suggestion = "Look the device up to see its SMI Status history, and send what fits its status."
    source = "DUIS response codes: the SMI Status is incompatible with the Service Reference"


class FutureDated(DuisRefusal):
    """The request is to be carried out in the future, and future dated requests are not kept yet."""

    code = "SSI-FUTURE-DATED"
    suggestion = "Send it again on the day, or leave ExecutionDateTime out."
    source = "ours"


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


def update_han_device_log(message: HanDeviceLogUpdate, *, by: Actor) -> Applied:
    """Add the device to the hub's log, or remove it; raises DuisRefusal."""
    srv = f"Service Request {Srv.UPDATE_HAN_DEVICE_LOG}"
    require_originator(message.request_id, srv=srv, eligible=ELIGIBLE)
    require_command_variant(message.command_variant, srv=srv, allowed=COMMAND_VARIANTS)
    now = timezone.now()
    if message.execute_at is not None and message.execute_at > now:
        raise FutureDated
    hub, device = _locked(message)
    if hub.smi_status in HUB_OUT_OF_USE:
        raise _wrong_status(hub, "a Communications Hub must be in use to take requests")
    if message.change is LogChange.ADD:
        return _add(device, hub, message, by=by, at=now)
    return _remove(device, hub, message, by=by, at=now)


def _locked(message: HanDeviceLogUpdate) -> tuple[Device, Device]:
    """Return hub and device, locked in the order of their Device IDs so that nobody waits in a circle."""
    target = message.request_id.target
    rows = Device.objects.select_for_update(no_key=True).filter(pk__in={target, message.device_id}).order_by("pk")
    found = {row.device_id: row for row in rows}
    if target not in found:
        raise DeviceUnknown(
            device=target,
            part="the Communications Hub",
            way_out="Check the second part of RequestID: it is the Device ID of the hub's CHF.",
        )
    if message.device_id not in found:
        raise DeviceUnknown(
            device=message.device_id,
            part="the device",
            way_out="Pre-notify the device with Service Request 12.2 first, or check DeviceID.",
        )
    hub, device = found[target], found[message.device_id]
    if hub.device_type != DeviceType.CHF:
        raise _wrong_type(hub, "the Communications Hub", "Send it to the CHF: the second part of RequestID.")
    if device.device_type in COMMS_HUB_PARTS:
        raise _wrong_type(device, "the device", "Name a device of the home in DeviceID: CHF and GPF are the hub.")
    return hub, device


def _add(device: Device, hub: Device, message: HanDeviceLogUpdate, *, by: Actor, at: datetime) -> Applied:
    is_in_log = device.is_type_2 or device.smi_status == SmiStatus.WHITELISTED
    if is_in_log and device.comms_hub_id == hub.pk:
        raise AlreadyInLog(device=device, hub=hub)
    if is_in_log and device.comms_hub_id is not None:
        raise InAnotherLog(device=device)
    if not device.is_type_2 and device.smi_status != SmiStatus.PENDING:
        raise _wrong_status(device, "only a Pending device can be added to a device log")
    _associate(device, message)
    if device.is_type_2:
        device.comms_hub = hub
        device.save(update_fields=["comms_hub"])
    else:
        require_move(device.whitelist, by=by)
        device.whitelist(hub=hub, at=at)
        device.save(update_fields=["smi_status", "status_since", "comms_hub", *_METER_POINTS])
        _write_history(device, SmiStatus.PENDING, message, at=at)
    return _applied("device.whitelisted", device, hub, "added to the device log of")


def _associate(device: Device, message: HanDeviceLogUpdate) -> None:
    """Set the meter points that the request gives. Check digits are not enforced: published messages fail them."""
    given = (
        ("ImportMPxN", "import_meter_point", message.import_mpxn),
        ("SecondaryImportMPAN", "secondary_import_meter_point", message.secondary_import_mpan),
        ("ExportMPAN", "export_meter_point", message.export_mpan),
    )
    for element, name, mpxn in given:
        is_electric_only = name != "import_meter_point"
        fits = device.device_type in METERS and not (is_electric_only and device.device_type == DeviceType.GSME)
        if mpxn and not fits:
            raise MeterPointNotOfType(element=element, device_type=DeviceType(device.device_type).duis)
    rows = meter_points(mpxn for _, _, mpxn in given)
    for _, name, mpxn in given:
        if mpxn:
            setattr(device, name, rows[mpxn])


def _remove(device: Device, hub: Device, message: HanDeviceLogUpdate, *, by: Actor, at: datetime) -> Applied:
    """Take the device out of the hub's log; the meter points it was joined with go with it."""
    is_in_log = device.comms_hub_id == hub.pk or (
        device.comms_hub_id is None and device.smi_status == SmiStatus.WHITELISTED
    )
    if not is_in_log:
        raise NotInLog(device=device, hub=hub)
    if not device.is_type_2 and device.smi_status != SmiStatus.WHITELISTED:
        raise _wrong_status(device, "only a Whitelisted device can be removed from a device log")
    device.import_meter_point = device.secondary_import_meter_point = device.export_meter_point = None
    if device.is_type_2:
        device.comms_hub = None
        device.save(update_fields=["comms_hub", *_METER_POINTS])
    else:
        require_move(device.take_off_whitelist, by=by)
        device.take_off_whitelist(at=at)
        device.save(update_fields=["smi_status", "status_since", "comms_hub", *_METER_POINTS])
        _write_history(device, SmiStatus.WHITELISTED, message, at=at)
    return _applied("device.taken_off_whitelist", device, hub, "removed from the device log of")


def _write_history(device: Device, before: SmiStatus, message: HanDeviceLogUpdate, *, at: datetime) -> None:
    DeviceStatusChange.objects.create(
        device_id=device.device_id,
        at=at,
        from_status=before,
        to_status=device.smi_status,
        because=f"{Srv.UPDATE_HAN_DEVICE_LOG} {message.change}",
        told_by=message.request_id.originator,
    )


def _applied(event: str, device: Device, hub: Device, what: str) -> Applied:
    status = "" if device.is_type_2 else f", now {SmiStatus(device.smi_status).duis}"
    return Applied(
        ACCEPTED,
        f"{DeviceType(device.device_type).duis} {device.device_id}: {what} {hub.device_id}{status}.",
        (Event(event, device, {"comms_hub": str(hub.device_id)}),),
    )


def _wrong_type(device: Device, part: str, way_out: str) -> WrongDeviceType:
    return WrongDeviceType(
        device=device, device_type=DeviceType(device.device_type).duis, part=part, way_out=way_out
    )


def _wrong_status(device: Device, needed: str) -> WrongStatus:
    return WrongStatus(device=device, status=SmiStatus(device.smi_status).duis, needed=needed)
