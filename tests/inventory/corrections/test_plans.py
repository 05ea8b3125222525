"""What a chunk of a file reads: its own devices by their keys, however many others there are."""

from typing import Any, Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.actions.corrections import batches, engine
from inventory.actions.corrections.reading import NewRow
from inventory.models.choices import DeviceType, EsmeVariant, RegistrationKind, SmiStatus
from ssi.accounts.models import Person
from tests.factories.inventory import DeviceModelFactory
from tests.personas import actor_of

pytestmark = pytest.mark.django_db

DEVICES: Final = 20_000
LINES: Final = 8_000
"""So many of them that a join would read all."""
FIRST: Final = 30 << 56

_POINTS: Final = """
INSERT INTO inventory_meterpoint (mpxn, post_code, address_identifier)
SELECT (2000000000000 + n)::text, '', '' FROM generate_series(0, %(devices)s - 1) n
"""
_REGISTRATIONS: Final = """
INSERT INTO inventory_registration (meter_point_id, user_id, from_date, kind)
SELECT id, %(user)s, '2025-01-01', %(kind)s FROM inventory_meterpoint WHERE mpxn >= '2000000000000' AND id %% 2 = 0
"""
_DEVICES: Final = """
INSERT INTO inventory_device (device_id, device_type, device_model_id, smi_status, esme_variant, notified_by_id,
    import_meter_point_id)
SELECT %(first)s + n, %(esme)s, %(model)s, %(commissioned)s, %(wrong)s, %(user)s, point.id
FROM generate_series(0, %(devices)s - 1) n
JOIN inventory_meterpoint point ON point.mpxn = (2000000000000 + n)::text
"""


@pytest.fixture
def estate(gina: Person) -> None:
    """Fill the tables: at every other meter point Gina's User is registered; elsewhere it notified them."""
    user_id = actor_of(gina, "IS").user.user_id
    facts: dict[str, Any] = {
        "devices": DEVICES,
        "first": FIRST,
        "user": user_id.as_bigint,
        "kind": int(RegistrationKind.IMPORT_SUPPLIER),
        "esme": int(DeviceType.ESME),
        "model": DeviceModelFactory.create(device_type=DeviceType.ESME).pk,
        "commissioned": int(SmiStatus.COMMISSIONED),
        "wrong": int(EsmeVariant.A),
    }
    with connection.cursor() as cursor:
        for statement in (_POINTS, _REGISTRATIONS, _DEVICES):
            cursor.execute(statement, facts)
        cursor.execute("ANALYZE inventory_device, inventory_meterpoint, inventory_registration")


@pytest.mark.usefixtures("estate")
def test_a_chunk_reads_no_device_but_its_own(gina: Person) -> None:
    us = actor_of(gina, "IS")
    rows = (NewRow(number + 1, FIRST + number, int(EsmeVariant.BD)) for number in range(LINES))
    with CaptureQueriesContext(connection) as captured:
        batch = batches.begin(rows, sha256="0" * 64, file_name="", by=us)
        engine.carry_out_here(batch.pk)
        batches.apply(batch.reference, by=us)
        engine.carry_out_here(batch.pk)
        batches.revert(batch.reference, by=us)
        engine.carry_out_here(batch.pk)
    batch.refresh_from_db()
    assert (batch.allowed, batch.done, batch.undone) == (LINES, LINES, LINES)
    chunks = [each["sql"] for each in captured if "given AS MATERIALIZED" in each["sql"]]
    assert len(chunks) == 5  # checked; locked and applied; locked and reverted
    for chunk in chunks:
        plan = plan_of(chunk)
        assert "inventory_device" in plan
        assert "Seq Scan on inventory_device " not in plan, plan
        assert "Seq Scan on inventory_registration" not in plan, plan


def plan_of(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        return "\n".join(line for (line,) in cursor.fetchall())
