"""A synthetic estate is loaded: at no less than half the rows a second of a bare COPY of the same bytes."""

import re
from collections.abc import Iterator
from datetime import date
from io import StringIO

from django.core.management import call_command
from django.db import connection, transaction

from bench.harness import Options, Result, timed
from inventory.models import Device, DeviceStatusChange, MeterPoint, Registration
from inventory.synthetic.products import first_and_last

TIMES_THE_FLOOR = 2.0
MOST_DEVICES = 200_000
TABLES = tuple(model._meta.db_table for model in (MeterPoint, Registration, Device, DeviceStatusChange))

_FIRST_KEYS = "SELECT coalesce(max({key}), 0) FROM {table}"
_SIZES = "SELECT pg_relation_size('{table}'), pg_indexes_size('{table}')"


def run(options: Options) -> Iterator[Result]:
    """Load an estate; then COPY the same bytes into tables with the same indexes, keys and checks."""
    devices = min(options.size, MOST_DEVICES)
    before = {table: _last_key(table) for table in TABLES}
    sizes = _sizes()
    with timed() as ours:
        call_command("load_synthetic", devices=devices, as_of=date(2026, 11, 20), stderr=StringIO())
    grown = [after - early for early, after in zip(sizes, _sizes(), strict=True)]
    given = {table: _bytes_of(table, before[table]) for table in TABLES}
    for table in TABLES:
        _clone(table)
    with timed() as floor, transaction.atomic():
        rows = sum(_copy(table, given[table]) for table in TABLES)
    yield Result(
        f"Load an estate of {devices:,} devices, against a bare COPY",
        rows,
        ours,
        floor,
        limit=f"< {TIMES_THE_FLOOR:g} x",
        kept=ours.seconds < TIMES_THE_FLOOR * floor.seconds,
    )
    heap, indexes = (grown_by / devices for grown_by in grown)
    yield Result(
        "   a device's bytes in its table, and in its indexes", devices, value=f"{heap:.0f} {indexes:.0f}"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {', '.join(f'floor_{table}' for table in TABLES)}")


def _key(table: str) -> str:
    return "device_id" if table == Device._meta.db_table else "id"


def _last_key(table: str) -> int:
    """Return the key after which the estate's rows come."""
    if table == Device._meta.db_table:
        return first_and_last()[0].as_bigint - 1
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_KEYS.format(key=_key(table), table=table))
        return int(cursor.fetchone()[0])


def _sizes() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_SIZES.format(table=Device._meta.db_table))
        heap, indexes = cursor.fetchone()
        return heap, indexes


def _bytes_of(table: str, after: int) -> list[bytes]:
    """Return the estate's rows of a table as COPY sends and takes them."""
    last = f" AND device_id < {first_and_last()[1].as_bigint}" if table == Device._meta.db_table else ""
    key = _key(table)
    query = f"SELECT * FROM {table} WHERE {key} > {after}{last} ORDER BY {key}"  # noqa: S608 - our own
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)") as copy:
        return [bytes(piece) for piece in copy]


def _clone(table: str) -> None:
    """Make an empty table like another, with its indexes, checks and foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL)")
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        )
        for (key,) in cursor.fetchall():
            of_clones = re.sub(rf"REFERENCES ({'|'.join(TABLES)})\(", r"REFERENCES floor_\1(", key)
            cursor.execute(f"ALTER TABLE floor_{table} ADD {of_clones}")


def _copy(table: str, given: list[bytes]) -> int:
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY floor_{table} FROM STDIN (FORMAT binary)") as copy:
            for begun in range(0, len(given), 500):
                copy.write(b"".join(given[begun : begun + 500]))
        return int(cursor.rowcount)
