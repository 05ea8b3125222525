"""What the kinds of bulk work that move existing requests share: their check, their steps, and who is told."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import ClassVar

from django.utils import timezone

from incidents.actions.bulk import findings
from incidents.actions.bulk.engine import actor_of, to_do
from incidents.actions.install_code_requests.locking import RequestUnknown
from incidents.models import BulkJob, BulkRow, InstallCodeRequest
from incidents.models.choices import State
from ssi.access.actor import Actor
from ssi.db import update_many
from ssi.eui64 import Eui64
from ssi.refusals import Refusal
from ssi.workflow import Stopped, declared_moves, require_move

Requests = Sequence[InstallCodeRequest]
Refused = list[Stopped[InstallCodeRequest]]

CHECKED_AT_ONCE = 2_000


def states_for(verb: str) -> frozenset[State]:
    """Return the states in which a request can make the move `verb`."""
    return frozenset(State(str(each.source)) for each in declared_moves(getattr(InstallCodeRequest, verb)))


class Moving(ABC):
    """A kind of bulk work whose rows are requests: a subclass says which move they make, and what it takes."""

    verb: ClassVar[str]
    """The transition that decides who may move a request, and in which states."""

    @abstractmethod
    def move(self, requests: Requests, rows: Mapping[int, BulkRow], job: BulkJob, by: Actor) -> Refused:
        """Move locked requests, whose rows are given by their keys; return those that were refused."""

    @abstractmethod
    def finished(self, job: BulkJob, by: Actor) -> None:
        """Write one e-mail to each User ID of the other side."""

    def check(self, job: BulkJob) -> None:
        """Write the findings of the rows whose requests cannot be moved now, by the rules of moving one."""
        by = actor_of(job)
        rows = BulkRow.objects.filter(job=job, finding="", done_at__isnull=True).order_by("line")
        every_row = rows.iterator(chunk_size=CHECKED_AT_ONCE)
        while chunk := list(islice(every_row, CHECKED_AT_ONCE)):
            requests = InstallCodeRequest.objects.visible_to(by).in_bulk([row.request_id for row in chunk])
            refused = [row for row in chunk if self._refuses(row, requests.get(row.request_id or 0), by)]
            update_many(refused, ["finding", "fact"])

    def _refuses(self, row: BulkRow, request: InstallCodeRequest | None, by: Actor) -> bool:
        """Tell whether a row is refused, and write down why."""
        try:
            if request is None:
                raise RequestUnknown(reference=row.given)
            require_move(getattr(request, self.verb), by=by)
        except Refusal as refusal:
            row.finding, row.fact = findings.of(refusal)
            return True
        return False

    def confirmed(self, job: BulkJob, by: Actor) -> None:  # noqa: B027 - most kinds owe nothing then
        """Do what is owed at the confirmation."""

    def step(self, job: BulkJob, by: Actor) -> int:
        """Move the requests of the next rows, locked in the order of their keys; return the number of rows."""
        rows = to_do(job)
        by_request = {row.request_id: row for row in rows if row.request_id is not None}
        requests = list(
            InstallCodeRequest.objects.visible_to(by)
            .select_for_update(of=("self",), no_key=True)
            .filter(pk__in=by_request)
            .order_by("pk")
        )
        refused = {each.instance.pk: each.refusal for each in self.move(requests, by_request, job, by)}
        seen = {request.pk for request in requests}
        _write_down(rows, {key: refused.get(key) for key in seen})
        return len(rows)


def _write_down(rows: Sequence[BulkRow], results: Mapping[int | None, Refusal | None]) -> None:
    """Give each row what became of its request; what was not found is unknown to whoever asked."""
    at = timezone.now()
    for row in rows:
        refusal = results[row.request_id] if row.request_id in results else RequestUnknown(reference=row.given)
        if refusal is None:
            row.done_at, row.code = at, None
        else:
            row.finding, row.fact = findings.of(refusal)
    update_many(rows, ["done_at", "code", "finding", "fact"])


def told_by_user_id(
    job: BulkJob, side: str, *, only: Mapping[str, object] | None = None
) -> dict[Eui64, list[str]]:
    """Return the references of the job's requests that moved, by the User ID on the other side of each.

    `side` is "raised_by" or "assigned_to"; `only` narrows the rows.
    """
    rows = BulkRow.objects.filter(job=job, done_at__isnull=False, **(only or {})).exclude(
        **{f"request__{side}": None}
    )
    found: dict[Eui64, list[str]] = defaultdict(list)
    for user_id, reference in rows.order_by("line").values_list(f"request__{side}", "request__reference"):
        found[user_id].append(reference)
    return dict(found)
