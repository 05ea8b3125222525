"""Loading very many rows: COPY in PostgreSQL's binary form, and what makes it quick in tables that are empty.

All within the caller's transaction: DROP INDEX, TRUNCATE and CREATE INDEX are undone with it like any row, so a
crash at any point leaves the tables, their indexes and their keys as they were.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Final

from django.db import connection

ROWS_A_STATEMENT: Final = 100_000
"""So many rows a COPY: the checks of its keys wait in memory until it ends."""

ROWS_A_MESSAGE: Final = 500
NULL: Final = b"\xff\xff\xff\xff"
DAY_ZERO: Final = date(2000, 1, 1)
"""PostgreSQL counts its days, and its microseconds, from here."""

MICROSECONDS: Final = 1_000_000
DAY: Final = 86_400 * MICROSECONDS

_MOMENT_ZERO: Final = datetime(2000, 1, 1, tzinfo=UTC)
_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_MEMORY: Final = "384MB"

_whole = struct.Struct(">iq").pack
_small = struct.Struct(">ih").pack
_middle = struct.Struct(">ii").pack
_columns = struct.Struct(">h").pack


def count(columns: int) -> bytes:
    """Return the number of a row's columns, with which the row begins."""
    return _columns(columns)


def bigint(value: int | None) -> bytes:
    """Return a bigint, or a moment in microseconds since `DAY_ZERO` for a timestamp with time zone."""
    return NULL if value is None else _whole(8, value)


def integer(value: int | None) -> bytes:
    """Return an integer, or a date as days since `DAY_ZERO`."""
    return NULL if value is None else _middle(4, value)


def smallint(value: int | None) -> bytes:
    """Return a smallint."""
    return NULL if value is None else _small(2, value)


def moment(value: datetime | None) -> bytes:
    """Return a timestamp with time zone."""
    if value is None:
        return NULL
    since = value - _MOMENT_ZERO
    return _whole(8, since.days * DAY + since.seconds * MICROSECONDS + since.microseconds)


def text(value: str) -> bytes:
    """Return a text, also for a varchar; the database must speak UTF-8."""
    encoded = value.encode()
    return _columns_of_text(len(encoded)) + encoded


def boolean(value: bool | None) -> bytes:
    """Return a boolean."""
    return NULL if value is None else b"\0\0\0\1" + (b"\1" if value else b"\0")


_columns_of_text = struct.Struct(">i").pack


def days(day: date) -> int:
    """Return a date as PostgreSQL counts it."""
    return (day - DAY_ZERO).days


@dataclass(frozen=True, slots=True)
class Work:
    """One statement that restores what was put aside; `words` say it on the terminal."""

    statement: str
    words: str


class Load:
    """Tables being filled. `is_fresh` tells that they were empty, so that indexes and keys wait until the end.

    Of a table in partitions, copy into these where you know them: only so are the rows frozen.
    """

    def __init__(self, tables: Sequence[str], later: Sequence[Work], *, is_fresh: bool) -> None:
        self.tables = tables
        self.is_fresh = is_fresh
        self.later = later
        self._in_partitions = frozenset(filter(_is_in_partitions, tables))

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[bytes]) -> int:
        """Send rows, made of this module's bytes, sorted by the table's key; return how many."""
        statement, left, sent = self._statement(table, columns), iter(rows), 0
        while first := next(left, b""):
            sent += 1 + _send(statement, first, islice(left, ROWS_A_STATEMENT - 1))
        return sent

    def copy_whole(self, table: str, columns: Sequence[str], pieces: Iterable[bytes]) -> None:
        """Send rows in one statement, cut into pieces anywhere; for a table without foreign keys."""
        _send(self._statement(table, columns), b"", iter(pieces))

    def _statement(self, table: str, columns: Sequence[str]) -> str:
        names = ", ".join(map(connection.ops.quote_name, columns))
        freeze = ", FREEZE" if self.is_fresh and table not in self._in_partitions else ""
        return f"COPY {connection.ops.quote_name(table)} ({names}) FROM STDIN (FORMAT binary{freeze})"

    def finish(self, tell: Callable[[Work], None]) -> None:
        """Build the indexes and keys that were put aside, and ANALYZE the tables."""
        analyze = [Work(f"ANALYZE {table}", f"statistics of {table}") for table in self.tables]
        with connection.cursor() as cursor:
            for work in (*self.later, *analyze):
                tell(work)
                cursor.execute(work.statement)


def _send(statement: str, first: bytes, others: Iterator[bytes]) -> int:
    """Send one COPY; return how many rows came after the first."""
    sent = 0
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        stream.write(_HEADER + first)
        while message := list(islice(others, ROWS_A_MESSAGE)):
            sent += len(message)
            stream.write(b"".join(message))
        stream.write(_TRAILER)
    return sent


@contextmanager
def loading(tables: Sequence[str], *, wait: str = "30s") -> Iterator[Load]:
    """Prepare tables for `Load.copy`, in the transaction that the caller began; end with `Load.finish`.

    Nobody else writes into them until the commit. If all are empty nobody else reads them either: their
    secondary indexes and foreign keys are put aside, and rows go in frozen, without log where the server keeps
    little. Raises OperationalError if others hold the tables for longer than `wait`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name, value in (
            ("lock_timeout", wait),
            ("statement_timeout", "0"),
            ("maintenance_work_mem", _MEMORY),
            ("work_mem", _MEMORY),
        ):
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        named = ", ".join(map(connection.ops.quote_name, tables))
        cursor.execute(f"LOCK TABLE {named} IN SHARE ROW EXCLUSIVE MODE")
        is_fresh = not _held_by_others(tables) and not any(_has_rows(table) for table in tables)
        later = _put_aside(tables) if is_fresh else []
        if is_fresh:
            cursor.execute(f"TRUNCATE {named}")
        yield Load(tables, later, is_fresh=is_fresh)


def next_key(table: str) -> int:
    """Return the key after a table's last; nobody takes one while the table is being loaded."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {connection.ops.quote_name(table)}")  # noqa: S608 - quoted
        return int(cursor.fetchone()[0])


def go_on_after(table: str) -> None:
    """Let the keys of later rows begin after the table's last."""
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {name} HAVING max(id) > 0",  # noqa: S608 - quoted
            [name],
        )


def _has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {connection.ops.quote_name(table)})")  # noqa: S608 - a model's
        return bool(cursor.fetchone()[0])


def _is_in_partitions(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relkind = 'p' FROM pg_class WHERE oid = %s::regclass", [table])
        return bool(cursor.fetchone()[0])


def _held_by_others(tables: Sequence[str]) -> bool:
    """Tell whether foreign keys of other tables lead here: then TRUNCATE is refused."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_constraint WHERE contype = 'f'"
            " AND confrelid = ANY(%(tables)s::regclass[]) AND NOT conrelid = ANY(%(tables)s::regclass[]))",
            {"tables": list(tables)},
        )
        return bool(cursor.fetchone()[0])


_KEYS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = ANY(%s::regclass[]) AND contype = ANY(%s::"char"[]) AND conparentid = 0
ORDER BY contype DESC, conrelid, conname
"""

_INDEXES = """
SELECT indrelid::regclass::text, indexrelid::regclass::text,
    replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') FROM pg_index
WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
ORDER BY indrelid, indexrelid
"""


def _put_aside(tables: Sequence[str]) -> list[Work]:
    """Drop foreign keys, unique constraints and indexes but the primary keys; return how to restore them.

    Primary keys stay: others may lean on them, and rows that come in order fill them as well as a build would.
    Those of a table in partitions go, and come back, with those of its partitions.
    """
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, [list(tables), ["f"]])
        foreign = cursor.fetchall()
        cursor.execute(_KEYS, [list(tables), ["u"]])
        unique = cursor.fetchall()
        cursor.execute(_INDEXES, [list(tables)])
        indexes = cursor.fetchall()
        for table, name, _ in (*foreign, *unique):
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for _, name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    return [
        *(Work(f"ALTER TABLE {table} ADD CONSTRAINT {name} {what}", name) for table, name, what in unique),
        *(Work(statement, name) for _, name, statement in indexes),
        *(Work(f"ALTER TABLE {table} ADD CONSTRAINT {name} {what}", name) for table, name, what in foreign),
    ]
