"""The addresses of pages that people open, of devices all over the estate."""

from typing import Any, Final

from django.db import connection

from bench.estate import estate, loaded
from bench.harness import Options
from bench.serving import session_of
from inventory import search
from inventory.models import Device, MeterPoint
from inventory.models.choices import DeviceType, SmiStatus
from inventory.search import Filters
from inventory.search.one import at_meter_point

DEVICE_PAGE: Final = "device page by Device ID"
BY_MPXN: Final = "search by MPxN"
AT_MPXN: Final = "devices at an MPxN"
BY_ID: Final = "search by pasted Device ID"
FIRST_PAGE: Final = "filtered list of 50, first page"
DEEP_PAGE: Final = "filtered list of 50, after the 100,000th row"

DEEP: Final = 100_000
OF_EACH: Final = 20
_PAGE: Final = 500


def addresses() -> dict[str, list[str]]:
    """Return some addresses of each kind of page."""
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
    """Return the cursor of the page after the 100,000th row, or of the last that is surely whole."""
    before, cursor, seen = "", "", 0
    while seen < DEEP:
        page = search.devices_page(filters, cursor=cursor, size=_PAGE)
        if page.next_cursor is None:
            return before
        before, cursor, seen = cursor, page.next_cursor, seen + len(page.rows)
    return cursor
