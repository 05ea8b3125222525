"""Bulk jobs, brought on by people's own actions and carried out as a worker would."""

from collections.abc import Iterable
from typing import Any

from incidents.actions import batches
from incidents.actions.bulk import engine
from incidents.models import BulkJob
from ssi.accounts.models import Person
from ssi.eui64 import Eui64
from tests.personas import actor_of


def drafted(by: Person, device_ids: Iterable[Eui64 | str], **facts: Any) -> BulkJob:
    """Return a list of devices that `by` gave, not yet looked at."""
    return batches.draft([str(each) for each in device_ids], actor_of(by), **facts)


def checked(by: Person, device_ids: Iterable[Eui64 | str], **facts: Any) -> BulkJob:
    """Return a list of devices that was checked."""
    return worked_off(drafted(by, device_ids, **facts))


def raised_in_bulk(by: Person, device_ids: Iterable[Eui64 | str], **facts: Any) -> BulkJob:
    """Return a list of devices that was checked, confirmed and carried out."""
    job = checked(by, device_ids, **facts)
    batches.confirm(job.reference, actor_of(by))
    return worked_off(job)


def worked_off(job: BulkJob) -> BulkJob:
    """Return a job after a worker has done all it can of it."""
    while engine.carry_on(job.pk):
        pass
    return BulkJob.objects.get(pk=job.pk)
