"""Batches and work packs, brought into their states by people's own actions, and by the engine as by a worker."""

from collections.abc import Iterable
from typing import Any

from incidents.actions import batches
from incidents.actions.bulk import engine
from incidents.models import BulkJob, WorkPack
from incidents.models.choices import BulkState
from inventory.models import Device
from ssi.accounts.models import Person
from ssi.eui64 import Eui64
from tests.factories.incidents import device_of
from tests.personas import actor_of

UNKNOWN = "00-DB-12-99-99-99-99-99"
"""The Device ID of no device."""

Given = str | Iterable[Eui64 | str]


def devices_of(installer: Person, number: int = 3) -> list[Device]:
    """Return devices that can be asked for, pre-notified by the User ID that `installer` acts for."""
    return [device_of(installer) for _ in range(number)]


def ids(devices: list[Device]) -> str:
    """Return Device IDs as they are pasted, one a line."""
    return "\n".join(str(device.device_id) for device in devices)


def drafted(by: Person, *given: Given, **facts: Any) -> BulkJob:
    """Return a list that `by` gave, not yet looked at: Device IDs one by one, or in one go."""
    lines = [str(each) for some in given for each in ([some] if isinstance(some, str) else some)]
    return batches.draft(lines, actor_of(by), **facts)


def checked(by: Person, *given: Given, **facts: Any) -> BulkJob:
    """Return a list of `by` that has been checked."""
    return worked_off(drafted(by, *given, **facts))


def confirmed(by: Person, *given: Given, **facts: Any) -> BulkJob:
    """Return a list of `by` that has been confirmed, and waits for a worker."""
    return batches.confirm(checked(by, *given, **facts).reference, actor_of(by))


def raised_in_bulk(by: Person, *given: Given, **facts: Any) -> BulkJob:
    """Return a list of `by` that has been carried out."""
    job = worked_off(confirmed(by, *given, **facts))
    assert job.state == BulkState.DONE
    return job


done = raised_in_bulk


def worked_off(job: BulkJob) -> BulkJob:
    """Return a job after a worker has done all it can of it."""
    while engine.carry_on(job.pk):
        pass
    return BulkJob.objects.get(pk=job.pk)


def carried_on(job: BulkJob) -> BulkJob:
    """Have a worker do what it can do with `job` now, and return that very job as it is then."""
    engine.carry_on(job.pk)
    job.refresh_from_db()
    return job


def pack_of(by: Person, installer: Person, size: int = 3) -> WorkPack:
    """Return the work pack that a list of `by` gave the User ID that `installer` acts for."""
    job = raised_in_bulk(by, [device.device_id for device in devices_of(installer, size)])
    return WorkPack.objects.get(batch=job, installer=actor_of(installer).user_id)
