"""What the portal does with sealed install codes by itself: erase them in time, and seal them with newer keys."""

from inventory.actions.install_codes.erasing import erase_due, erase_later, erase_orphans
from inventory.actions.install_codes.rotating import Rotation, rotate

__all__ = ["Rotation", "erase_due", "erase_later", "erase_orphans", "rotate"]
