"""Notifications as an app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NotificationsConfig(AppConfig):
    """The outbox: written with the deed, delivered after the commit."""

    name = "ssi.notifications"
    label = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        """Let every app say what it writes about (`notices.py`), and what a delivered message means to it."""
        autodiscover_modules("notices", "deliveries")
