"""The shared screens as an app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WebConfig(AppConfig):
    """Navigation, pages, forms and the admin's look; collects what every app contributes."""

    name = "ssi.web"
    label = "web"
    verbose_name = "Shared screens"

    def ready(self) -> None:
        """Collect what each app has of `menu.py`, `panels.py`, `references.py` and `security.py`, who is told."""
        autodiscover_modules("menu", "panels", "references", "security")
