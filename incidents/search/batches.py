"""How work on many requests at once is found: the jobs of a User ID, their bad rows, and what became of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, Min, QuerySet

from incidents import rules
from incidents.actions.batches import BatchUnknown
from incidents.actions.install_code_requests.asking import WholeMarket, whom_to_ask
from incidents.models import BulkJob, BulkRow, InstallCodeRequest, WorkPack
from incidents.models.bulk import UNFINISHED
from incidents.models.choices import BulkKind, State
from incidents.models.install_code_requests import overdue_now
from inventory.models import Device
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from ssi.web.pages import Page, page_of

NEWEST_FIRST = ("-id",)
ROWS_AT_HOME = 3
EXPORT_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What one installing supplier was asked in a batch (None: nobody could be), and how far it has got."""

    installer: UserId | None
    states: dict[State, int]
    overdue: int
    due_date: date | None
    notified_at: datetime | None

    @property
    def total(self) -> int:
        """Return how many requests these are."""
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch's requests: by installing supplier, the one with most first."""

    asked: Sequence[Asked] = field(default_factory=tuple)

    @property
    def overdue(self) -> int:
        """Return how many requests are overdue."""
        return sum(each.overdue for each in self.asked)

    @property
    def total(self) -> int:
        """Return how many requests there are."""
        return sum(each.total for each in self.asked)

    def in_state(self, state: State) -> int:
        """Return how many requests are in `state`."""
        return sum(each.states.get(state, 0) for each in self.asked)


@dataclass(frozen=True, slots=True)
class Planned:
    """Who would be asked for how many of a checked list's devices, and because of what (no one: the desk)."""

    installer: UserId | None
    because: str
    requests: int


def one(reference: str, *, by: Actor, kinds: Collection[BulkKind] = tuple(BulkKind)) -> BulkJob:
    """Return the job, one of `kinds`, with its party. Raises BatchUnknown also for what `by` may not see."""
    jobs = _readable_by(by).select_related("party").filter(kind__in=kinds)
    found = jobs.filter(reference=reference.upper()).first()
    if found is None:
        raise BatchUnknown(reference=reference)
    return found


def page_of_jobs(actor: Actor, *, cursor: str = "") -> Page[BulkJob]:
    """Return one page of the jobs that `actor` may see, the newest first."""
    return page_of(_readable_by(actor), key=NEWEST_FIRST, cursor=cursor)


def unfinished(actor: Actor) -> Sequence[BulkJob]:
    """Return the newest jobs of the actor's User ID that wait for a worker or for somebody's confirmation."""
    return list(_readable_by(actor).filter(state__in=UNFINISHED).order_by(*NEWEST_FIRST)[:ROWS_AT_HOME])


def _readable_by(actor: Actor) -> QuerySet[BulkJob]:
    """Return the jobs of the actor's User ID; of a kind that they could not do they see nothing."""
    kinds = [kind for kind in rules.COMPONENTS_OF_BULK if actor.is_dcc or rules.may_do_in_bulk(kind, actor)]
    return BulkJob.objects.visible_to(actor).filter(kind__in=kinds)


# --- Rows ------------------------------------------------------------------------------------------------------


def bad_rows(job: BulkJob, *, finding: str = "", cursor: str = "") -> Page[BulkRow]:
    """Return one page of the rows with a finding, or with that one, in the order of the list."""
    rows = _refused(job)
    return page_of(rows.filter(finding=finding) if finding else rows, key=("line",), cursor=cursor)


def every_bad_row(job: BulkJob) -> Iterator[BulkRow]:
    """Yield every row with a finding, in the order of the list."""
    return _refused(job).order_by("line").iterator(chunk_size=EXPORT_CHUNK)


def every_row(job: BulkJob) -> Iterator[BulkRow]:
    """Yield every row of the job with its request and whom that asks, in the order of the list."""
    rows = BulkRow.objects.filter(job=job).select_related("request__assigned_to__party")
    return rows.order_by("line").iterator(chunk_size=EXPORT_CHUNK)


def findings_of(job: BulkJob) -> Sequence[tuple[str, int]]:
    """Return how many rows met each finding, the most frequent first."""
    counted = _refused(job).values_list("finding").annotate(rows=Count("pk"))
    return sorted(counted, key=lambda each: (-each[1], each[0]))


def _refused(job: BulkJob) -> QuerySet[BulkRow]:
    return BulkRow.objects.filter(job=job).exclude(finding="")


# --- What would become of it ----------------------------------------------------------------------------------

_GOOD_ROWS = """
SELECT device.notified_by_id, device.device_type, count(*)
FROM incidents_bulkrow given JOIN inventory_device device ON device.device_id = given.device_id
WHERE given.job_id = %s AND given.finding = '' AND given.done_at IS NULL
GROUP BY device.notified_by_id, device.device_type
"""


def plan_of(job: BulkJob) -> Sequence[Planned]:
    """Return who would be asked for a checked list, the one for most first, and what the desk would get.

    As many queries for fifty thousand devices as for one: those alike are asked of the same.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GOOD_ROWS, [job.pk])
        groups = [(notified_by and Eui64(notified_by), *rest) for notified_by, *rest in cursor.fetchall()]
    users = UserId.objects.select_related("party").in_bulk({each[0] for each in groups if each[0] is not None})
    market, counted = WholeMarket(), dict[tuple[Eui64 | None, str], int]()
    for notified_by, device_type, requests in groups:
        device = Device(device_type=device_type, notified_by=users.get(notified_by))
        to = whom_to_ask(device, raised_by_party_id=job.party_id, market=market)
        if to.installer is not None:
            users[to.installer.eui] = to.installer
        key = (to.installer.eui if to.installer else None, to.because)
        counted[key] = counted.get(key, 0) + requests
    plan = [Planned(users.get(installer), because, each) for (installer, because), each in counted.items()]
    return sorted(plan, key=lambda each: (each.installer is None, -each.requests))


# --- What became of it -----------------------------------------------------------------------------------------


def outcome_of(job: BulkJob, *, by: Actor) -> Outcome:
    """Return the requests of a batch, counted by whom they ask and by state; three queries however many."""
    counted = (
        InstallCodeRequest.objects.visible_to(by)
        .filter(batch=job)
        .values_list("assigned_to", "state")
        .annotate(
            requests=Count("pk"),
            overdue=Count("pk", filter=overdue_now()),
            due=Min("due_date"),
        )
        .order_by("assigned_to", "state")
    )
    told = dict(WorkPack.objects.filter(batch=job).values_list("installer", "notified_at"))
    asked: dict[Eui64 | None, Asked] = {}
    users = UserId.objects.select_related("party").in_bulk({row[0] for row in counted if row[0] is not None})
    for installer, state, requests, overdue, due in counted:
        before = asked.get(installer) or Asked(users.get(installer), {}, 0, None, told.get(installer))
        waits = state == State.ASSIGNED
        asked[installer] = Asked(
            before.installer,
            {**before.states, State(state): requests},
            before.overdue + (overdue if waits else 0),
            due if waits else before.due_date,
            before.notified_at,
        )
    return Outcome(sorted(asked.values(), key=lambda each: (each.installer is None, -each.total)))
