"""Writing many rows in one statement, whatever their number and the types of their columns."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import BulkJob, BulkRow, InstallCodeRequest
from inventory.models import Device, SealedInstallCode
from inventory.models.choices import SmiStatus
from ssi.accounts.models import Person
from ssi.db import SsiModel, update_many
from ssi.eui64 import Eui64
from tests.factories.incidents import raised
from tests.factories.inventory import DeviceFactory
from tests.personas import actor_of

pytestmark = pytest.mark.django_db


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def test_one_statement_for_any_number_of_rows_and_each_gets_its_own_values() -> None:
    meters: list[Device] = [DeviceFactory.create() for _ in range(30)]
    for number, meter in enumerate(meters):
        meter.s1sp = f"Provider {number}"
    with CaptureQueriesContext(connection) as queries:
        update_many(meters, ["s1sp"])
    assert len(queries) == 1
    assert [fresh(meter).s1sp for meter in meters] == [meter.s1sp for meter in meters]


def test_only_the_named_fields_of_the_given_rows_are_written() -> None:
    meter, other = DeviceFactory.create(s1sp="One"), DeviceFactory.create(s1sp="One")
    meter.s1sp, meter.csp_region = "Two", None
    before = fresh(meter).csp_region
    update_many([meter], ["s1sp"])
    assert (fresh(meter).s1sp, fresh(meter).csp_region) == ("Two", before)
    assert fresh(other).s1sp == "One"


def test_keys_and_values_of_every_type_in_use(gina: Person, ivan: Person) -> None:
    """EUI-64 and UUID as keys; dates, moments, nulls, foreign keys, JSON and bytes as values."""
    request = raised(gina, ivan)
    at = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
    request.device_id, request.assigned_to_id = Eui64.parse("90-B3-D5-1F-30-01-00-0A"), None
    request.needed_by_date, request.notified_at, request.due_date = date(2026, 12, 1), at, None
    state = InstallCodeRequest.objects.filter(pk=request.pk)
    state.update(state="with_service_desk")
    update_many([request], ["device_id", "assigned_to", "needed_by_date", "notified_at", "due_date"])
    now = fresh(request)
    assert (now.device_id, now.assigned_to_id) == (request.device_id, None)
    assert (now.needed_by_date, now.notified_at, now.due_date) == (date(2026, 12, 1), at, None)

    user = actor_of(ivan).user
    code = SealedInstallCode(device_id=now.device_id, given_by_id=user.user_id, envelope=b"\x00\x01")
    code.save(force_insert=True)
    code.envelope, code.erase_at = b"\xff\x00\x27", at
    update_many([code], ["envelope", "erase_at"])
    assert (bytes(fresh(code).envelope), fresh(code).erase_at) == (b"\xff\x00\x27", at)

    job = BulkJob.objects.create(
        kind="close",
        person_id=ivan.pk,
        user_id_id=user.user_id,
        user_role="IS",
        party_id=user.party_id,
        sha256="0",
    )
    job.facts = {"reason": 'It\'s "odd", {really}; 100 %'}
    update_many([job], ["facts"])
    assert fresh(job).facts == job.facts

    row = BulkRow.objects.create(job=job, line=1, given="x", code_id=uuid.uuid4())
    row.code, row.detail = None, "Line\nbreak, and a comma"
    update_many([row], ["code", "detail"])
    assert (fresh(row).code_id, fresh(row).detail) == (None, "Line\nbreak, and a comma")


def test_nothing_to_do_asks_nothing(django_assert_num_queries: Any) -> None:
    meter = DeviceFactory.create()
    with django_assert_num_queries(0):
        update_many([], ["s1sp"])
        update_many([meter], [])


def test_a_protected_state_can_be_written_by_whoever_moved_it() -> None:
    meters = [DeviceFactory.create(smi_status=SmiStatus.WHITELISTED) for _ in range(2)]
    for meter in meters:
        meter.take_off_whitelist(at=datetime(2026, 11, 20, tzinfo=UTC))
    update_many(meters, ["smi_status"])
    assert {fresh(meter).smi_status for meter in meters} == {SmiStatus.PENDING}


def test_a_whole_row_is_never_saved_over_anothers_change() -> None:
    class Anything(SsiModel):
        class Meta:
            app_label = "tests"
            managed = False

    kept = Anything()
    kept._state.adding = False
    with pytest.raises(TypeError, match="update_fields"):
        kept.save()
