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
from django.db.models import IntegerChoices, QuerySet
from psycopg.sql import Literal

from ssi.eui64 import Eui64
from ssi.patience import patience
from ssi.refusals import Refusal
from ssi.web.exports import FORMULA_STARTS, safe_cell

FIRST_BLOCK: Final = 500
LARGEST_BLOCK: Final = 20_000
SETTINGS: Final = """
SELECT set_config('jit', 'off', true), set_config('work_mem', '16MB', true),
    set_config('timezone', 'Europe/London', true), set_config('datestyle', 'ISO', true)
"""
"""For the one statement: a block is sorted in memory, and too small to be compiled for; moments are written
as `minute` expects them."""
_GROWTH: Final = 10


def eui(column: str) -> str:
    """Return SQL of an EUI-64 as DUIS writes it. PostgreSQL's own is macaddr8, in small letters with colons."""
    return f"replace(upper(encode(int8send({column}), 'hex')::macaddr8::text COLLATE \"C\"), ':', '-')"


def minute(column: str) -> str:
    """Return SQL of a moment to the minute, in London: as PostgreSQL writes it under `SETTINGS`, cut off."""
    return f"left({column}::text, {len('2026-11-23 09:30')})"


def text(column: str) -> str:
    """Return SQL of a text that no spreadsheet takes for a formula, by the rule of `safe_cell`; "" is left out."""
    starts = ", ".join(str(ord(each)) for each in FORMULA_STARTS)
    return f"CASE WHEN ascii({column}) IN ({starts}) THEN '''' || {column} ELSE nullif({column}, '') END"


def word(column: str, choices: type[IntegerChoices]) -> str:
    """Return SQL of the label of a choice that is kept as a small number above zero: an array, and its index."""
    labels = {int(value): safe_cell(label) for value, label in choices.choices}
    words = ", ".join(Literal(labels.get(value)).as_string() for value in range(1, max(labels) + 1))
    return f"(ARRAY[{words}]::text[])[{column}]"


def copied(
    rows: "QuerySet[Any, Any]", lines: str, *, at_most: int, more: str, too_broad: type[Refusal]
) -> Iterator[bytes]:
    """Yield rows as lines of a CSV file, in the order of their key: an EUI-64, which the first cell shows.

    `lines` is SQL that makes them of a block's rows, which stand in it as `{rows}`, and keeps their order. After
    `at_most` rows the file ends; the line `more` says so if there are others. The first block is fetched at once.
    Raises `too_broad` then where even a small block takes longer than people wait, or later, amid the file.
    """
    blocks = _blocks(rows, lines, at_most, more, too_broad)
    first = next(blocks, b"")
    return chain([first], blocks)


def _blocks(
    rows: "QuerySet[Any, Any]", lines: str, at_most: int, more: str, too_broad: type[Refusal]
) -> Iterator[bytes]:
    """Yield blocks that grow while PostgreSQL keeps up, and shrink for good where it does not."""
    rest = rows = rows.order_by("pk")
    left, size, largest = at_most, FIRST_BLOCK, LARGEST_BLOCK
    while True:
        wanted = min(size, left)
        try:
            found = _copied(rest[: wanted + 1], lines, too_broad)
        except too_broad:
            if size <= FIRST_BLOCK:
                raise
            size = largest = max(FIRST_BLOCK, size // _GROWTH)
            continue
        is_last, found = len(found) <= wanted, found[:wanted]
        left -= len(found)
        if found:
            last = Eui64.parse(found[-1].partition(b",")[0].decode())
            rest = rows.filter(pk__gt=last)
            yield _as_python_ends_lines(found)
        if is_last:
            return
        if not left:
            yield f"{more}\r\n".encode()
            return
        size = min(size * _GROWTH, largest)


def _copied(rows: "QuerySet[Any, Any]", lines: str, too_broad: type[Refusal]) -> list[bytes]:
    """Return the lines of one block."""
    connection: Any = connections[rows.db]
    try:
        sql, params = rows.query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:
        return []
    with patience(too_broad, using=rows.db), connection.cursor() as cursor:
        cursor.execute(SETTINGS)
        statement = lines.format(rows=connection.ops.compose_sql(sql, params))
        with connection.wrap_database_errors, cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)") as stream:
            return [bytes(line) for line in stream]


def _as_python_ends_lines(lines: Sequence[bytes]) -> bytes:
    """Return the lines ended by CR LF, as in every other file; what breaks a line inside a cell stays."""
    block = b"".join(lines)
    if block.count(b"\n") == len(lines):
        return block.replace(b"\n", b"\r\n")
    return b"".join(line[:-1] + b"\r\n" for line in lines)
