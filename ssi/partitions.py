"""Tables that grow without end, kept in PostgreSQL's partitions of a month or a year, made ahead by the clock.

Old months go as a whole: deleting them row by row takes hours and leaves its holes behind, dropping a partition
takes a moment. Newest first is read from the newest partition alone. An app names its tables in `partitions.py`:

    TABLES = [Growing(AuditTrailEntry, MONTHS, ahead=2, first_kept=first_kept)]

Months go by a moment `at`, years by keys that tell the year (`keys_of`). Beside its months or years a table has
`<table>_rest` for what none of them takes, and maybe `<table>_before`: all there was before it was partitioned.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import Any, Final

import structlog
from django.apps import apps
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.utils import timezone
from django.utils.module_loading import module_has_submodule
from psycopg.errors import DeadlockDetected, LockNotAvailable

log = structlog.get_logger(__name__)

LOCK_TIMEOUT: Final = "10s"
"""How long we wait for a table: whoever wants it meanwhile waits behind us."""

KEYS_A_YEAR: Final = 10**12
"""A key that tells its year is (year - 2000) times this, and a number."""

_BOUNDS: Final = re.compile(r"FOR VALUES FROM \('?([^')]+)'?\) TO \('?([^')]+)'?\)")

Bound = Any
"""A moment, or a key: of one table alike."""


@dataclass(frozen=True, slots=True)
class Unit:
    """How long a partition reaches: `begin` gives the first day, `bound` how the database writes it."""

    format: str
    begin: Callable[[date, int], date]
    bound: Callable[[date], Bound]
    read: Callable[[str], Bound]


@dataclass(frozen=True, slots=True)
class Growing:
    """A table in partitions: how many are made ahead, and from when on it is kept (None: for ever)."""

    model: type[Model]
    unit: Unit
    ahead: int
    first_kept: Callable[[date], date] | None = None

    @property
    def table(self) -> str:
        """Return its name in the database."""
        return self.model._meta.db_table


@dataclass(frozen=True, slots=True)
class Tended:
    """What was done to a table: partitions made and dropped, and rows that lie in none but `_rest`."""

    table: str
    made: list[str]
    dropped: list[str]
    strays: int


def month_of(day: date, shift: int = 0) -> date:
    """Return the first day of the month that is `shift` months after `day`'s."""
    months = day.year * 12 + day.month - 1 + shift
    return date(months // 12, months % 12 + 1, 1)


def year_of(day: date, shift: int = 0) -> date:
    """Return the first day of the year that is `shift` years after `day`'s."""
    return date(day.year + shift, 1, 1)


def keys_of(day: date) -> int:
    """Return the key before the first one of the year of `day`."""
    return (day.year - 2000) * KEYS_A_YEAR


def _moment(day: date) -> datetime:
    """Return when a day begins in London, by whose months people count."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())


MONTHS: Final = Unit("%Y_%m", month_of, _moment, datetime.fromisoformat)
YEARS: Final = Unit("%Y", year_of, keys_of, int)


def tables() -> Iterator[Growing]:
    """Yield the tables of every app."""
    for config in apps.get_app_configs():
        if config.module and module_has_submodule(config.module, "partitions"):
            yield from getattr(import_module(f"{config.name}.partitions"), "TABLES", ())


def tend(today: date | None = None) -> list[Tended]:
    """See to every table; one that is too busy is left for the next time. May run twice, and at the same time."""
    today = today or timezone.localdate()
    done = (tend_one(table, today) for table in tables())
    return [each for each in done if each is not None]


def tend_one(growing: Growing, today: date) -> Tended | None:
    """Make a table's partitions ahead, drop those no longer kept, look what is astray; None where it is busy.

    Rows in `_rest` are found like others, only slower: the log line tells of them, of a table that is kept for
    ever those since this month. The statistics of the table as a whole are ours to gather: autovacuum looks at its
    partitions alone.
    """
    table = growing.table
    try:
        made = keep(table, growing.unit, today=today, back=0, ahead=growing.ahead)
        dropped = drop_months(table, before=growing.first_kept(today)) if growing.first_kept else []
    except OperationalError as trouble:
        if not isinstance(trouble.__cause__, LockNotAvailable | DeadlockDetected):
            raise
        log.warning("partitions_wait", table=table)
        return None
    strays = rows_without_month(table, None if growing.first_kept or growing.unit is YEARS else month_of(today))
    if made or dropped:
        log.info("partitions", table=table, made=made, dropped=dropped)
    if strays:
        log.warning("rows_without_partition", table=table, rows=strays)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE ONLY {_quoted(table)}")
    return Tended(table, made, dropped, strays)


def keep_months(table: str, *, today: date, back: int, ahead: int) -> list[str]:
    """Make the months that `table` lacks, from `back` months ago to `ahead` months on; return their names."""
    return keep(table, MONTHS, today=today, back=back, ahead=ahead)


def keep_years(table: str, *, today: date, back: int, ahead: int) -> list[str]:
    """Make the years that `table` lacks, from `back` years ago to `ahead` years on; return their names."""
    return keep(table, YEARS, today=today, back=back, ahead=ahead)


def keep(table: str, unit: Unit, *, today: date, back: int, ahead: int) -> list[str]:
    """Make the partitions that `table` lacks around today; return their names.

    What another partition reaches over, or has rows in `_rest` already, is left there: its rows are found all the
    same. May run twice, and at the same time. Where the table is too busy PostgreSQL gives up (LockNotAvailable).
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turns(cursor, table)
        there = _partitions(cursor, table, unit)
        wanted = [unit.begin(today, shift) for shift in range(-back, ahead + 1)]
        missing = [begin for begin in wanted if not _is_there(begin, table, unit, there)]
        if not missing:
            return []
        rest = there[f"{table}_rest"]
        if rest is None:
            made = [begin for begin in missing if not _has_rows(cursor, table, unit, begin)]
            _create(cursor, table, unit, made)
        else:
            made = _push_rest(cursor, table, unit, missing, rest[0])
        return [_name(table, unit, begin) for begin in made]


def drop_months(table: str, *, before: date) -> list[str]:
    """Drop the partitions of `table` whose month ended before the month of `before`; return their names.

    What lies in the default partition and is older goes row by row. Gives up as `keep` does.
    """
    first_kept = month_of(before)
    dropped = []
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turns(cursor, table)
        for name in _partitions(cursor, table, MONTHS):
            month = _month_in(name, table)
            if month is not None and month < first_kept:
                cursor.execute(f"DROP TABLE {_quoted(name)}")
                dropped.append(name)
        cursor.execute(f"DELETE FROM {_quoted(f'{table}_rest')} WHERE at < %s", [_moment(first_kept)])  # noqa: S608 - quoted
    return sorted(dropped)


def rows_without_month(table: str, since: date | None = None) -> int:
    """Return how many rows, `since` a month, lie in `_rest`: none, while the clock makes the months or years."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {_quoted(f'{table}_rest')}" + (" WHERE at >= %s" if since else ""),  # noqa: S608 - quoted
            [_moment(since)] if since else [],
        )
        return int(cursor.fetchone()[0])


def partition_for(table: str, unit: Unit, day: date) -> str | None:
    """Return the partition that takes the month or year of `day` alone, None if there is none."""
    name = _name(table, unit, unit.begin(day, 0))
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        return name if cursor.fetchone()[0] else None


_There = dict[str, tuple[Bound | None, Bound | None] | None]
"""Partitions by name, each from one bound (None: ever) until another; None for the default one."""


def _partitions(cursor: CursorWrapper, table: str, unit: Unit) -> _There:
    cursor.execute(
        "SELECT relname, pg_get_expr(relpartbound, pg_class.oid) FROM pg_inherits"
        " JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = %s::regclass ORDER BY relname",
        [table],
    )
    found: _There = {}
    for name, words in cursor.fetchall():
        bounds = _BOUNDS.fullmatch(words)
        found[name] = bounds and (_read(bounds[1], unit), _read(bounds[2], unit))
    return found


def _read(bound: str, unit: Unit) -> Bound | None:
    return None if bound in {"MINVALUE", "MAXVALUE"} else unit.read(bound)


def _is_there(begin: date, table: str, unit: Unit, there: _There) -> bool:
    """Tell whether a partition, other than `_rest`, takes what begins then."""
    bound = unit.bound(begin)
    return any(
        bounds is not None
        and (bounds[0] is None or bounds[0] <= bound)
        and (bounds[1] is None or bound < bounds[1])
        for name, bounds in there.items()
        if name != f"{table}_rest"
    )


def _create(cursor: CursorWrapper, table: str, unit: Unit, begins: list[date]) -> None:
    """Create partitions, stored as `_rest` is: storage parameters are not inherited."""
    cursor.execute(
        "SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = %s::regclass", [f"{table}_rest"]
    )
    (options,) = cursor.fetchone()
    stored = f" WITH ({options})" if options else ""
    for begin in begins:
        cursor.execute(
            f"CREATE TABLE {_quoted(_name(table, unit, begin))} PARTITION OF {_quoted(table)}"
            f" FOR VALUES FROM ('{unit.bound(begin)}') TO ('{unit.bound(unit.begin(begin, 1))}'){stored}"
        )


def _push_rest(
    cursor: CursorWrapper, table: str, unit: Unit, missing: list[date], rest_from: Bound | None
) -> list[date]:
    """Create what is missing below `_rest`, and above where that is empty, which then begins later."""
    rest = _quoted(f"{table}_rest")
    below = [begin for begin in missing if rest_from is not None and unit.bound(begin) < rest_from]
    above = missing[len(below) :]
    if above:
        cursor.execute(
            f"LOCK TABLE {_quoted(table)} IN ACCESS EXCLUSIVE MODE"
        )  # the whole first, as all others do
        cursor.execute(f"SELECT EXISTS (SELECT FROM {rest})")  # noqa: S608 - quoted
        if cursor.fetchone()[0]:
            above = []
    _create(cursor, table, unit, below)
    if above:
        cursor.execute(f"ALTER TABLE {_quoted(table)} DETACH PARTITION {rest}")
        _create(cursor, table, unit, above)
        end = unit.bound(unit.begin(above[-1], 1))
        cursor.execute(
            f"ALTER TABLE {_quoted(table)} ATTACH PARTITION {rest} FOR VALUES FROM ('{end}') TO (MAXVALUE)"
        )
    return [*below, *above]


def _take_turns(cursor: CursorWrapper, table: str) -> None:
    """Let one at a time see to a table's partitions, and wait for the table itself no longer than others can."""
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"partitions of {table}"])
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])


def _has_rows(cursor: CursorWrapper, table: str, unit: Unit, begin: date) -> bool:
    """Tell whether rows of a month lie in the default partition, to which nothing is added until we commit."""
    cursor.execute(f"LOCK TABLE {_quoted(f'{table}_rest')} IN ACCESS EXCLUSIVE MODE")
    cursor.execute(
        f"SELECT EXISTS (SELECT FROM {_quoted(f'{table}_rest')} WHERE at >= %s AND at < %s)",  # noqa: S608 - quoted
        [unit.bound(begin), unit.bound(unit.begin(begin, 1))],
    )
    return bool(cursor.fetchone()[0])


def _name(table: str, unit: Unit, begin: date) -> str:
    return f"{table}_{begin:{unit.format}}"


def _month_in(name: str, table: str) -> date | None:
    """Return the month that a partition's name tells, None for the others."""
    try:
        return datetime.strptime(name.removeprefix(f"{table}_"), MONTHS.format).date()  # noqa: DTZ007 - a month
    except ValueError:
        return None


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
