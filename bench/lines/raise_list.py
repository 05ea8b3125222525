"""Checked lists are confirmed and their requests raised: 50,000 in under 30 seconds, and near the bare INSERTs."""

from collections.abc import Iterator, Sequence

from django.db import connection, transaction

from bench.estate import estate, new_devices
from bench.harness import Clock, Options, Result, at_most, expect, timed
from incidents.actions import batches
from incidents.actions.batches import MOST_DEVICES
from incidents.actions.bulk import engine
from incidents.models import BulkJob, InstallCodeRequest

SECONDS_PER_LIST = 30.0
TIMES_THE_FLOOR = 2.0

# The same rows once more under keys, references and devices of their own: for the floor to insert.
_STAGE = (
    """
CREATE TEMP TABLE floor_request AS SELECT * FROM incidents_installcoderequest WHERE batch_id = ANY(%(jobs)s)
""",
    """
ALTER TABLE floor_request ADD old_id bigint
""",
    """
UPDATE floor_request SET old_id = id, device_id = device_id + (1::bigint << 40),
    id = incidents_installcoderequest_new_id(),
    reference = 'INC' || lpad((floor(random() * 1e12)::bigint)::text, 12, '0')
""",
    """
CREATE TEMP TABLE floor_reference AS SELECT reference, id AS request_id FROM floor_request
""",
    """
CREATE TEMP TABLE floor_open AS
SELECT open.raised_by_party_id, r.device_id, r.id AS request_id
FROM incidents_openrequest open JOIN floor_request r ON r.old_id = open.request_id
""",
    """
CREATE TEMP TABLE floor_obligation AS
SELECT clock.* FROM incidents_obligation clock JOIN floor_request r ON r.old_id = clock.request_id
""",
    """
UPDATE floor_obligation SET request_id = r.id FROM floor_request r WHERE r.old_id = request_id
""",
    """
CREATE TEMP TABLE floor_event AS
SELECT step.* FROM incidents_installcoderequestevent step JOIN floor_request r ON r.old_id = step.request_id
""",
    """
UPDATE floor_event SET request_id = r.id FROM floor_request r WHERE r.old_id = request_id
""",
    """
CREATE TEMP TABLE floor_log AS
SELECT log.* FROM audit_auditevent log JOIN incidents_installcoderequest r USING (reference)
WHERE r.batch_id = ANY(%(jobs)s) AND log.about = 'install_code_request'
""",
    """
UPDATE floor_log SET id = id + (SELECT max(id) FROM audit_auditevent)
""",
)

_TABLES = {
    "floor_request": ("incidents_installcoderequest", "id"),
    "floor_reference": ("incidents_requestreference", "request_id"),
    "floor_open": ("incidents_openrequest", "device_id"),
    "floor_obligation": ("incidents_obligation", "id"),
    "floor_event": ("incidents_installcoderequestevent", "id"),
    "floor_log": ("audit_auditevent", "id"),
}
"""What is inserted into which table, and in what order."""


def run(options: Options) -> Iterator[Result]:
    """Raise requests in lists of 50,000; then insert as many again, bare, into the same tables."""
    _carried_out(_checked(12))  # a worker that has been up for a while has imported everything
    jobs = [
        _checked(min(MOST_DEVICES, options.requests - begun)) for begun in range(0, options.requests, MOST_DEVICES)
    ]
    clocks = [_carried_out(job) for job in jobs]
    expect("raised", InstallCodeRequest.objects.filter(batch__in=jobs).count(), options.requests)
    floor = _floor([job.pk for job in jobs])
    slowest = max(clocks, key=lambda clock: clock.seconds)
    ours, bare = sum(clocks, Clock()), sum(floor.values(), Clock())
    yield Result(
        "Raise a list: confirm to done (slowest list)",
        min(MOST_DEVICES, options.requests),
        slowest,
        limit=f"< {SECONDS_PER_LIST:g} s",
        kept=slowest.seconds < SECONDS_PER_LIST,
    )
    yield Result(
        "Raise lists, against bare INSERTs into the same tables",
        options.requests,
        ours,
        bare,
        wanted=at_most(TIMES_THE_FLOOR),
    )
    for table, alone in floor.items():
        yield Result(f"   floor: {table}", options.requests, floor=alone)


def _checked(many: int) -> BulkJob:
    job = batches.draft(new_devices(many), estate().actor)
    engine.carry_on(job.pk)
    return BulkJob.objects.get(pk=job.pk)


def _carried_out(job: BulkJob) -> Clock:
    with timed() as clock:
        batches.confirm(job.reference, estate().actor)
        while engine.carry_on(job.pk):
            pass
    return clock


def _floor(jobs: Sequence[int]) -> dict[str, Clock]:
    """Return the time that one bare INSERT … SELECT of the same rows takes into each table.

    Indexes, keys and constraints are those of the tables, checked and committed. Triggers rest: the log is not
    chained for this, and what they write into the narrow tables beside the requests is inserted as well.
    """
    clocks: dict[str, Clock] = {}
    with connection.cursor() as cursor:
        for statement in _STAGE:
            cursor.execute(statement, {"jobs": list(jobs)} if "%(jobs)s" in statement else None)
        for staged, (table, order) in _TABLES.items():
            columns = _columns_of(table, without_key=staged in {"floor_obligation", "floor_event"})
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # keys stay; the log's chain rests
            with timed() as clocks[table], transaction.atomic():
                cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {staged} ORDER BY {order}")  # noqa: S608 - model names
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    return clocks


def _columns_of(table: str, *, without_key: bool) -> str:
    with connection.cursor() as cursor:
        names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    return ", ".join(name for name in names if not (without_key and name == "id"))
