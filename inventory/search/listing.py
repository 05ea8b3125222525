"""Lists of devices, narrowed by filters that an index serves, in keyset pages."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from itertools import chain

from django.db import router
from django.db.models import Q, QuerySet

from inventory.models import Device, DeviceModel
from inventory.models.choices import DeviceType, SmiStatus
from inventory.search.one import at_meter_point
from inventory.search.related import Related
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64, NotAnEui64
from ssi.patience import patience
from ssi.refusals import Refusal
from ssi.web.pages import PAGE_SIZE, Page, page_of

PATIENCE_MS = 5_000
EXPORT_CHUNK = 500
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


def every_user() -> QuerySet[UserId]:
    """Return the Users a list can be narrowed to, by their party's name; some hundreds."""
    return UserId.objects.select_related("party").order_by("party__name", "eui")


def devices_page(filters: Filters, *, cursor: str = "", size: int = PAGE_SIZE) -> Page[Device]:
    """Return one page of the devices that fit, in the order of their Device IDs, with what a list shows.

    Raises SearchTooBroad when a rare combination would take longer than people wait, and CursorUnknown.
    """
    devices = _matching(filters)
    with _patience():
        return page_of(_with_related(devices), key=KEY, cursor=cursor, size=size)


def every_device(filters: Filters, *, at_most: int) -> Iterator[Device]:
    """Return the devices that fit, fetched page after page as they are asked for, never more than `at_most`.

    The first page is fetched at once, so that SearchTooBroad comes before anything was sent to anybody.
    """
    pages = _pages(filters, at_most)
    first = next(pages, [])
    return chain(first, chain.from_iterable(pages))


def _pages(filters: Filters, at_most: int) -> Iterator[Sequence[Device]]:
    cursor: str | None = ""
    left = at_most
    devices, related = _matching(filters), Related()
    while cursor is not None and left > 0:
        with _patience():
            page = page_of(devices, key=KEY, cursor=cursor, size=min(EXPORT_CHUNK, left))
        yield related.attach(page.rows)
        left -= len(page.rows)
        cursor = page.next_cursor


def _with_related(devices: QuerySet[Device]) -> QuerySet[Device]:
    return devices.select_related(
        "device_model",
        "notified_by__party",
        "import_meter_point",
        "secondary_import_meter_point",
        "export_meter_point",
    )


def _matching(filters: Filters) -> QuerySet[Device]:
    """Return the devices that fit.

    Types and models become lists of Device Model keys, which the index by model serves and of which PostgreSQL
    knows how common each is: for a rare one it takes that index, for a common one it walks the primary key.
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
    for word in filters.model.split():
        found = found.filter(
            Q(manufacturer__icontains=word) | Q(model__icontains=word) | Q(firmware_version__icontains=word)
        )
    return list(found.values_list("pk", flat=True))


def _patience() -> AbstractContextManager[None]:
    """Give up after a while: each filter has its index, but not every combination of them."""
    return patience(SearchTooBroad, PATIENCE_MS, using=router.db_for_read(Device))
