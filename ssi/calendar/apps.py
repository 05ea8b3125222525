"""The calendar as an app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CalendarConfig(AppConfig):
    """What DCC knows of Working Days beyond the published calendar."""

    name = "ssi.calendar"
    label = "calendar"
    verbose_name = "Calendar"

    def ready(self) -> None:
        """Let every app say which of its dates are counted anew when the calendar changes (`recounts.py`)."""
        autodiscover_modules("recounts")
