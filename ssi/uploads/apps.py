"""Signed files as an app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class UploadsConfig(AppConfig):
    """Signed files: Anomaly Detection Thresholds and Exit Quarantine."""

    name = "ssi.uploads"
    label = "uploads"
    verbose_name = "Signed files"

    def ready(self) -> None:
        """Collect each app's `traffic.py`: who can tell how many Service Requests there were."""
        autodiscover_modules("traffic")
