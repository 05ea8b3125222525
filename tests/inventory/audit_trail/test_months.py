"""The clock keeps the audit trail's months: ahead of time, and no longer than they are kept on line."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from structlog.testing import capture_logs

from inventory.actions.audit_trail.months import first_kept
from inventory.models import AuditTrailEntry
from inventory.partitions import TABLES
from ssi.eui64 import Eui64
from ssi.partitions import Tended, tend_one
from tests.factories.audit_trail import message

pytestmark = pytest.mark.django_db
USER = Eui64.parse("90-B3-D5-1F-30-03-00-00")
TRAIL = TABLES[0]


def test_three_whole_months_and_the_running_one_are_kept() -> None:
    assert first_kept(date(2026, 11, 30)) == date(2026, 8, 1)
    assert first_kept(date(2026, 12, 1)) == date(2026, 9, 1)


def test_what_is_older_goes_and_the_rest_stays() -> None:
    for month in (7, 8, 11):
        message(USER, at=datetime(2032, month, 15, tzinfo=UTC))
    tend_one(TRAIL, date(2032, 9, 1))
    with capture_logs() as logs:
        done = tend_one(TRAIL, date(2032, 11, 22))
    assert done is not None
    assert done.made == ["inventory_audittrailentry_2032_12", "inventory_audittrailentry_2033_01"]
    assert sorted(AuditTrailEntry.objects.values_list("at__month", flat=True)) == [8, 11]
    assert [(each["event"], each["log_level"]) for each in logs] == [
        ("partitions", "info"),
        ("rows_without_partition", "warning"),
    ]
    assert logs[1]["rows"] == done.strays == 2


def test_nothing_to_do_is_no_news() -> None:
    tend_one(TRAIL, date(2032, 11, 22))
    with capture_logs() as logs:
        assert tend_one(TRAIL, date(2032, 11, 22)) == Tended(TRAIL.table, [], [], 0)
    assert logs == []


def test_every_message_finds_a_month_around_today() -> None:
    message(USER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM inventory_audittrailentry")
        ((name,),) = cursor.fetchall()
    assert name != "inventory_audittrailentry_rest"
