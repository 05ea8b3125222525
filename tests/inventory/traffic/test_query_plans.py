"""Counting and reading traffic goes by the audit trail's index of a User and its time, never through a month."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.actions import traffic
from inventory.models import TrafficCounted
from inventory.search.traffic import hours
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory

pytestmark = pytest.mark.django_db
ROWS = 30_000

_MESSAGES = """
INSERT INTO inventory_audittrailentry
       (at, user_id, device_id, target, counter, kind, srv, code, detail, suggestion)
SELECT %(now)s - n * interval '3 minutes', %(user_id)s, n, n, n, 1 + n %% 4,
       (ARRAY['4.6.1', '4.1.1', '8.11', '7.4', '11.2'])[1 + n %% 5], 'I0',
       'The device answered as it was asked to, and nothing else is to be said.', ''
  FROM generate_series(1, %(rows)s) n
"""


@pytest.fixture
def user_id(db: None) -> Eui64:
    """Fill two months of a User's messages; the roll-up is up to date but for the last hours."""
    eui = UserIdFactory.create().eui
    facts: dict[str, Any] = {"now": timezone.now(), "user_id": eui.as_bigint, "rows": ROWS}
    with connection.cursor() as cursor:
        cursor.execute(_MESSAGES, facts)
        cursor.execute("ANALYZE inventory_audittrailentry")
    return eui


def filled_months() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, count(*) FROM inventory_audittrailentry GROUP BY 1")
        return [name for name, rows in cursor.fetchall() if rows > 3_000]


def plan_of(way: Callable[[], object]) -> str:
    with CaptureQueriesContext(connection) as queries:
        way()
    (asked,) = [query["sql"] for query in queries if "FROM" in query["sql"] and "audittrailentry" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_no_month_is_read_whole(user_id: Eui64) -> None:
    now = timezone.now()
    this_hour: datetime = now.replace(minute=0, second=0, microsecond=0)
    TrafficCounted.objects.create(until_at=this_hour - timedelta(hours=1), apart_since_at=now)
    ways: dict[str, Callable[[], object]] = {
        "the hours that are not counted yet": lambda: list(hours(user_id, now - timedelta(days=30), now)),
        "those of some SRVs": lambda: list(hours(user_id, now - timedelta(days=30), now, ["7.4"])),
        "counting them": lambda: traffic.counting._count_some(now),
    }
    for what, way in ways.items():
        plan = plan_of(way)
        for month in filled_months():
            assert f"Seq Scan on {month} " not in plan, f"{what}:\n{plan}"
