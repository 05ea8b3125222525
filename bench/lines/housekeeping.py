"""Housekeeping removes 1 % of an estate: near a bare DELETE by its index, and as quickly from a larger table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from bench import small
from bench.estate import installers, loaded
from bench.harness import Clock, Options, Pair, Result, at_most, counted, expect, middle, timed
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
PAIRS_OF_FEW: Final = 11
FEW: Final = 50_000
"""Devices that are removed within a second: what else the machine does at that moment then counts for much."""

PAIRS_BESIDE: Final = 5
"""In the small table, where few are kept apart from many by far more than the machine's moods."""

MOST_MONTHS: Final = 120
"""That our first devices may be Pending: far longer than any of the estate is, so that none of those is due."""

OURS: Final = DeviceType.GSME
BARE: Final = DeviceType.ESME
_FIRST_DEVICE_ID: Final = Eui64.parse("1E-5C-00-00-00-00-00-00").as_bigint

# Meters of two types, pre-notified within a fortnight. Those of one consignment stand among those of the others,
# as those that were never installed stand among those that were; a shared page holds some of each.
_CONSIGNMENTS: Final = """
INSERT INTO inventory_device
    (device_id, device_type, device_model_id, smi_status, notified_by_id, notified_at, status_since)
SELECT %(first)s + n * %(sets)s + number, device_type, model, %(pending)s,
    (%(installers)s::bigint[])[1 + n %% %(many)s], at, at
FROM generate_series(0, %(devices)s - 1) n CROSS JOIN
    unnest(%(numbers)s::int[], %(types)s::int[], %(models)s::bigint[], %(since)s::timestamptz[])
        AS consignment (number, device_type, model, since)
CROSS JOIN LATERAL (SELECT since - make_interval(secs => n * 1000000.0 / %(devices)s) AS at) one
ORDER BY n, number
"""

_BARE: Final = "DELETE FROM inventory_device WHERE smi_status = %s AND device_type = %s AND status_since < %s"


@dataclass(frozen=True, slots=True)
class Removal(Pair):
    """As many removed by housekeeping and deleted bare; and with how many statements of ours."""

    statements: int


def run(options: Options) -> Iterator[Result]:
    """Remove as many from the estate, again and again, as are deleted bare; then as many from a small table.

    What is deleted bare leaves nothing behind: no row by which it is found, and told of, afterwards.
    """
    loaded(options)
    due = max(1, options.size // ONE_IN)
    number = PAIRS_OF_FEW if due <= FEW else PAIRS
    whole = middle(_pairs(due, number))
    with small.inside():
        beside = Device.objects.count()
        few = middle(_pairs(due, PAIRS_BESIDE))
    yield Result(
        f"Housekeeping: {due:,} of {options.size:,} devices, against the bare DELETE",
        due,
        whole.ours,
        whole.bare,
        wanted=at_most(TIMES_THE_FLOOR),
    )
    yield Result(
        f"   as many from {options.size:,} as from {beside + 2 * PAIRS_BESIDE * due:,} devices",
        due,
        whole.ours,
        few.ours,
        wanted=at_most(TIMES_FROM_FEW),
    )
    yield Result(
        "   statements, from the large and from the small", due, value=f"{whole.statements} {few.statements}"
    )


def _pairs(due: int, many: int) -> list[Removal]:
    """Remove consignments, ours and bare in turn, each the first work since a checkpoint."""
    _consign(due, many)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE inventory_device")
    for device_type in DeviceType:
        HousekeepingRule.objects.update_or_create(device_type=device_type, defaults={"is_excluded": True})
    pairs = []
    for number in range(many):
        if number % 2:
            bare, (ours, statements) = _deleted(number, due), _removed(number, due)
        else:
            (ours, statements), bare = _removed(number, due), _deleted(number, due)
        pairs.append(Removal(ours, bare, statements))
    HousekeepingRule.objects.all().delete()
    return pairs


def _before(number: int) -> datetime:
    """Return before when the devices of a consignment became Pending, each a month later than the one before."""
    return due_before(timezone.localdate(), MOST_MONTHS - number)


def _consign(due: int, many: int) -> None:
    """Add consignments of both types, each due a month later than the one before."""
    models = {
        each: DeviceModel.objects.get_or_create(
            device_type=each, manufacturer="2F01", model="41A00103", firmware_version="00020311"
        )[0].pk
        for each in (OURS, BARE)
    }
    sets = [(number, each) for number in range(many) for each in (OURS, BARE)]
    parties = [each.as_bigint for each in installers()]
    facts: dict[str, Any] = {
        "first": _FIRST_DEVICE_ID,
        "sets": len(sets),
        "numbers": list(range(len(sets))),
        "types": [each.value for _, each in sets],
        "models": [models[each] for _, each in sets],
        "since": [_before(number) - timedelta(days=1) for number, _ in sets],
        "pending": SmiStatus.PENDING.value,
        "installers": parties,
        "many": len(parties),
        "devices": due,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CONSIGNMENTS, facts)


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
    of_line = Device.objects.filter(device_id__gte=Eui64(_FIRST_DEVICE_ID), device_type=device_type)
    found = of_line.filter(smi_status=SmiStatus.PENDING, status_since__lt=_before(number)).count()
    expect(f"{device_type.duis} of consignment {number}", found, devices)
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
