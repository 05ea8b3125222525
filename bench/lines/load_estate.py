"""A synthetic estate is loaded: at no less than half the rows a second of a bare COPY of the same bytes."""

import re
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Final

from django.db import connection, transaction

from bench.estate import loaded
from bench.harness import Clock, Options, Result, at_least, expect, timed
from inventory.models import Device, DeviceStatusChange, MeterPoint, Registration
from inventory.synthetic.products import first_and_last

PART_OF_THE_RATE: Final = 0.5
MOST_BYTES: Final = 10e9
"""That the standard estate may take of a disk, with its indexes."""

STANDARD: Final = 20_000_000
COPIED_BARE: Final = 200_000
ONE_IN: Final = 20
"""Of a large estate, so many devices are copied bare, or every twentieth: an index that still fits into memory
takes rows faster, so a part makes the floor's rate higher, not lower."""

TABLES: Final = tuple(model._meta.db_table for model in (MeterPoint, Registration, Device, DeviceStatusChange))
_PIECE: Final = 1 << 18

# Whole homes: those of every n-th communications hub, so that no row lacks one that it names.
_CHOSEN = (
    """
CREATE TEMP TABLE floor_chosen AS
SELECT device_id, import_meter_point_id, export_meter_point_id, secondary_import_meter_point_id
FROM inventory_device
WHERE device_id >= %(first)s AND device_id < %(last)s
    AND (hashint8(coalesce(comms_hub_id, device_id)) & 2147483647) %% %(one_in)s = 0
""",
    """
CREATE TEMP TABLE floor_points AS
SELECT import_meter_point_id AS id FROM floor_chosen UNION SELECT export_meter_point_id FROM floor_chosen
UNION SELECT secondary_import_meter_point_id FROM floor_chosen
""",
    "ANALYZE floor_chosen",
    "ANALYZE floor_points",
)
_ROWS: Final = {
    MeterPoint: "id IN (SELECT id FROM floor_points) ORDER BY id",
    Registration: "meter_point_id IN (SELECT id FROM floor_points) ORDER BY id",
    Device: "device_id IN (SELECT device_id FROM floor_chosen) ORDER BY device_id",
    DeviceStatusChange: "device_id IN (SELECT device_id FROM floor_chosen) ORDER BY id",
}
_OF_TABLE: Final = {model._meta.db_table: rows for model, rows in _ROWS.items()}

_SIZES = """
WITH parts AS (SELECT relid FROM pg_partition_tree(%(table)s::regclass) UNION SELECT %(table)s::regclass)
SELECT sum(pg_table_size(relid)), sum(pg_indexes_size(relid)) FROM parts
"""


def run(options: Options) -> Iterator[Result]:
    """Load an estate; then COPY the same bytes into tables with the same indexes, keys and checks."""
    before, sizes = _rows(), _sizes()
    with timed() as ours:
        loaded(options)
    rows = _rows() - before
    expect("devices", Device.objects.count() >= options.size, True)
    database = _database_size()
    heap, indexes = ((after - early) / options.size for early, after in zip(sizes, _sizes(), strict=True))
    copied, floor = _floor(max(1, options.size // max(COPIED_BARE, options.size // ONE_IN)))
    share = rows / copied
    yield Result(
        f"Load an estate, against a bare COPY of {'it' if copied == rows else f'{copied:,} of its rows'}",
        rows,
        ours,
        Clock(floor.seconds * share, floor.cpu * share),
        wanted=at_least(PART_OF_THE_RATE),
        facts={
            "devices": options.size,
            "rows": rows,
            "seconds": ours.seconds,
            "rows_a_second": rows / ours.seconds,
            "floor_rows_a_second": copied / floor.seconds,
            "heap_bytes_a_device": heap,
            "index_bytes_a_device": indexes,
            "database_bytes": database,
        },
    )
    yield Result(
        "   rows a second, ours and the bare COPY's",
        rows,
        value=f"{rows / ours.seconds:,.0f} {copied / floor.seconds:,.0f}",
    )
    yield Result("   bytes a device, of tables and of indexes", options.size, value=f"{heap:.0f} {indexes:.0f}")
    standard = (heap + indexes) * STANDARD
    yield Result(
        f"   so {STANDARD // 10**6} million devices take",
        STANDARD,
        value=f"{standard / 1e9:.1f} GB",
        limit=f"<= {MOST_BYTES / 1e9:g} GB",
        kept=standard <= MOST_BYTES,
    )
    yield Result("   the whole database then", options.size, value=f"{database / 1e9:.2f} GB")


def _rows() -> int:
    return sum(model._default_manager.count() for model in _ROWS)


def _sizes() -> tuple[int, int]:
    """Return the bytes of the estate's tables, and of their indexes; of all their partitions."""
    heap = indexes = 0
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(_SIZES, {"table": table})
            of_table, of_indexes = cursor.fetchone()
            heap, indexes = heap + int(of_table), indexes + int(of_indexes)
    return heap, indexes


def _database_size() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _floor(one_in: int) -> tuple[int, Clock]:
    """COPY the rows of every n-th home into clones of the tables, bare; return how many, and how long it took."""
    first, last = (each.as_bigint for each in first_and_last())
    with connection.cursor() as cursor:
        for statement in _CHOSEN:
            facts = {"first": first, "last": last, "one_in": one_in} if "%(" in statement else None
            cursor.execute(statement, facts)
    with TemporaryFile() as kept:
        lengths = {table: _take_out(table, kept) for table in TABLES}
        for table in TABLES:
            _clone(table)
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
        kept.seek(0)
        with timed() as floor, transaction.atomic():
            rows = sum(_copy(table, kept, lengths[table]) for table in TABLES)
    with connection.cursor() as cursor:
        clones = ", ".join(f"floor_{table}" for table in TABLES)
        cursor.execute(f"DROP TABLE {clones}, floor_chosen, floor_points")
    return rows, floor


def _take_out(table: str, kept: IO[bytes]) -> int:
    """Write the chosen rows of a table as COPY sends and takes them; return their length."""
    begun = kept.tell()
    query = f"SELECT * FROM {table} WHERE {_OF_TABLE[table]}"  # noqa: S608 - our own
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)") as copy:
        for piece in copy:
            kept.write(piece)
    return kept.tell() - begun


def _clone(table: str) -> None:
    """Make an empty table like another, with its partitions, indexes, checks and foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_partkeydef(%s::regclass)", [table])
        (parted_by,) = cursor.fetchone()
        parting = f" PARTITION BY {parted_by}" if parted_by else ""
        cursor.execute(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL){parting}")
        cursor.execute(
            "SELECT part.relname, pg_get_expr(part.relpartbound, part.oid) FROM pg_inherits"
            " JOIN pg_class part ON part.oid = inhrelid WHERE inhparent = %s::regclass",
            [table],
        )
        for part, bound in cursor.fetchall():
            cursor.execute(f"CREATE TABLE floor_{part} PARTITION OF floor_{table} {bound}")
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        )
        for (key,) in cursor.fetchall():
            of_clones = re.sub(rf"REFERENCES ({'|'.join(TABLES)})\(", r"REFERENCES floor_\1(", key)
            cursor.execute(f"ALTER TABLE floor_{table} ADD {of_clones}")


def _copy(table: str, kept: IO[bytes], length: int) -> int:
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY floor_{table} FROM STDIN (FORMAT binary)") as copy:
            for begun in range(0, length, _PIECE):
                copy.write(kept.read(min(_PIECE, length - begun)))
        return int(cursor.rowcount)
