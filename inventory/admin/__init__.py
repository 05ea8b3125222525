"""The desk's admin pages of this floor: one module a noun."""

from inventory.admin import devices, housekeeping

__all__ = ["devices", "housekeeping"]
