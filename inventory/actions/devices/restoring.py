"""Returning one Suspended device to the status it had before.

Many at once, when a product comes back on the Central Products List, are set-based statements of their own.
"""

from datetime import datetime

from inventory.actions.devices.moving import move_device
from inventory.models import Device, DeviceStatusChange
from inventory.models.choices import SmiStatus
from ssi.access.actor import Actor
from ssi.eui64 import Eui64


def status_before_suspension(device: Device) -> SmiStatus:
    """Return the status that a Suspended device returns to.

    It stands in the step of its history that suspended it. A device that entered the inventory as Suspended has
    none: then it is Commissioned if it has a commissioned date, else InstalledNotCommissioned (ours).
    """
    suspended = DeviceStatusChange.objects.filter(
        device_id=device.device_id, to_status=SmiStatus.SUSPENDED, from_status__isnull=False
    )
    step = suspended.order_by("-at", "-id").first()
    if step is not None and step.at == device.status_since and step.from_status is not None:
        return SmiStatus(step.from_status)
    return SmiStatus.COMMISSIONED if device.commissioned_date else SmiStatus.INSTALLED_NOT_COMMISSIONED


def restore_device(device: Device, *, by: Actor, at: datetime, because: str, told_by: Eui64 | None) -> None:
    """Return a Suspended device, locked by the caller, to the status before; raises NotInThisState."""
    before = status_before_suspension(device)
    verb = "restore_commissioned" if before is SmiStatus.COMMISSIONED else "restore_installed"
    move_device(device, verb, by=by, at=at, because=because, told_by=told_by)
