"""A pasted list is read and checked: 50,000 Device IDs in under 3 seconds."""

from collections.abc import Iterator

from django.db import connection, transaction

from bench.estate import estate, new_devices
from bench.harness import Clock, Options, Pair, Result, expect, middle, timed
from incidents.actions import batches
from incidents.actions.batches import MOST_DEVICES
from incidents.actions.bulk import engine
from incidents.models import BulkJob, BulkRow
from incidents.models.choices import BulkState

SECONDS = 3.0
PAIRS = 3
ONE_BAD_IN = 50

_FLOOR = """
SELECT count(device.device_type) FROM floor_row given
LEFT JOIN inventory_device device ON device.device_id = given.device_id
"""


def run(options: Options) -> Iterator[Result]:
    """Check full lists, one in fifty bad, each against a COPY of its rows and one bare join."""
    devices = min(options.size, MOST_DEVICES)
    chosen = middle([_checked(devices) for _ in range(PAIRS)])
    yield Result(
        "Check a list: read, store, look up",
        devices,
        chosen.ours,
        chosen.bare,
        limit=f"< {SECONDS:g} s",
        kept=chosen.ours.seconds < SECONDS,
    )


def _checked(devices: int) -> Pair:
    given = new_devices(devices)
    given[::ONE_BAD_IN] = [f"00-DB-13-00-00-{number:06X}" for number in range(0, len(given), ONE_BAD_IN)]
    with timed() as ours:
        job = batches.draft(given, estate().actor)
        engine.carry_on(job.pk)
    job = BulkJob.objects.get(pk=job.pk)
    expect("refused", (job.state, job.refused), (BulkState.CHECKED, -(-len(given) // ONE_BAD_IN)))
    return Pair(ours, _floor(job))


def _floor(job: BulkJob) -> Clock:
    """Return the time that a COPY of the same rows into such a table takes, and one bare join."""
    rows = list(BulkRow.objects.filter(job=job).order_by("line").values_list("line", "given", "device_id"))
    plain = [
        (job.pk, line, given, device_id and device_id.as_bigint, "", "", "", "") for line, given, device_id in rows
    ]
    columns = "job_id, line, given, device_id, choice, detail, finding, fact"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE floor_row (LIKE incidents_bulkrow INCLUDING ALL)")
        with timed() as floor:
            with cursor.copy(f"COPY floor_row ({columns}) FROM STDIN") as copy:
                for row in plain:
                    copy.write_row(row)
            cursor.execute(_FLOOR)
            cursor.fetchone()
        transaction.set_rollback(True)
    return floor
