"""Cells that SQL writes are those that Python writes, whatever stands in them."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssi.eui64 import Eui64
from ssi.web.copied import SETTINGS, eui, minute, text
from ssi.web.exports import FORMULA_STARTS, safe_cell

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
some = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
begun = st.builds(str.__add__, st.sampled_from(FORMULA_STARTS), texts)


def copied(cell: Callable[[str], str], kind: str, values: Sequence[object]) -> list[str]:
    """Return what a spreadsheet reads of the cells of these values."""
    select = f"SELECT '-', {cell('x')} FROM unnest(%s::{kind}[]) WITH ORDINALITY r(x, n)"
    statement = f"COPY ({select} ORDER BY n) TO STDOUT (FORMAT csv)"
    with connection.cursor() as cursor:
        cursor.execute(SETTINGS)
        with cursor.copy(statement, [list(values)]) as stream:
            file = b"".join(map(bytes, stream)).decode()
    return [value for _, value in csv.reader(io.StringIO(file, newline=""))]


@some
@given(st.lists(st.one_of(texts, begun), min_size=1, max_size=20))
def test_texts(values: list[str]) -> None:
    assert copied(text, "text", values) == [safe_cell(value) for value in values]


@some
@given(st.lists(st.binary(min_size=8, max_size=8), min_size=1, max_size=20))
def test_euis(values: list[bytes]) -> None:
    euis = [Eui64.from_bytes(value) for value in values]
    assert copied(eui, "bigint", [each.as_bigint for each in euis]) == [str(each) for each in euis]


@some
@given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), min_size=1, max_size=20))  # noqa: DTZ001
def test_moments(values: list[datetime]) -> None:
    moments = [value.replace(tzinfo=UTC) for value in values]
    expected = [f"{each.astimezone(LONDON):%Y-%m-%d %H:%M}" for each in moments]
    assert copied(minute, "timestamptz", moments) == expected
