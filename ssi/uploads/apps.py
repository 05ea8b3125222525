"""Signed files as an app."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules

from ssi.uploads import entrances
from ssi.uploads.receipt_keys import check_key


class UploadsConfig(AppConfig):
    """Signed files: Anomaly Detection Thresholds and Exit Quarantine."""

    name = "ssi.uploads"
    label = "uploads"
    verbose_name = "Signed files"

    def ready(self) -> None:
        """Refuse a key that could sign no receipt, open the addresses that take files, and collect `traffic.py`.

        Each app's `traffic.py` says who counts Service Requests.
        """
        check_key(settings.SSI_RECEIPT_KEY)
        entrances.declare()
        autodiscover_modules("traffic", "targets")
