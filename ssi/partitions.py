"""Tables that grow without end, kept in PostgreSQL's partitions of a month: old months go as a whole.

Deleting a month row by row takes hours and leaves its holes behind; dropping its partition takes a moment. A
table is declared by its migration with a default partition, `<table>_rest`, for what no month is there.
"""

from datetime import date, datetime
from typing import Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

LOCK_TIMEOUT: Final = "10s"
"""How long we wait for a table: whoever wants it meanwhile waits behind us."""


def month_of(day: date, shift: int = 0) -> date:
    """Return the first day of the month that is `shift` months after `day`'s."""
    months = day.year * 12 + day.month - 1 + shift
    return date(months // 12, months % 12 + 1, 1)


def keep_months(table: str, *, today: date, back: int, ahead: int) -> list[str]:
    """Make the partitions that `table` lacks, from `back` months ago to `ahead` months on; return their names.

    A month for which rows already lie in the default partition is left there: its rows are found all the same.
    May run twice, and at the same time. Where the table is too busy PostgreSQL gives up (LockNotAvailable).
    """
    made = []
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turns(cursor, table)
        for shift in range(-back, ahead + 1):
            begin, end = month_of(today, shift), month_of(today, shift + 1)
            name = f"{table}_{begin:%Y_%m}"
            if not _exists(cursor, name) and not _has_rows(cursor, table, begin, end):
                cursor.execute(
                    f"CREATE TABLE {_quoted(name)} PARTITION OF {_quoted(table)}"
                    f" FOR VALUES FROM ('{_moment(begin)}') TO ('{_moment(end)}')"
                )
                made.append(name)
    return made


def drop_months(table: str, *, before: date) -> list[str]:
    """Drop the partitions of `table` whose month ended before the month of `before`; return their names.

    What lies in the default partition and is older goes row by row. Gives up as `keep_months` does.
    """
    first_kept = month_of(before)
    dropped = []
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turns(cursor, table)
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [table])
        for (name,) in cursor.fetchall():
            month = _month_in(name.strip('"'), table)
            if month is not None and month < first_kept:
                cursor.execute(f"DROP TABLE {_quoted(name.strip(chr(34)))}")
                dropped.append(name)
        cursor.execute(f"DELETE FROM {_quoted(f'{table}_rest')} WHERE at < %s", [_moment(first_kept)])  # noqa: S608 - quoted
    return sorted(dropped)


def rows_without_month(table: str) -> int:
    """Return how many rows lie in the default partition of `table`: none, while the clock makes the months."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {_quoted(f'{table}_rest')}")  # noqa: S608 - quoted
        return int(cursor.fetchone()[0])


def _take_turns(cursor: CursorWrapper, table: str) -> None:
    """Let one at a time see to a table's partitions, and wait for the table itself no longer than others can."""
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"partitions of {table}"])
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])


def _exists(cursor: CursorWrapper, name: str) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
    return bool(cursor.fetchone()[0])


def _has_rows(cursor: CursorWrapper, table: str, begin: date, end: date) -> bool:
    """Tell whether rows of a month lie in the default partition, to which nothing is added until we commit."""
    cursor.execute(f"LOCK TABLE {_quoted(f'{table}_rest')} IN ACCESS EXCLUSIVE MODE")
    cursor.execute(
        f"SELECT EXISTS (SELECT FROM {_quoted(f'{table}_rest')} WHERE at >= %s AND at < %s)",  # noqa: S608 - quoted
        [_moment(begin), _moment(end)],
    )
    return bool(cursor.fetchone()[0])


def _month_in(name: str, table: str) -> date | None:
    """Return the month that a partition's name tells, None for the default one."""
    try:
        return datetime.strptime(name.removeprefix(f"{table}_"), "%Y_%m").date()  # noqa: DTZ007 - a month
    except ValueError:
        return None


def _moment(day: date) -> datetime:
    """Return when a day begins in London, by whose months people count."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
