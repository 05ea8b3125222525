"""The shared screens as an app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WebConfig(AppConfig):
    """Navigation, pages, forms and the admin's look; collects what every app contributes."""

    name = "ssi.web"
    label = "web"
    verbose_name = "Shared screens"

    def ready(self) -> None:
        """Let every app put its entries into the menu (`menu.py`)."""
        autodiscover_modules("menu")
