"""Pages of the inventory over real HTTP, signed in, against a bare view with the same SELECTs and template."""

import tempfile
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from bench.estate import estate
from bench.harness import Clock, Options, Result, Times
from bench.serving import ROUNDS, both_served, compared
from inventory import search
from inventory.models import Device, MeterPoint
from inventory.models.choices import DeviceType, SmiStatus
from inventory.search import Filters
from inventory.search.one import at_meter_point

TIMES_THE_FLOOR = 2.0
DEEP = 100_000
OF_EACH = 20


def run(options: Options) -> Iterator[Result]:
    """Load an estate and ask for its pages."""
    if not Device.objects.exists():
        call_command("load_synthetic", devices=options.size, as_of=date(2026, 11, 20), stderr=StringIO())
    addresses = _addresses()
    every = [address for group in addresses.values() for address in group]
    with tempfile.TemporaryDirectory() as folder, both_served(estate().raiser, every, Path(folder)) as served:
        for name, group in addresses.items():
            ours, floor = compared(*served, group)
            yield _result(name, ours, floor)


def _addresses() -> dict[str, list[str]]:
    """Return some addresses of each kind of page, of devices all over the estate."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM inventory_meterpoint")
        first, last = cursor.fetchone()
    keys = [first + (last - first) * number // OF_EACH for number in range(OF_EACH)]
    points = list(MeterPoint.objects.filter(pk__in=keys))
    meters = [device for point in points if (device := at_meter_point(point.mpxn).first())]
    filters = {"device_type": DeviceType.ESME.duis, "smi_status": SmiStatus.COMMISSIONED.duis}
    narrowed = "&".join(f"{name}={value}" for name, value in filters.items())
    deep = Filters(device_type=DeviceType.ESME, smi_status=SmiStatus.COMMISSIONED)
    cursor_after = _cursor_after(deep)
    return {
        "device page by Device ID": [meter.get_absolute_url() for meter in meters],
        "devices at an MPxN": [f"/devices/?mpxn={point.mpxn}" for point in points],
        "filtered list of 50, first page": [f"/devices/?{narrowed}"],
        "   the page after the 100,000th row": [f"/devices/?{narrowed}&cursor={cursor_after}"],
    }


def _cursor_after(filters: Filters) -> str:
    """Return the cursor of the page after the 100,000th row, or after the last whole one there is."""
    cursor, seen = "", 0
    while seen < DEEP:
        page = search.devices_page(filters, cursor=cursor, size=500)
        if page.next_cursor is None:
            return cursor
        cursor, seen = page.next_cursor, seen + len(page.rows)
    return cursor


def _result(what: str, ours: Times, floor: Times) -> Result:
    ratio = ours.p50 / floor.p50
    return Result(
        what,
        ROUNDS,
        Clock(ours.p50 / 1_000),
        Clock(floor.p50 / 1_000),
        value=f"{ours.p50:.1f} ms",
        limit=f"<= {TIMES_THE_FLOOR:g} x",
        kept=ratio <= TIMES_THE_FLOOR,
    )
