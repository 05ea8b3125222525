"""The guard bites: without its index a screen's query is a fault, and so is a query that reads too much by one."""

import pytest
from django.db import connection

from inventory import search
from inventory.models import Device
from inventory.search import Filters
from tests.plans.guard import Asked, Guard

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("plans")]


def faults_of_meter_point(guard: Guard) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT mpxn FROM inventory_meterpoint ORDER BY id LIMIT 1")
        (mpxn,) = cursor.fetchone()
    with guard.listening() as heard:
        search.devices_page(Filters(mpxn=mpxn))
    return [fault for asked in heard if asked.sql.startswith("SELECT") for fault in guard.faults_of(asked)]


def test_a_search_without_its_index_is_a_fault(guard: Guard) -> None:
    assert faults_of_meter_point(guard) == []
    with connection.cursor() as cursor:  # the test's transaction brings them back
        cursor.execute(
            "ALTER TABLE inventory_meterpoint DROP CONSTRAINT IF EXISTS inventory_meterpoint_mpxn_key CASCADE"
        )
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'inventory_meterpoint'::regclass"
            " AND NOT indisprimary AND pg_get_indexdef(indexrelid) LIKE '%%mpxn%%'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")
    assert any("Seq Scan of inventory_meterpoint" in fault for fault in faults_of_meter_point(guard))


def test_reading_much_by_an_index_is_a_fault(guard: Guard) -> None:
    walk = str(Device.objects.order_by("pk").values("pk").query)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    (fault,) = guard.faults_of(Asked(walk, ()))
    assert fault.startswith("Index")
    assert guard.faults_of(Asked(f"{walk} LIMIT 50", ())) == []


def test_a_partitioned_table_is_large_as_a_whole(guard: Guard) -> None:
    wholes = set(guard.large.values())
    assert {"inventory_device", "inventory_devicestatuschange", "inventory_audittrailentry"} <= wholes
    assert "inventory_devicestatuschange" not in guard.large  # its months are read
