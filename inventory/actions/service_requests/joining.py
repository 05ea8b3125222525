"""Service Requests 8.7.1, 8.7.2 Join and 8.8.1, 8.8.2 Unjoin: a device works with a meter, or ceases to.

Joining commissions a PPMID, HCALCS or GPF (SEC App AC 4.9, 4.10). A Type 2 Device is joined and has no status.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from inventory.actions.devices.moving import move_device
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
from inventory.actions.service_requests.commissioning import commission_device
from inventory.actions.service_requests.refusals import NotOfOneHome, WrongDeviceType
from inventory.duis.messages import DeviceCommand
from inventory.models import AwaitedResponse, Device
from inventory.models.choices import DeviceType, SmiStatus
from inventory.rules import RULES
from ssi.access.actor import Actor
from ssi.eui64 import Eui64

PARTNERS: Final[Mapping[DeviceType, frozenset[DeviceType]]] = MappingProxyType(
    {
        DeviceType.HCALCS: frozenset({DeviceType.ESME}),
        DeviceType.PPMID: frozenset({DeviceType.ESME, DeviceType.GSME, DeviceType.GPF}),
        DeviceType.GPF: frozenset({DeviceType.GSME}),
        DeviceType.IHD: frozenset({DeviceType.ESME, DeviceType.GPF}),
        DeviceType.CAD: frozenset({DeviceType.ESME, DeviceType.GPF}),
    }
)
"""What is joined, and with which devices. Source: SEC App AC 4.9, 4.10; the Type 2 Devices' are ours."""

_JOINABLE: Final = frozenset({SmiStatus.WHITELISTED, SmiStatus.INSTALLED_NOT_COMMISSIONED})


class Pair(NamedTuple):
    """The two devices of a request, as it names them."""

    target: Device
    other: Device

    @property
    def joined(self) -> Device:
        """Return the one that is joined with the other; see `PARTNERS`."""
        return self.target if _may_join(self.target, self.other) else self.other

    @property
    def partner(self) -> Device:
        """Return the one that it is joined with."""
        return self.other if self.joined is self.target else self.target


def ask_to_join(message: DeviceCommand, *, by: Actor, at: datetime) -> Applied:
    """Check a request to join and keep it until the device answers; raises DuisRefusal."""
    return _ask(message, "join", at=at)


def ask_to_unjoin(message: DeviceCommand, *, by: Actor, at: datetime) -> Applied:
    """Check a request to unjoin and keep it until the device answers; raises DuisRefusal."""
    return _ask(message, "unjoin from", at=at)


def join_answered(awaited: AwaitedResponse, *, by: Actor, at: datetime) -> Effect:
    """Commission the joined device, unless it is; raises DuisRefusal if its status forbids it by now."""
    pair = _pair(awaited.target, Eui64.parse(awaited.facts["other"]))
    joined = pair.joined
    what = f"{_name(joined)}: joined with {_name(pair.partner)}"
    if joined.is_type_2 or joined.smi_status == SmiStatus.COMMISSIONED:
        return Effect(f"{what}; its SMI Status does not change.")
    if joined.smi_status not in _JOINABLE:
        raise wrong_status(joined, "only a Whitelisted or InstalledNotCommissioned device is commissioned by it")
    effect = commission_device(joined, by=by, at=at, because=awaited.srv, told_by=awaited.originator)
    return Effect(f"{what}, Commissioned.", effect.events)


def unjoin_answered(awaited: AwaitedResponse, *, by: Actor, at: datetime) -> Effect:
    """Take the joined device out of service. A PPMID that leaves a GPF still serves its ESME (ours)."""
    pair = _pair(awaited.target, Eui64.parse(awaited.facts["other"]))
    joined = pair.joined
    what = f"{_name(joined)}: unjoined from {_name(pair.partner)}"
    goes_on = joined.device_type == DeviceType.PPMID and pair.partner.device_type == DeviceType.GPF
    if joined.smi_status != SmiStatus.COMMISSIONED or goes_on:
        return Effect(f"{what}; its SMI Status does not change.")
    move_device(joined, "unjoin", by=by, at=at, because=awaited.srv, told_by=awaited.originator)
    return Effect(f"{what}, now InstalledNotCommissioned.", (Event("device.unjoined", joined),))


def _ask(message: DeviceCommand, what: str, *, at: datetime) -> Applied:
    rule = RULES[message.srv]
    request_id = message.request_id
    if message.other_device is None:
        raise TypeError(f"Service Request {rule.srv} was read without its OtherDeviceID.")
    pair = _pair(request_id.target, message.other_device)
    require_status(pair.target, rule)
    if not pair.other.is_type_2 and pair.other.smi_status not in rule.statuses:
        raise wrong_status(pair.other, "only a device that is in its home can be joined or unjoined")
    require_responsible(pair.target, request_id.originator, rule, at=at, joining=pair.joined)
    hubs = {pair.target.comms_hub_id, pair.other.comms_hub_id} - {None}
    if len(hubs) > 1:
        raise NotOfOneHome(device=pair.target, other=pair.other)
    refuse_future(message.execute_at, at=at)
    await_response(
        request_id,
        rule,
        command_variant=message.command_variant,
        device_id=pair.joined.device_id,
        facts={"other": str(message.other_device)},
        at=at,
    )
    return Applied(
        ACCEPTED,
        f"{_name(pair.target)}: asked to {what} {_name(pair.other)}. Nothing moves before it answers.",
        device_id=pair.joined.device_id,
    )


def _pair(target_id: Eui64, other_id: Eui64) -> Pair:
    """Return the two devices, locked. Raises E19, or E11 where such devices are not joined."""
    found = locked_devices(target_id, other_id)
    target = require_known(
        found, target_id, part="the target", way_out="Check the second part of RequestID: it is a device's ID."
    )
    other = require_known(
        found, other_id, part="OtherDeviceID", way_out="Check OtherDeviceID, or pre-notify the device first."
    )
    require_type(target, RULES["8.7.1"].device_types, part="the target")
    if not _may_join(target, other) and not _may_join(other, target):
        raise WrongDeviceType(
            device=other,
            device_type=DeviceType(other.device_type).duis,
            part=f"what a {DeviceType(target.device_type).duis} is joined with",
            way_out="A PPMID is joined with an ESME, GSME or GPF, a HCALCS with an ESME, a GPF with its GSME.",
        )
    return Pair(target, other)


def _may_join(joined: Device, partner: Device) -> bool:
    return partner.device_type in PARTNERS.get(DeviceType(joined.device_type), frozenset())


def _name(device: Device) -> str:
    return f"{DeviceType(device.device_type).duis} {device.device_id}"
