"""Raising requests in bulk: the rules of raising one, for a whole list at once.

The rules are the single raise's own functions (`why_not_asked_for`, `whom_to_ask`) and the request's own
transitions; set-based SQL only brings their facts in and their results out, in as many statements for a thousand
rows as for one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from incidents.actions import quotas
from incidents.actions.bulk import findings
from incidents.actions.bulk.packs import complete_packs, packs_for
from incidents.actions.escrow.waking import wake_after_commit
from incidents.actions.install_code_requests import clock
from incidents.actions.install_code_requests.asking import Asked, WholeMarket, whom_to_ask
from incidents.actions.install_code_requests.raising import (
    ASSIGNED,
    RAISED,
    SENT_TO_DESK,
    AlreadyRequested,
    DeviceNotInInventory,
    refuse_past,
    why_not_asked_for,
)
from incidents.models import BulkJob, InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.choices import OPEN_STATES, Event
from inventory.models import Device
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.audit import log
from ssi.db import insert_many, new_reference
from ssi.eui64 import Eui64
from ssi.refusals import Refusal
from ssi.workflow import require_move

CHUNK = 5_000
"""Requests raised in one transaction: a second's work, so that others get at the audit chain in between."""

_LOOKED_UP = """
SELECT given.id, given.device_id, coalesce(device.device_type, 0), device.smi_status, device.notified_by_id,
       device.notified_at, same.reference, same.raised_by_id
FROM incidents_bulkrow given
LEFT JOIN inventory_device device ON device.device_id = given.device_id
LEFT JOIN incidents_installcoderequest same
    ON same.device_id = given.device_id AND same.raised_by_party_id = %(party)s AND same.state = ANY(%(open)s)
WHERE given.job_id = %(job)s AND given.finding = '' AND given.done_at IS NULL
ORDER BY given.line LIMIT %(most)s
"""

_REFUSED = """
UPDATE incidents_bulkrow SET finding = refused.finding, fact = refused.fact
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS refused(id, finding, fact)
WHERE incidents_bulkrow.id = refused.id
"""

_DONE = """
UPDATE incidents_bulkrow SET request_id = raised.request_id, done_at = %s
FROM unnest(%s::bigint[], %s::bigint[]) AS raised(id, request_id) WHERE incidents_bulkrow.id = raised.id
"""


Alike = tuple[int | None, date | None, int]
"""Notifying party, the London day of the notification, type: devices with the same three go the same way."""


class Row(NamedTuple):
    """A row that is still to be done, with what the inventory and the party's open requests say of its device.

    `device_type` is 0 if the inventory does not know it.
    """

    id: int
    device_id: int
    device_type: int
    smi_status: int | None
    notified_by: int | None
    notified_at: datetime | None
    open_reference: str | None
    open_raised_by: int | None


@dataclass(frozen=True, slots=True)
class Handed:
    """To whom requests for devices alike go: a request that has made that move, as the pattern of all of them."""

    pattern: InstallCodeRequest
    because: str

    @property
    def installer(self) -> Eui64 | None:
        """Return who is asked, None if the desk gets it."""
        return self.pattern.assigned_to_id


@dataclass(frozen=True, slots=True)
class Raised:
    """A request just inserted, with its row and to whom it went; `audit_name` and `audit_ref` are for the log."""

    id: int
    row: Row
    handed: Handed
    reference: str

    audit_name = InstallCodeRequest.audit_name

    @property
    def audit_ref(self) -> str:
        """Return the public reference."""
        return self.reference


# --- What the engine asks of a kind ------------------------------------------------------------------------------


def check(job: BulkJob) -> None:
    """Write the finding of every row whose device cannot be asked for: one pass, three statements."""
    _sift(_looked_up(job, most=None))


def confirmed(job: BulkJob, by: Actor) -> None:
    """Count the acceptable rows against the party's quota.

    Raises NeededByDateIsPast, QuotaReached, RaisingStopped.
    """
    refuse_past(_needed_by(job))
    if job.acceptable:
        quotas.claim(job.party_id, job.acceptable, timezone.now())


def step(job: BulkJob, by: Actor) -> int:
    """Raise the requests of the next rows, each looked at once more; a refusal concerns its own row."""
    rows = _looked_up(job, most=CHUNK)
    acceptable = _sift(rows)
    if acceptable:
        _raise(job, by, acceptable)
    return len(rows)


def finished(job: BulkJob, by: Actor) -> None:
    """Write to each installing supplier, once; codes in escrow answer what they can."""
    complete_packs(job)
    wake_after_commit()


# --- Looking -----------------------------------------------------------------------------------------------------


def _looked_up(job: BulkJob, *, most: int | None) -> list[Row]:
    facts: dict[str, Any] = {"job": job.pk, "party": job.party_id, "open": list(OPEN_STATES), "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED_UP, facts)
        return [Row(*row) for row in cursor.fetchall()]


def _sift(rows: Iterable[Row]) -> list[Row]:
    """Write the findings of the rows that are refused, and return the others."""
    acceptable: list[Row] = []
    refused: list[tuple[int, str, str]] = []
    for row in rows:
        refusal = _why_not(row)
        if refusal is None:
            acceptable.append(row)
        else:
            refused.append((row.id, *findings.of(refusal)))
    _write_findings(refused)
    return acceptable


def _why_not(row: Row) -> Refusal | None:
    """Return what raising one would say of the row's device, asked in the same order."""
    if not row.device_type:
        return DeviceNotInInventory(device_id=Eui64(row.device_id))
    refusal = why_not_asked_for(Eui64(row.device_id), row.device_type, row.smi_status)
    if refusal is None and row.open_reference is not None and row.open_raised_by is not None:
        return _already(Eui64(row.device_id), row.open_reference, Eui64(row.open_raised_by))
    return refusal


def _already(device_id: Eui64, reference: str, raised_by: Eui64) -> AlreadyRequested:
    return AlreadyRequested(device_id=device_id, reference=reference, user_id=raised_by)


def _write_findings(refused: Sequence[tuple[int, str, str]]) -> None:
    if refused:
        with connection.cursor() as cursor:
            cursor.execute(_REFUSED, [list(column) for column in zip(*refused, strict=True)])


# --- Raising -----------------------------------------------------------------------------------------------------


def _raise(job: BulkJob, by: Actor, rows: Sequence[Row]) -> None:
    """Insert the requests and all that belongs to them; the audit log comes last, for others wait for it."""
    at = timezone.now()
    ordered = sorted(rows, key=lambda row: row.device_id)  # alike for everybody: no two wait for each other
    raised = _inserted(ordered, _handed_over(job, ordered, at))
    _refuse_those_met(job, ordered, raised)
    clock.start({each.id: each.handed.installer for each in raised if each.handed.installer is not None}, at=at)
    _write_history(raised, by)
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [at, [each.row.id for each in raised], [each.id for each in raised]])
    _record(raised, by)


def _alike(row: Row) -> Alike:
    """Return what of a device decides who is asked for it, and what is said of that."""
    notified_date = timezone.localdate(row.notified_at) if row.notified_at else None
    return row.notified_by, notified_date, row.device_type


def _handed_over(job: BulkJob, rows: Iterable[Row], at: datetime) -> dict[Alike, Handed]:
    """Work out to whom the requests go, once for all devices that are alike."""
    one_of_each = {_alike(row): row for row in rows}
    users = _user_ids(one_of_each.values())
    market, due_date = WholeMarket(), clock.due_date_from(at)
    handed = {}
    for alike, row in one_of_each.items():
        device = Device(
            device_type=row.device_type,
            notified_by=users.get(row.notified_by),
            notified_at=row.notified_at,
        )
        asked = whom_to_ask(device, raised_by_party_id=job.party_id, market=market)
        handed[alike] = Handed(_pattern(job, asked, at, due_date), asked.because)
    packs = packs_for(job, {each.installer for each in handed.values() if each.installer is not None})
    for each in handed.values():
        each.pattern.work_pack_id = packs[each.installer] if each.installer else None
    return handed


def _user_ids(rows: Iterable[Row]) -> dict[int | None, UserId]:
    wanted = {row.notified_by for row in rows if row.notified_by is not None}
    found = UserId.objects.select_related("party").in_bulk(list(map(Eui64, wanted)))
    return {user_id.as_bigint: found[user_id] for user_id in found}


def _pattern(job: BulkJob, asked: Asked, at: datetime, due_date: date) -> InstallCodeRequest:
    """Return a request, not to be saved, that has made its first move: its states and fields are the machine's."""
    pattern = InstallCodeRequest(
        needed_by_date=_needed_by(job),
        raised_by_id=job.user_id_id,
        raised_by_party_id=job.party_id,
        raised_in_role=job.user_role,
        responsibility_claimed_at=job.confirmed_at or at,
        created_at=at,
        batch=job,
    )
    portal = Actor.system()
    if asked.installer is None:
        require_move(pattern.send_to_desk, by=portal)
        pattern.send_to_desk(because=asked.because)
    else:
        require_move(pattern.assign, by=portal)
        pattern.assign(to=asked.installer, because=asked.because, due_date=due_date)
    return pattern


def _inserted(rows: Sequence[Row], handed: Mapping[Alike, Handed]) -> list[Raised]:
    """Insert a request for each row, but for those that meet a constraint, and return them in their order."""
    of_row = [handed[_alike(row)] for row in rows]
    patterns = [each.pattern for each in of_row]
    columns: dict[str, Sequence[object]] = {
        name: [getattr(pattern, name) for pattern in patterns]
        for name in _differing([each.pattern for each in handed.values()])
    }
    columns["reference"] = [new_reference() for _ in rows]
    columns["device_id"] = [Eui64(row.device_id) for row in rows]
    columns["device_type"] = [row.device_type for row in rows]
    inserted = insert_many(patterns[0], columns, returning=["id", "device_id", "reference"], skip_conflicts=True)
    by_device = {row.device_id: (row, to) for row, to in zip(rows, of_row, strict=True)}
    return [Raised(key, *by_device[device_id], reference) for key, device_id, reference in inserted]


def _differing(patterns: Sequence[InstallCodeRequest]) -> list[str]:
    """Return the attributes in which the patterns differ; the rest are the same for every row."""
    names = [each.attname for each in InstallCodeRequest._meta.concrete_fields if not each.primary_key]
    return [name for name in names if len({getattr(pattern, name) for pattern in patterns}) > 1]


def _refuse_those_met(job: BulkJob, rows: Sequence[Row], raised: Sequence[Raised]) -> None:
    """Give the rows that met an open request their finding; one whose reference was taken is tried again."""
    left = {row.device_id: row for row in rows}
    for each in raised:
        del left[each.row.device_id]
    if not left:
        return
    met = InstallCodeRequest.objects.open().filter(
        raised_by_party_id=job.party_id, device_id__in=[Eui64(device_id) for device_id in left]
    )
    _write_findings(
        [
            (
                left[one.device_id.as_bigint].id,
                *findings.of(_already(one.device_id, one.reference, one.raised_by_id)),
            )
            for one in met.only("device_id", "reference", "raised_by_id")
        ]
    )


def _write_history(raised: Sequence[Raised], by: Actor) -> None:
    """Write what both parties read: that it was raised, and to whom it went because of what."""
    if not raised:
        return
    keys = [each.id for each in raised]
    insert_many(InstallCodeRequestEvent(event=Event.RAISED, party_name=by.party_name), {"request_id": keys})
    went = [Event.ASSIGNED if each.handed.installer else Event.SENT_TO_DESK for each in raised]
    insert_many(
        InstallCodeRequestEvent(party_name=""),
        {"request_id": keys, "event": went, "text": [each.handed.because for each in raised]},
    )


def _record(raised: Sequence[Raised], by: Actor) -> None:
    """Record each request by its reference: raised by whoever confirmed the list, handed over by the portal."""
    portal = Actor.system()
    devices = [{"device_id": str(Eui64(each.row.device_id))} for each in raised]
    log.record_many(RAISED, by=by, about=raised, details=devices)
    log.record_many(ASSIGNED, by=portal, about=[each for each in raised if each.handed.installer])
    log.record_many(SENT_TO_DESK, by=portal, about=[each for each in raised if not each.handed.installer])


def _needed_by(job: BulkJob) -> date | None:
    day = job.facts.get("needed_by_date")
    return date.fromisoformat(str(day)) if day else None
