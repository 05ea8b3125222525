"""Housekeeping removes 1 % of an estate: near a bare DELETE by its index, and as quickly from a larger table."""

from collections.abc import Iterator, Mapping, Sequence
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
TURNS: Final = 3
TURNS_OF_FEW: Final = 15
TURNS_BESIDE: Final = 5
FEW: Final = 50_000
"""Devices that are removed within a second: what else the machine does at that moment then counts for much."""

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
    """Remove as many from the estate as are deleted bare, and as many from a small table, again and again.

    What is deleted bare leaves nothing behind: no row by which it is found, and told of, afterwards.
    """
    loaded(options)
    due = max(1, options.size // ONE_IN)
    turns = TURNS_OF_FEW if due <= FEW else TURNS
    alone, beside_each_other = range(turns), range(turns, turns + TURNS_BESIDE)
    _prepare(due, {OURS: (*alone, *beside_each_other), BARE: alone})
    with small.inside():
        _prepare(due, {OURS: beside_each_other})
        beside = Device.objects.count()
    whole = middle([_pair(turn, due) for turn in alone])
    large_and_small = middle([_large_and_small(turn, due) for turn in beside_each_other])
    HousekeepingRule.objects.all().delete()
    yield Result(
        f"Housekeeping: {due:,} of {options.size:,} devices, against the bare DELETE",
        due,
        whole.ours,
        whole.bare,
        wanted=at_most(TIMES_THE_FLOOR),
    )
    yield Result(
        f"   as many from {options.size:,} as from {beside:,} devices",
        due,
        large_and_small.ours,
        large_and_small.bare,
        wanted=at_most(TIMES_FROM_FEW),
    )
    statements = f"{whole.statements} {large_and_small.statements}"
    yield Result("   statements, from the large and from the small", due, value=statements)


def _prepare(due: int, turns: Mapping[DeviceType, Sequence[int]]) -> None:
    """Add a consignment of each type for each of its turns, of which none is removed yet."""
    _consign(due, turns)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE inventory_device")
    for device_type in DeviceType:
        HousekeepingRule.objects.update_or_create(device_type=device_type, defaults={"is_excluded": True})


def _pair(turn: int, due: int) -> Removal:
    """Remove a consignment of each type, ours or the bare one first, each the first work since a checkpoint."""
    if turn % 2:
        bare, (ours, statements) = _deleted(turn, due), _removed(turn, due)
    else:
        (ours, statements), bare = _removed(turn, due), _deleted(turn, due)
    return Removal(ours, bare, statements)


def _large_and_small(turn: int, due: int) -> Removal:
    """Remove a consignment from the whole estate and one from the small table, the one or the other first."""
    if turn % 2:
        few, (many, _) = _removed_beside(turn, due), _removed(turn, due)
    else:
        (many, _), few = _removed(turn, due), _removed_beside(turn, due)
    return Removal(many, *few)


def _removed_beside(turn: int, due: int) -> tuple[Clock, int]:
    with small.inside():
        return _removed(turn, due)


def _before(number: int) -> datetime:
    """Return before when the devices of a consignment became Pending, each a month later than the one before."""
    return due_before(timezone.localdate(), MOST_MONTHS - number)


def _consign(due: int, turns: Mapping[DeviceType, Sequence[int]]) -> None:
    """Add consignments of some types, each due a month later than the one before."""
    models = {
        each: DeviceModel.objects.get_or_create(
            device_type=each, manufacturer="2F01", model="41A00103", firmware_version="00020311"
        )[0].pk
        for each in turns
    }
    sets = sorted((turn, each) for each, its_turns in turns.items() for turn in its_turns)
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
