"""Long lists as CSV made by PostgreSQL itself: COPY of cells that SQL writes, in blocks that hold nothing open.

A block is one short COPY, read whole before any of it is sent: a slow reader holds neither a transaction nor a
snapshot, and a worker never holds more than a block. The next block goes on after the key of the last line.
Cells read as `ssi.web.exports` and Python write them.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, F, Func, IntegerChoices, Model, QuerySet, TextField, Value

from ssi.eui64 import Eui64
from ssi.patience import patience
from ssi.refusals import Refusal
from ssi.web.exports import FORMULA_STARTS, safe_cell

FIRST_BLOCK: Final = 500
LARGEST_BLOCK: Final = 20_000
_GROWTH: Final = 10


class EuiCell(Func):
    """An EUI-64 as DUIS writes it. PostgreSQL's own EUI-64 is macaddr8, in small letters with colons."""

    output_field = TextField()
    template = "replace(upper(encode(int8send(%(expressions)s), 'hex')::macaddr8::text COLLATE \"C\"), ':', '-')"


class MinuteCell(Func):
    """A moment to the minute, in London."""

    output_field = TextField()
    template = "to_char(%(expressions)s AT TIME ZONE 'Europe/London', 'YYYY-MM-DD HH24:MI')"


class TextCell(Func):
    """A text that no spreadsheet takes for a formula, by the rule of `safe_cell`; an empty one is left out."""

    output_field = TextField()
    template = (
        f"CASE WHEN ascii(%(expressions)s) IN ({', '.join(str(ord(each)) for each in FORMULA_STARTS)}) "
        "THEN '''' || %(expressions)s ELSE nullif(%(expressions)s, '') END"
    )


class WordCell(Func):
    """The label of a choice that is kept as a small number above zero: an array of them all, and its index."""

    output_field = TextField()
    template = "(%(expressions)s]"
    arg_joiner = ")["

    def __init__(self, name: str, choices: type[IntegerChoices]) -> None:
        labels = {int(value): safe_cell(label) for value, label in choices.choices}
        words = [Value(labels.get(value)) for value in range(1, max(labels) + 1)]
        super().__init__(
            Func(*words, template="ARRAY[%(expressions)s]::text[]", output_field=TextField()), F(name)
        )


def copied(
    rows: "QuerySet[Model]", cells: Sequence[Expression], *, at_most: int, more: str, too_broad: type[Refusal]
) -> Iterator[bytes]:
    """Yield rows as lines of a CSV file, in the order of their key: an EUI-64, which the first cell shows.

    After `at_most` rows the file ends; the line `more` says so if there are others. The first block is fetched at
    once. Raises `too_broad` then where even a small block takes longer than people wait, or later, amid the file.
    """
    blocks = _blocks(rows, cells, at_most, more, too_broad)
    first = next(blocks, b"")
    return chain([first], blocks)


def _blocks(
    rows: "QuerySet[Model]", cells: Sequence[Expression], at_most: int, more: str, too_broad: type[Refusal]
) -> Iterator[bytes]:
    """Yield blocks that grow while PostgreSQL keeps up, and shrink for good where it does not."""
    rows = rows.order_by("pk")
    left, size, largest = at_most, FIRST_BLOCK, LARGEST_BLOCK
    while True:
        wanted = min(size, left)
        try:
            lines = _copied(rows.values_list(*cells)[: wanted + 1], too_broad)
        except too_broad:
            if size <= FIRST_BLOCK:
                raise
            size = largest = max(FIRST_BLOCK, size // _GROWTH)
            continue
        is_last, lines = len(lines) <= wanted, lines[:wanted]
        left -= len(lines)
        if lines:
            last = Eui64.parse(lines[-1].partition(b",")[0].decode())
            rows = rows.filter(pk__gt=last)
            yield _as_python_ends_lines(lines)
        if is_last:
            return
        if not left:
            yield f"{more}\r\n".encode()
            return
        size = min(size * _GROWTH, largest)


def _copied(rows: "QuerySet[Any, Any]", too_broad: type[Refusal]) -> list[bytes]:
    """Return the lines of one block."""
    connection: Any = connections[rows.db]
    try:
        sql, params = rows.query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:
        return []
    with patience(too_broad, using=rows.db), connection.cursor() as cursor:
        statement = f"COPY ({connection.ops.compose_sql(sql, params)}) TO STDOUT (FORMAT csv)"
        with connection.wrap_database_errors, cursor.copy(statement) as stream:
            return [bytes(line) for line in stream]


def _as_python_ends_lines(lines: Sequence[bytes]) -> bytes:
    """Return the lines ended by CR LF, as in every other file; what breaks a line inside a cell stays."""
    block = b"".join(lines)
    if block.count(b"\n") == len(lines):
        return block.replace(b"\n", b"\r\n")
    return b"".join(line[:-1] + b"\r\n" for line in lines)
