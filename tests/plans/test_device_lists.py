"""A page of the device list reads few devices whatever it is narrowed by, where makers' devices lie apart."""

from itertools import product

import pytest
from django.db import connection

from inventory import search
from inventory.models.choices import DeviceType, SmiStatus
from inventory.search import Filters
from ssi.eui64 import Eui64
from tests.plans.guard import Guard, rows_read

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("plans")]

TYPES = (None, DeviceType.ESME, DeviceType.HCALCS, DeviceType.IHD)
STATUSES = (None, SmiStatus.COMMISSIONED, SmiStatus.PENDING, SmiStatus.RECOVERED)

MOST_READ = 3_000
"""Devices for a page of 50: four of each of the estate's 228 models, and what they lead to."""


def _found(query: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def test_every_combination_of_filters_reads_few_devices(guard: Guard) -> None:
    by_size = _found("SELECT notified_by_id FROM inventory_device GROUP BY 1 ORDER BY count(*), 1")
    small, large = (Eui64(int(str(each))) for each in (by_size[0], by_size[-1]))
    first, *_, last = _found("SELECT DISTINCT manufacturer FROM inventory_devicemodel ORDER BY 1")
    middle = search.devices_page(Filters(device_type=DeviceType.PPMID)).next_cursor or ""
    wanted = product(TYPES, STATUSES, ([], [small], [large]), ("", str(first), str(last)), ("", middle))
    for device_type, status, users, words, cursor in wanted:
        filters = Filters(device_type=device_type, smi_status=status, notified_by=users, model=words)
        with guard.listening() as heard:
            search.devices_page(filters, cursor=cursor, with_points=False)
        (asked,) = (each for each in heard if 'FROM "inventory_device"' in each.sql)
        read = rows_read(asked, "inventory_device")
        assert read <= MOST_READ, f"{filters}, beyond {cursor!r}, reads {read} devices"
