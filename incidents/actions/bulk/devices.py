"""A list's devices, each beside what the inventory and its raiser's open requests say of it, and what is amiss.

Whether a device may be asked for is decided by the single raise's own function; here many are looked up in one go.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from incidents.actions.bulk import findings
from incidents.actions.install_code_requests.raising import (
    AlreadyRequested,
    DeviceNotInInventory,
    why_not_asked_for,
)
from incidents.models import BulkJob, InstallCodeRequest, OpenRequest
from inventory import holds
from ssi.eui64 import Eui64
from ssi.refusals import Refusal

# LATERAL … LIMIT 1: the index is then asked for each device, however little the planner knows of a young table.
_LOOKED_UP = """
SELECT given.id, given.device_id, coalesce(device.device_type, 0), device.smi_status, device.notified_by_id,
       (device.notified_at AT TIME ZONE 'Europe/London')::date, same.reference, same.raised_by_id
FROM incidents_bulkrow given
LEFT JOIN inventory_device device ON device.device_id = given.device_id
LEFT JOIN LATERAL (
    SELECT request_id FROM incidents_openrequest
    WHERE raised_by_party_id = %(party)s AND device_id = given.device_id LIMIT 1
) held ON true
LEFT JOIN LATERAL (
    SELECT reference, raised_by_id FROM incidents_installcoderequest WHERE id = held.request_id LIMIT 1
) same ON true
WHERE given.job_id = %(job)s AND given.finding = '' AND given.done_at IS NULL
ORDER BY given.line LIMIT %(most)s
"""

_REFUSED = """
UPDATE incidents_bulkrow SET finding = refused.finding, fact = refused.fact
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS refused(id, finding, fact)
WHERE incidents_bulkrow.id = refused.id
"""


class Row(NamedTuple):
    """A row that is still to be done, with what is known of its device.

    `device_type` is 0 if the inventory does not know it. `notified_date` is the London day of the notification:
    no more is said of it, and days are read faster than moments.
    """

    id: int
    device_id: int
    device_type: int
    smi_status: int | None
    notified_by: int | None
    notified_date: date | None
    open_reference: str | None
    open_raised_by: int | None


def looked_up(job: BulkJob, *, most: int | None = None) -> list[Row]:
    """Return the next rows of a list that are still to be done, in their order; one query."""
    facts: dict[str, Any] = {"job": job.pk, "party": job.party_id, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED_UP, facts)
        return list(map(Row._make, cursor.fetchall()))


def kept(rows: Sequence[Row]) -> list[Row]:
    """Let the devices of `rows` stay in the inventory until the transaction ends; one that has left is unknown."""
    there = holds.keep([Eui64(row.device_id) for row in rows if row.device_type])
    return [row if Eui64(row.device_id) in there else row._replace(device_type=0) for row in rows]


def sifted(rows: Iterable[Row]) -> list[Row]:
    """Write the findings of the rows that are refused, and return the others."""
    acceptable: list[Row] = []
    refused: list[tuple[int, Refusal]] = []
    for row in rows:
        refusal = _why_not(row)
        if refusal is None:
            acceptable.append(row)
        else:
            refused.append((row.id, refusal))
    _write(refused)
    return acceptable


def refuse_asked_already(job: BulkJob, rows: Iterable[Row]) -> list[Row]:
    """Give those of `rows` for whose device the raiser has an open request their finding; return the others."""
    left = {row.device_id: row for row in rows}
    held = OpenRequest.objects.filter(raised_by_party_id=job.party_id, device_id__in=list(left))
    met = InstallCodeRequest.objects.filter(pk__in=held.values("request_id"))
    _write(
        [
            (left.pop(device_id.as_bigint).id, _already(device_id, reference, raised_by))
            for device_id, reference, raised_by in met.values_list("device_id", "reference", "raised_by_id")
        ]
    )
    return list(left.values())


def _why_not(row: Row) -> Refusal | None:
    """Return what raising one would say of the row's device, asked in the same order."""
    device_id = Eui64(row.device_id)
    if not row.device_type:
        return DeviceNotInInventory(device_id=device_id)
    refusal = why_not_asked_for(device_id, row.device_type, row.smi_status)
    if refusal is None and row.open_reference is not None and row.open_raised_by is not None:
        return _already(device_id, row.open_reference, Eui64(row.open_raised_by))
    return refusal


def _already(device_id: Eui64, reference: str, raised_by: Eui64) -> AlreadyRequested:
    return AlreadyRequested(device_id=device_id, reference=reference, user_id=raised_by)


def _write(refused: Sequence[tuple[int, Refusal]]) -> None:
    if refused:
        rows = [(key, *findings.of(refusal)) for key, refusal in refused]
        with connection.cursor() as cursor:
            cursor.execute(_REFUSED, [list(column) for column in zip(*rows, strict=True)])
