"""The reports' counts are refreshed: not much slower than counting the same tables bare; pages read the counts."""

import statistics
import time
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from bench.estate import estate, loaded
from bench.harness import Options, Pair, Result, at_most, expect, middle, timed
from inventory.actions.reports import refresh_device_counts
from inventory.models import Device

TIMES_THE_FLOOR = 5.0
"""The floor counts by notifying party and at meters' own points; ours finds each home's other devices as well."""

PAIRS = 3

PAGES = ("rsmi-001", "rsmi-002", "rsmi-003")
TIMES = 15

_AS_THEY_ARE = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
"""Static files under their own names: nobody collected them for this database."""

_BARE = (
    """
    SELECT notified_by_id, device_type, smi_status, device_model_id, count(*) FROM inventory_device
    GROUP BY notified_by_id, device_type, smi_status, device_model_id
    """,
    """
    SELECT registration.user_id, device.device_type, device.smi_status, device.device_model_id, count(*)
    FROM inventory_device device
    JOIN inventory_registration registration ON registration.meter_point_id = device.import_meter_point_id
    WHERE registration.from_date <= %(today)s
        AND (registration.to_date >= %(today)s OR registration.to_date IS NULL)
    GROUP BY registration.user_id, device.device_type, device.smi_status, device.device_model_id
    """,
)


def run(options: Options) -> Iterator[Result]:
    """Count the estate bare and as a refresh does, again and again; then ask for the pages."""
    loaded(options)
    devices = Device.objects.count()
    _counted()  # the first time, they are read into memory
    chosen = middle([_counted() for _ in range(PAIRS)])
    yield Result(
        "Refresh the reports' counts, against two bare GROUP BYs",
        devices,
        chosen.ours,
        chosen.bare,
        wanted=at_most(TIMES_THE_FLOOR),
    )
    yield Result(
        f"   a report's page, p50 of {TIMES} of each", devices, value=f"{statistics.median(_pages()):.0f} ms"
    )


def _counted() -> Pair:
    with timed() as bare:
        _count_bare()
    with timed() as ours:
        refreshed = refresh_device_counts()
    expect("refreshed", refreshed is not None, True)
    return Pair(ours, bare)


def _count_bare() -> None:
    with connection.cursor() as cursor:
        for statement in _BARE:
            cursor.execute(statement, {"today": timezone.localdate()})
            cursor.fetchall()


def _pages() -> Iterator[float]:
    """Yield how many milliseconds the portal took for each page."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    with override_settings(STORAGES=settings.STORAGES | {"staticfiles": _AS_THEY_ARE}):
        yield from _each_page()


def _each_page() -> Iterator[float]:
    browser = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    browser.force_login(estate().raiser, backend=settings.AUTHENTICATION_BACKENDS[0])
    for page in PAGES:
        for attempt in range(TIMES + 1):
            begun = time.perf_counter()
            answer = browser.get(f"/reports/{page}/?whose=1")
            took = (time.perf_counter() - begun) * 1_000
            expect("status of the page", answer.status_code, 200)
            if attempt:
                yield took
