"""The history of SMI Statuses in months: upgraded without a copy, tended by the clock, found by the device."""

from datetime import UTC, date, datetime
from importlib import import_module

import pytest
from django.db import connection
from django.db.models import Model
from structlog.testing import capture_logs

from inventory.models import DeviceStatusChange
from inventory.partitions import TABLES
from ssi.eui64 import Eui64
from ssi.partitions import tend_one
from tests.factories.inventory import DeviceFactory, DeviceStatusChangeFactory
from tests.schemas import as_before, run

pytestmark = pytest.mark.django_db
migration = import_module("inventory.migrations.0005_status_history_in_months")
TABLE = DeviceStatusChange._meta.db_table
HISTORY = TABLES[1]
DEVICE_ID = Eui64.parse("90-B3-D5-1F-30-01-00-07")
OLD = ("inventory", "0004_traffic")


def partitions() -> list[str]:
    found = run(f"SELECT relid::regclass::text FROM pg_partition_tree('{TABLE}') WHERE isleaf ORDER BY 1")
    return [str(name).removeprefix("before.").removeprefix(f"{TABLE}_") for (name,) in found]


def where(change: Model) -> str:
    ((name,),) = run(f"SELECT tableoid::regclass::text FROM {TABLE} WHERE id = {change.pk}")
    return str(name).removeprefix(f"{TABLE}_")


def upgrade() -> None:
    with connection.schema_editor() as editor:
        migration.into_months(None, editor)


def months_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    monkeypatch.setattr(migration.timezone, "localdate", lambda at=now: at.date())


def test_a_history_becomes_the_partition_of_what_was_before(monkeypatch: pytest.MonkeyPatch) -> None:
    months_to_come(monkeypatch)
    with as_before(OLD, "DeviceStatusChange") as apps:
        change = apps.get_model("inventory", "DeviceStatusChange")
        old = [
            change.objects.create(device_id=DEVICE_ID, at=datetime(2026, month, 21, tzinfo=UTC), because="12.2")
            for month in (3, 11)
        ]
        ((file,),) = run(f"SELECT pg_relation_filenode('{TABLE}')")
        upgrade()
        assert partitions() == ["2026_12", "2027_01", "before", "rest"]
        assert run(f"SELECT pg_relation_filenode('{TABLE}_before')") == [(file,)]
        assert [where(each) for each in old] == ["before", "before"]
        new = change.objects.create(device_id=DEVICE_ID, at=datetime(2026, 12, 1, tzinfo=UTC), because="8.11")
        assert (where(new), new.pk > old[-1].pk) == ("2026_12", True)
        late = change.objects.create(device_id=DEVICE_ID, at=datetime(2026, 11, 30, tzinfo=UTC), because="8.11")
        assert where(late) == "before"
        assert change.objects.filter(device_id=DEVICE_ID).count() == 4
        ((whole,),) = run("SELECT bool_and(indisvalid) FROM pg_index WHERE indexrelid::regclass::text ~ 'status'")
        assert whole


def test_an_empty_history_has_months_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    months_to_come(monkeypatch)
    with as_before(OLD, "DeviceStatusChange"):
        upgrade()
        assert partitions() == ["2026_11", "2026_12", "2027_01", "rest"]


def test_the_clock_makes_months_and_drops_none() -> None:
    table = DeviceStatusChange._meta.db_table
    DeviceStatusChangeFactory.create(at=datetime(2019, 5, 1, tzinfo=UTC))
    tend_one(HISTORY, date(2032, 11, 22))
    with capture_logs() as logs:
        done = tend_one(HISTORY, date(2032, 12, 1))
    assert done is not None
    assert (done.made, done.dropped, done.strays) == ([f"{table}_2033_02"], [], 0)
    assert [each["event"] for each in logs] == ["partitions"]
    assert DeviceStatusChange.objects.filter(at__year=2019).exists()


def test_what_found_no_month_since_this_one_is_told_of() -> None:
    DeviceStatusChangeFactory.create(at=datetime(2032, 11, 2, tzinfo=UTC))
    with capture_logs() as logs:
        done = tend_one(HISTORY, date(2032, 11, 22))
    assert done is not None
    assert done.strays == 1
    assert [each["event"] for each in logs] == ["partitions", "rows_without_partition"]


def test_a_device_s_history_is_one_probe_a_month() -> None:
    device = DeviceFactory.create()
    tend_one(HISTORY, date(2032, 11, 22))
    run(
        f"INSERT INTO {TABLE} (device_id, at, because) SELECT n, moment, '12.2' FROM generate_series(1, 3000) n,"
        " unnest('{2032-11-05, 2032-12-05, 2033-01-05}'::timestamptz[]) moment"
    )
    run(f"ANALYZE {TABLE}")
    history = DeviceStatusChange.objects.filter(device_id=device.pk).order_by("-at", "-pk")[:50]
    plan = history.explain()
    filled = [line for line in plan.splitlines() if f"{TABLE}_203" in line]
    assert len(filled) == 3
    assert all("Index" in line for line in filled)
