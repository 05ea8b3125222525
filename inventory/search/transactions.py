"""Counts of Users' messages: by month from the roll-up (RSAT_001), and of one device from the trail (RSAT_002)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from inventory.models import RollUp, TransactionCount
from inventory.models.choices import SENT_KINDS, TrailKind
from inventory.search.service_requests import TrailFilters, TrailTooLong, matching
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from ssi.partitions import month_of
from ssi.patience import patience

ROLL_UP: Final = "transactions"
"""The name of the roll-up of messages by month."""

_ANSWERED: Final = (*SENT_KINDS, TrailKind.SERVICE_RESPONSE)
_FAILED: Final = Q(kind__in=_ANSWERED) & ~Q(code__startswith="I") & ~Q(code__startswith="W")


@dataclass(frozen=True, slots=True)
class Counted:
    """How many messages of a kind and SRV there were in a month, and how many of them failed.

    `party` names whose they are, "" for one's own. `failed` is None for alerts, which neither succeed nor fail.
    """

    month_date: date
    kind: TrailKind
    srv: str
    messages: int
    failed: int | None
    party: str = ""

    @property
    def succeeded(self) -> int | None:
        """Return how many went well, None for alerts."""
        return None if self.failed is None else self.messages - self.failed


def counted_at() -> datetime | None:
    """Return as of when the counts by month are; None before the first counting."""
    return RollUp.objects.filter(pk=ROLL_UP).values_list("refreshed_at", flat=True).first()


def by_month(months: int, *, by: Actor) -> Sequence[Counted]:
    """Return the counts of the running month and those before it, newest first: one's own by SRV.

    DCC reads the sums of all Users by party, without SRVs.
    """
    first = month_of(timezone.localdate(), 1 - months)
    found = TransactionCount.objects.filter(month_date__gte=first)
    return _of_everybody(found) if by.is_dcc else _own(found, by)


def _own(found: QuerySet[TransactionCount], by: Actor) -> Sequence[Counted]:
    rows = _summed(found.filter(user_id=by.user.user_id), "srv")
    return _in_order(_counted(row) for row in rows)


def _of_everybody(found: QuerySet[TransactionCount]) -> Sequence[Counted]:
    """Return the sums by party; a User ID that is not registered stands for itself."""
    parties = dict(UserId.objects.values_list("eui", "party__name"))
    sums: dict[tuple[date, str, int], list[int]] = defaultdict(lambda: [0, 0])
    for row in _summed(found, "user_id"):
        party = parties.get(row["user_id"], f"User ID {row['user_id']}")
        total = sums[row["month_date"], party, row["kind"]]
        total[0] += row["total"]
        total[1] += row["failed"] or 0
    counts = [
        _counted({"month_date": month, "kind": kind, "srv": "", "total": total, "failed": failed}, party)
        for (month, party, kind), (total, failed) in sums.items()
    ]
    return _in_order(counts)


def _summed(found: QuerySet[TransactionCount], *more: str) -> Any:
    """Return rows of the names, with `total` and `failed`; the type checker cannot tell which."""
    names = ("month_date", "kind", *more)
    sums = found.values(*names).annotate(total=Sum("messages"), failed=Sum("messages", filter=_FAILED))
    return sums.order_by()


def of_device(device_id: Eui64, *, by: Actor) -> Sequence[Counted]:
    """Return the counts by month of the own User ID's messages about a device, newest first.

    Raises TrailTooLong.
    """
    months = (
        matching(TrailFilters(device_id=device_id), by=by)
        .annotate(month_date=TruncMonth("at", tzinfo=timezone.get_default_timezone()))
        .values("month_date", "kind", "srv")
        .annotate(total=Count("id"), failed=Count("id", filter=_FAILED))
        .order_by()
    )
    with patience(TrailTooLong):
        return _in_order(_counted(row | {"month_date": row["month_date"].date()}) for row in months)


def _in_order(counts: Iterable[Counted]) -> Sequence[Counted]:
    """Return counts with the newest month first, and 8.1.1 before 8.11."""
    return sorted(counts, key=_place)


def _place(counted: Counted) -> tuple[int, str, int, list[int]]:
    numbers = [int(part) for part in counted.srv.split(".") if part.isdecimal()]
    return -counted.month_date.toordinal(), counted.party, counted.kind, numbers


def _counted(row: dict[str, Any], party: str = "") -> Counted:
    kind = TrailKind(row["kind"])
    failed = (row["failed"] or 0) if kind in _ANSWERED else None
    return Counted(row["month_date"], kind, row["srv"], row["total"], failed, party)
