"""Every way to find devices is served by an index: read off PostgreSQL's plans over 100,000 rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory import search
from inventory.models import Device, DeviceModel, MeterPoint
from inventory.models.choices import DeviceType, SmiStatus
from inventory.search import Filters
from inventory.search.listing import matching
from ssi.access.actor import Actor
from ssi.eui64 import Eui64
from ssi.web.pages import PAGE_SIZE
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import DeviceModelFactory
from tests.plans.guard import Asked, rows_read

ROWS = 100_000
MODELS_BY_TYPE = {
    DeviceType.ESME: 8,
    DeviceType.GSME: 6,
    DeviceType.CHF: 3,
    DeviceType.GPF: 3,
    DeviceType.PPMID: 4,
    DeviceType.HCALCS: 1,
}
COMMON = 99_000
"""Rows up to here are of common types, Commissioned and notified by large parties; the rest is rare."""


_METER_POINTS = """
INSERT INTO inventory_meterpoint (mpxn, post_code, address_identifier)
SELECT (2000000000000 + n)::text, '', '' FROM generate_series(1, %s) n
"""
_DEVICES = """
INSERT INTO inventory_device (device_id, device_model_id, device_type, smi_status, notified_by_id,
                              import_meter_point_id, comms_hub_id)
SELECT n * 104729::bigint,
       CASE WHEN n <= %(common)s THEN (%(models)s::bigint[])[1 + n %% %(number)s] ELSE %(rare)s END,
       CASE WHEN n <= %(common)s THEN (%(types)s::int[])[1 + n %% %(number)s] ELSE %(rare_type)s END,
       CASE WHEN n <= %(common)s THEN 4 ELSE 1 + (n %% 3) END,
       (%(users)s::bigint[])[CASE WHEN n <= %(common)s THEN 1 + n %% 5 ELSE 6 END],
       CASE WHEN n %% 2 = 0 THEN %(first_point)s + n / 2 - 1 END,
       CASE WHEN n %% 4 <> 0 THEN (n - n %% 4) * 104729::bigint END
  FROM generate_series(4, %(rows)s) n
 ORDER BY (n %% 4 <> 0), n
"""


@pytest.fixture
def estate(db: None) -> list[Eui64]:
    """Fill the tables with what a national estate looks like in small; return the User IDs, a small one last."""
    _forget_foreign_keys()
    for device_type, number in MODELS_BY_TYPE.items():
        for each in range(number):
            DeviceModelFactory.create(device_type=device_type, model=f"{device_type:04X}{each:04X}")
    users = [user.pk for user in UserIdFactory.create_batch(6)]
    models = list(DeviceModel.objects.order_by("pk").values_list("pk", "device_type"))
    common = [model for model in models if model[1] != DeviceType.HCALCS]
    rare = next(model for model in models if model[1] == DeviceType.HCALCS)
    with connection.cursor() as cursor:
        cursor.execute(_METER_POINTS, [ROWS // 2])
        cursor.execute("SELECT min(id) FROM inventory_meterpoint")
        first_point = cursor.fetchone()[0]
        cursor.execute(
            _DEVICES,
            {
                "common": COMMON,
                "rows": ROWS,
                "models": [key for key, _ in common],
                "types": [device_type for _, device_type in common],
                "number": len(common),
                "rare": rare[0],
                "rare_type": rare[1],
                "users": [user.as_bigint for user in users],
                "first_point": first_point,
            },
        )
        cursor.execute("ANALYZE inventory_device, inventory_meterpoint, inventory_devicemodel")
    return users


def _forget_foreign_keys() -> None:
    """Spare the rows a check each; the test's transaction brings the constraints back when it rolls back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'inventory_device'::regclass"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE inventory_device DROP CONSTRAINT "{name}"')


@contextmanager
def served_by_an_index(what: str, index: str = "") -> Iterator[None]:
    """Fail if a query on devices or meter points made within reads the whole table, or not through `index`."""
    with CaptureQueriesContext(connection) as queries:
        yield
    asked = [query["sql"] for query in queries if 'FROM "inventory_device" ' in query["sql"] + " "]
    asked += [query["sql"] for query in queries if 'FROM "inventory_meterpoint"' in query["sql"]]
    assert asked, f"{what}: nothing was asked"
    plans = [explained(sql) for sql in asked]
    for plan in plans:
        assert "Seq Scan on inventory_device " not in plan, f"{what}:\n{plan}"
        assert "Seq Scan on inventory_meterpoint" not in plan, f"{what}:\n{plan}"
    assert any(index in plan for plan in plans), f"{what} does not use {index}:\n" + "\n".join(plans)


def explained(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())


def page(**filters: object) -> Callable[[], object]:
    return lambda: search.devices_page(Filters(**filters))  # type: ignore[arg-type]


def test_no_way_to_find_devices_reads_the_whole_table(estate: list[Eui64]) -> None:
    large, small = estate[0], estate[-1]
    device = Device.objects.filter(comms_hub__isnull=False).order_by("-device_id")[0]
    point = MeterPoint.objects.order_by("-pk")[0].mpxn
    following = search.devices_page(Filters()).next_cursor or ""
    ways: dict[str, tuple[Callable[[], object], str]] = {
        "a Device ID": (lambda: search.find(str(device.pk)), "inventory_device_pkey"),
        "a meter point": (lambda: search.find(point), "device_by_import_meter_point"),
        "a device's page": (lambda: search.detail_of(device.pk, Actor.system()), "device_by_comms_hub"),
        "the whole list": (page(), "inventory_device_pkey"),
        "its next page": (lambda: search.devices_page(Filters(), cursor=following), "inventory_device_pkey"),
        "a common type": (page(device_type=DeviceType.ESME), "device_by_model"),
        "a rare type": (page(device_type=DeviceType.HCALCS), "device_by_model"),
        "a rare model": (page(model="00060000"), "device_by_model"),
        "the common status": (page(smi_status=SmiStatus.COMMISSIONED), "device_by_model"),
        "a rarer status": (page(smi_status=SmiStatus.PENDING), "device_by_status_and_model"),
        "a status nobody has": (page(smi_status=SmiStatus.RECOVERY), "device_by_status_and_model"),
        "a small party": (page(notified_by=[small]), "device_by_user_and_model"),
        "a large party": (page(notified_by=[large]), ""),
        "two parties": (page(notified_by=[small, large]), ""),
        "filters together": (
            page(smi_status=SmiStatus.PENDING, notified_by=[small], model="0006"),
            "device_by_status_and_user",
        ),
        "the devices of a meter point": (page(mpxn=point), "device_by_import_meter_point"),
        "a lookup": (
            lambda: search.look_up([str(device.pk), str(Eui64(104729 * 5)), point]),
            "inventory_device_pkey",
        ),
    }
    for what, (way, index) in ways.items():
        with served_by_an_index(what, index):
            way()


MOST_READ = 2_000
"""Devices that a page of 50 may cost: some of each of the models, and what they lead to."""

TYPES = (None, DeviceType.ESME, DeviceType.HCALCS, DeviceType.IHD)
STATUSES = (None, SmiStatus.COMMISSIONED, SmiStatus.PENDING, SmiStatus.RECOVERY)
WORDS = ("", "0006", "00060000", "none such")
"""Of all models of a rare type, one of them, and none; "0006" also stands in models of others."""


def test_every_combination_of_filters_reads_few_devices_and_finds_those_that_fit(estate: list[Eui64]) -> None:
    large, small = estate[0], estate[-1]
    for device_type, status, users, words in product(
        TYPES, STATUSES, ([], [large], [small], [small, large]), WORDS
    ):
        filters = Filters(device_type=device_type, smi_status=status, notified_by=users, model=words)
        expected = list(matching(filters).order_by("pk").values_list("pk", flat=True)[: 2 * PAGE_SIZE])
        found, cursor = list[Eui64](), ""
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                page = search.devices_page(filters, cursor=cursor, with_points=False)
            (asked,) = (each["sql"] for each in queries if 'FROM "inventory_device"' in each["sql"])
            read = rows_read(Asked(asked, None), "inventory_device")
            assert read <= MOST_READ, f"{filters} reads {read} devices:\n{explained(asked)}"
            found += [device.pk for device in page.rows]
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
        assert found == expected, filters
