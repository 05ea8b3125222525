"""A run of housekeeping: batch after batch, each in its own transaction, one run at a time.

Killed in the middle, what was committed stays removed, and the next run goes on with what is left: it finds the
unfinished row and walks the index again, where only devices that are held remain of what was done before.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from inventory import holds
from inventory.actions.devices.removing import ByRun, remove_locked
from inventory.actions.housekeeping import telling
from inventory.durations import due_before, removed_types
from inventory.models import HousekeepingRun
from inventory.models.choices import DeviceType, Removal, SmiStatus
from inventory.search.housekeeping import LONG_AGO, Told, durations_in_force, told_for
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.eui64 import Eui64
from ssi.refusals import Refusal

BATCH: Final = 20_000
"""Devices of a transaction: well under a second's work, so that nobody waits long for what it locks."""

FINISHED: Final = "housekeeping_run.finished"
_FIRST_ID: Final = -(1 << 63)

Tell = Callable[[HousekeepingRun], None]


class HousekeepingIsRunning(Refusal):
    """Housekeeping is running already, and only one run may at a time."""

    suggestion = "Nothing was done. The desk's list of runs shows how far it is."
    source = "SECMP0060; ours"


class Batch(NamedTuple):
    """Locked devices: their ids and their rows' places as arrays' texts, how many, and where the index goes on."""

    numbers: str
    places: str
    devices: int
    status_since: datetime
    device_id: int


@dataclass(frozen=True, slots=True)
class _Work:
    """What is the same for all batches of a type in a run."""

    by_run: ByRun
    device_type: DeviceType
    told_for: Mapping[Eui64, Told]

    @property
    def before(self) -> datetime:
        """Return since when at the latest devices are due."""
        return due_before(self.by_run.run.run_date, self.by_run.months)


# A walk along the index of Pending devices from the oldest on. What somebody has locked (a request is being raised
# for it, or a message moves it) is passed over until the next run; what was moved meanwhile is no longer Pending.
_DUE: Final = """
WITH due AS (
    SELECT ctid, device_id, status_since FROM inventory_device
    WHERE smi_status = %(pending)s AND device_type = %(device_type)s AND status_since < %(before)s
        AND status_since >= %(since)s AND (status_since, device_id) > (%(since)s, %(after)s)
    ORDER BY status_since, device_id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), counted AS (
    SELECT array_agg(device_id)::text AS numbers, array_agg(ctid)::text AS places, count(*) AS devices,
        max(status_since) AS until
    FROM due
)
SELECT numbers, places, devices, until, (SELECT max(device_id) FROM due WHERE status_since = until) FROM counted
"""


def run(*, by: Actor, tell: Tell = lambda _: None) -> list[HousekeepingRun]:
    """Remove what is due, an interrupted run's rest first; return the runs that were finished.

    `tell` is called after each batch. Raises NotAllowed, HousekeepingIsRunning.
    """
    by.require(Component.SERVICE_DESK)
    with _alone():
        finished = _carry_on(by, tell)
        today = timezone.localdate()
        if all(each.run_date != today for each in finished):
            begun = HousekeepingRun.objects.create(run_date=today, started_at=timezone.now())
            finished.append(_carried_out(begun, by, tell))
    return finished


def carry_on(*, by: Actor) -> list[HousekeepingRun]:
    """Finish an interrupted run, if there is one and nobody is at it. Raises NotAllowed, HousekeepingIsRunning."""
    by.require(Component.SERVICE_DESK)
    if not HousekeepingRun.objects.filter(finished_at__isnull=True).exists():
        return []
    with _alone():
        return _carry_on(by, lambda _: None)


def _carry_on(by: Actor, tell: Tell) -> list[HousekeepingRun]:
    interrupted = HousekeepingRun.objects.filter(finished_at__isnull=True).first()
    return [] if interrupted is None else [_carried_out(interrupted, by, tell)]


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock that ends with the connection: a killed run holds nobody up. Raises HousekeepingIsRunning."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('housekeeping'))")
        if not cursor.fetchone()[0]:
            raise HousekeepingIsRunning
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('housekeeping'))")


def _carried_out(run: HousekeepingRun, by: Actor, tell: Tell) -> HousekeepingRun:
    held, told = 0, told_for()
    taken_over = frozenset(user_id for user_id, each in told.items() if each.user_id != user_id)
    for device_type, duration in removed_types(durations_in_force()).items():
        held += _remove_due(_Work(ByRun(run, duration.months, taken_over), device_type, told), tell)
    return _finish(run, held, by)


def _remove_due(work: _Work, tell: Tell) -> int:
    """Remove a type's devices whose time is over, batch by batch; return how many are held."""
    held, last = 0, Batch("", "", BATCH, LONG_AGO, _FIRST_ID)
    while last.devices == BATCH:
        with transaction.atomic():
            batch = _locked(work, last)
            if batch is None:
                return held
            held += _removed_but_for_held(work, batch)
        last = batch
        tell(work.by_run.run)
    return held


def _locked(work: _Work, last: Batch) -> Batch | None:
    """Lock the next devices whose time is over, and return them; None if there are none."""
    facts: dict[str, Any] = {
        "pending": int(SmiStatus.PENDING),
        "device_type": int(work.device_type),
        "before": work.before,
        "since": last.status_since,
        "after": last.device_id,
        "most": BATCH,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, facts)
        batch = Batch._make(cursor.fetchone())
    return batch if batch.devices else None


def _removed_but_for_held(work: _Work, batch: Batch) -> int:
    """Remove locked devices and tell of them; return how many stay because they are held.

    Holds are looked up after the lock, by a statement of its own: whoever opened something about a device had
    locked it first (`holds.keep`), so that it is either committed and seen here, or finds the device gone.
    """
    held, at, run = holds.reasons_in(batch.numbers), timezone.now(), work.by_run.run
    if len(held) < batch.devices:
        gone = remove_locked(batch.places, at=at, how=Removal.HOUSEKEEPING, but=held, by=work.by_run)
        telling.alert(run, gone, work.told_for, device_type=work.device_type, months=work.by_run.months, at=at)
        HousekeepingRun.objects.filter(pk=run.pk).update(removed=F("removed") + gone.number)
    return len(held)


@transaction.atomic
def _finish(run: HousekeepingRun, held: int, by: Actor) -> HousekeepingRun:
    """Write to the parties and end the run, in one transaction: each e-mail once, whatever happens."""
    run = HousekeepingRun.objects.select_for_update().get(pk=run.pk)
    telling.write_digests(run)
    run.held, run.finished_at = held, timezone.now()
    run.save(update_fields=["held", "finished_at"])
    log.record(FINISHED, by=by, about=run, removed=run.removed, held=run.held)
    return run
