"""What became of each line of a list is kept for a year and a month; the requests stay."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import BulkJob, BulkRow, InstallCodeRequest
from ssi.accounts.models import Person
from ssi.retention import sweep
from tests.factories.batches import devices_of, raised_in_bulk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("days", "left"), [(399, 3), (401, 0)])
def test_rows_go_and_requests_stay(gina: Person, ivan: Person, days: int, left: int) -> None:
    job = raised_in_bulk(gina, [device.device_id for device in devices_of(ivan)])
    BulkJob.objects.filter(pk=job.pk).update(done_at=timezone.now() - timedelta(days=days))
    sweep()
    assert BulkRow.objects.count() == left
    assert InstallCodeRequest.objects.filter(batch=job).count() == 3


def test_rows_that_still_wait_stay(gina: Person, ivan: Person) -> None:
    job = raised_in_bulk(gina, [device.device_id for device in devices_of(ivan)])
    BulkJob.objects.filter(pk=job.pk).update(done_at=None)
    sweep()
    assert BulkRow.objects.count() == 3
