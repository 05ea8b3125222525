"""Signed files as an app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from ssi.uploads import entrances


class UploadsConfig(AppConfig):
    """Signed files: Anomaly Detection Thresholds and Exit Quarantine."""

    name = "ssi.uploads"
    label = "uploads"
    verbose_name = "Signed files"

    def ready(self) -> None:
        """Open the addresses that take files, and collect each app's `traffic.py`: who counts Service Requests."""
        entrances.declare()
        autodiscover_modules("traffic")
