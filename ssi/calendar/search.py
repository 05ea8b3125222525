"""The calendar as it stands now."""

from typing import Final

from ssi.calendar.models import CalendarEntry, Kind
from ssi.prepared import Prepared
from ssi.working_days import Overrides

_IN_FORCE: Final = Prepared(lambda: CalendarEntry.objects.in_force().values_list("on_date", "kind", "name"))


def overrides() -> Overrides:
    """Return what DCC has entered over the published calendar; one query of a few rows.

    Asked anew each time: a worker that remembered it would count by a calendar that no longer holds.
    """
    days = _IN_FORCE()
    return Overrides(
        extra={day: name for day, kind, name in days if kind == Kind.ADDED},
        removed=frozenset(day for day, kind, _ in days if kind == Kind.TAKEN_OUT),
    )
