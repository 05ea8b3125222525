"""Finding what housekeeping removed, and whom it told."""

from collections.abc import Iterator
from typing import Final

from django.db.models import QuerySet

from inventory.models import HousekeepingNotice, RemovedDevice
from inventory.search.housekeeping import EXPORT_CHUNK, Scope, user_ids_of
from ssi.access.actor import Actor
from ssi.web.pages import PAGE_SIZE, Page, page_of

PAST_SHOWN: Final = 24
_KEY = ("-removed_at", "-id")


def notices_of(scope: Scope) -> list[HousekeepingNotice]:
    """Return what the latest runs told whoever `scope` is about, the newest first; one query."""
    notices = HousekeepingNotice.objects.select_related("run", "party").order_by("-id")
    return list((notices if scope.party_id is None else notices.filter(party=scope.party_id))[:PAST_SHOWN])


def notice_of(reference: str, actor: Actor) -> HousekeepingNotice | None:
    """Return the notice that `actor` may see under a reference: its own party's, any for DCC; one query."""
    notices = HousekeepingNotice.objects.select_related("run", "party").filter(reference=reference)
    if not actor.is_dcc:
        notices = notices.filter(party=actor.party_id)
    return notices.first()


def removed_page(notice: HousekeepingNotice, *, cursor: str = "", size: int = PAGE_SIZE) -> Page[RemovedDevice]:
    """Return one page of the devices that a notice tells of. Raises CursorUnknown."""
    return page_of(_removed_of(notice), key=_KEY, cursor=cursor, size=size)


def every_removed(notice: HousekeepingNotice) -> Iterator[RemovedDevice]:
    """Yield the devices that a notice tells of, fetched page after page as they are asked for."""
    devices, cursor = _removed_of(notice), ""
    while True:
        page = page_of(devices, key=_KEY, cursor=cursor, size=EXPORT_CHUNK)
        yield from page.rows
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def _removed_of(notice: HousekeepingNotice) -> QuerySet[RemovedDevice]:
    """Return a run's devices of a party; the run's time narrows the index by User ID."""
    devices = RemovedDevice.objects.select_related("device_model").filter(
        run=notice.run_id,
        notified_by__in=user_ids_of(notice.party_id),
        removed_at__gte=notice.run.started_at,
    )
    return devices if notice.run.finished_at is None else devices.filter(removed_at__lte=notice.run.finished_at)
