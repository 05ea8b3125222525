"""The audit trail of a User's own Service Requests, Responses and Alerts (SEC H8.16(b)): lists, and one entry."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import chain
from typing import Final

from django.db.models import QuerySet

from inventory.models import TrailMessage
from inventory.models.audit_trail import Message
from inventory.models.choices import SENT_KINDS, TrailKind
from ssi.access.actor import Actor
from ssi.access.prepared import PreparedFor
from ssi.crypto import CannotOpen, open_sealed, seal
from ssi.eui64 import Eui64, Eui64Field
from ssi.patience import patience
from ssi.prepared import Slot
from ssi.refusals import Refusal
from ssi.web.pages import PAGE_SIZE, Page, page_of

KEY: Final = ("-at", "-id")
EXPORT_CHUNK: Final = 500
MOST_RELATED: Final = 20
LATEST: Final = 5
_SEALED_FOR: Final = "audit trail entry"
_WITH_REQUEST_ID: Final = (*SENT_KINDS, TrailKind.SERVICE_RESPONSE)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class TrailTooLong(Refusal):
    """Too few messages fit all these filters at once to be found quickly."""

    suggestion = "Give a shorter time with From and To, or the Device ID."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class EntryUnknown(Refusal):
    """There is no such message in your audit trail."""

    suggestion = "Look for it in the list. Messages are kept on line for three months and the running one."
    status = HTTPStatus.NOT_FOUND


_LATEST: Final = PreparedFor(
    lambda actor: (
        TrailMessage.objects.visible_to(actor)
        .filter(device_id=Slot("device_id", Eui64Field()))
        .order_by(*KEY)[:LATEST]
    )
)


@dataclass(frozen=True, slots=True)
class TrailFilters:
    """What narrows the trail; empty ones do not. From `from_at` on, and before `before_at`."""

    device_id: Eui64 | None = None
    srv: str = ""
    code: str = ""
    kind: TrailKind | None = None
    from_at: datetime | None = None
    before_at: datetime | None = None


def trail_page(filters: TrailFilters, *, by: Actor, cursor: str = "", size: int = PAGE_SIZE) -> Page[TrailMessage]:
    """Return one page of the own User ID's messages that fit, newest first. Raises TrailTooLong, CursorUnknown."""
    with patience(TrailTooLong):
        return page_of(matching(filters, by=by), key=KEY, cursor=cursor, size=size)


def every_entry(filters: TrailFilters, *, by: Actor, at_most: int) -> Iterator[TrailMessage]:
    """Return the messages that fit, fetched page after page as they are asked for, never more than `at_most`.

    The first page is fetched at once, so that TrailTooLong comes before anything was sent to anybody.
    """
    pages = _pages(filters, by, at_most)
    return chain(next(pages, []), chain.from_iterable(pages))


def _pages(filters: TrailFilters, by: Actor, at_most: int) -> Iterator[Sequence[TrailMessage]]:
    cursor: str | None = ""
    left = at_most
    while cursor is not None and left > 0:
        page = trail_page(filters, by=by, cursor=cursor, size=min(EXPORT_CHUNK, left))
        yield page.rows
        left -= len(page.rows)
        cursor = page.next_cursor


def latest_of(device_id: Eui64, *, by: Actor) -> Sequence[TrailMessage]:
    """Return the newest of the own User ID's messages about a device; one query."""
    return _LATEST(by, device_id=device_id)


def matching(filters: TrailFilters, *, by: Actor) -> QuerySet[TrailMessage]:
    """Return the own User ID's messages that fit. Each filter but `kind` has an index, in this order."""
    found = TrailMessage.objects.visible_to(by)
    if filters.device_id is not None:
        found = found.filter(device_id=filters.device_id)
    if filters.srv:
        found = found.filter(srv=filters.srv)
    if filters.code:
        found = found.filter(code=filters.code)
    if filters.kind is not None:
        found = found.filter(kind=filters.kind)
    if filters.from_at is not None:
        found = found.filter(at__gte=filters.from_at)
    if filters.before_at is not None:
        found = found.filter(at__lt=filters.before_at)
    return found


# --- One entry ---------------------------------------------------------------------------------------------------


def address_key(entry: Message) -> str:
    """Return what an entry has in its address: sealed, since its number would tell how much all others send."""
    moment = (entry.at - _EPOCH) // _MICROSECOND
    sealed = seal(f"{moment} {entry.pk}".encode(), aad=_SEALED_FOR)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def entry_at(key: str, *, by: Actor) -> TrailMessage:
    """Return the entry of the own User ID that an address names. Raises EntryUnknown, for another's alike."""
    try:
        envelope = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
        moment, pk = map(int, open_sealed(envelope, aad=_SEALED_FOR).split())
    except (binascii.Error, ValueError, CannotOpen) as wrong:
        raise EntryUnknown from wrong
    entry = TrailMessage.objects.visible_to(by).filter(at=_EPOCH + moment * _MICROSECOND, pk=pk).first()
    if entry is None:
        raise EntryUnknown
    return entry


def same_request(entry: Message, *, by: Actor) -> Sequence[TrailMessage]:
    """Return the other messages about the device that carry the same RequestID, oldest first."""
    if not entry.request_id or entry.device_id is None:
        return []
    found = matching(TrailFilters(device_id=entry.device_id), by=by).filter(
        target=entry.target, counter=entry.counter, kind__in=_WITH_REQUEST_ID
    )
    return list(found.exclude(pk=entry.pk).order_by("at", "id")[:MOST_RELATED])
