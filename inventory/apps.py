"""The inventory floor as an app."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The things: devices, models, meter points, sealed install codes."""

    name = "inventory"
    label = "inventory"
    verbose_name = "Smart Metering Inventory"
