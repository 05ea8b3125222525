"""A pasted list is read and checked: 50,000 Device IDs in under 3 seconds."""

from collections.abc import Iterator

from django.db import connection, transaction

from bench.estate import estate, new_devices
from bench.harness import Clock, Options, Result, expect, timed
from incidents.actions import batches
from incidents.actions.batches import MOST_DEVICES
from incidents.actions.bulk import engine
from incidents.models import BulkJob, BulkRow
from incidents.models.choices import BulkState

SECONDS = 3.0
ONE_BAD_IN = 50

_FLOOR = """
SELECT count(device.device_type) FROM floor_row given
LEFT JOIN inventory_device device ON device.device_id = given.device_id
"""


def run(options: Options) -> Iterator[Result]:
    """Check a full list, one in fifty bad, against a COPY of its rows and one bare join."""
    given = new_devices(min(options.size, MOST_DEVICES))
    given[::ONE_BAD_IN] = [f"00-DB-13-00-00-{number:06X}" for number in range(0, len(given), ONE_BAD_IN)]
    with timed() as ours:
        job = batches.draft(given, estate().actor)
        engine.carry_on(job.pk)
    job = BulkJob.objects.get(pk=job.pk)
    expect("refused", (job.state, job.refused), (BulkState.CHECKED, -(-len(given) // ONE_BAD_IN)))
    floor = _floor(job)
    yield Result(
        "Check a list: read, store, look up",
        len(given),
        ours,
        floor,
        limit=f"< {SECONDS:g} s",
        kept=ours.seconds < SECONDS,
    )


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
