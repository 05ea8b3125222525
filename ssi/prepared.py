"""Queries of the pages that people open most: their SQL is made once, and PostgreSQL plans it once.

Django makes a query's SQL anew each time it is asked, which takes longer than PostgreSQL takes to answer a probe
of an index; and it sends the values within the text, so that PostgreSQL plans each anew. `Prepared` asks the same
query of the same models, and spares both: see docs/adr/0026.

    DEVICE = Prepared(lambda: Device.objects.select_related("device_model").filter(pk=Slot("device_id", PK)))
    device = DEVICE.first(device_id=device_id)
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections, models, router
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.postgresql.psycopg_any import register_tzloader
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable, get_related_populators
from psycopg.postgres import types
from psycopg.pq import Format
from psycopg.sql import Literal
from psycopg.types.numeric import Int8

Found = TypeVar("Found")

_MOMENT: Final = types["timestamptz"].oid


class Slot(Expression):
    """A place in a query for a value that each asking gives by `name`, written as `field` writes its values."""

    def __init__(self, name: str, field: "models.Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return the place itself, with nothing in it yet."""
        return "%s", [self]

    def value(self, given: Any, connection: Any) -> Any:
        """Return what is sent for `given`; whole numbers as one type, or PostgreSQL would plan for each size."""
        value = self.output_field.get_db_prep_value(given, connection)
        if type(value) is int:
            return Int8(value)
        if type(value) is list and value and type(value[0]) is int:
            return [Int8(each) for each in value]
        return value


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A query's text, its places in order, and what makes of a row what the query set would."""

    sql: str
    slots: Sequence[Slot]
    made_of: Callable[[Sequence[Any]], Any]
    converted: Callable[[list[Any]], Any]


class Prepared(Generic[Found]):
    """A query set with `Slot`s in its filters, compiled on first use and kept for the life of the process.

    It serves query sets of models, with what `select_related` brings, and of `values_list`. What is fixed in it
    stands in the text, so that partial indexes serve it. No `prefetch_related`, no annotations of models, no
    expressions but Slots that differ from call to call. With `planned_each_time` PostgreSQL looks at the values
    anew: where a rare one is found by another index than a common one. `locking` ends the text, for a lock that
    Django cannot name: "FOR KEY SHARE OF inventory_device".
    """

    def __init__(
        self,
        query: "Callable[[], models.QuerySet[Any, Found]]",
        *,
        planned_each_time: bool = False,
        locking: str = "",
    ) -> None:
        self._query = query
        self._locking = locking
        self._planned_each_time = planned_each_time
        self._compiled: dict[str, _Compiled] = {}
        self._model: type[models.Model] | None = None

    def __call__(self, **values: Any) -> list[Found]:
        """Return all that is found for the values of the slots. Raises KeyError where one is missing."""
        alias = self._alias()
        compiled = self._compiled.get(alias) or self._compile(alias)
        if not compiled.sql:
            return []
        with _opened(alias, self._planned_each_time) as cursor:
            connection = connections[alias]
            cursor.execute(compiled.sql, [slot.value(values[slot.name], connection) for slot in compiled.slots])
            rows = cursor.fetchall()
        return [compiled.made_of(row) for row in compiled.converted(rows)]

    def first(self, **values: Any) -> Found | None:
        """Return the first that is found, None where there is none; have the query limit itself to one."""
        found = self(**values)
        return found[0] if found else None

    def _alias(self) -> str:
        if self._model is None:
            self._model = self._query().model
        return router.db_for_read(self._model)

    def _compile(self, alias: str) -> _Compiled:
        found = self._query().using(alias)
        compiler = found.query.get_compiler(using=alias)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            sql, params = "", ()
        connection = connections[alias]
        connection.ensure_connection()
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        self._compiled[alias] = _Compiled(
            f"{_with_literals(sql, params, connection.connection)} {self._locking}".strip(),
            [each for each in params if isinstance(each, Slot)],
            _maker(found, compiler, alias),
            (lambda rows: compiler.apply_converters(rows, converters)) if converters else (lambda rows: rows),
        )
        return self._compiled[alias]


class _PlannedEachTime(ServerBindingCursor):
    """Sends values apart from the text, and has PostgreSQL plan the statement for these very values."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Send the statement without a name."""
        return super().execute(query, params, **{**options, "prepare": False})  # type: ignore[misc] # psycopg's


@contextmanager
def prepared_cursor(alias: str = "default", *, planned_each_time: bool = False) -> Iterator[CursorWrapper]:
    """Open a cursor that sends values apart from the text, which PostgreSQL then prepares and plans once.

    As Django's own cursor in all else: its transactions, its log of queries, its wrappers. Where statements may
    not be prepared (SSI_PREPARED_STATEMENTS), it only sends values apart.
    """
    with _opened(alias, planned_each_time) as cursor:
        yield cursor


class _Told(CursorDebugWrapper):
    """Logs what is sent with its values in the text, so that it can be explained as it stands."""

    def debug_sql(
        self,
        sql: str | None = None,
        params: Any = None,
        use_last_executed_query: bool = False,
        many: bool = False,
    ) -> AbstractContextManager[None]:
        """Log it as another cursor would have sent it."""
        told = self.db.ops.compose_sql(sql, params) if use_last_executed_query else sql
        return super().debug_sql(told, params, use_last_executed_query=False, many=many)


def _opened(alias: str, planned_each_time: bool) -> CursorWrapper:
    connection = connections[alias]
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        kind = _PlannedEachTime if planned_each_time else ServerBindingCursor
        sending: Any = kind(connection.connection)  # type: ignore[call-arg] # as psycopg's
    zone = connection.connection.adapters.get_loader(_MOMENT, Format.TEXT).timezone
    if zone != connection.timezone:
        register_tzloader(connection.timezone, sending)
    return _Told(sending, connection) if connection.queries_logged else connection.make_cursor(sending)


def _with_literals(sql: str, params: Sequence[Any], database: Any) -> str:
    """Return the text with what is fixed written into it, and places for the rest."""
    pieces = sql.split("%s")
    text = [pieces[0]]
    for param, piece in zip(params, pieces[1:], strict=True):
        text.append("%s" if isinstance(param, Slot) else Literal(param).as_string(database).replace("%", "%%"))
        text.append(piece)
    return "".join(text)


def _maker(found: "models.QuerySet[Any, Any]", compiler: Any, alias: str) -> Callable[[Sequence[Any]], Any]:
    """Return what makes of a row a model with its relations, as ModelIterable does, or a tuple, or a value."""
    if not issubclass(found._iterable_class, ModelIterable):
        return (lambda row: row[0]) if getattr(found, "_fields", None) and _is_flat(found) else tuple
    select, facts = compiler.select, compiler.klass_info
    places: Sequence[int] = facts["select_fields"]
    first, last = places[0], places[-1] + 1
    names = [column.target.attname for column, *_ in select[first:last]]
    model: type[models.Model] = facts["model"]
    populators = get_related_populators(facts, select, alias)  # type: ignore[call-arg] # as of Django 6.1

    def made(row: Sequence[Any]) -> models.Model:
        one = model.from_db(alias, names, row[first:last])
        for populator in populators:
            populator.populate(row, one)
        return one

    return made


def _is_flat(found: "models.QuerySet[Any, Any]") -> bool:
    return found._iterable_class.__name__ == "FlatValuesListIterable"
