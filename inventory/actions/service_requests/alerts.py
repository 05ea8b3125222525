"""Device alerts and DCC alerts: what each tells of the inventory, kept for the Users whom it concerns.

The inventory follows where an alert says what a device is by now. An alert that tells nothing new, or nothing of
the inventory, is kept and changes nothing. Of what a DCC alert tells, its payload decides and not its code: the
meanings of most codes are not known here (domain 4.13, 12).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from inventory.actions.devices.moving import move_device
from inventory.actions.devices.removing import remove_devices
from inventory.actions.devices.restoring import restore_device
from inventory.actions.service_requests import trail
from inventory.actions.service_requests.addressing import require_from_dcc
from inventory.actions.service_requests.applied import SUCCESS, Applied, Effect, Event
from inventory.actions.service_requests.awaiting import refuse_ahead
from inventory.actions.service_requests.checks import require_known
from inventory.actions.service_requests.hubs import decommission_hub, with_gpfs
from inventory.actions.service_requests.quarantine import request_quarantined
from inventory.actions.service_requests.responding import log_update_told
from inventory.duis.messages import (
    DccAlert,
    DeviceAlert,
    LogUpdateResult,
    QuarantinedRequest,
    StatusChange,
    StatusChangeEvent,
)
from inventory.models import Device
from inventory.models.choices import DeviceType, Removal, SmiStatus
from ssi.access.actor import Actor
from ssi.accounts.search import successor_of
from ssi.eui64 import Eui64
from ssi.workflow import can_move_now

JOINED_THE_HAN: Final = "8183"
"""The device alert that a device joined its home's network (domain 4.5)."""

_NOTHING_NEW: Final = "nothing that the inventory does not have so, or keep; nothing was changed"


def device_alerted(message: DeviceAlert, *, by: Actor, at: datetime) -> Applied:
    """Take a device alert: 8183 says that a Whitelisted device joined its network. Raises DuisRefusal."""
    refuse_ahead(message.alerted_at, at=at)
    device, _ = _known(message.device_id)
    moved: list[Device] = []
    if message.code == JOINED_THE_HAN:
        moved = _step(device, "join_han", by=by, at=at, because=_because(message.code))
    effect = _effect(f"Device alert {message.code}", device, moved, "device.joined_han")
    trail.keep_received_alert(
        message, {message.recipient}, detail=effect.detail, device_id=device.device_id, at=at
    )
    return Applied(SUCCESS, effect.detail, effect.events)


def dcc_alerted(message: DccAlert, *, by: Actor, at: datetime) -> Applied:
    """Take a DCC alert, by what it carries; raises DuisRefusal."""
    refuse_ahead(message.alerted_at, at=at)
    require_from_dcc(message)
    payload = message.payload
    users: frozenset[Eui64 | None]
    if isinstance(payload, LogUpdateResult):
        told = log_update_told(payload.request_id, message.code, alerted_at=message.alerted_at, by=by, at=at)
        users, device_id = frozenset({payload.request_id.originator}), told.device_id
        effect = Effect(told.detail, told.events)
    elif isinstance(payload, StatusChangeEvent):
        device_id = payload.device_id
        users, effect = _status_changed(message, payload, by=by, at=at)
    elif isinstance(payload, QuarantinedRequest):
        users, device_id, effect = request_quarantined(message, payload)
    else:
        device_id = payload.device_id
        device = Device.objects.filter(pk=device_id).first() if device_id else None
        concerned = trail.concerned(device, at=at)
        users = frozenset({payload.request_id.originator}) if payload.request_id else concerned
        effect = Effect(f"DCC alert {message.code}, {payload.name}: {_NOTHING_NEW}.")
    if message.recipient is not None:  # a change of status is for those whom it concerns as well
        users = (users if isinstance(payload, StatusChangeEvent) else frozenset()) | {message.recipient}
    trail.keep_received_alert(message, users, detail=effect.detail, device_id=device_id, at=at)
    return Applied(SUCCESS, effect.detail, effect.events, device_id=device_id)


def _status_changed(
    message: DccAlert, payload: StatusChangeEvent, *, by: Actor, at: datetime
) -> tuple[frozenset[Eui64 | None], Effect]:
    """Make the device what the alert says it is; return whom it concerns by our records, and what was done."""
    what = f"DCC alert {message.code}, {payload.what}"
    if payload.what is StatusChange.REMOVED and not Device.objects.filter(pk=payload.device_id).exists():
        return frozenset(), Effect(f"{what}: {payload.device_id} is not in the inventory; nothing was changed.")
    device, gpfs = _known(payload.device_id)
    users: frozenset[Eui64 | None] = trail.concerned(device, at=at)
    if payload.what is StatusChange.REMOVED and device.notified_by_id is not None:
        successor = successor_of(device.notified_by_id)
        users |= {successor.user_id.eui if successor else device.notified_by_id}
    follow = _FOLLOW.get(payload.what)
    moved = follow(device, gpfs, by, at, _because(message.code)) if follow else []
    return users, _effect(what, device, moved, _EVENTS.get(payload.what, ""))


Follow = Callable[[Device, list[Device], Actor, datetime, str], list[Device]]


def _decommission(device: Device, _: list[Device], by: Actor, at: datetime, because: str) -> list[Device]:
    return _step(device, "decommission", by=by, at=at, because=because)


def _decommission_hub(device: Device, gpfs: list[Device], by: Actor, at: datetime, because: str) -> list[Device]:
    if device.device_type != DeviceType.CHF:
        return []
    return decommission_hub(device, gpfs, by=by, at=at, because=because, told_by=None)


def _remove(device: Device, _: list[Device], by: Actor, at: datetime, because: str) -> list[Device]:
    """Remove a Pending device; one that moved on since is not one that housekeeping took."""
    if device.smi_status != SmiStatus.PENDING:
        return []
    remove_devices([device.device_id], at=at, how=Removal.HOUSEKEEPING)
    return [device]


def _suspend(device: Device, _: list[Device], by: Actor, at: datetime, because: str) -> list[Device]:
    return _step(device, "suspend", by=by, at=at, because=because)


def _restore(device: Device, _: list[Device], by: Actor, at: datetime, because: str) -> list[Device]:
    if device.smi_status != SmiStatus.SUSPENDED:
        return []
    restore_device(device, by=by, at=at, because=because, told_by=None)
    return [device]


def _recover(device: Device, _: list[Device], by: Actor, at: datetime, because: str) -> list[Device]:
    return _step(device, "recover", by=by, at=at, because=because)


def _recovered(device: Device, _: list[Device], by: Actor, at: datetime, because: str) -> list[Device]:
    """A Commissioned device whose recovery is complete was being recovered, which nobody told."""
    began = _step(device, "recover", by=by, at=at, because=because)
    return _step(device, "recovered", by=by, at=at, because=because) or began


_FOLLOW: Final[Mapping[StatusChange, Follow]] = MappingProxyType(
    {
        StatusChange.DECOMMISSIONED: _decommission,
        StatusChange.REMOVED: _remove,
        StatusChange.HUB_DECOMMISSIONED: _decommission_hub,
        StatusChange.SUSPENDED: _suspend,
        StatusChange.RESTORED: _restore,
        StatusChange.RECOVERING: _recover,
        StatusChange.RECOVERED: _recovered,
    }
)
"""How the inventory follows each; MeterIdentity changes no status."""

_EVENTS: Final[Mapping[StatusChange, str]] = MappingProxyType(
    {
        StatusChange.DECOMMISSIONED: "device.decommissioned",
        StatusChange.REMOVED: "device.removed",
        StatusChange.HUB_DECOMMISSIONED: "device.decommissioned",
        StatusChange.SUSPENDED: "device.suspended",
        StatusChange.RESTORED: "device.restored",
        StatusChange.RECOVERING: "device.recovering",
        StatusChange.RECOVERED: "device.recovered",
    }
)


def _known(device_id: Eui64) -> tuple[Device, list[Device]]:
    """Return a device, with its GPF if it is a hub, all locked. Raises E19."""
    found, gpfs = with_gpfs(device_id)
    way_out = "Check its Device ID; alerts about devices that are not here move nothing."
    return require_known(found, device_id, part="the device of the alert", way_out=way_out), gpfs


def _step(device: Device, verb: str, *, by: Actor, at: datetime, because: str) -> list[Device]:
    """Make a move if the device can make it now; return the device if it did."""
    if device.is_type_2 or not can_move_now(device, verb, by):
        return []
    move_device(device, verb, by=by, at=at, because=because, told_by=None)
    return [device]


def _effect(what: str, device: Device, moved: list[Device], event: str) -> Effect:
    if not moved:
        return Effect(f"{what}: {_name(device)}: {_NOTHING_NEW}.")
    if event == "device.removed":
        return Effect(f"{what}: {_name(device)} was removed from the inventory.", (Event(event, device),))
    names = ", ".join(f"{_name(each)} now {SmiStatus(each.smi_status).duis}" for each in moved)
    return Effect(f"{what}: {names}.", tuple(Event(event, each) for each in moved))


def _name(device: Device) -> str:
    return f"{DeviceType(device.device_type).duis} {device.device_id}"


def _because(code: str) -> str:
    return f"alert {code}"
