"""Housekeeping removes 1 % of an estate: near a bare DELETE by its index, and as quickly from a larger table."""

import statistics
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from bench import small
from bench.estate import installers, loaded
from bench.harness import Clock, Options, Result, at_most, counted, expect, timed
from inventory.actions import housekeeping
from inventory.durations import due_before
from inventory.models import Device, DeviceModel, HousekeepingRule
from inventory.models.choices import DeviceType, SmiStatus
from ssi.access.actor import Actor
from ssi.eui64 import Eui64

TIMES_THE_FLOOR: Final = 2.0
TIMES_FROM_FEW: Final = 2.0
ONE_IN: Final = 100
PAIRS: Final = 3
MOST_MONTHS: Final = 120
"""That our first devices may be Pending: far longer than any of the estate is, so that none of those is due."""

OURS: Final = DeviceType.GSME
BARE: Final = DeviceType.ESME
_FIRST_DEVICE_ID: Final = Eui64.parse("1E-5C-00-00-00-00-00-00").as_bigint

# A consignment: so many meters of a type, pre-notified one after another within a fortnight, never installed.
_CONSIGNMENT: Final = """
INSERT INTO inventory_device
    (device_id, device_type, device_model_id, smi_status, notified_by_id, notified_at, status_since)
SELECT %(first)s + n, %(device_type)s, %(model)s, %(pending)s,
    (%(installers)s::bigint[])[1 + n %% %(many)s], at, at
FROM (SELECT n, %(since)s - make_interval(secs => n * 1000000.0 / %(devices)s) AS at
    FROM generate_series(0, %(devices)s - 1) n) one
"""

_BARE: Final = "DELETE FROM inventory_device WHERE smi_status = %s AND device_type = %s AND status_since < %s"


class Pair(NamedTuple):
    """How long as many devices took us, and the bare DELETE; and our statements."""

    ours: Clock
    bare: Clock
    statements: int

    @property
    def ratio(self) -> float:
        """Return how many times the floor's time ours is."""
        return self.ours.seconds / self.bare.seconds


def run(options: Options) -> Iterator[Result]:
    """Remove as many from the estate, again and again, as are deleted bare; then as many from a small table.

    What is deleted bare leaves nothing behind: no row by which it is found, and told of, afterwards.
    """
    loaded(options)
    due = max(1, options.size // ONE_IN)
    whole = _median(_pairs(due))
    with small.inside():
        beside = Device.objects.count()
        few = _median(_pairs(due))
    yield Result(
        f"Housekeeping: {due:,} of {options.size:,} devices, against the bare DELETE",
        due,
        whole.ours,
        whole.bare,
        wanted=at_most(TIMES_THE_FLOOR),
    )
    yield Result(
        f"   as many from {options.size:,} as from {beside + 2 * PAIRS * due:,} devices",
        due,
        whole.ours,
        few.ours,
        wanted=at_most(TIMES_FROM_FEW),
    )
    yield Result(
        "   statements, from the large and from the small", due, value=f"{whole.statements} {few.statements}"
    )


def _median(pairs: Sequence[Pair]) -> Pair:
    middle = statistics.median_low(each.ratio for each in pairs)
    return next(each for each in pairs if each.ratio == middle)


def _pairs(due: int) -> list[Pair]:
    """Have consignments come, and remove them, ours and bare in turn, each the first work since a checkpoint."""
    for number in range(PAIRS):
        for device_type in (OURS, BARE):
            _consign(number, device_type, due)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE inventory_device")
    for device_type in DeviceType:
        HousekeepingRule.objects.update_or_create(device_type=device_type, defaults={"is_excluded": True})
    pairs = []
    for number in range(PAIRS):
        if number % 2:
            bare, (ours, statements) = _deleted(number, due), _removed(number, due)
        else:
            (ours, statements), bare = _removed(number, due), _deleted(number, due)
        pairs.append(Pair(ours, bare, statements))
    HousekeepingRule.objects.all().delete()
    return pairs


def _before(number: int) -> datetime:
    """Return before when the devices of a consignment became Pending, each a month later than the one before."""
    return due_before(timezone.localdate(), MOST_MONTHS - number)


def _first_id(number: int, device_type: DeviceType) -> int:
    return _FIRST_DEVICE_ID + ((2 * number + (device_type == BARE)) << 32)


def _consign(number: int, device_type: DeviceType, due: int) -> None:
    """Add devices of a type that are due a month later than those of the number before."""
    model, _ = DeviceModel.objects.get_or_create(
        device_type=device_type, manufacturer="2F01", model="41A00102", firmware_version="00020311"
    )
    parties = [each.as_bigint for each in installers()]
    facts: dict[str, Any] = {
        "first": _first_id(number, device_type),
        "device_type": device_type.value,
        "model": model.pk,
        "pending": SmiStatus.PENDING.value,
        "installers": parties,
        "many": len(parties),
        "since": _before(number) - timedelta(days=1),
        "devices": due,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CONSIGNMENT, facts)


def _removed(number: int, due: int) -> tuple[Clock, int]:
    """Run housekeeping; return how long it took, and with how many statements."""
    HousekeepingRule.objects.filter(device_type=OURS).update(is_excluded=False, months=MOST_MONTHS - number)
    _check(number, OURS, due)
    with counted() as statements, timed() as clock:
        (done,) = housekeeping.run(by=Actor.system())
    expect("removed", done.removed, due)
    _check(number, OURS, 0)
    return clock, len(statements)


def _deleted(number: int, due: int) -> Clock:
    """Delete as many by the same index, in one statement, committed."""
    _check(number, BARE, due)
    with timed() as clock, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BARE, [SmiStatus.PENDING.value, BARE.value, _before(number)])
        deleted = cursor.rowcount
    expect("deleted", deleted, due)
    return clock


def _check(number: int, device_type: DeviceType, devices: int) -> None:
    """See that so many of a consignment are there; have what happened before written to the disk."""
    first = _first_id(number, device_type)
    found = Device.objects.filter(device_id__gte=Eui64(first), device_id__lt=Eui64(first + (1 << 32))).count()
    expect(f"{device_type.duis} of consignment {number}", found, devices)
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
