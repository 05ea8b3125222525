"""Depositing codes in bulk (MP281): the rules of depositing one, for the sealed codes of a whole file at once."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from incidents.actions.bulk import findings
from incidents.actions.bulk.codes import CodeWasErased, keep_for_the_worker, let_go, taken_for_use
from incidents.actions.escrow.depositing import (
    DEPOSITED,
    AlreadyInEscrow,
    DeviceStatusPermitsNoDeposit,
    NotPreNotifiedByYou,
    why_not_deposited,
)
from incidents.actions.escrow.waking import wake_after_commit
from incidents.actions.install_code_requests.raising import DeviceNotInInventory
from incidents.models import BulkJob, EscrowedCode
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.audit import log
from ssi.db import insert_many
from ssi.eui64 import Eui64
from ssi.refusals import Refusal

CHUNK = 2_000
"""Codes deposited in one transaction."""

_LOOKED_UP = """
SELECT given.id, given.device_id, given.code_id, coalesce(device.device_type, 0), device.smi_status,
       device.notified_by_id, held.id IS NOT NULL
FROM incidents_bulkrow given
LEFT JOIN inventory_device device ON device.device_id = given.device_id
LEFT JOIN incidents_escrowedcode held
    ON held.device_id = given.device_id AND held.deposited_by_id = %(depositor)s AND held.withdrawn_at IS NULL
WHERE given.job_id = %(job)s AND given.finding = '' AND given.done_at IS NULL
ORDER BY given.line LIMIT %(most)s
"""

_REFUSED = """
UPDATE incidents_bulkrow SET finding = refused.finding, fact = refused.fact
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS refused(id, finding, fact)
WHERE incidents_bulkrow.id = refused.id
"""

_DONE = "UPDATE incidents_bulkrow SET code_id = NULL, done_at = %s WHERE id = ANY(%s)"


class Row(NamedTuple):
    """A row that is still to be done, with what the inventory and the escrow say of its device.

    `device_type` is 0 if the inventory does not know it.
    """

    id: int
    device_id: int
    code_id: UUID | None
    device_type: int
    smi_status: int | None
    notified_by: int | None
    is_held: bool


def check(job: BulkJob) -> None:
    """Write the finding of every row whose code cannot be deposited: one pass, two statements."""
    _sift(job, _looked_up(job, most=None))


def confirmed(job: BulkJob, by: Actor) -> None:
    """Keep the sealed codes for the worker. Raises CodesWaitedTooLong."""
    keep_for_the_worker(job)


def step(job: BulkJob, by: Actor) -> int:
    """Deposit the codes of the next rows, each looked at once more; a refusal concerns its own row."""
    rows = _looked_up(job, most=CHUNK)
    acceptable = _sift(job, rows)
    if acceptable:
        _deposit(job, by, acceptable)
    return len(rows)


def finished(job: BulkJob, by: Actor) -> None:
    """Erase what was not deposited, and have a worker look for requests that wait for what was."""
    let_go(job)
    wake_after_commit()


def _looked_up(job: BulkJob, *, most: int | None) -> list[Row]:
    facts: dict[str, Any] = {"job": job.pk, "depositor": job.user_id_id.as_bigint, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED_UP, facts)
        return [Row(*row) for row in cursor.fetchall()]


def _sift(job: BulkJob, rows: Iterable[Row]) -> list[Row]:
    """Write the findings of the rows that are refused, and return the others."""
    acceptable: list[Row] = []
    refused: list[tuple[Row, Refusal]] = []
    for row in rows:
        refusal = _why_not(job, row)
        if refusal is None:
            acceptable.append(row)
        else:
            refused.append((row, refusal))
    _write_findings(refused)
    return acceptable


def _why_not(job: BulkJob, row: Row) -> Refusal | None:
    """Return what depositing one would say of the row, asked in the same order."""
    device_id = Eui64(row.device_id)
    if not row.device_type:
        return DeviceNotInInventory(device_id=device_id)
    notified_by = None if row.notified_by is None else Eui64(row.notified_by)
    refusal = why_not_deposited(
        device_id, row.device_type, row.smi_status, notified_by=notified_by, depositor=job.user_id_id
    )
    return AlreadyInEscrow(device_id=device_id) if refusal is None and row.is_held else refusal


def _write_findings(refused: Sequence[tuple[Row, Refusal]]) -> None:
    if refused:
        values = [(row.id, *findings.of(refusal)) for row, refusal in refused]
        with connection.cursor() as cursor:
            cursor.execute(_REFUSED, [list(column) for column in zip(*values, strict=True)])


def _deposit(job: BulkJob, by: Actor, rows: Sequence[Row]) -> None:
    """Insert the deposits and record them; each takes over the code that was sealed when the file was read."""
    at = timezone.now()
    ordered = sorted(rows, key=lambda row: row.device_id)  # alike for everybody: no two wait for each other
    codes = taken_for_use([row.code_id for row in ordered if row.code_id is not None])
    usable = {row.device_id: row for row in ordered if row.code_id in codes}
    inserted = _inserted(job, list(usable.values()))
    met = [row for device_id, row in usable.items() if device_id not in inserted]
    SealedInstallCode.objects.filter(pk__in=[row.code_id for row in met]).update(erase_at=at)
    _write_findings([(row, AlreadyInEscrow(device_id=Eui64(row.device_id))) for row in met])
    _write_findings([(row, CodeWasErased()) for row in ordered if row.code_id not in codes])
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [at, [usable[device_id].id for device_id in inserted]])
    deposits = [EscrowedCode(device_id=Eui64(device_id)) for device_id in inserted]
    log.record_many(DEPOSITED, by=by, about=deposits)


def _inserted(job: BulkJob, rows: Sequence[Row]) -> list[int]:
    """Insert a deposit for each row, but for those that meet one; return the Device IDs of those that went in."""
    if not rows:
        return []
    columns: dict[str, Sequence[object]] = {
        "device_id": [Eui64(row.device_id) for row in rows],
        "code_id": [row.code_id for row in rows],
    }
    template = EscrowedCode(deposited_by_id=job.user_id_id)
    inserted = insert_many(template, columns, returning=["device_id"], skip_conflicts=True)
    return [device_id for (device_id,) in inserted]


findings.declare(AlreadyInEscrow)
findings.declare(NotPreNotifiedByYou, "user_id")
findings.declare(DeviceStatusPermitsNoDeposit, "status")
