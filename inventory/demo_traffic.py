"""The demo's traffic by the hour, against which thresholds are held.

Counted as always from the demo's audit trail; on top of it, hours of five SRVs of which the trail has no messages:
tariffs and prices, top-ups, disconnecting and connecting. These are made up: they stand in the roll-up alone, and
no message belongs to them. The same every time, dated from today.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from django.db import connection
from django.utils import timezone

from inventory.actions import traffic
from inventory.models import TrafficCounted, TrafficHour
from ssi.accounts.demo_accounts import BRIGHTGRID, NORTHLIGHT
from ssi.eui64 import Eui64

SEED: Final = 7_20
DAYS: Final = 91
SENDERS: Final = ((NORTHLIGHT, 1.0), (BRIGHTGRID, 0.7))
"""Who sends, and how much of what Northlight does."""

TARIFF_DAY_EVERY: Final = 28
_SATURDAY: Final = 5
_OFFICE: Final = range(8, 18)
_AWAKE: Final = range(6, 23)
_TARIFFS: Final = (("1.1.1", 11), ("1.2.1", 9))
_SWITCHING: Final = (("7.1", 7), ("7.2", 6))
_COLUMNS: Final = "user_id, began_at, srv, is_pre_command, messages"
_INTO: Final = f"COPY {TrafficHour._meta.db_table} ({_COLUMNS}) FROM STDIN"

Sent = tuple[datetime, str, bool, int]


def load() -> str:
    """Count the demo's trail, make up the rest, and return a phrase for the terminal; "" if there is some."""
    if TrafficHour.objects.exists():
        return ""
    traffic.refresh()
    until = TrafficCounted.objects.get().until_at
    begin = until - timedelta(days=DAYS)
    random = Random(SEED)  # noqa: S311 - the same traffic every time is the point
    with connection.cursor() as cursor, cursor.copy(_INTO) as copy:
        for sender, share in SENDERS:
            user_id = Eui64.parse(sender.user_id).as_bigint
            for began_at, srv, is_pre_command, messages in _hours(random, begin, until):
                if sent := round(messages * share):
                    copy.write_row((user_id, began_at, srv, is_pre_command, sent))
    TrafficCounted.objects.update(apart_since_at=begin)
    return f"{TrafficHour.objects.count():,} hours of traffic"


def _hours(random: Random, begin: datetime, until: datetime) -> Iterator[Sent]:
    """Yield what is sent in each hour, of each SRV and type; Critical ones come twice."""
    hours = (until - begin) // timedelta(hours=1)
    for number in range(hours):
        began_at = begin + timedelta(hours=number)
        local = timezone.localtime(began_at)
        days_ago = (timezone.localdate(until) - local.date()).days
        yield from ((began_at, *each) for each in _of_hour(random, local, days_ago))


def _of_hour(random: Random, local: datetime, days_ago: int) -> Iterator[tuple[str, bool, int]]:
    if local.hour in _AWAKE:
        evening = 12 if local.hour in range(17, 21) else 0
        yield "2.2", False, random.randint(9, 34) + evening
    if local.hour not in _OFFICE or _is_weekend(local.date()):
        return
    for srv, most in _TARIFFS:
        busy = 3 if days_ago % TARIFF_DAY_EVERY in range(9, 12) else 1
        yield from _twice(srv, random.randint(most // 2, most) * busy)
    for srv, most in _SWITCHING:
        yield from _twice(srv, max(0, random.randint(-4, most)))


def _twice(srv: str, messages: int) -> Iterator[tuple[str, bool, int]]:
    yield srv, False, messages
    yield srv, True, messages


def _is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY
