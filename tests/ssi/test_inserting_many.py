"""Inserting many rows in one statement: what differs, what is alike, what meets a constraint."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ssi.accounts.models import Party
from ssi.db import insert_like, insert_many

pytestmark = pytest.mark.django_db
AWKWARD = ['a "quoted" one', "back\\slash", "{brace, comma}", "NULL", "", "it's €"]


def parties() -> list[tuple[str, date | None, int | None]]:
    return list(Party.objects.order_by("pk").values_list("name", "left_date", "requests_per_day"))


def test_rows_go_in_like_the_template_in_the_order_given() -> None:
    insert_many(Party(requests_per_day=7), {"name": ["b", "c", "a"]})
    assert parties() == [("b", None, 7), ("c", None, 7), ("a", None, 7)]


def test_each_row_is_like_its_pattern() -> None:
    gone, limited = Party(left_date=date(2026, 1, 2)), Party(requests_per_day=3)
    insert_like([gone, limited], [1, 0, 1], {"name": ["x", "y", "z"]})
    assert parties() == [("x", None, 3), ("y", date(2026, 1, 2), None), ("z", None, 3)]


def test_awkward_text_and_nulls_arrive_as_they_are() -> None:
    insert_many(Party(), {"name": AWKWARD, "requests_per_day": [None, 1, None, 2, 3, None]})
    assert [name for name, _, _ in parties()] == AWKWARD
    assert [quota for _, _, quota in parties()] == [None, 1, None, 2, 3, None]


def test_what_meets_a_constraint_stays_out_and_the_others_are_returned() -> None:
    Party.objects.create(name="here")
    inserted = insert_many(Party(), {"name": ["new", "here"]}, returning=["name"], skip_conflicts=True)
    assert inserted == [("new",)]


def test_a_thousand_rows_are_one_statement() -> None:
    with CaptureQueriesContext(connection) as queries:
        insert_many(Party(), {"name": [f"party {number}" for number in range(1_000)]})
    assert len(queries) == 1
    assert Party.objects.count() == 1_000
