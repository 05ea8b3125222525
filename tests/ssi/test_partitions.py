"""Months of a growing table: made ahead, dropped as a whole, and nothing lost on the way."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable
from structlog.testing import capture_logs

from inventory.partitions import TABLES
from ssi import partitions
from ssi.partitions import drop_months, keep_months, keep_years, keys_of, month_of, rows_without_month, tend
from ssi.web import jobs

TABLE = "trial_of_months"
NOVEMBER = date(2026, 11, 22)


@pytest.fixture
def table(db: None) -> str:
    """Return a table with no month yet, only its default partition."""
    _create()
    return TABLE


@pytest.fixture
def committed_table(transactional_db: None) -> Iterator[str]:
    """Return such a table that other connections see."""
    _create()
    yield TABLE
    _run(f"DROP TABLE {TABLE}")


def _create() -> None:
    _run(f"CREATE TABLE {TABLE} (id int, at timestamptz NOT NULL) PARTITION BY RANGE (at)")
    _run(f"CREATE TABLE {TABLE}_rest PARTITION OF {TABLE} DEFAULT")


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def put(*moments: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {TABLE} VALUES (1, %s)", [(moment,) for moment in moments])


def where_rows_lie() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text, count(*) FROM {TABLE} GROUP BY 1")
        return dict(cursor.fetchall())


@pytest.mark.parametrize(
    ("shift", "month"),
    [(0, date(2026, 11, 1)), (1, date(2026, 12, 1)), (2, date(2027, 1, 1)), (-11, date(2025, 12, 1))],
)
def test_months_count_across_years(shift: int, month: date) -> None:
    assert month_of(NOVEMBER, shift) == month


def test_months_are_made_around_today_and_running_twice_makes_none(table: str) -> None:
    made = keep_months(table, today=NOVEMBER, back=1, ahead=2)
    assert made == [f"{table}_{month}" for month in ("2026_10", "2026_11", "2026_12", "2027_01")]
    assert keep_months(table, today=NOVEMBER, back=1, ahead=2) == []
    assert keep_months(table, today=date(2026, 12, 1), back=0, ahead=2) == [f"{table}_2027_02"]


def test_a_month_begins_at_midnight_in_london(table: str) -> None:
    keep_months(table, today=date(2026, 7, 1), back=1, ahead=0)
    put(datetime(2026, 6, 30, 22, 59, 59, tzinfo=UTC), datetime(2026, 6, 30, 23, tzinfo=UTC))
    assert where_rows_lie() == {f"{table}_2026_06": 1, f"{table}_2026_07": 1}


def test_a_row_of_no_month_is_kept_and_told_of(table: str) -> None:
    keep_months(table, today=NOVEMBER, back=0, ahead=0)
    put(datetime(2026, 11, 22, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC))
    assert where_rows_lie() == {f"{table}_2026_11": 1, f"{table}_rest": 1}
    assert rows_without_month(table) == 1


def test_a_month_with_stray_rows_stays_where_it_is(table: str) -> None:
    put(datetime(2026, 12, 24, tzinfo=UTC))
    assert keep_months(table, today=NOVEMBER, back=0, ahead=2) == [f"{table}_2026_11", f"{table}_2027_01"]
    assert where_rows_lie() == {f"{table}_rest": 1}


def test_old_months_go_as_a_whole_and_strays_row_by_row(table: str) -> None:
    put(datetime(2019, 1, 1, tzinfo=UTC))
    keep_months(table, today=NOVEMBER, back=4, ahead=1)
    put(datetime(2026, 7, 31, 22, 59, tzinfo=UTC), datetime(2026, 7, 31, 23, tzinfo=UTC))
    assert drop_months(table, before=date(2026, 8, 14)) == [f"{table}_2026_07"]
    assert where_rows_lie() == {f"{table}_2026_08": 1}
    assert drop_months(table, before=date(2026, 8, 14)) == []
    assert keep_months(table, today=NOVEMBER, back=4, ahead=1) == [f"{table}_2026_07"]


def test_two_at_once_make_each_month_once(committed_table: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(_keep_in_a_thread, range(4)))
    assert sorted(name for names in made for name in names) == [
        f"{committed_table}_2026_11",
        f"{committed_table}_2026_12",
    ]


def _keep_in_a_thread(_number: int) -> list[str]:
    try:
        return keep_months(TABLE, today=NOVEMBER, back=0, ahead=1)
    finally:
        connection.close()


def test_it_gives_way_where_the_table_is_busy(committed_table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "LOCK_TIMEOUT", "50ms")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        put(datetime(2026, 11, 22, tzinfo=UTC))  # holds the default partition till we commit
        with pytest.raises(OperationalError) as busy:
            pool.submit(_keep_in_a_thread, 0).result()
    assert isinstance(busy.value.__cause__, LockNotAvailable)


# --- Stored as the others, and years --------------------------------------------------


def options_of(name: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE oid = %s::regclass", [name])
        return cursor.fetchone()[0]


def test_a_new_partition_is_stored_as_the_rest_is(table: str) -> None:
    _run(f"ALTER TABLE {table}_rest SET (fillfactor = 80, autovacuum_analyze_scale_factor = 0.02)")
    (made,) = keep_months(table, today=NOVEMBER, back=0, ahead=0)
    assert options_of(made) == ["fillfactor=80", "autovacuum_analyze_scale_factor=0.02"]


def test_what_another_partition_reaches_over_is_left_alone(table: str) -> None:
    _run(
        f"CREATE TABLE {table}_before PARTITION OF {table}"
        " FOR VALUES FROM (MINVALUE) TO ('2026-12-01 00:00:00+00')"
    )
    assert keep_months(table, today=NOVEMBER, back=2, ahead=1) == [f"{table}_2026_12"]


@pytest.fixture
def years(db: None) -> str:
    """Return a table by years whose `_rest` begins with 2026."""
    _run(f"CREATE TABLE {TABLE} (id bigint PRIMARY KEY) PARTITION BY RANGE (id)")
    _run(f"CREATE TABLE {TABLE}_rest PARTITION OF {TABLE} FOR VALUES FROM ({keys_of(NOVEMBER)}) TO (MAXVALUE)")
    return TABLE


def put_keys(*keys: int) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {TABLE} VALUES (%s)", [(key,) for key in keys])


def test_years_are_made_below_and_above_and_the_rest_begins_after_them(years: str) -> None:
    made = keep_years(years, today=NOVEMBER, back=2, ahead=1)
    assert made == [f"{years}_{year}" for year in (2024, 2025, 2026, 2027)]
    put_keys(24 * 10**12 + 1, 25 * 10**12, 26 * 10**12 + 1, 27 * 10**12, 28 * 10**12)
    assert where_rows_lie() == {
        f"{years}_2024": 1,
        f"{years}_2025": 1,
        f"{years}_2026": 1,
        f"{years}_2027": 1,
        f"{years}_rest": 1,
    }
    assert keep_years(years, today=NOVEMBER, back=2, ahead=1) == []


def test_a_rest_with_rows_keeps_them_and_what_comes_after(years: str) -> None:
    keep_years(years, today=NOVEMBER, back=0, ahead=0)
    put_keys(27 * 10**12 + 5)
    assert keep_years(years, today=NOVEMBER, back=1, ahead=1) == [f"{years}_2025"]
    assert rows_without_month(years) == 1


# --- The clock -------------------------------------------------------------------------


def test_the_clock_sees_to_every_table(db: None) -> None:
    done = tend(date(2033, 3, 1))
    assert {each.table for each in done} >= {each.table for each in TABLES}
    assert all(each.made for each in done)
    assert not any(each.made or each.dropped for each in tend(date(2033, 3, 1)))


def test_a_busy_table_is_left_for_the_next_time(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_args: object, **_facts: object) -> None:
        raise OperationalError from LockNotAvailable()

    monkeypatch.setattr(partitions, "keep", busy)
    with capture_logs() as logs:
        jobs.tend_partitions()
    assert {each["event"] for each in logs} == {"partitions_wait"}
    assert len(logs) == len(list(partitions.tables()))


def test_another_trouble_is_not_hidden(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_facts: object) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(partitions, "keep", broken)
    with pytest.raises(OperationalError, match="disk full"):
        tend()
