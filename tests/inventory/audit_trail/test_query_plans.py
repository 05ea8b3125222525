"""No list of the audit trail reads a whole month: an index serves each filter, in the list's own order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.models.choices import TrailKind
from inventory.search import service_requests as search
from inventory.search.service_requests import TrailFilters
from ssi.access.actor import Actor
from ssi.access.roles import UserRole
from ssi.eui64 import Eui64

pytestmark = pytest.mark.django_db
ROWS = 30_000
LARGE, SMALL = Eui64.parse("90-B3-D5-1F-30-03-00-00"), Eui64.parse("90-B3-D5-1F-30-05-00-00")
FIRST_DEVICE = 104_729

_MESSAGES = """
INSERT INTO inventory_audittrailentry
       (at, user_id, device_id, target, counter, kind, srv, code, detail, suggestion)
SELECT %(now)s - n * interval '4 minutes',
       CASE WHEN n %% 100 = 0 THEN %(small)s ELSE %(large)s END,
       %(device)s + n %% 2000, %(device)s + n %% 2000, n,
       CASE WHEN n %% 9 = 0 THEN 4 WHEN n %% 2 = 0 THEN 2 ELSE 1 END,
       (ARRAY['4.6.1', '4.1.1', '8.11', '7.4', '11.2'])[1 + n %% 5],
       CASE WHEN n %% 50 = 0 THEN 'E21' WHEN n %% 501 = 0 THEN 'E5' ELSE 'I0' END,
       'The device answered as it was asked to, and nothing else is to be said.', ''
  FROM generate_series(1, %(rows)s) n
"""

_REMOVALS = """
INSERT INTO inventory_removeddevice
       (device_id, notified_by, notified_at, status_since, removed_at, device_model_id, run_id, device_type, how,
        pending_months)
SELECT %(device)s + n, CASE WHEN n %% 100 = 0 THEN %(small)s ELSE %(large)s END, %(now)s - interval '2 years',
       %(now)s - interval '2 years', %(now)s - n * interval '15 minutes', 1, 1, 1 + n %% 6, 1, 12
  FROM generate_series(1, %(rows)s) n
"""


def actor_of(user_id: Eui64) -> Actor:
    return Actor(user_id=user_id, party_id=1, user_role=UserRole.IS)


@pytest.fixture
def trail(db: None) -> datetime:
    """Fill three months of two Users' messages, a small one's among them; return now."""
    now = timezone.now()
    facts: dict[str, Any] = {
        "now": now,
        "small": SMALL.as_bigint,
        "large": LARGE.as_bigint,
        "device": FIRST_DEVICE,
        "rows": ROWS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MESSAGES, facts)
        cursor.execute(_REMOVALS, facts)
        cursor.execute("ANALYZE inventory_audittrailentry, inventory_removeddevice")
    return now


def filled_months() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, count(*) FROM inventory_audittrailentry GROUP BY 1")
        return [name for name, rows in cursor.fetchall() if rows > 3_000]


def test_no_list_reads_a_whole_month(trail: datetime) -> None:
    device = Eui64(FIRST_DEVICE + 7)
    following = search.trail_page(TrailFilters(), by=actor_of(LARGE)).next_cursor or ""
    week: dict[str, Any] = {"from_at": trail - timedelta(days=47), "before_at": trail - timedelta(days=40)}
    months = filled_months()
    assert len(months) >= 2

    def page(user_id: Eui64 = LARGE, cursor: str = "", **filters: Any) -> Callable[[], object]:
        wanted = TrailFilters(**filters)
        return lambda: search.trail_page(wanted, by=actor_of(user_id), cursor=cursor)

    ways: dict[str, Callable[[], object]] = {
        "the whole trail": page(),
        "its next page": page(cursor=following),
        "a small User's": page(SMALL),
        "a device": page(device_id=device),
        "a common SRV": page(srv="8.11"),
        "a rare code": page(code="E5"),
        "a code nobody had": page(code="E49"),
        "an SRV nobody sent": page(srv="8.3"),
        "a kind": page(kind=TrailKind.DCC_ALERT),
        "a week": page(**week),
        "a week of one SRV": page(srv="7.4", **week),
        "a rare code of an SRV": page(srv="7.4", code="E5"),
        "all at once": page(device_id=device, srv="7.4", code="I0", kind=TrailKind.SERVICE_RESPONSE, **week),
        "the device's page": lambda: search.latest_of(device, by=actor_of(LARGE)),
    }
    for what, way in ways.items():
        plan = plan_of(way)
        for month in months:
            assert f"Seq Scan on {month} " not in plan, f"{what}:\n{plan}"
        assert "Seq Scan on inventory_removeddevice" not in plan, f"{what}:\n{plan}"


def plan_of(way: Callable[[], object]) -> str:
    with CaptureQueriesContext(connection) as queries:
        way()
    asked = [query["sql"] for query in queries if 'FROM "inventory_audittrail"' in query["sql"]]
    assert len(asked) == 1
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked[0]}")
        return "\n".join(line for (line,) in cursor.fetchall())
