"""Service Request 8.1.1, Commission Device: a meter that is in its home goes into service."""

from datetime import datetime
from typing import Final

from inventory.actions.devices.moving import move_device
from inventory.actions.service_requests.applied import ACCEPTED, Applied, Effect, Event
from inventory.actions.service_requests.awaiting import await_response, refuse_future
from inventory.actions.service_requests.checks import (
    locked_devices,
    require_known,
    require_responsible,
    require_status,
    require_type,
)
from inventory.actions.service_requests.refusals import WrongStatus
from inventory.duis.messages import DeviceCommand
from inventory.models import AwaitedResponse, Device
from inventory.models.choices import DeviceType, SmiStatus
from inventory.rules import RULES
from ssi.access.actor import Actor
from ssi.eui64 import Eui64

RULE: Final = RULES["8.1.1"]


class HubNotCommissioned(WrongStatus):
    """{device} cannot be commissioned: its Communications Hub {status}."""

    code = "E5"
    suggestion = "Have the hub commissioned first (8.14.1), and the meter in its device log (8.11)."
    source = "SEC App AC 4.12: the hub must be in the inventory as Commissioned"


def ask_to_commission(message: DeviceCommand, *, by: Actor, at: datetime) -> Applied:
    """Check the request and keep it until the meter answers; raises DuisRefusal.

    Source of what is checked: SEC App AC 4.12.
    """
    request_id = message.request_id
    meter = require_known(
        locked_devices(request_id.target),
        request_id.target,
        part="the meter",
        way_out="Check the second part of RequestID: it is the Device ID of the meter.",
    )
    require_type(meter, RULE.device_types, part="the device to commission")
    require_status(meter, RULE)
    _require_hub(meter)
    require_responsible(meter, request_id.originator, RULE, at=at)
    refuse_future(message.execute_at, at=at)
    await_response(
        request_id,
        RULE,
        command_variant=message.command_variant,
        device_id=meter.device_id,
        facts={},
        at=at,
    )
    return Applied(
        ACCEPTED,
        f"{DeviceType(meter.device_type).duis} {meter.device_id}: asked to commission. It is Commissioned when it "
        "answers that it did so.",
    )


def _require_hub(meter: Device) -> None:
    """Pass if the meter's hub is Commissioned; a hub that is not known here is not."""
    hub = meter.comms_hub
    if hub is None:
        raise HubNotCommissioned(device=meter, status="is not known")
    if hub.smi_status != SmiStatus.COMMISSIONED:
        raise HubNotCommissioned(device=meter, status=f"is {SmiStatus(hub.smi_status).duis}")


def commission_answered(awaited: AwaitedResponse, *, by: Actor, at: datetime) -> Effect:
    """Commission the meter, which proves that it joined its network if nobody told; raises DuisRefusal."""
    meter = require_known(locked_devices(awaited.device_id), awaited.device_id, part="the meter", way_out="")
    require_status(meter, RULE)
    return commission_device(meter, by=by, at=at, because=RULE.srv, told_by=awaited.originator)


def commission_device(device: Device, *, by: Actor, at: datetime, because: str, told_by: Eui64 | None) -> Effect:
    """Commission a device that is Whitelisted or InstalledNotCommissioned, locked by the caller."""
    if device.smi_status == SmiStatus.WHITELISTED:
        move_device(device, "join_han", by=by, at=at, because=because, told_by=told_by)
    move_device(device, "commission", by=by, at=at, because=because, told_by=told_by)
    name = DeviceType(device.device_type).duis
    return Effect(f"{name} {device.device_id}: Commissioned.", (Event("device.commissioned", device),))
