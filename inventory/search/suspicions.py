"""Suspicions in keyset pages, each with its device as it stands now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from inventory.models import Device, RollUp, Suspicion
from inventory.models.choices import Suspect
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from ssi.web.pages import PAGE_SIZE, Page, page_of

SUSPICIONS: Final = "suspicions"
COUNTED_TO: Final = 10_001
"""Counting stops here: lists say "more than 10,000"."""

_EXPORT_CHUNK: Final = 500
_OF_ONE_USER: Final = ("device_id",)
_OF_ALL: Final = ("device_id", "id")


@dataclass(frozen=True, slots=True)
class Suspected:
    """A suspicion, and its device as it stands now; None if it left the inventory since."""

    suspicion: Suspicion
    device: Device | None

    @property
    def stands(self) -> bool:
        """Tell whether the device is still as it was when it was suspected."""
        return self.device is not None and self.device.esme_variant == self.suspicion.current


def refreshed_at() -> datetime | None:
    """Return the moment as of which suspicions stand, None before they were looked for the first time."""
    return RollUp.objects.filter(name=SUSPICIONS).values_list("refreshed_at", flat=True).first()


def suspicions_page(
    kind: Suspect, actor: Actor, *, user_id: Eui64 | None = None, cursor: str = ""
) -> tuple[Page[Suspicion], Sequence[Suspected]]:
    """Return a page of the suspicions of a kind that `actor` may see, with their devices; DCC may name a User ID.

    Raises CursorUnknown.
    """
    page = page_of(_of_kind(kind, actor, user_id), key=_key(actor, user_id), cursor=cursor, size=PAGE_SIZE)
    return page, _with_devices(page.rows)


def every_suspicion(
    kind: Suspect, actor: Actor, *, user_id: Eui64 | None = None, at_most: int
) -> Iterator[Suspected]:
    """Yield the suspicions of a kind that still stand, fetched page after page, each device once."""
    cursor: str | None = ""
    found, key, left, before = _of_kind(kind, actor, user_id), _key(actor, user_id), at_most, None
    while cursor is not None and left > 0:
        page = page_of(found, key=key, cursor=cursor, size=_EXPORT_CHUNK)
        for each in _with_devices(page.rows):
            if each.stands and each.suspicion.device_id != before and left > 0:
                before, left = each.suspicion.device_id, left - 1
                yield each
        cursor = page.next_cursor


def numbers(actor: Actor, user_id: Eui64 | None = None) -> dict[Suspect, int]:
    """Return how many suspicions there are of each kind, counted to `COUNTED_TO`; one query."""
    parts = [_of_kind(kind, actor, user_id).order_by().values("id")[:COUNTED_TO].query for kind in Suspect]
    compiled = [each.get_compiler(connection=connection).as_sql() for each in parts]
    counts = ", ".join(f"(SELECT count(*) FROM ({sql}) AS counted)" for sql, _ in compiled)  # noqa: S608 - Django's SQL
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", [value for _, values in compiled for value in values])
        return dict(zip(Suspect, cursor.fetchone(), strict=True))


def party_names(rows: Sequence[Suspicion]) -> dict[Eui64, str]:
    """Return the names of the parties that may put these right, by their User IDs."""
    wanted = {row.user_id for row in rows if row.user_id}
    return dict(UserId.objects.filter(pk__in=wanted).values_list("pk", "party__name"))


def _of_kind(kind: Suspect, actor: Actor, user_id: Eui64 | None) -> QuerySet[Suspicion]:
    found = Suspicion.objects.visible_to(actor).filter(kind=kind)
    return found.filter(user_id=user_id) if user_id else found


def _key(actor: Actor, user_id: Eui64 | None) -> Sequence[str]:
    """Return a unique order that an index gives: a device is there once for each User ID."""
    return _OF_ALL if user_id is None and actor.user_id is None else _OF_ONE_USER


def _with_devices(rows: Sequence[Suspicion]) -> list[Suspected]:
    wanted = {row.device_id for row in rows}
    devices = {each.pk: each for each in Device.objects.filter(pk__in=wanted).select_related("device_model")}
    return [Suspected(row, devices.get(row.device_id)) for row in rows]
