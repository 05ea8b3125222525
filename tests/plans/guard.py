"""Reading PostgreSQL's plans: which queries read a large table whole, or more of it than a page can need.

Each SELECT is run again under EXPLAIN (ANALYZE), so that what counts is what was read and not what was expected.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

LARGE = 10_000
"""Rows from which on a table counts as large."""

MOST_ROWS = 10_000
"""Rows that one step of a query may read of a large table by its indexes: a twentieth of the estate."""

TINY = 1_000
"""Rows up to which a partition of a large table may be read whole: the one of a month to come."""

_EXPLAINED = re.compile(r"\s*\(?\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_CHANGES = re.compile(
    r"\b(INSERT INTO|UPDATE|DELETE FROM|FOR (NO KEY )?UPDATE|FOR (KEY )?SHARE|nextval|pg_advisory)\b"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as the portal sent it."""

    sql: str
    params: Any


@dataclass
class Guard:
    """What was explained so far, and what was wrong with it."""

    large: dict[str, str]
    seen: set[tuple[str, str]] = field(default_factory=set)
    queries: int = 0

    @contextmanager
    def listening(self) -> Iterator[list[Asked]]:
        """Hear every query that is sent within."""
        heard: list[Asked] = []

        def hear(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
            if isinstance(sql, str) and not many:
                heard.append(Asked(sql, params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(hear):
            yield heard

    def faults(self, where: str, heard: list[Asked]) -> list[str]:
        """Return what is wrong with the plans of the queries that `where` had not sent before."""
        found = []
        for asked in heard:
            if (where, asked.sql) not in self.seen and _EXPLAINED.match(asked.sql):
                self.seen.add((where, asked.sql))
                self.queries += 1
                found += [f"{fault}\n    {asked.sql[:600]}" for fault in self.faults_of(asked)]
        return found

    def faults_of(self, asked: Asked) -> list[str]:
        """Return what is wrong with the plan of one query."""
        plan, is_run = explained(asked)
        return list(self._faults(plan, is_run))

    def _faults(self, node: dict[str, Any], is_run: bool) -> Iterator[str]:
        table = node.get("Relation Name")
        loops = node.get("Actual Loops", 1)
        if table in self.large and loops:
            read = loops * (node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0))
            if node["Node Type"] in {"Seq Scan", "Sample Scan"} or (is_run and read > MOST_ROWS):
                yield f"{node['Node Type']} of {table}, reading {read:,.0f} rows"
        for each in node.get("Plans", ()):
            yield from self._faults(each, is_run)


def explained(asked: Asked) -> tuple[dict[str, Any], bool]:
    """Return the plan's first node, and whether it tells what was read: a query that changes is not run."""
    runs = not _CHANGES.search(asked.sql)
    options = "ANALYZE, TIMING OFF, BUFFERS OFF, FORMAT JSON" if runs else "FORMAT JSON"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ({options}) {asked.sql}", asked.params)
        answer = cursor.fetchone()[0]
    plan = json.loads(answer) if isinstance(answer, str) else answer
    return plan[0]["Plan"], runs


def rows_read(asked: Asked, table: str) -> int:
    """Return how many rows of `table` a query reads by all its steps together, those it throws away included."""

    def of(node: dict[str, Any]) -> float:
        own = node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)
        own = node.get("Actual Loops", 1) * own if node.get("Relation Name") == table else 0
        return float(own + sum(of(each) for each in node.get("Plans", ())))

    plan, is_run = explained(asked)
    assert is_run, f"not run: {asked.sql}"
    return round(of(plan))


def large_tables() -> dict[str, str]:
    """Return the tables that are large, and the parts of partitioned ones, with the name of the whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relation.relname, coalesce(whole.relname, relation.relname), relation.reltuples::bigint,"
            " sum(greatest(relation.reltuples, 0)) OVER (PARTITION BY coalesce(whole.oid, relation.oid))::bigint"
            " FROM pg_class relation LEFT JOIN pg_inherits ON inhrelid = relation.oid"
            " LEFT JOIN pg_class whole ON whole.oid = inhparent"
            " WHERE relation.relkind = 'r' AND relation.relnamespace = 'public'::regnamespace"
        )
        rows = cursor.fetchall()
    return {name: whole for name, whole, own, all_rows in rows if all_rows > LARGE and own > min(TINY, all_rows)}
