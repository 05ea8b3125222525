"""Raising requests in bulk: the rules of raising one, for a whole list at once.

The rules are the single raise's own functions (`why_not_asked_for`, `whom_to_ask`) and the request's own
transitions; set-based SQL only brings their facts in and their results out, in as many statements for a thousand
rows as for one.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from incidents.actions import quotas
from incidents.actions.bulk.devices import Row, kept, looked_up, refuse_asked_already, sifted
from incidents.actions.bulk.packs import complete_packs, packs_for
from incidents.actions.escrow import waking as escrow
from incidents.actions.install_code_requests import clock
from incidents.actions.install_code_requests.asking import Asked, WholeMarket, whom_to_ask
from incidents.actions.install_code_requests.raising import ASSIGNED, RAISED, SENT_TO_DESK, TRIES, refuse_past
from incidents.models import BulkJob, InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.choices import Event
from incidents.models.keys import is_taken
from inventory.models import Device
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.audit import log
from ssi.db import insert_like, insert_many, new_reference
from ssi.eui64 import Eui64
from ssi.workflow import require_move
from ssi.working_days import LONDON

CHUNK = 5_000
"""Requests raised in one transaction: a second's work, so that others get at the audit chain in between."""

_DONE = """
UPDATE incidents_bulkrow SET request_id = raised.request_id, done_at = %s
FROM unnest(%s::bigint[], %s::bigint[]) AS raised(id, request_id) WHERE incidents_bulkrow.id = raised.id
"""

Alike = tuple[int | None, date | None, int]
"""Notifying party, day of the notification, type: devices with the same three go the same way."""


@dataclass(frozen=True, slots=True)
class Way:
    """Which way the requests for devices that are alike go: to an installing supplier, or (None) to the desk.

    `pattern` is a request, not to be saved, that has gone it: its state and fields are the state machine's.
    `number` is its place among the ways of a chunk.
    """

    number: int
    installer: Eui64 | None
    because: str
    pattern: InstallCodeRequest


@dataclass(frozen=True, slots=True)
class Raised:
    """A request just inserted, with its row and its way; `audit_name` and `audit_ref` are for the log."""

    id: int
    reference: str
    row: Row
    way: Way

    audit_name = InstallCodeRequest.audit_name

    @property
    def audit_ref(self) -> str:
        """Return the public reference."""
        return self.reference


# --- What the engine asks of a kind ------------------------------------------------------------------------------


def check(job: BulkJob) -> None:
    """Write the finding of every row whose device cannot be asked for: one pass, two statements."""
    sifted(looked_up(job))


def confirmed(job: BulkJob, by: Actor) -> None:
    """Count the acceptable rows against the party's quota.

    Raises NeededByDateIsPast, QuotaReached, RaisingStopped.
    """
    refuse_past(_needed_by(job))
    if job.acceptable:
        quotas.claim(job.party_id, job.acceptable, timezone.now())


def step(job: BulkJob, by: Actor) -> int:
    """Raise the requests of the next rows, each looked at once more; a refusal concerns its own row."""
    rows = looked_up(job, most=CHUNK)
    acceptable = sifted(kept(rows))
    if acceptable:
        _raise(job, by, acceptable)
        escrow.wake_after_commit()
    return len(rows)


def finished(job: BulkJob, by: Actor) -> None:
    """Write to each installing supplier, once."""
    complete_packs(job)


# --- Raising -----------------------------------------------------------------------------------------------------


def _raise(job: BulkJob, by: Actor, rows: Sequence[Row]) -> None:
    """Insert the requests and all that belongs to them; the audit log comes last, for others wait for it."""
    at = timezone.now()
    ordered = sorted(rows, key=lambda row: row.device_id)  # alike for everybody: no two wait for each other
    ways = _ways(job, ordered, at)
    raised = _inserted(job, ordered, ways)
    if raised:
        clock.start({each.id: each.way.installer for each in raised if each.way.installer is not None}, at=at)
        _write_history(raised, ways.values(), by)
        with connection.cursor() as cursor:
            cursor.execute(_DONE, [at, [each.row.id for each in raised], [each.id for each in raised]])
        _record(raised, by)


def _alike(row: Row) -> Alike:
    """Return what of a device decides who is asked for it, and what is said of that."""
    return row.notified_by, row.notified_date, row.device_type


def _ways(job: BulkJob, rows: Iterable[Row], at: datetime) -> dict[Alike, Way]:
    """Work out which way the requests go, once for all devices that are alike."""
    kinds = set(map(_alike, rows))
    users = UserId.objects.select_related("party").in_bulk([Eui64(each) for each, *_ in kinds if each is not None])
    market, due_date = WholeMarket(), clock.due_date_from(at)
    ways, gone = dict[Alike, Way](), dict[tuple[Eui64 | None, int], InstallCodeRequest]()
    device = Device()  # one for all: its fields are set anew for each kind
    for number, kind in enumerate(kinds):
        notified_by, notified_date, device.device_type = kind
        device.notified_by = users[Eui64(notified_by)] if notified_by is not None else None
        device.notified_at = datetime.combine(notified_date, time(12), LONDON) if notified_date else None
        asked = whom_to_ask(device, raised_by_party_id=job.party_id, market=market)
        installer = asked.installer.eui if asked.installer else None
        same = installer, device.device_type
        if same not in gone:
            gone[same] = _gone(job, device.device_type, asked, at, due_date)
        ways[kind] = Way(number, installer, asked.because, _said_of(gone[same], asked))
    packs = packs_for(job, {each.installer for each in ways.values() if each.installer is not None})
    for each in ways.values():
        each.pattern.work_pack_id = packs[each.installer] if each.installer is not None else None
    return ways


def _gone(job: BulkJob, device_type: int, asked: Asked, at: datetime, due_date: date) -> InstallCodeRequest:
    """Return a request for such a device that has made its first move."""
    pattern = InstallCodeRequest(
        device_type=device_type,
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


def _said_of(pattern: InstallCodeRequest, asked: Asked) -> InstallCodeRequest:
    """Return a request that has made the same move, with what is said of it: where a day is named, by the day."""
    said = copy(pattern)
    if asked.installer is None:
        said.with_desk_because = asked.because
    else:
        said.assigned_because = asked.because
    return said


def _inserted(job: BulkJob, rows: Sequence[Row], ways: dict[Alike, Way]) -> list[Raised]:
    """Insert a request for each row, in their order; the database decides whether there is an open one already.

    It does so for the whole statement. So rows for which one was raised since they were looked at are refused, and
    the others inserted anew; a reference that was taken is drawn anew with them.
    """
    left, tries_left = rows, TRIES
    while left:
        try:
            with transaction.atomic():
                return _insert(left, ways)
        except IntegrityError as clash:
            tries_left -= 1
            if not is_taken(clash) or not tries_left:
                raise
            left = refuse_asked_already(job, left)
    return []


def _insert(rows: Sequence[Row], ways: dict[Alike, Way]) -> list[Raised]:
    inserted = insert_like(
        [way.pattern for way in ways.values()],
        [ways[_alike(row)].number for row in rows],
        {"reference": [new_reference() for _ in rows], "device_id": [row.device_id for row in rows]},
        returning=["id", "reference", "device_id"],
    )
    of_device = {row.device_id: (row, ways[_alike(row)]) for row in rows}
    return [Raised(key, reference, *of_device[device_id]) for key, reference, device_id in inserted]


def _write_history(raised: Sequence[Raised], ways: Iterable[Way], by: Actor) -> None:
    """Write what both parties read: that it was raised, and which way it went because of what."""
    requests = {"request_id": [each.id for each in raised]}
    insert_many(InstallCodeRequestEvent(event=Event.RAISED, party_name=by.party_name), requests)
    went = [
        InstallCodeRequestEvent(event=Event.ASSIGNED if way.installer else Event.SENT_TO_DESK, text=way.because)
        for way in ways
    ]
    insert_like(went, [each.way.number for each in raised], requests)


def _record(raised: Sequence[Raised], by: Actor) -> None:
    """Record each request by its reference: raised by whoever confirmed the list, handed over by the portal."""
    portal = Actor.system()
    devices = [{"device_id": str(Eui64(each.row.device_id))} for each in raised]
    log.record_many(RAISED, by=by, about=raised, details=devices)
    log.record_many(ASSIGNED, by=portal, about=[each for each in raised if each.way.installer])
    log.record_many(SENT_TO_DESK, by=portal, about=[each for each in raised if not each.way.installer])


def _needed_by(job: BulkJob) -> date | None:
    day = job.facts.get("needed_by_date")
    return date.fromisoformat(str(day)) if day else None
