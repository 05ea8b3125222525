"""Saving single rows: a statement is made once for each model and set of fields, and PostgreSQL plans it once.

Django makes the SQL of an INSERT or UPDATE anew for every row, which takes longer than PostgreSQL takes to carry
it out. Rows of the portal's own tables are saved through here (`SsiModel`): the same columns, values and answers.
What is no plain value, such as an expression or a default of the database's, is left to Django.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from django.db import connections, models
from psycopg.types.numeric import Int8

from ssi.prepared import prepared_cursor

Column: TypeAlias = "models.Field[Any, Any]"

_TEXT: Final[tuple[type[Column], ...]] = (models.CharField, models.TextField)


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement's text, and the column of each value, with whether text goes into it as it is."""

    sql: str
    columns: Sequence[tuple[Column, bool]]

    def sent(self, values: Sequence[Any], connection: Any) -> list[Any]:
        """Return the values as they are sent: whole numbers as one type, or PostgreSQL would plan for each."""
        return [
            value
            if value is None or (is_text and type(value) is str)
            else _as_one_size(column.get_db_prep_save(value, connection=connection))
            for (column, is_text), value in zip(self.columns, values, strict=True)
        ]


_made: dict[tuple[object, ...], _Statement] = {}


def insert(
    rows: Sequence[models.Model], columns: Sequence[Column], returning: Sequence[Column], alias: str
) -> list[tuple[Any, ...]] | None:
    """Insert a few rows and return what the database gave them, in their order; None: Django has to."""
    values = [each.pre_save(row, add=True) for row in rows for each in columns]
    if not values or any(hasattr(each, "resolve_expression") for each in values):
        return None
    named = ("insert", type(rows[0]), alias, len(columns), len(rows))  # all columns, or all but the key
    statement = _made.get(named)
    if statement is None:
        if any(hasattr(each, "from_db_value") for each in returning):
            return None
        statement = _made[named] = _insert(rows, columns, returning, values, alias)
    with prepared_cursor(alias) as cursor:
        cursor.execute(statement.sql, statement.sent(values, connections[alias]))
        return cursor.fetchall() if returning else []


def insert_few(rows: Sequence[models.Model]) -> None:
    """Insert some new rows of one model, a handful, in one statement, and give them their keys."""
    meta, alias = rows[0]._meta, connections["default"].alias
    columns = [each for each in meta.concrete_fields if each is not meta.auto_field]
    returned = insert(rows, columns, meta.db_returning_fields, alias)
    if returned is None:
        raise TypeError(f"{meta.label} takes values here, not expressions.")
    for row, given in zip(rows, returned, strict=True):
        for column, value in zip(meta.db_returning_fields, given, strict=True):
            setattr(row, column.attname, value)
        row._state.adding, row._state.db = False, alias


def update(
    instance: models.Model, key: object, changed: Sequence[tuple[Column, object]], alias: str
) -> bool | None:
    """Write the changed fields of one row and tell whether it was there; None: Django has to."""
    primary, values = instance._meta.pk, [value for _, value in changed]
    if not changed or primary is None or any(hasattr(each, "resolve_expression") for each in [key, *values]):
        return None
    named = ("update", type(instance), alias, *(column.attname for column, _ in changed))
    statement = _made.get(named)
    if statement is None:
        columns = [column for column, _ in changed]
        statement = _made[named] = _update(instance, primary, columns, values, alias)
    with prepared_cursor(alias) as cursor:
        cursor.execute(statement.sql, statement.sent([*values, key], connections[alias]))
        return bool(cursor.rowcount > 0)


def _insert(
    rows: Sequence[models.Model],
    columns: Sequence[Column],
    returning: Sequence[Column],
    values: Sequence[Any],
    alias: str,
) -> _Statement:
    quoted = connections[alias].ops.quote_name
    names = ", ".join(quoted(str(each.column)) for each in columns)
    places = f"({', '.join(_places(columns, values, alias))})"
    sql = f"INSERT INTO {quoted(rows[0]._meta.db_table)} ({names}) VALUES {', '.join([places] * len(rows))}"  # noqa: S608 - model names
    if returning:
        sql += f" RETURNING {', '.join(quoted(str(each.column)) for each in returning)}"
    return _Statement(sql, _with_kind(columns) * len(rows))


def _update(
    instance: models.Model, primary: Column, columns: Sequence[Column], values: Sequence[Any], alias: str
) -> _Statement:
    quoted = connections[alias].ops.quote_name
    places = zip(columns, _places(columns, values, alias), strict=True)
    changes = ", ".join(f"{quoted(str(each.column))} = {place}" for each, place in places)
    table, key = quoted(instance._meta.db_table), quoted(str(primary.column))
    sql = f"UPDATE {table} SET {changes} WHERE {key} = %s"  # noqa: S608 - model names
    return _Statement(sql, _with_kind([*columns, primary]))


def _places(columns: Sequence[Column], values: Sequence[Any], alias: str) -> list[str]:
    """Return what stands in the statement for each value: some kinds of columns name their type."""
    connection = connections[alias]
    return [
        each.get_placeholder(value, None, connection) if hasattr(each, "get_placeholder") else "%s"
        for each, value in zip(columns, values, strict=False)
    ]


def _with_kind(columns: Sequence[Column]) -> list[tuple[Column, bool]]:
    return [(each, type(each) in _TEXT) for each in columns]


def _as_one_size(value: Any) -> Any:
    return Int8(value) if isinstance(value, int) and not isinstance(value, bool) else value
