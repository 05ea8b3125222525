"""The inventory floor as an app."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules

from ssi.crypto import check_keys


class InventoryConfig(AppConfig):
    """The things: devices, models, meter points, sealed install codes."""

    name = "inventory"
    label = "inventory"
    verbose_name = "Smart Metering Inventory"

    def ready(self) -> None:
        """Refuse to start with keys that could not seal an install code; collect each app's `holds.py`."""
        check_keys(settings.SSI_CODE_KEYS)
        autodiscover_modules("holds")
