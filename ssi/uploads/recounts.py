"""What signed files count in Working Days: by when DCC confirms them."""

from collections.abc import Sequence

from ssi.calendar import changes
from ssi.calendar.models import CalendarEntry
from ssi.uploads.actions import confirming


def recount(entries: Sequence[CalendarEntry]) -> None:
    """Count the days anew; `entries` are what changed in the calendar."""
    confirming.recount()


changes.on_changed(recount)
