"""What a User sent, by the periods in which thresholds count: clock hours, and days of London's calendar.

The running hour and day count as far as they have come. Messages are kept by User ID, not by User Role.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format

from ssi.eui64 import Eui64
from ssi.refusals import Refusal
from ssi.uploads import traffic
from ssi.uploads.models.choices import Period
from ssi.uploads.service_reference_variants import natural_order

FORECAST_DAYS: Final = 30
"""The busiest period of so many days stands for what is expected (W50)."""

PEAK_DAYS: Final = 90
"""Thresholds below the busiest period of so many days hold what is usual (W51)."""


class TrafficTooLong(Refusal):
    """The messages of these days are still being counted, and reading them one by one takes too long."""

    suggestion = "Come back in ten minutes: the portal counts them by itself."


class What(NamedTuple):
    """What a threshold counts: messages of one SRV and type in one period."""

    srv: str
    message_type: str
    period: str

    @property
    def place(self) -> tuple[tuple[int, ...], str, str]:
        """Return where it stands in a list: 8.1.1 before 8.11."""
        return natural_order(self.srv), self.message_type, self.period


class Slot(NamedTuple):
    """One hour: when it began, London's day it belongs to, and how many messages were sent in it."""

    began_at: datetime
    day: date
    messages: int


@dataclass(frozen=True, slots=True)
class Busiest:
    """The period in which most was sent; `began_at` is when the hour or London's day began."""

    messages: int
    period: str
    began_at: datetime

    @property
    def when(self) -> str:
        """Return the period in words, such as "Fri 13 Nov 2026" or "Fri 13 Nov 2026, 09:00"."""
        return in_words(self.period, self.began_at)


@dataclass(frozen=True, slots=True)
class Peaks:
    """The busiest period of the last 30 days, None where nothing was sent in them, and of the last 90."""

    last_30: Busiest | None
    last_90: Busiest


def in_words(period: str, began_at: datetime) -> str:
    """Return a period in words, London's."""
    return date_format(timezone.localtime(began_at), "D j M Y" if period == Period.DAY else "D j M Y, H:i")


def begin_of(day: date) -> datetime:
    """Return when a day begins in London."""
    return timezone.make_aware(datetime.combine(day, time.min))


def since(days: int, now: datetime) -> datetime:
    """Return when the replay of the last so many whole days begins; the running day comes on top."""
    return begin_of(timezone.localdate(now) - timedelta(days=days))


def slots(
    user_id: Eui64, begin: datetime, end: datetime, srvs: Collection[str] = ()
) -> Mapping[tuple[str, str], Sequence[Slot]]:
    """Return what the User sent by SRV and message type, each in the order of time; hours without any left out."""
    days: dict[datetime, date] = {}
    found: dict[tuple[str, str], list[Slot]] = defaultdict(list)
    for srv, message_type, began_at, messages in traffic.hours(user_id, begin, end, srvs):
        if began_at not in days:
            days[began_at] = timezone.localdate(began_at)
        found[srv, message_type].append(Slot(began_at, days[began_at], messages))
    for each in found.values():
        each.sort()
    return found


def by_day(hours: Sequence[Slot]) -> dict[date, int]:
    """Return how much was sent on each day on which anything was."""
    sums: dict[date, int] = defaultdict(int)
    for _, day, messages in hours:
        sums[day] += messages
    return sums


def peaks(user_id: Eui64, *, now: datetime, srvs: Collection[str] = ()) -> Mapping[What, Peaks]:
    """Return the busiest periods of everything that the User sent in the last 90 days."""
    late = since(FORECAST_DAYS, now)
    found = {}
    for (srv, message_type), hours in slots(user_id, since(PEAK_DAYS, now), now, srvs).items():
        for period, counted in _periods(hours):
            of_late = [each for each in counted if each[1] >= late]
            found[What(srv, message_type, period)] = Peaks(
                _busiest(period, of_late) if of_late else None, _busiest(period, counted)
            )
    return found


def _periods(hours: Sequence[Slot]) -> Iterator[tuple[str, list[tuple[int, datetime]]]]:
    """Yield each period with how much was sent in each of its kind, and when that began."""
    yield Period.HOUR, [(messages, began_at) for began_at, _, messages in hours]
    yield Period.DAY, [(sent, begin_of(day)) for day, sent in by_day(hours).items()]


def _busiest(period: str, counted: Sequence[tuple[int, datetime]]) -> Busiest:
    """Return the period with the most; of several the last."""
    messages, began_at = max(counted)
    return Busiest(messages, period, began_at)
