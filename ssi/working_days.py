"""Working Days: is this date one, when is something due, and why on that day.

A Working Day is any day other than a Saturday, a Sunday, Christmas Day, Good Friday or a bank holiday under
the Banking and Financial Dealings Act 1971 (SEC Section A1). Whether Scottish bank holidays count is not
settled by the text at hand: the calendar here is that of England and Wales, and what differs is given as
`Overrides`, as are the one-off bank holidays that are proclaimed late.

Pure: dates and moments in, dates out. The day a moment falls on is that of Europe/London.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import holidays

LONDON: Final = ZoneInfo("Europe/London")
OPENING: Final = time(9, 0)
CUT_OFF: Final = time(17, 0)
"""What arrives later than this counts from the next Working Day (ours, as the industry practises it)."""

_SATURDAY: Final = 5
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Overrides:
    """What DCC enters over the calendar: bank holidays added, with their names, and days taken out."""

    extra: Mapping[date, str] = field(default_factory=dict)
    removed: frozenset[date] = frozenset()


NO_OVERRIDES: Final = Overrides()


class CountedDay(NamedTuple):
    """One day of the count: the date, whether it counted, and a sentence that says why."""

    day: date
    counted: bool
    why: str


def holiday_on(day: date, overrides: Overrides = NO_OVERRIDES) -> str | None:
    """Return the name of the holiday on that day, or None. Weekends are not holidays."""
    if day in overrides.extra:
        return overrides.extra[day]
    return None if day in overrides.removed else _holidays_of(day.year).get(day)


def is_weekend(day: date) -> bool:
    """Return whether a date is a Saturday or a Sunday."""
    return day.weekday() >= _SATURDAY


def is_working_day(day: date, overrides: Overrides = NO_OVERRIDES) -> bool:
    """Return whether a date is a Working Day (SEC Section A1)."""
    return not is_weekend(day) and holiday_on(day, overrides) is None


def holidays_between(first: date, last: date, overrides: Overrides = NO_OVERRIDES) -> list[tuple[date, str]]:
    """Return the bank holidays from `first` to `last`, both included, that fall on weekdays, with their names."""
    weekdays = (day for day in _days_from(first, last) if not is_weekend(day))
    return [(day, name) for day in weekdays if (name := holiday_on(day, overrides)) is not None]


def next_working_day(day: date, overrides: Overrides = NO_OVERRIDES) -> date:
    """Return the first Working Day after a date."""
    return add_working_days(day, 1, overrides)


def add_working_days(day: date, count: int, overrides: Overrides = NO_OVERRIDES) -> date:
    """Return the `count`-th Working Day after a date; day one is the first Working Day after it.

    A negative count goes back, as a reminder "three Working Days before" needs. Zero gives the date itself,
    whether or not it is a Working Day.
    """
    step = _ONE_DAY if count > 0 else -_ONE_DAY
    left = abs(count)
    while left:
        day += step
        left -= is_working_day(day, overrides)
    return day


def count_between(after: date, until: date, overrides: Overrides = NO_OVERRIDES) -> int:
    """Return how many Working Days there are after a date, up to and including another; 0 if there is none."""
    return sum(is_working_day(day, overrides) for day in _days_from(after + _ONE_DAY, until))


def in_working_hours(moment: datetime, overrides: Overrides = NO_OVERRIDES) -> bool:
    """Return whether a moment lies between nine and five, in London, of a Working Day."""
    local = _in_london(moment)
    return is_working_day(local.date(), overrides) and OPENING <= local.time() < CUT_OFF


def received_on(moment: datetime, overrides: Overrides = NO_OVERRIDES) -> date:
    """Return the Working Day on which something that arrived at a moment counts as received.

    That is the day itself in London when it is a Working Day and not past 17:00, else the next Working Day.
    At 17:00:00 exactly it is still in time. Raises ValueError for a moment without a zone.
    """
    local = _in_london(moment)
    day = local.date()
    if is_working_day(day, overrides) and local.time() <= CUT_OFF:
        return day
    return next_working_day(day, overrides)


def due(received_at: datetime, working_days: int = 5, overrides: Overrides = NO_OVERRIDES) -> date:
    """Return the last day for something to be done "within N Working Days of receiving" (SEC App AC 4.16(c)).

    Day one is the first Working Day after the day of receipt; the whole of the returned day, in London, is in
    time.
    """
    return add_working_days(received_on(received_at, overrides), working_days, overrides)


def explain(received_at: datetime, working_days: int = 5, overrides: Overrides = NO_OVERRIDES) -> list[CountedDay]:
    """Return the count of `due` day by day, from the day of arrival to the due date, each with its reason."""
    local = _in_london(received_at)
    start = received_on(received_at, overrides)
    days = [CountedDay(local.date(), counted=False, why=_arrival(local, start, overrides))]
    number = 0
    for day in _days_from(local.date() + _ONE_DAY, add_working_days(start, working_days, overrides)):
        counts = day > start and is_working_day(day, overrides)
        number += counts
        days.append(CountedDay(day, counts, _reason(day, start, f"{number} of {working_days}", overrides)))
    return days


def _arrival(local: datetime, start: date, overrides: Overrides) -> str:
    arrived = f"Received on {_name(local.date())} at {local:%H:%M}"
    if start == local.date():
        return f"{arrived}; the count begins on the next Working Day."
    off = _day_off(local.date(), overrides)
    because = f"which is {off}" if off else f"after {CUT_OFF:%H:%M}"
    return f"{arrived}, {because}, so it counts as received on {_name(start)}."


def _reason(day: date, start: date, number: str, overrides: Overrides) -> str:
    off = _day_off(day, overrides)
    if off:
        return f"{_name(day)} is {off}."
    if day == start:
        return f"{_name(day)} counts as the day of receipt."
    not_kept = _holidays_of(day.year).get(day) if day in overrides.removed else None
    return f"{_name(day)} is Working Day {number}{f'; {not_kept} is not kept that day' if not_kept else ''}."


def _day_off(day: date, overrides: Overrides) -> str | None:
    """Return in words why a date is no Working Day, or None when it is one."""
    holiday = holiday_on(day, overrides)
    if holiday is not None:
        return f"a bank holiday ({holiday})"
    return f"a {day:%A}" if is_weekend(day) else None


def day_in_words(day: date) -> str:
    """Return "Fri 15 May 2026"."""
    return f"{_name(day)} {day.year}"


def _name(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _days_from(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _in_london(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("A moment without a zone cannot be placed on a day: give an aware datetime.")
    return moment.astimezone(LONDON)


@lru_cache(maxsize=64)
def _holidays_of(year: int) -> Mapping[date, str]:
    """Return the holidays of a year, made at once: the library's lazy filling is unsafe between threads."""
    found = holidays.country_holidays("GB", subdiv="ENG", years=year, expand=False)
    return MappingProxyType(dict(found.items()))
