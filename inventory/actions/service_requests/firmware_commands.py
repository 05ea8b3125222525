"""Service Requests 11.2 Read Firmware Version and 11.3 Activate Firmware, as far as they move a device.

A Suspended device returns to the status it had before when it answers that it activated new firmware (11.3), or
tells which it runs (11.2, with MP105). Anybody eligible may ask which firmware it runs; it is restored where its
Responsible Supplier asked. Source: STAB MP105; who asked is ours.
"""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from inventory.actions.details.changing import change_details
from inventory.actions.devices.restoring import restore_device
from inventory.actions.products.finding import model_by_image_hash
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
from inventory.models import AwaitedResponse, CplEntry, Device, DeviceModel
from inventory.models.choices import DeviceType, SmiStatus
from inventory.rules import RULES, takes_while_suspended
from inventory.search.responsible import responsible_user_ids
from ssi.access.actor import Actor


def ask_about_firmware(message: DeviceCommand, *, by: Actor, at: datetime) -> Applied:
    """Check the request and keep it until the device answers; raises DuisRefusal."""
    rule, request_id = RULES[message.srv], message.request_id
    device = require_known(
        locked_devices(request_id.target),
        request_id.target,
        part="the device",
        way_out="Check the second part of RequestID: it is the Device ID.",
    )
    require_type(device, rule.device_types, part="the device")
    require_status(device, rule)
    require_responsible(device, request_id.originator, rule, at=at)
    refuse_future(message.execute_at, at=at)
    await_response(
        request_id,
        rule,
        command_variant=message.command_variant,
        device_id=device.device_id,
        facts={"firmware_hash": message.firmware_hash} if message.firmware_hash else {},
        at=at,
    )
    return Applied(ACCEPTED, f"{_name(device)}: {rule.name} was sent; it awaits the device's answer.")


def firmware_read(awaited: AwaitedResponse, *, by: Actor, at: datetime) -> Effect:
    """Restore a Suspended device that told its firmware version to its Responsible Supplier, with MP105."""
    device = _known(awaited)
    is_suspended = device.smi_status == SmiStatus.SUSPENDED
    passes = takes_while_suspended(RULES["11.2"], DeviceType(device.device_type), mp105=settings.MP105)
    if not is_suspended or not passes:
        return Effect(f"{_name(device)}: told its firmware version; its SMI Status does not change.")
    suppliers = responsible_user_ids(device, timezone.localdate(at))
    if suppliers and awaited.originator not in suppliers:
        return Effect(
            f"{_name(device)}: told its firmware version to {awaited.originator}, which is not its Responsible "
            "Supplier: it stays Suspended."
        )
    return _restored(device, awaited, by=by, at=at)


def firmware_activated(awaited: AwaitedResponse, *, by: Actor, at: datetime) -> Effect:
    """Give the device the Device Model of the firmware that it activated, and restore it if it is Suspended.

    Firmware that itself left the Central Products List restores nothing. Of firmware that the list does not know
    the Device Model stays as it is, and the device is restored: it runs what it was not suspended for (ours).
    """
    device = _known(awaited)
    image_hash = awaited.facts.get("firmware_hash", "")
    model = model_by_image_hash(device, image_hash) if image_hash else None
    said = f"{_name(device)}: activated firmware"
    if model is not None:
        change_details(device, at=at, because=awaited.srv, told_by=awaited.originator, device_model=model)
        said = f"{said} {model.firmware_version}"
    if device.smi_status != SmiStatus.SUSPENDED:
        return Effect(f"{said}; its SMI Status does not change.", (Event("device.firmware_activated", device),))
    if model is not None and not _is_listed(model, image_hash):
        return Effect(f"{said}, which left the Central Products List as well: it stays Suspended.")
    return _restored(device, awaited, by=by, at=at)


def _is_listed(model: DeviceModel, image_hash: str) -> bool:
    entries = CplEntry.objects.filter(image_hash=image_hash.upper(), removed_date__isnull=True)
    return entries.filter(
        device_type=model.device_type,
        firmware_version=model.firmware_version,
        smets_version=model.smets_version,
    ).exists()


def _restored(device: Device, awaited: AwaitedResponse, *, by: Actor, at: datetime) -> Effect:
    restore_device(device, by=by, at=at, because=awaited.srv, told_by=awaited.originator)
    status = SmiStatus(device.smi_status).duis
    return Effect(f"{_name(device)}: restored, now {status}.", (Event("device.restored", device),))


def _known(awaited: AwaitedResponse) -> Device:
    return require_known(locked_devices(awaited.device_id), awaited.device_id, part="the device", way_out="")


def _name(device: Device) -> str:
    return f"{DeviceType(device.device_type).duis} {device.device_id}"
