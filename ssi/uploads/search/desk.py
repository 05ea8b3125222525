"""What awaits DCC among signed files, and who tried at what guards the grid."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.audit.models import AuditEvent
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import State
from ssi.web.pages import PAGE_SIZE, Page, page_of
from ssi.web.security import ACCESS_DENIED

SOONEST_DUE = ("confirm_due_date", "id")
NEWEST_FIRST = ("-id",)
EXPORT_CHUNK = 2_000
MOST_EXPORTED = 100_000


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """How many signed files DCC has still to confirm, and how many of them are overdue."""

    count: int
    overdue: int


NOTHING_TO_CONFIRM: Final = ToConfirm(count=0, overdue=0)


def count_to_confirm() -> ToConfirm:
    """Count what awaits DCC; one pass over the index that holds nothing else."""
    late = Count("pk", filter=Q(confirm_due_date__lt=timezone.localdate()))
    return ToConfirm(**_to_confirm().aggregate(count=Count("pk"), overdue=late))


def to_confirm_page(*, cursor: str = "", size: int = PAGE_SIZE) -> Page[Upload]:
    """Return one page of what awaits DCC, the soonest due first, with everybody that it names."""
    found = _to_confirm().select_related(
        "party", "signer", "submitted_by", "warnings_checked_by", "approved_by", "recovery"
    )
    return page_of(found, key=SOONEST_DUE, cursor=cursor, size=size)


def tries_page(by: Actor, *, cursor: str = "", size: int = PAGE_SIZE) -> Page[AuditEvent]:
    """Return one page of the tries that `by` may see, the newest first."""
    return page_of(_tries(by), key=NEWEST_FIRST, cursor=cursor, size=size)


def every_try(by: Actor) -> Iterator[AuditEvent]:
    """Yield what `tries_page` pages through, up to 100,000."""
    return _tries(by).order_by(*NEWEST_FIRST)[:MOST_EXPORTED].iterator(chunk_size=EXPORT_CHUNK)


def _to_confirm() -> QuerySet[Upload]:
    return Upload.objects.filter(state=State.ACCEPTED, confirmed_at__isnull=True)


def _tries(by: Actor) -> QuerySet[AuditEvent]:
    """Narrow to tries by people of the actor's own party; DCC's staff see all."""
    tries = AuditEvent.objects.filter(about="security", event=ACCESS_DENIED)
    return tries if by.is_dcc else tries.filter(reference=by.party_name)
