"""The addresses of pages that people open, of devices all over the estate."""

from functools import cache
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

from bench.estate import estate, loaded
from bench.harness import Options
from bench.serving import session_of
from inventory.models import Device, MeterPoint
from inventory.models.choices import DeviceType, SmiStatus
from inventory.search import Filters, listing
from inventory.search.one import at_meter_point
from ssi.web.pages import page_from

DEVICE_PAGE: Final = "device page by Device ID"
BY_MPXN: Final = "search by MPxN"
AT_MPXN: Final = "devices at an MPxN"
BY_ID: Final = "search by pasted Device ID"
FIRST_PAGE: Final = "filtered list of 50, first page"
DEEP_PAGE: Final = "filtered list of 50, after the 100,000th row"

DEEP: Final = 100_000
OF_EACH: Final = 20


@cache
def addresses() -> dict[str, list[str]]:
    """Return some addresses of each kind of page, the same over the run."""
    points = _meter_points()
    meters = [device for point in points if (device := at_meter_point(point.mpxn).first())]
    wanted = {"device_type": DeviceType.ESME.duis, "smi_status": SmiStatus.COMMISSIONED.duis}
    narrowed = "&".join(f"{name}={value}" for name, value in wanted.items())
    deep = _cursor_after(Filters(device_type=DeviceType.ESME, smi_status=SmiStatus.COMMISSIONED))
    return {
        DEVICE_PAGE: [meter.get_absolute_url() for meter in meters],
        BY_MPXN: [f"/devices/?q={point.mpxn}" for point in points],
        AT_MPXN: [f"/devices/?mpxn={point.mpxn}" for point in points],
        BY_ID: [f"/devices/?q={_as_pasted(meter)}" for meter in meters],
        FIRST_PAGE: [f"/devices/?{narrowed}"],
        DEEP_PAGE: [f"/devices/?{narrowed}&cursor={deep}"],
    }


def of_new_estate(devices: int) -> dict[str, Any]:
    """Load an estate of so many devices; return its addresses, and the session of somebody who may open them."""
    loaded(Options(size=devices))
    return {"addresses": addresses(), "session": session_of(estate().raiser)}


def _meter_points() -> list[MeterPoint]:
    """Return some meter points, evenly from the first to the last."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM inventory_meterpoint")
        first, last = cursor.fetchone()
    keys = [first + (last - first) * number // OF_EACH for number in range(OF_EACH)]
    return list(MeterPoint.objects.filter(pk__in=keys).order_by("pk"))


def _as_pasted(meter: Device) -> str:
    """Return a Device ID as it comes from elsewhere: small letters, colons."""
    return str(meter.device_id).replace("-", ":").lower()


def _cursor_after(filters: Filters) -> str:
    """Return the cursor of the page after the 100,000th row, or after the middle of a shorter list."""
    of_list = listing.matching(filters)
    after = DEEP if len(_two(of_list, DEEP)) > 1 else of_list.count() // 2
    return page_from(_two(of_list, after), key=listing.KEY, size=1, is_first=False).next_cursor or ""


def _two(devices: QuerySet[Device], after: int) -> list[Device]:
    """Return the n-th device and the next."""
    return list(devices.order_by(*listing.KEY)[after - 1 : after + 1])
