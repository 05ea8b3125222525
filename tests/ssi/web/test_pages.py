"""Keyset pages: every row once and in order, whatever the cursor is."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from ssi.accounts.models import Party, UserId
from ssi.web.models import IdempotencyKey
from ssi.web.pages import LONGEST_PAGE, CursorUnknown, page_of
from tests.factories.accounts import PartyFactory, UserIdFactory

pytestmark = pytest.mark.django_db


def cursor_of(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def pages(queryset: QuerySet[Any], key: Sequence[str], size: int) -> list[list[Any]]:
    found, cursor = [], ""
    while True:
        page = page_of(queryset, key=key, cursor=cursor, size=size)
        assert page.is_first == (not cursor)
        found.append(list(page.rows))
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


@pytest.mark.parametrize("key", [("id",), ("-id",), ("name", "id"), ("-name", "-id"), ("left_date", "id")])
def test_every_row_stands_on_one_page_in_order(key: tuple[str, ...]) -> None:
    for number in range(7):
        PartyFactory.create(name=f"Party {number % 3} {number}", left_date=f"2026-01-0{1 + number % 2}")
    ordered = list(Party.objects.order_by(*key))
    for size in (1, 2, 3, 7, 50):
        found = pages(Party.objects.all(), key, size)
        assert [row for page in found for row in page] == ordered
        assert all(len(page) == size for page in found[:-1])


def test_equal_values_are_told_apart_by_the_rest_of_the_key() -> None:
    for number in range(5):
        IdempotencyKey.objects.create(person_id=1, key=str(number))
    assert sum(len(page) for page in pages(IdempotencyKey.objects.all(), ("person_id", "id"), 2)) == 5


def test_an_eui_64_is_a_key_as_well() -> None:
    UserIdFactory.create_batch(5)
    found = [row for page in pages(UserId.objects.all(), ("eui",), 2) for row in page]
    assert found == sorted(found, key=lambda user: user.pk)
    assert len(found) == 5


def test_a_page_never_counts_skips_or_grows_without_bound() -> None:
    PartyFactory.create_batch(3)
    with CaptureQueriesContext(connection) as queries:
        first = page_of(Party.objects.all(), key=("id",), size=2)
        page_of(Party.objects.all(), key=("id",), cursor=first.next_cursor or "", size=10**9)
    asked = " ".join(query["sql"] for query in queries)
    assert len(queries) == 2
    assert "OFFSET" not in asked
    assert "COUNT(" not in asked
    assert f"LIMIT {LONGEST_PAGE + 1}" in asked


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "\x00",
        "====",
        cursor_of(),
        cursor_of("one", "two"),
        cursor_of(None),
        cursor_of([1]),
        cursor_of("no number"),
        cursor_of("\x00"),
        cursor_of("\ud800"),
        cursor_of(2**63),
        cursor_of(1.5),
        base64.urlsafe_b64encode(b"{}").decode(),
        base64.urlsafe_b64encode(b"\xff").decode(),
        base64.urlsafe_b64encode(b"[" * 5_000).decode(),
    ],
)
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    UserIdFactory.create()
    for queryset, key in ((Party.objects.all(), ("id",)), (UserId.objects.all(), ("eui",))):
        with pytest.raises(CursorUnknown) as refused:
            page_of(queryset, key=key, cursor=cursor)
        assert refused.value.field == "cursor"


def test_a_cursor_past_the_end_gives_an_empty_page() -> None:
    _, last = PartyFactory.create_batch(2)
    first = page_of(Party.objects.all(), key=("id",), size=1)
    last.delete()
    page = page_of(Party.objects.all(), key=("id",), cursor=first.next_cursor or "")
    assert list(page.rows) == []
    assert page.next_cursor is None


def test_a_cursor_tells_nothing_of_the_row_and_fits_no_other_order() -> None:
    party, _ = PartyFactory.create_batch(2)
    cursor = page_of(Party.objects.all(), key=("id",), size=1).next_cursor or ""
    assert cursor != page_of(Party.objects.all(), key=("id",), size=1).next_cursor
    assert f"[{party.pk}]".encode() not in base64.urlsafe_b64decode(cursor + "==")
    with pytest.raises(CursorUnknown):
        page_of(Party.objects.all(), key=("-id",), cursor=cursor)
