"""What happens to devices, whoever asked for it: each move with its history and all that follows from it."""

from inventory.actions.devices.moving import move_device

__all__ = ["move_device"]
