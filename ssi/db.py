"""What every table of the portal shares: saving with named fields, and public references."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models

from ssi import saving


class SsiModel(models.Model):
    """Base of the portal's own tables: an existing row is saved only with `update_fields` (house rule 7).

    One row is saved by a statement that was made before (`ssi/saving.py`).
    """

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save, refusing to write a whole row over another's change."""
        if not self._state.adding and update_fields is None:
            raise TypeError(f"Name the fields to save of {type(self).__name__}: save(update_fields=[...]).")
        super().save(*args, update_fields=update_fields, **kwargs)

    def _do_insert(self, manager: Any, using: str, fields: Any, returning_fields: Any, raw: bool) -> Any:
        done = None if raw else saving.insert([self], fields, returning_fields, using)
        return super()._do_insert(manager, using, fields, returning_fields, raw) if done is None else done  # type: ignore[misc] # not in the stubs

    def _do_update(self, base_qs: Any, using: Any, pk_val: Any, values: Any, *more: Any) -> Any:
        done = saving.update(self, pk_val, [(field, value) for field, _, value in values], using)
        return super()._do_update(base_qs, using, pk_val, values, *more) if done is None else done


REFERENCE_PREFIX = "INC"
REFERENCE_LENGTH = 15
"""DUIS's IncidentReference holds 15 characters; the service management system's numbers are INC + 12 digits."""


def new_reference() -> str:
    """Return a random public reference such as "INC004711000815": it tells nobody how many there are."""
    return f"{REFERENCE_PREFIX}{secrets.randbelow(10**12):012d}"


def update_many(rows: Sequence[models.Model], fields: Collection[str]) -> None:
    """Write the named fields of many rows of one model in a single UPDATE, whatever their number.

    The values travel as one array a column, so the statement does not grow with the rows (Django's own
    `bulk_update` makes a CASE of every row and field). The rows must exist; the caller holds their locks.
    """
    if not rows or not fields:
        return
    meta = rows[0]._meta
    columns = [each for each in meta.concrete_fields if each.primary_key or each.name in fields]
    columns.sort(key=lambda each: not each.primary_key)
    table = connection.ops.quote_name(meta.db_table)
    key, *changed = [connection.ops.quote_name(str(each.column)) for each in columns]
    arrays = ", ".join(f"%s::{each.rel_db_type(connection)}[]" for each in columns)
    statement = (
        f"UPDATE {table} SET {', '.join(f'{name} = given.{name}' for name in changed)}"  # noqa: S608 - model names
        f" FROM unnest({arrays}) AS given({', '.join((key, *changed))}) WHERE {table}.{key} = given.{key}"
    )
    values = [[each.get_db_prep_save(getattr(row, each.attname), connection) for row in rows] for each in columns]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def insert_many(
    template: models.Model,
    varying: Mapping[str, Sequence[Any]],
    *,
    returning: Sequence[str] = (),
    skip_conflicts: bool = False,
) -> list[tuple[Any, ...]]:
    """Insert rows like `template` in one INSERT … SELECT, as many as the equally long columns of `varying`.

    `varying` gives the columns that differ, by the names of their attributes ("request_id"), in the order in which
    the rows are to be inserted. Return the columns named in `returning` as the database holds them, of the rows
    that went in; with `skip_conflicts` those that meet a unique constraint do not.
    """
    which = [0] * max(map(len, varying.values()))
    return insert_like([template], which, varying, returning=returning, skip_conflicts=skip_conflicts)


def insert_like(
    patterns: Sequence[models.Model],
    which: Sequence[int],
    varying: Mapping[str, Sequence[Any]],
    *,
    returning: Sequence[str] = (),
    skip_conflicts: bool = False,
) -> list[tuple[Any, ...]]:
    """Insert rows as `insert_many` does, each like one of several patterns: row n like `patterns[which[n]]`.

    What differs between the patterns is sent once for each of them, not for each row.
    """
    meta = patterns[0]._meta
    columns = [each for each in meta.concrete_fields if not each.primary_key or each.attname in varying]
    differing = [each for each in columns if each.attname not in varying and _differ(patterns, each)]
    sources = {each: "given" if each.attname in varying else "pattern" for each in columns}
    alike = [each for each in columns if each.attname not in varying and each not in differing]
    chosen = [
        f"%s::{each.rel_db_type(connection)}" if each in alike else f"{sources[each]}.{_column(each)}"
        for each in columns
    ]
    given = [each for each in columns if each.attname in varying]
    statement = (  # made of names of models and columns alone
        f"INSERT INTO {connection.ops.quote_name(meta.db_table)} ({', '.join(map(_column, columns))})"  # noqa: S608 - model names
        f" SELECT {', '.join(chosen)} FROM {_unnested('given', given)}"
        + (f" JOIN {_unnested('pattern', differing)} ON pattern.number = given.number" if differing else "")
        + " ORDER BY given.line"
        + (" ON CONFLICT DO NOTHING" if skip_conflicts else "")
        + (f" RETURNING {', '.join(map(connection.ops.quote_name, returning))}" if returning else "")
    )
    values = [each.get_db_prep_save(getattr(patterns[0], each.attname), connection) for each in alike]
    arrays = [_array(which), *(_prepared(each, varying[each.attname]) for each in given)]
    if differing:
        arrays.append(_array(range(len(patterns))))
        arrays += [_prepared(each, [getattr(one, each.attname) for one in patterns]) for each in differing]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *arrays])
        return cursor.fetchall() if returning else []


def _differ(patterns: Sequence[models.Model], column: "models.Field[Any, Any]") -> bool:
    return len({getattr(pattern, column.attname) for pattern in patterns}) > 1


def _column(field: "models.Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(field.column))


def _unnested(name: str, columns: Sequence["models.Field[Any, Any]"]) -> str:
    """Return SQL for rows that come as one array a column, the first of them with numbers."""
    arrays = "".join(f", %s::{each.rel_db_type(connection)}[]" for each in columns)
    names = "".join(f", {_column(each)}" for each in columns)
    return f"unnest(%s::integer[]{arrays}) WITH ORDINALITY AS {name}(number{names}, line)"


def _prepared(column: "models.Field[Any, Any]", values: Sequence[Any]) -> Any:
    """Return the values as an array for the database, each different one prepared once: plain ones are already."""
    types = set(map(type, values))
    if types == {int} or (types == {str} and isinstance(column, models.CharField | models.TextField)):
        return _array(values)
    prepared = {value: column.get_db_prep_save(value, connection) for value in set(values)}
    return _array([prepared[value] for value in values])


def _array(values: Sequence[Any]) -> Any:
    """Return numbers as an array's text; others as they are."""
    if all(type(value) is int for value in values):
        return array_of(values)
    return list(values)


def array_of(numbers: Iterable[int]) -> str:
    """Return numbers as PostgreSQL writes an array, which psycopg would make of them one by one."""
    return f"{{{','.join(map(str, numbers))}}}"
