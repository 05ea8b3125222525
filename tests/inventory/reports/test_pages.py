"""The reports on screen and in files: figures as of a moment, one's own or everybody's, never another User's."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from inventory.actions.reports import refresh_device_counts
from inventory.models import Device
from inventory.models.choices import DeviceType, RegistrationKind, SmiStatus
from inventory.presenters import reports as presenters
from ssi.access.components import Component
from ssi.accounts.models import Person, UserId
from tests.conftest import PERSONAS
from tests.factories.inventory import DeviceFactory, DeviceModelFactory, MeterPointFactory
from tests.factories.registrations import RegistrationFactory
from tests.incidents.browsing import text_of
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db

PAGES = ("/reports/rsmi-001/", "/reports/rsmi-002/", "/reports/rsmi-003/")
FILES = tuple(f"{page}export.csv" for page in PAGES)


def user_id_of(person: Person) -> UserId:
    return UserId.objects.get(pk=actor_of(person).user.user_id)


def file_of(browser: Client, page: str, query: str = "") -> list[list[str]]:
    text = b"".join(browser.get(f"{page}export.csv{query}")).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.fixture
def estate(gina: Person, ivan: Person) -> None:
    """Make devices of two suppliers, of two models, and count them."""
    theirs, ours = user_id_of(ivan), user_id_of(gina)
    old = DeviceModelFactory.create(model="41A00101", firmware_version="0002012F")
    DeviceFactory.create_batch(3, notified_by=theirs)
    DeviceFactory.create_batch(2, notified_by=ours, device_model=old, smi_status=SmiStatus.WHITELISTED)
    DeviceFactory.create(notified_by=ours, device_type=DeviceType.IHD)
    point = MeterPointFactory.create()
    meter = DeviceFactory.create(notified_by=theirs, import_meter_point=point, smi_status=SmiStatus.COMMISSIONED)
    RegistrationFactory.create(meter_point=point, user_id=ours, kind=RegistrationKind.IMPORT_SUPPLIER)
    assert Device.objects.filter(device_model=meter.device_model_id).count() == 4
    refresh_device_counts()


def test_devices_by_status(gina: Person, estate: None) -> None:
    header, *rows = file_of(client_of(gina), PAGES[0])
    assert header == ["Device type", "Devices", "Pending", "Whitelisted", "Commissioned", "No status"]
    assert rows == [["ESME", "6", "3", "2", "1", "0"], ["IHD", "1", "0", "0", "0", "1"]]


def test_devices_by_status_and_firmware(gina: Person, estate: None) -> None:
    header, *rows = file_of(client_of(gina), PAGES[1])
    assert header[:4] == ["Device type", "Manufacturer", "Firmware version", "Devices"]
    assert [row[:4] for row in rows] == [
        ["ESME", "2F01", "00020311", "4"],
        ["ESME", "2F01", "0002012F", "2"],
        ["IHD", "2F01", "", "1"],
    ]


def test_devices_by_status_and_model(gina: Person, estate: None) -> None:
    _, *rows = file_of(client_of(gina), PAGES[2], "?device_type=ESME")
    assert [row[:4] for row in rows] == [["ESME", "2F01", "41A00102", "4"], ["ESME", "2F01", "41A00101", "2"]]


@pytest.mark.parametrize(("whose", "gina_sees", "ivan_sees"), [(1, 7, 7), (2, 3, 4), (3, 1, 0)])
def test_everybodys_and_ones_own(
    gina: Person, ivan: Person, estate: None, whose: int, gina_sees: int, ivan_sees: int
) -> None:
    for person, devices in ((gina, gina_sees), (ivan, ivan_sees)):
        shown = client_of(person).get(f"{PAGES[0]}?whose={whose}").context["shown"]
        assert shown.devices == devices


@pytest.mark.parametrize("address", [*PAGES, *FILES])
def test_a_user_cannot_name_another(gina: Person, ivan: Person, estate: None, address: str) -> None:
    other = user_id_of(ivan).pk
    named, unnamed = (
        client_of(gina).get(f"{address}?whose=2{query}") for query in (f"&user={other}", "&user=nobody")
    )
    assert _figures(named, address) == _figures(unnamed, address)
    assert str(other) not in str(_figures(named, address))


def _figures(response: Any, address: str) -> Any:
    if address.endswith(".csv"):
        return b"".join(response)
    shown = response.context["shown"]
    return [(line.product, dict(line.by_status)) for line in shown.lines]


def test_dcc_chooses_any_user(dana: Person, ivan: Person, estate: None) -> None:
    browser = client_of(dana)
    shown = browser.get(f"{PAGES[0]}?whose=2&user={user_id_of(ivan).pk}").context["shown"]
    assert shown.devices == 4
    asked = browser.get(f"{PAGES[0]}?whose=2")
    assert "Whose devices is not said. Choose a User ID." in text_of(asked)


@pytest.mark.parametrize("report", PAGES)
def test_the_page_says_as_of_when_and_draws_what_its_table_holds(gina: Person, estate: None, report: str) -> None:
    response = client_of(gina).get(report)
    said, shown = text_of(response), response.context["shown"]
    assert "As of" in said
    assert 'role="img"' in response.content.decode()
    assert len(shown.chart.bars) in {len(shown.statuses), len(shown.lines)}
    assert shown.chart.in_words in response.content.decode()
    assert sum(shown.totals) == shown.devices == sum(row.line.devices for row in shown.rows)


@pytest.mark.parametrize("report", PAGES)
def test_before_the_first_count_it_says_what_will_happen(gina: Person, report: str) -> None:
    DeviceFactory.create()
    said = text_of(client_of(gina).get(report))
    assert "The devices have not been counted yet" in said
    assert "every hour, at 23 minutes past" in said


def test_where_nothing_fits_it_says_what_to_do(gina: Person, estate: None) -> None:
    assert "No device is counted here" in text_of(client_of(gina).get(f"{PAGES[0]}?device_type=CAD"))


def test_shares_are_not_rounded_away() -> None:
    assert presenters._percent(0.01) == "less than 0.1 %"
    assert presenters._percent(99.99) == "99.9 %"
    assert presenters._percent(100) == "100 %"


def test_long_reports_show_their_head_and_say_so(gina: Person) -> None:
    for number in range(presenters.MOST_ROWS + 3):
        DeviceFactory.create(device_model=DeviceModelFactory.create(model=f"41A{number:05}"))
    refresh_device_counts()
    browser = client_of(gina)
    response = browser.get(PAGES[2])
    assert len(response.context["shown"].rows) == presenters.MOST_ROWS
    assert "3 more lines stand in the file" in text_of(response)
    assert len(file_of(browser, PAGES[2])) == presenters.MOST_ROWS + 4


@pytest.mark.parametrize("name", PERSONAS)
def test_who_reaches_them(name: str, request: pytest.FixtureRequest) -> None:
    person: Person = request.getfixturevalue(name)
    browser, reaches = client_of(person), actor_of(person).may(Component.REPORTS)
    for address in ("/reports/", *PAGES, *FILES):
        assert browser.get(address).status_code == (200 if reaches else 403), address
    assert Client().get("/reports/").status_code == 302
