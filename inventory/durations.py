"""For how long devices of a type may be Pending: calendar months of Europe/London, pure dates.

A device that became Pending on 29 November 2025 has been so for 12 months when 29 November 2026 is over, and the
run of the day after removes it. A month without such a day ends it on the month's last day: 29 February 2024 and
12 months is 28 February 2025. Source: SECMP0060 (domain 4.5, 11).
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from inventory.models.choices import COMMS_HUB_PARTS, TYPE_2, DeviceType
from ssi.working_days import LONDON

DEFAULT_MONTHS: Final = 12
MOST_MONTHS: Final = 120
_MONTHS_OF_A_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Duration:
    """How long devices of a type may be Pending: so many months, or for ever where the type is excluded."""

    months: int = DEFAULT_MONTHS
    is_excluded: bool = False


Durations = Mapping[DeviceType, Duration]


def default_of(device_type: DeviceType) -> Duration:
    """Return the duration of a type of which DCC has said nothing: 12 months, hubs excluded (SECMP0060)."""
    return Duration(is_excluded=device_type in COMMS_HUB_PARTS)


def removed_types(durations: Durations) -> Durations:
    """Return those of which housekeeping removes devices: neither excluded, nor without an SMI Status."""
    return {
        device_type: duration
        for device_type, duration in durations.items()
        if not duration.is_excluded and device_type not in TYPE_2
    }


def add_months(day: date, months: int) -> date:
    """Return the same day so many months on, or that month's last where it has no such day."""
    whole = day.year * _MONTHS_OF_A_YEAR + day.month - 1 + months
    year, month = whole // _MONTHS_OF_A_YEAR, whole % _MONTHS_OF_A_YEAR + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def removal_date(status_since: datetime, months: int) -> date:
    """Return the day whose run removes a device that became Pending at `status_since`."""
    return add_months(status_since.astimezone(LONDON).date(), months) + timedelta(days=1)


def due_before(run_date: date, months: int) -> datetime:
    """Return before which moment a device became Pending that the run of a day, or an earlier one, removes."""
    first_kept = add_months(run_date, -months)
    while add_months(first_kept, months) < run_date:  # from the last of a short month on to the first of the next
        first_kept += timedelta(days=1)
    return datetime.combine(first_kept, time.min, LONDON)
