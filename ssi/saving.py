"""Saving one row: the statement is made once for each model and set of fields, and PostgreSQL plans it once.

Django makes the SQL of an INSERT or UPDATE anew for every row, which takes longer than PostgreSQL takes to carry
it out. Rows of the portal's own tables are saved through here (`SsiModel`): the same columns, values and answers.
What is no plain value, such as an expression or a default of the database's, is left to Django.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from django.db import connections, models
from psycopg.types.numeric import Int8

from ssi.prepared import prepared_cursor

Column: TypeAlias = "models.Field[Any, Any]"

_made: dict[tuple[object, ...], str] = {}


def insert(
    instance: models.Model, columns: Sequence[Column], returning: Sequence[Column], alias: str
) -> list[tuple[Any, ...]] | None:
    """Insert one row and return what the database gave it, as `Model._do_insert` does; None: Django has to."""
    if any(_is_expression(getattr(instance, each.attname)) for each in columns) or not columns:
        return None
    values = [each.pre_save(instance, add=True) for each in columns]
    if any(map(_is_expression, values)) or any(hasattr(each, "from_db_value") for each in returning):
        return None
    made = ("insert", type(instance), alias, *columns)
    statement = _made.get(made) or _made.setdefault(made, _insert(instance, columns, returning, values, alias))
    with prepared_cursor(alias) as cursor:
        cursor.execute(statement, _sent(columns, values, alias))
        return cursor.fetchall() if returning else []


def update(
    instance: models.Model, key: object, changed: Sequence[tuple[Column, object]], alias: str
) -> bool | None:
    """Write the changed fields of one row and tell whether it was there; None: Django has to."""
    columns, values = [column for column, _ in changed], [value for _, value in changed]
    primary = instance._meta.pk
    if not changed or primary is None or any(map(_is_expression, [key, *values])):
        return None
    made = ("update", type(instance), alias, *columns)
    statement = _made.get(made) or _made.setdefault(made, _update(instance, columns, values, alias))
    with prepared_cursor(alias) as cursor:
        cursor.execute(statement, [*_sent(columns, values, alias), *_sent([primary], [key], alias)])
        return bool(cursor.rowcount > 0)


def _insert(
    instance: models.Model,
    columns: Sequence[Column],
    returning: Sequence[Column],
    values: Sequence[Any],
    alias: str,
) -> str:
    quoted = connections[alias].ops.quote_name
    names = ", ".join(quoted(str(each.column)) for each in columns)
    statement = (  # made of names of models and columns alone
        f"INSERT INTO {quoted(instance._meta.db_table)} ({names})"  # noqa: S608 - model names
        f" VALUES ({', '.join(_places(columns, values, alias))})"
    )
    if not returning:
        return statement
    return f"{statement} RETURNING {', '.join(quoted(str(each.column)) for each in returning)}"


def _update(instance: models.Model, columns: Sequence[Column], values: Sequence[Any], alias: str) -> str:
    quoted, meta = connections[alias].ops.quote_name, instance._meta
    places = zip(columns, _places(columns, values, alias), strict=True)
    changes = ", ".join(f"{quoted(str(each.column))} = {place}" for each, place in places)
    return f"UPDATE {quoted(meta.db_table)} SET {changes} WHERE {quoted(str(meta.pk and meta.pk.column))} = %s"  # noqa: S608 - model names


def _places(columns: Sequence[Column], values: Sequence[Any], alias: str) -> list[str]:
    """Return what stands in the statement for each value: some kinds of columns name their type."""
    connection = connections[alias]
    return [
        each.get_placeholder(value, None, connection) if hasattr(each, "get_placeholder") else "%s"
        for each, value in zip(columns, values, strict=True)
    ]


def _sent(columns: Sequence[Column], values: Sequence[Any], alias: str) -> list[Any]:
    """Return the values as they are sent; whole numbers as one type, or PostgreSQL would plan for each size."""
    connection = connections[alias]
    prepared = [
        each.get_db_prep_save(value, connection=connection) for each, value in zip(columns, values, strict=True)
    ]
    return [Int8(each) if isinstance(each, int) and not isinstance(each, bool) else each for each in prepared]


def _is_expression(value: object) -> bool:
    return hasattr(value, "resolve_expression")
