"""A floor's page: the portal's own SELECTs, its template from plain values, and nothing else asked."""

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from bench import floor, floors
from bench.floor import is_read, learned
from bench.plain import Plain, plain
from inventory.models import Device
from inventory.models.choices import DeviceType, SmiStatus
from ssi.accounts.models import Person
from tests.factories.inventory import DeviceFactory


class Row:
    def __init__(self) -> None:
        self.name = "a hub"
        self.day = dt.date(2026, 11, 22)
        self._hidden = 1

    def __str__(self) -> str:
        return "a row"

    @property
    def told(self) -> str:
        return "worked out"

    def asks(self) -> str:
        raise AssertionError("nothing is called")


def test_an_object_becomes_what_it_says() -> None:
    found: Any = plain({"row": Row(), "rows": iter([Row()]), "one": 1})
    row: Any = found["row"]
    assert (type(row), str(row), row.told, row.day) == (
        Plain,
        "a row",
        "worked out",
        dt.date(2026, 11, 22),
    )
    assert (len(found["rows"]), found["one"]) == (1, 1)
    assert not hasattr(found["row"], "_hidden")
    assert not hasattr(found["row"], "asks")


@pytest.mark.django_db
def test_a_device_becomes_its_fields_and_what_they_read_as() -> None:
    device: Any = DeviceFactory(device_type=DeviceType.ESME, smi_status=SmiStatus.COMMISSIONED)
    found: Any = plain(Device.objects.get(pk=device.pk))
    assert found.pk == device.pk
    assert found.get_smi_status_display == SmiStatus.COMMISSIONED.label
    assert found.get_absolute_url == device.get_absolute_url()


@pytest.mark.parametrize(
    ("sql", "is_one"),
    [
        ("SELECT 1", True),
        (" with a as (select 1) select 2", True),
        ("UPDATE t SET a = 1", False),
        ("SELECT set_config('TimeZone', 'UTC', false)", False),
    ],
)
def test_a_floor_repeats_what_reads(sql: str, is_one: bool) -> None:
    assert is_read(sql) is is_one


@pytest.mark.django_db
def test_a_learned_page_is_the_portals_without_asking_again(gina: Person) -> None:
    device: Any = DeviceFactory()
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(gina, backend=settings.AUTHENTICATION_BACKENDS[0])
    address = device.get_absolute_url()
    page = learned(address, client.cookies[settings.SESSION_COOKIE_NAME].value)
    assert page.statements
    shown = client.get(address)
    with connection.execute_wrapper(floor._refused):
        bare = page.answer()
    assert bare.status_code == shown.status_code
    assert abs(len(bare.content) - len(shown.content)) < 0.05 * len(shown.content)
    assert str(device.device_id).encode() in bare.content


@pytest.mark.django_db
def test_a_search_leads_on_as_the_portal_does(gina: Person) -> None:
    device: Any = DeviceFactory()
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(gina, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = learned(f"/devices/?q={device.device_id}", client.cookies[settings.SESSION_COOKIE_NAME].value)
    assert page.answer()["Location"] == device.get_absolute_url()


def test_each_floor_answers_at_its_address() -> None:
    served = {str(pattern.pattern) for pattern in floor.urlpatterns}
    assert {floors.address_of(name).lstrip("/") for name in floors.views()} <= served
