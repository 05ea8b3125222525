"""A synthetic estate is loaded: at no less than half the rows a second of a bare COPY of the same bytes.

An estate that loads within seconds is measured in pairs, of which the one in the middle counts: smaller estates,
each in an empty database of its own, where its rows are copied bare right afterwards. A large one takes minutes,
in which the machine's moods even out: its one load is set against a bare COPY of a part of its rows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from typing import IO, Final

from django.db import connection, transaction

from bench import small
from bench.estate import loaded
from bench.harness import Clock, Options, Pair, Result, at_least, expect, middle, timed
from inventory.models import Device, DeviceStatusChange, MeterPoint, Registration
from inventory.synthetic.products import first_and_last

PART_OF_THE_RATE: Final = 0.5
MOST_BYTES: Final = 10e9
"""That the standard estate may take of a disk, with its indexes."""

STANDARD: Final = 20_000_000
PAIRS: Final = 3
OF_A_PAIR: Final = 200_000
WITHIN_SECONDS: Final = 1_000_000
ONE_IN: Final = 20
"""Of a large estate every twentieth device is copied bare: an index that still fits into memory takes rows faster,
so a part makes the floor's rate higher, not lower."""

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


@dataclass(frozen=True, slots=True)
class Load(Pair):
    """An estate of so many devices loaded; and as many rows copied bare, at the pace at which `copied` were."""

    devices: int
    rows: int
    copied: int


def run(options: Options) -> Iterator[Result]:
    """Load an estate; then COPY the same bytes into tables with the same indexes, keys and checks."""
    pairs = list(_in_pairs(options)) if options.size <= WITHIN_SECONDS else []
    sizes = _sizes()
    ours, rows = _loaded(options)
    database = _database_size()
    heap, indexes = ((after - early) / options.size for early, after in zip(sizes, _sizes(), strict=True))
    chosen = middle(pairs or [_paired(options.size, ours, rows, one_in=ONE_IN)])
    what = f"{chosen.devices:,} devices, against a bare COPY of "
    yield Result(
        f"Load {what}{'them' if pairs else f'{chosen.copied:,} of their rows'}",
        chosen.rows,
        chosen.ours,
        chosen.bare,
        wanted=at_least(PART_OF_THE_RATE),
    )
    yield Result(
        "   rows a second, ours and the bare COPY's",
        chosen.rows,
        value=f"{chosen.rows / chosen.ours.seconds:,.0f} {chosen.rows / chosen.bare.seconds:,.0f}",
    )
    yield Result(
        f"   the whole estate of {options.size:,} devices",
        rows,
        ours,
        facts={
            "devices": options.size,
            "rows": rows,
            "seconds": ours.seconds,
            "heap_bytes_a_device": heap,
            "index_bytes_a_device": indexes,
            "database_bytes": database,
        },
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


def _in_pairs(options: Options) -> Iterator[Load]:
    part = replace(options, size=min(options.size, OF_A_PAIR))
    for _ in range(PAIRS):
        with small.inside_an_empty():
            yield _paired(part.size, *_loaded(part), one_in=1)


def _loaded(options: Options) -> tuple[Clock, int]:
    """Load an estate; return how long it took, and how many rows it has."""
    before = _rows()
    with timed() as clock:
        loaded(options)
    expect("devices", Device.objects.count() >= options.size, True)
    return clock, _rows() - before


def _paired(devices: int, ours: Clock, rows: int, *, one_in: int) -> Load:
    """Return a load beside a bare COPY of as many rows, at the pace of those of every n-th home."""
    copied, floor = _floor(one_in)
    share = rows / copied
    return Load(ours, Clock(floor.seconds * share, floor.cpu * share), devices, rows, copied)


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
