"""Housekeeping removes 1 % of an estate: near a bare DELETE by its index, and as quickly from a larger table."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench.estate import estate
from bench.harness import Clock, Options, Result, at_most, counted, expect, timed
from inventory.actions import housekeeping
from inventory.durations import due_before
from inventory.models import Device, DeviceModel, HousekeepingRule, RemovedDevice
from inventory.models.choices import DeviceType, SmiStatus
from ssi.access.actor import Actor
from ssi.eui64 import Eui64

TIMES_THE_FLOOR = 2.0
TIMES_FROM_A_TENTH = 2.0
ONE_IN = 100

_FIRST_DEVICE_ID = Eui64.parse("1E-5C-00-00-00-00-00-00").as_bigint

# Commissioned meters, and Pending ones of two types evenly among them: ours to remove, and the floor's.
_DEVICES = """
INSERT INTO inventory_device
    (device_id, device_type, device_model_id, smi_status, notified_by_id, notified_at, status_since)
SELECT %(first)s + n, kind.device_type, kind.model, CASE WHEN is_due THEN %(pending)s ELSE %(commissioned)s END,
    (%(installers)s::bigint[])[1 + n %% %(many)s], %(since)s - make_interval(mins => (n %% 500000)::int),
    %(since)s - make_interval(mins => (n %% 500000)::int)
FROM generate_series(0, %(devices)s - 1) n
CROSS JOIN LATERAL (SELECT n %% %(every)s IN (0, %(every)s / 2) AS is_due, n %% %(every)s = 0 AS is_ours) of
CROSS JOIN LATERAL (SELECT CASE WHEN is_ours THEN %(gsme)s ELSE %(esme)s END AS device_type,
    CASE WHEN is_ours THEN %(gsme_model)s ELSE %(esme_model)s END AS model) kind
"""

_BARE = "DELETE FROM inventory_device WHERE smi_status = %s AND device_type = %s AND status_since < %s"


def run(options: Options) -> Iterator[Result]:
    """Remove as many from a tenth of the estate and from the whole of it; then delete as many, bare.

    What is deleted bare leaves nothing behind: no row by which it is found, and told of, afterwards.
    """
    due = options.size // ONE_IN
    HousekeepingRule.objects.update_or_create(device_type=DeviceType.ESME, defaults={"is_excluded": True})
    _grow(0, options.size // 10, due)
    early, early_statements = _removed(due)
    _bare_delete()
    _grow(options.size // 10, options.size - options.size // 10, due)
    ours, statements = _removed(due)
    deleted = _bare_delete()
    HousekeepingRule.objects.all().delete()
    yield Result(
        f"Housekeeping: {due:,} of {options.size:,} devices, against the bare DELETE",
        due,
        ours,
        deleted,
        wanted=at_most(TIMES_THE_FLOOR),
    )
    yield Result(
        f"   as many from {options.size:,} as from {options.size // 10:,} devices",
        due,
        ours,
        early,
        wanted=at_most(TIMES_FROM_A_TENTH),
    )
    yield Result("   statements, from the whole and from the tenth", due, value=f"{statements} {early_statements}")


def _grow(first: int, devices: int, due: int) -> None:
    """Add devices of which so many of each kind are due."""
    models = {
        each: DeviceModel.objects.get_or_create(
            device_type=each, manufacturer="2F01", model="41A00102", firmware_version="00020311"
        )[0].pk
        for each in (DeviceType.ESME, DeviceType.GSME)
    }
    facts: dict[str, Any] = {
        "first": _FIRST_DEVICE_ID + first,
        "devices": devices,
        "every": max(2, devices // due),
        "pending": SmiStatus.PENDING.value,
        "commissioned": SmiStatus.COMMISSIONED.value,
        "installers": [each.as_bigint for each in estate().installers],
        "many": len(estate().installers),
        "since": due_before(timezone.localdate(), 12) - timedelta(days=1),
        "esme": DeviceType.ESME.value,
        "gsme": DeviceType.GSME.value,
        "esme_model": models[DeviceType.ESME],
        "gsme_model": models[DeviceType.GSME],
    }
    with connection.cursor() as cursor:
        cursor.execute(_DEVICES, facts)
        cursor.execute("VACUUM ANALYZE inventory_device")
        cursor.execute("CHECKPOINT")


def _removed(due: int) -> tuple[Clock, int]:
    """Run housekeeping; return how long it took, and with how many statements."""
    before = RemovedDevice.objects.count()
    expect("due", Device.objects.filter(smi_status=SmiStatus.PENDING).count() >= 2 * due, True)
    with counted() as statements, timed() as clock:
        (done,) = housekeeping.run(by=Actor.system())
    expect("kept of those removed", RemovedDevice.objects.count() - before, done.removed)
    expect("left to remove", Device.objects.filter(device_type=DeviceType.GSME).count(), 0)
    return clock, len(statements)


def _bare_delete() -> Clock:
    """Delete the others by the same index, in one statement, committed."""
    before = due_before(timezone.localdate(), 12)
    with timed() as clock, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BARE, [SmiStatus.PENDING.value, DeviceType.ESME.value, before])
    return clock
