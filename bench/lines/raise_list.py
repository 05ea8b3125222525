"""Checked lists are confirmed and their requests raised: 50,000 in under 30 seconds, and near the bare INSERTs.

After each list as many requests are inserted bare into the same tables, and the pair in the middle counts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from bench.estate import estate, new_devices
from bench.harness import Clock, Options, Pair, Result, at_most, expect, middle, timed
from incidents.actions import batches
from incidents.actions.batches import MOST_DEVICES
from incidents.actions.bulk import engine
from incidents.models import BulkJob, InstallCodeRequest

SECONDS_PER_LIST: Final = 30.0
TIMES_THE_FLOOR: Final = 2.0
FEWEST_LISTS: Final = 5

# The same rows once more under keys, references and devices of their own: for the floor to insert.
_STAGE = (
    """
CREATE TEMP TABLE floor_request AS SELECT * FROM incidents_installcoderequest WHERE batch_id = %(job)s
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
WHERE r.batch_id = %(job)s AND log.about = 'install_code_request'
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


@dataclass(frozen=True, slots=True)
class Raised(Pair):
    """A list raised, and as many requests inserted bare; and how long that took for each table."""

    tables: Mapping[str, Clock]


def run(options: Options) -> Iterator[Result]:
    """Raise requests in lists, of 50,000 where there are that many."""
    each = min(MOST_DEVICES, max(1, options.requests // FEWEST_LISTS))
    _carried_out(_checked(12))  # a worker that has been up for a while has imported everything
    pairs = [_raised(min(each, options.requests - begun)) for begun in range(0, options.requests, each)]
    ours, chosen = sum((pair.ours for pair in pairs), Clock()), middle(pairs)
    full = MOST_DEVICES / options.requests
    yield Result(
        f"Raise {MOST_DEVICES:,} requests: confirm to done, at the pace of all lists",
        options.requests,
        Clock(ours.seconds * full, ours.cpu * full),
        limit=f"< {SECONDS_PER_LIST:g} s",
        kept=ours.seconds * full < SECONDS_PER_LIST,
    )
    slowest = max((pair.ours for pair in pairs), key=lambda clock: clock.seconds)
    yield Result("   the slowest list", each, slowest)
    yield Result("   all lists, one after another", options.requests, ours)
    yield Result(
        "Raise a list, against bare INSERTs into the same tables",
        each,
        chosen.ours,
        chosen.bare,
        wanted=at_most(TIMES_THE_FLOOR),
    )
    for table, alone in chosen.tables.items():
        yield Result(f"   floor: {table}", each, floor=alone)


def _raised(many: int) -> Raised:
    job = _checked(many)
    ours = _carried_out(job)
    expect("raised", InstallCodeRequest.objects.filter(batch=job).count(), many)
    tables = _floor(job)
    return Raised(ours, sum(tables.values(), Clock()), tables)


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


def _floor(job: BulkJob) -> dict[str, Clock]:
    """Return the time that one bare INSERT … SELECT of the same rows takes into each table.

    Indexes, keys and constraints are those of the tables, checked and committed. Triggers rest: the log is not
    chained for this, and what they write into the narrow tables beside the requests is inserted as well.
    """
    clocks: dict[str, Clock] = {}
    with connection.cursor() as cursor:
        for statement in _STAGE:
            cursor.execute(statement, {"job": job.pk} if "%(job)s" in statement else None)
        for staged, (table, order) in _TABLES.items():
            columns = _columns_of(table, without_key=staged in {"floor_obligation", "floor_event"})
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # keys stay; the log's chain rests
            with timed() as clocks[table], transaction.atomic():
                cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {staged} ORDER BY {order}")  # noqa: S608 - model names
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute(f"DROP TABLE {', '.join(_TABLES)}")
    return clocks


def _columns_of(table: str, *, without_key: bool) -> str:
    with connection.cursor() as cursor:
        names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    return ", ".join(name for name in names if not (without_key and name == "id"))
