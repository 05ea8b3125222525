"""What a run reads: a range of the partial index of Pending devices, however large the table is."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.actions import housekeeping
from inventory.models.choices import DeviceType, SmiStatus
from inventory.search import housekeeping as search
from inventory.search.housekeeping import Scope
from ssi.access.actor import Actor
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import DeviceModelFactory

pytestmark = pytest.mark.django_db

_ESTATE = """
INSERT INTO inventory_device (device_id, device_type, device_model_id, smi_status, notified_by_id, status_since)
SELECT (30::bigint << 56) + n, CASE WHEN n %% 50 = 1 THEN %(hub)s ELSE %(esme)s END, %(model)s,
    CASE WHEN n %% 50 < 2 THEN %(pending)s ELSE %(commissioned)s END, (%(users)s::bigint[])[1 + n %% 7],
    %(now)s - make_interval(days => n %% 600)
FROM generate_series(0, 39999) n
"""


@pytest.fixture
def estate() -> list[Eui64]:
    """Fill the table: one device of fifty is Pending, one a Pending hub, which is excluded; return its Users."""
    users = [UserIdFactory.create().eui for _ in range(7)]
    facts: dict[str, Any] = {
        "hub": DeviceType.CHF.value,
        "esme": DeviceType.ESME.value,
        "model": DeviceModelFactory.create().pk,
        "pending": SmiStatus.PENDING.value,
        "commissioned": SmiStatus.COMMISSIONED.value,
        "users": [user.as_bigint for user in users],
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ESTATE, facts)
        cursor.execute("ANALYZE inventory_device")
    return users


def plan_of(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_a_run_walks_the_index_of_pending_devices(estate: list[Eui64]) -> None:
    with CaptureQueriesContext(connection) as captured:
        housekeeping.run(by=Actor.system())
    walks = [
        each["sql"] for each in captured if "SKIP LOCKED" in each["sql"] and "inventory_device" in each["sql"]
    ]
    assert len(walks) == 4  # one a type that is not excluded
    for walk in walks:
        plan = plan_of(walk)
        assert "device_pending_by_age" in plan
        assert "Seq Scan" not in plan


@pytest.mark.parametrize("is_own", [True, False])
def test_the_forecast_counts_in_an_index(estate: list[Eui64], is_own: bool) -> None:
    with CaptureQueriesContext(connection) as captured:
        scope = Scope(1, estate[:1]) if is_own else Scope(None, None)
        search.forecast(scope, today=timezone.localdate() + timedelta(days=1))
    counting = next(each["sql"] for each in captured if "CROSS JOIN LATERAL" in each["sql"])
    plan = plan_of(counting)
    assert "device_pending_by_" in plan, plan
    assert "Seq Scan" not in plan
