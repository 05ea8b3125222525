"""Lists of devices, narrowed by filters that an index serves, in keyset pages."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import router
from django.db.models import BigIntegerField, F, Q, QuerySet

from inventory.models import Device, DeviceModel
from inventory.models.choices import TYPE_2, DeviceType, SmiStatus
from inventory.search.one import associated_with, at_meter_point, point_of
from inventory.search.related import AnyOf, Related
from inventory.search.streams import NextOfStreams
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64, Eui64Field, NotAnEui64
from ssi.patience import patience
from ssi.prepared import Prepared, Slot
from ssi.refusals import Refusal
from ssi.web.pages import LONGEST_PAGE, PAGE_SIZE, Page, page_from, values_of

PATIENCE_MS = 5_000
KEY = ("device_id",)


class SearchTooBroad(Refusal):
    """Too few devices fit all these filters at once to be found quickly."""

    suggestion = "Leave a filter out, or search for the Device ID or the meter point."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class UserUnknown(Refusal):
    """No User or party is called “{name}”."""

    suggestion = "Give a User ID, such as 90-B3-D5-1F-30-01-00-00, or the party's name in full."
    field = "notified_by"


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list of devices; empty ones do not.

    `model` is words that all occur in manufacturer, model or firmware version; `notified_by` are User IDs.
    """

    device_type: DeviceType | None = None
    smi_status: SmiStatus | None = None
    model: str = ""
    notified_by: Sequence[Eui64] = ()
    mpxn: str = ""


def users_named(name: str) -> list[Eui64]:
    """Return the User ID that `name` is, or all of the party of that name; [] for "". Raises UserUnknown."""
    if not name:
        return []
    try:
        users = UserId.objects.filter(pk=Eui64.parse(name))
    except NotAnEui64:
        users = UserId.objects.filter(party__name__iexact=name)
    found = list(users.values_list("pk", flat=True))
    if not found:
        raise UserUnknown(name=name)
    return found


def every_user() -> list[tuple[Eui64, str]]:
    """Return the Users a list can be narrowed to, each with its party's name and by that; some hundreds."""
    return _EVERY_USER()


_EVERY_USER: Final = Prepared(
    lambda: UserId.objects.order_by("party__name", "eui").values_list("eui", "party__name")
)


def devices_page(
    filters: Filters, *, cursor: str = "", size: int = PAGE_SIZE, with_points: bool = True
) -> Page[Device]:
    """Return one page of the devices that fit, in the order of their Device IDs, with what a list shows.

    With model and User at hand, and with the meter points unless they are not asked for.
    Raises SearchTooBroad when a rare combination would take longer than people wait, and CursorUnknown.
    """
    asked, values = _asked(filters, cursor, min(size, LONGEST_PAGE))
    with _patience():
        rows = _page_query(asked)(**values)
    page = page_from(rows, key=KEY, size=asked.size, is_first=not cursor)
    Related().attach(page.rows, with_points=with_points)
    return page


def first_of(filters: Filters) -> Device | None:
    """Return the first device that fits, None where none does. Raises SearchTooBroad."""
    asked, values = _asked(filters, "", size=0)
    with _patience():
        rows = _page_query(asked)(**values)
    return rows[0] if rows else None


@dataclass(frozen=True, slots=True)
class _Asked:
    """By what a page is narrowed: what is chosen stands in the query's text, the rest comes as values."""

    device_type: DeviceType | None
    smi_status: SmiStatus | None
    by_models: bool
    by_users: bool
    at_point: bool
    goes_on: bool
    size: int

    @property
    def is_narrowed(self) -> bool:
        """Tell whether other devices lie between those that fit."""
        return bool(self.device_type or self.smi_status or self.by_models or self.by_users)


def _asked(filters: Filters, cursor: str, size: int) -> tuple[_Asked, dict[str, Any]]:
    """Return what a page's query is, and the values for its slots."""
    values: dict[str, Any] = {"users": filters.notified_by}
    if filters.model:
        values["models"] = _models_of(filters)
    if filters.mpxn:
        values["point"] = point_of(filters.mpxn)
    if cursor:
        (values["beyond"],) = values_of(cursor, key=KEY)
    narrowed = _Asked(
        device_type=None if filters.model else filters.device_type,
        smi_status=filters.smi_status,
        by_models=bool(filters.model),
        by_users=bool(filters.notified_by),
        at_point=bool(filters.mpxn),
        goes_on=bool(cursor),
        size=size,
    )
    return narrowed, values


@lru_cache(maxsize=200)
def _page_query(asked: _Asked) -> Prepared[Device]:
    return Prepared(lambda: _page_of(asked))


def _page_of(asked: _Asked) -> QuerySet[Device]:
    if asked.at_point:
        return _page_at_point(asked)
    devices = Device.objects.order_by(*KEY)
    if asked.is_narrowed:
        return devices.filter(_next_of(asked))
    if asked.goes_on:
        devices = devices.filter(device_id__gt=_BEYOND)
    return devices[: asked.size + 1]


def _next_of(asked: _Asked) -> NextOfStreams:
    return NextOfStreams(
        asked.size + 1,
        device_type=asked.device_type,
        smi_status=asked.smi_status,
        by_models=asked.by_models,
        by_users=asked.by_users,
        goes_on=asked.goes_on,
    )


def _page_at_point(asked: _Asked) -> QuerySet[Device]:
    """Return a page of the devices of one meter point, which are few whatever else they are narrowed by."""
    devices = Device.objects.filter(associated_with(Slot("point", BigIntegerField()))).order_by(*KEY)
    if asked.device_type:
        devices = devices.filter(device_type=asked.device_type)
    if asked.by_models:
        devices = devices.filter(AnyOf(F("device_model"), Slot("models", ArrayField(BigIntegerField()))))
    if asked.smi_status:
        devices = devices.filter(smi_status=asked.smi_status)
    if asked.by_users:
        devices = devices.filter(AnyOf(F("notified_by"), Slot("users", ArrayField(Eui64Field()))))
    if asked.goes_on:
        devices = devices.filter(device_id__gt=_BEYOND)
    return devices[: asked.size + 1]


_BEYOND: Final = Slot("beyond", Eui64Field())


def matching(filters: Filters) -> QuerySet[Device]:
    """Return the devices that fit.

    For whoever reads them all: types and models become lists of Device Model keys, of which PostgreSQL knows how
    common each is. For a rare one it takes the index by model, for a common one it walks the primary key.
    """
    devices = at_meter_point(filters.mpxn) if filters.mpxn else Device.objects.all()
    if filters.device_type or filters.model:
        devices = devices.filter(device_model__in=_models_of(filters))
    if filters.smi_status:
        devices = devices.filter(smi_status=filters.smi_status)
    if len(filters.notified_by) == 1:
        devices = devices.filter(notified_by=filters.notified_by[0])
    elif filters.notified_by:
        devices = devices.filter(notified_by__in=filters.notified_by)
    return devices


def _models_of(filters: Filters) -> list[int]:
    """Return the keys of the Device Models that fit: a small table, where a search inside texts is cheap."""
    found = DeviceModel.objects.all()
    if filters.device_type:
        found = found.filter(device_type=filters.device_type)
    if filters.smi_status:
        found = found.exclude(device_type__in=TYPE_2)  # which have none
    for word in filters.model.split():
        found = found.filter(
            Q(manufacturer__icontains=word) | Q(model__icontains=word) | Q(firmware_version__icontains=word)
        )
    return list(found.values_list("pk", flat=True))


def _patience() -> AbstractContextManager[None]:
    """Give up after a while: no combination of filters is known to need it, and nobody waits for ever."""
    return patience(SearchTooBroad, PATIENCE_MS, using=router.db_for_read(Device))
