"""The desk's admin pages of this floor: one module a noun."""

from inventory.admin import corrections, devices, housekeeping

__all__ = ["corrections", "devices", "housekeeping"]
