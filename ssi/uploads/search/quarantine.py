"""How quarantine events and what is held under them are found, each reader their own User ID's."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Final, NamedTuple

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.patience import patience
from ssi.refusals import Refusal
from ssi.uploads.models import PreparedFile, QuarantinedCommunication, QuarantineEvent, Upload
from ssi.uploads.models.choices import Decision, Fate, Kind
from ssi.uploads.models.quarantine import ENDED, STILL_OPEN
from ssi.web.pages import PAGE_SIZE, Page, page_of

NEWEST_FIRST: Final = ("-began_at", "-id")
AS_HELD: Final = ("id",)
EXPORT_CHUNK: Final = 2_000
MOST_SUMS: Final = 200
MOST_UPLOADS: Final = 5

_Communications = QuerySet[QuarantinedCommunication]


class EventUnknown(Refusal):
    """There is no quarantine event {reference} that you may see."""

    suggestion = "Check the reference, and that you act for the User ID whose messages were quarantined."
    status = HTTPStatus.NOT_FOUND


class PreparedFileUnknown(Refusal):
    """There is no prepared file {reference} that you may see."""

    suggestion = "Check the reference; the page of the quarantine event has the newest file."
    status = HTTPStatus.NOT_FOUND


class TooFewFit(Refusal):
    """Too few communications fit all these filters at once to be found quickly."""

    suggestion = "Give the target Device ID, or fewer filters."


class RequestKey(NamedTuple):
    """Which communication of an event: the second and third part of its RequestID; the first is its User."""

    target: Eui64
    counter: int


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What narrows the communications of an event; empty ones do not. `is_wished`: decided on screen, or not.

    `up_to` leaves out what was held after the one with that key: a page did not show it.
    """

    srv: str = ""
    target: Eui64 | None = None
    fate: str = ""
    is_wished: bool | None = None
    up_to: int | None = None

    def of(self, event: QuarantineEvent) -> _Communications:
        """Return those of the event that fit."""
        found = QuarantinedCommunication.objects.filter(event=event)
        if self.srv:
            found = found.filter(srv=self.srv)
        if self.target is not None:
            found = found.filter(target=self.target)
        if self.fate:
            found = found.filter(fate=self.fate)
        if self.up_to is not None:
            found = found.filter(pk__lte=self.up_to)
        if self.is_wished is not None:
            found = found.exclude(wish="") if self.is_wished else found.filter(wish="")
        return found


@dataclass(frozen=True, slots=True)
class Sums:
    """How many communications of one SRV ("" unknown) there are, and of those still held, what is decided."""

    srv: str
    communications: int
    held: int
    to_release: int
    to_delete: int

    @property
    def left(self) -> int:
        """Return how many are to be decided yet."""
        return self.held - self.to_release - self.to_delete


def events_page(
    is_open: bool | None, *, by: Actor, cursor: str = "", size: int = PAGE_SIZE
) -> Page[QuarantineEvent]:
    """Return one page of the events that `by` may see, the newest first; open ones still hold something."""
    found = QuarantineEvent.objects.visible_to(by).select_related("user_id__party")
    if is_open is not None:
        found = found.filter(STILL_OPEN if is_open else ENDED)
    return page_of(found, key=NEWEST_FIRST, cursor=cursor, size=size)


@dataclass(frozen=True, slots=True)
class ToDecide:
    """How many events still hold communications, how many of them are overdue, and when the first is due."""

    events: int = 0
    overdue: int = 0
    first_due_at: datetime | None = None


def to_decide(by: Actor) -> ToDecide:
    """Return what awaits a decision of `by`'s User ID; one pass over the index that holds nothing else."""
    open_events = QuarantineEvent.objects.visible_to(by).filter(held__gt=0)
    late = Count("pk", filter=Q(due_at__lt=timezone.now()))
    return ToDecide(**open_events.aggregate(events=Count("pk"), overdue=late, first_due_at=Min("due_at")))


def one(reference: str, *, by: Actor) -> QuarantineEvent:
    """Return the event. Raises EventUnknown also for what `by` may not see."""
    found = QuarantineEvent.objects.visible_to(by).select_related("user_id__party")
    event = found.filter(reference=reference.upper()).first()
    if event is None:
        raise EventUnknown(reference=reference.upper())
    return event


def communications_page(
    event: QuarantineEvent, narrowing: Narrowing, *, cursor: str = "", size: int = PAGE_SIZE
) -> Page[QuarantinedCommunication]:
    """Return one page of what fits, in the order in which it was held. Raises TooFewFit, CursorUnknown."""
    with patience(TooFewFit):
        return page_of(narrowing.of(event).select_related("decided_in"), key=AS_HELD, cursor=cursor, size=size)


class Row(NamedTuple):
    """A communication as a file has it: a million of them, so no objects of the ORM; its upload's reference."""

    target: Eui64
    counter: Decimal
    srv: str
    held_at: datetime
    fate: str
    wish: str
    wish_because: str
    decision: str
    upload: str | None
    ended_at: datetime | None


def every_communication(event: QuarantineEvent, narrowing: Narrowing) -> Iterator[Row]:
    """Yield what `communications_page` pages through, whole."""
    columns = [name if name != "upload" else "decided_in__reference" for name in Row._fields]
    rows = narrowing.of(event).order_by(*AS_HELD).values_list(*columns).iterator(chunk_size=EXPORT_CHUNK)
    return itertools.starmap(Row, rows)


def sums_of(event: QuarantineEvent) -> Sequence[Sums]:
    """Return the sums of an event by SRV, the largest first; one query over all of it."""
    held = Q(fate=Fate.HELD)
    rows = (
        QuarantinedCommunication.objects.filter(event=event)
        .values("srv")
        .annotate(
            communications=Count("id"),
            still=Count("id", filter=held),
            to_release=Count("id", filter=held & Q(wish=Decision.RELEASE)),
            to_delete=Count("id", filter=held & Q(wish=Decision.DELETE)),
        )
        .order_by("-communications", "srv")[:MOST_SUMS]
    )
    return [
        Sums(row["srv"], row["communications"], row["still"], row["to_release"], row["to_delete"]) for row in rows
    ]


def prepared_for(event: QuarantineEvent) -> PreparedFile | None:
    """Return the newest file that was built for an event, withdrawn or not."""
    built = PreparedFile.objects.filter(event=event).select_related("prepared_by", "used_by")
    return built.order_by("-prepared_at", "-id").first()


def uploads_about(event: QuarantineEvent, *, by: Actor) -> Sequence[Upload]:
    """Return the newest signed files that name the event, of those that `by` may see."""
    named = Upload.objects.visible_to(by).filter(user_id=event.user_id_id, kind=Kind.EXIT_QUARANTINE)
    named = named.filter(event_ref=event.event_ref)
    return list(named.order_by("-received_at", "-id")[:MOST_UPLOADS])


def prepared(reference: str, *, by: Actor) -> PreparedFile:
    """Return a prepared file. Raises PreparedFileUnknown also for what `by` may not see."""
    found = PreparedFile.objects.visible_to(by).filter(reference=reference.upper()).first()
    if found is None:
        raise PreparedFileUnknown(reference=reference.upper())
    return found


def history_of(event: QuarantineEvent, *, most: int = 10) -> Sequence[AuditEvent]:
    """Return what happened to the event by what the audit log has, the newest first."""
    return list(
        AuditEvent.objects.filter(about=event.audit_name, reference=event.reference).order_by("-id")[:most]
    )


def count_held(event: QuarantineEvent, narrowing: Narrowing) -> tuple[int, int]:
    """Return how many of those that fit are still quarantined, and the key of the last. Raises TooFewFit."""
    with patience(TooFewFit):
        found = narrowing.of(event).filter(fate=Fate.HELD).aggregate(number=Count("pk"), last=Max("pk"))
    return found["number"], found["last"] or 0
