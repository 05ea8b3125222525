"""The roll-up of messages by month: London's months, the running one and the last counted anew, the rest kept."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from inventory import jobs
from inventory.actions import transactions
from inventory.models import AuditTrailEntry, RollUp, TransactionCount
from inventory.models.choices import TrailKind
from inventory.search.transactions import counted_at
from ssi.eui64 import Eui64
from tests.factories.audit_trail import message

pytestmark = pytest.mark.django_db
US, THEM = Eui64.parse("90-B3-D5-1F-30-03-00-00"), Eui64.parse("90-B3-D5-1F-30-01-00-00")
TODAY = date(2026, 11, 22)


def counts() -> set[tuple[Any, ...]]:
    rows = TransactionCount.objects.values_list("month_date", "user_id", "kind", "srv", "code", "messages")
    return {(f"{month:%Y-%m}", user_id, *rest) for month, user_id, *rest in rows}


def test_messages_are_counted_by_user_month_kind_srv_and_code() -> None:
    message(US, at=datetime(2026, 8, 31, 22, 59, tzinfo=UTC))
    message(US, at=datetime(2026, 8, 31, 23, 0, tzinfo=UTC))  # September in London
    message(US, at=datetime(2026, 9, 1, 12, 0, tzinfo=UTC))
    message(US, at=datetime(2026, 9, 1, 12, 0, tzinfo=UTC), code="E5")
    message(US, at=datetime(2026, 9, 1, 12, 0, tzinfo=UTC), kind=TrailKind.SERVICE_RESPONSE, code="I0")
    message(THEM, at=datetime(2026, 9, 30, 12, 0, tzinfo=UTC))
    transactions.refresh(TODAY)
    assert counts() == {
        ("2026-08", US, 1, "8.11", "I99", 1),
        ("2026-09", US, 1, "8.11", "I99", 2),
        ("2026-09", US, 1, "8.11", "E5", 1),
        ("2026-09", US, 2, "8.11", "I0", 1),
        ("2026-09", THEM, 1, "8.11", "I99", 1),
    }


def test_only_the_running_month_and_the_last_are_counted_again() -> None:
    for month in (9, 10, 11):
        message(US, at=datetime(2026, month, 15, tzinfo=UTC))
    transactions.refresh(TODAY)
    message(US, at=datetime(2026, 11, 16, tzinfo=UTC))
    AuditTrailEntry.objects.filter(at__lt=datetime(2026, 10, 31, tzinfo=UTC)).delete()
    transactions.refresh(TODAY)
    assert {(each[0], each[-1]) for each in counts()} == {("2026-09", 1), ("2026-11", 2)}


def test_running_twice_counts_once() -> None:
    message(US, at=datetime(2026, 11, 15, tzinfo=UTC))
    transactions.refresh(TODAY)
    before = counts()
    transactions.refresh(TODAY)
    assert counts() == before
    assert RollUp.objects.count() == 1


def test_counts_go_after_two_years_and_a_month() -> None:
    facts = {"user_id": US, "kind": 1, "srv": "8.11", "code": "I99", "messages": 7}
    for month_date in (date(2024, 10, 1), date(2024, 11, 1)):
        TransactionCount.objects.create(month_date=month_date, **facts)
    transactions.refresh(TODAY)
    assert [row.month_date for row in TransactionCount.objects.all()] == [date(2024, 11, 1)]


def test_the_clock_counts_too() -> None:
    assert counted_at() is None
    message(US)
    jobs.count_transactions()
    assert counted_at() is not None
    assert TransactionCount.objects.get().messages == 1
