"""What happens to devices, whoever asked for it: each move with its history and all that follows from it."""

from inventory.actions.devices.moving import move_device
from inventory.actions.devices.removing import remove_devices

__all__ = ["move_device", "remove_devices"]
