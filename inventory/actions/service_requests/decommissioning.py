"""Service Request 8.3, Decommission Device: the DCC takes a device out of service at once."""

from datetime import datetime
from typing import Final

from inventory.actions.devices.moving import move_device
from inventory.actions.service_requests import trail
from inventory.actions.service_requests.applied import ACCEPTED, Applied, Event
from inventory.actions.service_requests.checks import (
    locked_devices,
    require_known,
    require_responsible,
    require_status,
    require_type,
)
from inventory.duis.messages import Decommission
from inventory.models import Device
from inventory.models.choices import METERS, TYPE_2, DeviceType, SmiStatus, TrailKind
from inventory.rules import RULES
from ssi.access.actor import Actor
from ssi.eui64 import Eui64

RULE: Final = RULES["8.3"]
ALERT: Final = "N9"
MOST_ASSOCIATED: Final = 7
"""Type 1 Devices that the alert names. Source: DUIS 5.4 schema, MeterDecommissioningOrWithdrawal."""


def decommission(message: Decommission, *, by: Actor, at: datetime) -> Applied:
    """Decommission the device, and alert the other suppliers concerned if it is a meter; raises DuisRefusal."""
    originator = message.request_id.originator
    device = require_known(
        locked_devices(message.device_id), message.device_id, part="DeviceID", way_out="Check DeviceID."
    )
    require_type(device, RULE.device_types, part="the device to decommission")
    require_status(device, RULE)
    require_responsible(device, originator, RULE, at=at)
    users = trail.concerned(device, at=at) | trail.concerned(device.comms_hub, at=at)
    move_device(device, "decommission", by=by, at=at, because=RULE.srv, told_by=originator)
    if device.device_type in METERS:
        _alert(device, users - {originator}, at=at)
    name = DeviceType(device.device_type).duis
    return Applied(
        ACCEPTED,
        f"{name} {device.device_id}: now {SmiStatus(device.smi_status).duis}.",
        (Event("device.decommissioned", device),),
    )


def _alert(meter: Device, users: frozenset[Eui64], *, at: datetime) -> None:
    name = DeviceType(meter.device_type).duis
    others = Device.objects.filter(comms_hub=meter.comms_hub_id) if meter.comms_hub_id else Device.objects.none()
    associated = others.exclude(device_type__in=TYPE_2).exclude(pk=meter.pk).order_by("pk")[:MOST_ASSOCIATED]
    names = ", ".join(f"{DeviceType(each.device_type).duis} {each.device_id}" for each in associated)
    trail.keep_alert(
        users,
        kind=TrailKind.DCC_ALERT,
        code=ALERT,
        detail=f"MeterDecommissioningOrWithdrawal: {name} {meter.device_id} was decommissioned."
        + (f" Of the same home: {names}." if names else ""),
        device_id=meter.device_id,
        at=at,
    )
