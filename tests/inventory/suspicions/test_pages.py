"""Suspicions on screen and in a file: one's own alone, DCC all, ready to be sent back as corrections."""

import csv
import io

import pytest
from django.test import Client

from inventory.actions.corrections.reading import read
from inventory.actions.suspicions import refresh_suspicions
from inventory.actions.suspicions.finding import FEWEST
from inventory.models import Device
from inventory.models.choices import EsmeVariant, SmiStatus, Suspect
from ssi.access.components import Component
from ssi.accounts.models import Person, UserId
from ssi.web.pages import PAGE_SIZE
from tests.conftest import PERSONAS
from tests.factories.inventory import DeviceFactory, DeviceModelFactory
from tests.incidents.browsing import text_of
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db

LIST = "/corrections/suspicions/"
FILE = f"{LIST}export.csv"
BARE = f"?kind={Suspect.NO_METER_POINT.value}"


def user_id_of(person: Person) -> UserId:
    return UserId.objects.get(pk=actor_of(person).user.user_id)


def file_of(browser: Client, query: str = "") -> list[list[str]]:
    text = b"".join(browser.get(f"{FILE}{query}")).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.fixture
def odd(gina: Person, ivan: Person) -> dict[str, Device]:
    """Return a suspected device of either supplier, found last night."""
    model = DeviceModelFactory.create()
    DeviceFactory.create_batch(FEWEST, device_model=model)
    made = {
        name: DeviceFactory.create(device_model=model, esme_variant=EsmeVariant.B, notified_by=user_id_of(person))
        for name, person in (("gina", gina), ("ivan", ivan))
    }
    refresh_suspicions()
    return made


def test_ones_own_alone(gina: Person, ivan: Person, odd: dict[str, Device]) -> None:
    for name, person, other in (("gina", gina, "ivan"), ("ivan", ivan, "gina")):
        browser = client_of(person)
        said = browser.get(LIST).content.decode()
        assert str(odd[name].pk) in said
        assert str(odd[other].pk) not in said
        assert file_of(browser) == [["Device ID", "ESME Variant"], [str(odd[name].pk), "A"]]


@pytest.mark.parametrize("address", [LIST, FILE])
def test_a_user_cannot_name_another(gina: Person, ivan: Person, odd: dict[str, Device], address: str) -> None:
    response = client_of(gina).get(f"{address}?user={user_id_of(ivan).pk}")
    said = b"".join(response).decode()
    assert str(odd["ivan"].pk) not in said


def test_others_do_not_move_ones_numbers(gina: Person, odd: dict[str, Device]) -> None:
    tabs = client_of(gina).get(LIST).context["shown"].tabs
    assert [tab["count"] for tab in tabs] == [1, 0, 0, 0]


def test_dcc_sees_all_and_whose_they_are(dana: Person, ivan: Person, odd: dict[str, Device]) -> None:
    browser = client_of(dana)
    said = text_of(browser.get(LIST))
    assert {str(each.pk) for each in odd.values()} <= set(said.split())
    assert "Northlight Energy" in said
    narrowed = browser.get(f"{LIST}?user={user_id_of(ivan).pk}").content.decode()
    assert str(odd["ivan"].pk) in narrowed
    assert str(odd["gina"].pk) not in narrowed


def test_current_and_expected_stand_beside_each_other(gina: Person, odd: dict[str, Device]) -> None:
    shown = client_of(gina).get(LIST).context["shown"]
    (row,) = shown.rows
    assert (row.current, row.expected, row.since) == ("B", "A", "")


def test_the_file_is_what_the_upload_of_corrections_takes(gina: Person, odd: dict[str, Device]) -> None:
    (row,) = read(b"".join(client_of(gina).get(FILE)))
    assert (row.device_id, row.wanted, row.finding) == (odd["gina"].pk.as_bigint, EsmeVariant.A, "")


def test_the_list_leads_to_the_correction(gina: Person, dana: Person, odd: dict[str, Device]) -> None:
    form = f"/devices/{odd['gina'].pk}/correct/"
    browser = client_of(gina)
    said = browser.get(LIST).content.decode()
    assert f'href="{form}"' in said
    assert 'href="/corrections/new/"' in said
    assert browser.get(form).status_code == 200
    assert "/correct" not in client_of(dana).get(LIST).content.decode().partition("<main")[2].replace(LIST, "")


def test_what_was_put_right_since_says_so_and_is_not_in_the_file(gina: Person, odd: dict[str, Device]) -> None:
    Device.objects.filter(pk=odd["gina"].pk).update(esme_variant=EsmeVariant.A)
    browser = client_of(gina)
    assert "Corrected since: it carries A" in text_of(browser.get(LIST))
    assert file_of(browser) == [["Device ID", "ESME Variant"]]


def test_what_left_the_inventory_since_says_so(gina: Person, odd: dict[str, Device]) -> None:
    Device.objects.filter(pk=odd["gina"].pk).delete()
    assert "Left the inventory since" in text_of(client_of(gina).get(LIST))


def test_meters_without_a_meter_point(gina: Person) -> None:
    bare = DeviceFactory.create(notified_by=user_id_of(gina), smi_status=SmiStatus.COMMISSIONED)
    refresh_suspicions()
    browser = client_of(gina)
    assert str(bare.pk) in browser.get(LIST + BARE).content.decode()
    assert file_of(browser, BARE)[1:] == [[str(bare.pk), "ESME", "2F01", "41A00102"]]


@pytest.mark.parametrize("name", ["gina", "dana"])
def test_pages_follow_each_other(name: str, gina: Person, request: pytest.FixtureRequest) -> None:
    devices = DeviceFactory.create_batch(
        PAGE_SIZE + 2, notified_by=user_id_of(gina), smi_status=SmiStatus.COMMISSIONED
    )
    refresh_suspicions()
    browser = client_of(request.getfixturevalue(name))
    first = browser.get(LIST + BARE).context["shown"]
    second = browser.get(f"{LIST}{BARE}&cursor={first.page.next_cursor}").context["shown"]
    seen = [row.suspicion.device_id for page in (first, second) for row in page.rows]
    assert seen == sorted(device.pk for device in devices)


def test_a_cursor_of_nobodys_is_refused(gina: Person) -> None:
    assert "The page marker is not one this list gave out." in text_of(client_of(gina).get(f"{LIST}?cursor=x"))


def test_before_the_first_night_it_says_what_will_happen(gina: Person) -> None:
    assert "Nobody has looked for suspicions yet" in text_of(client_of(gina).get(LIST))
    refresh_suspicions()
    assert "Nothing is suspected here" in text_of(client_of(gina).get(LIST))


@pytest.mark.parametrize("name", PERSONAS)
def test_who_reaches_them(name: str, request: pytest.FixtureRequest) -> None:
    person: Person = request.getfixturevalue(name)
    browser, actor = client_of(person), actor_of(person)
    reaches = actor.may(Component.INVENTORY_CORRECTION) or actor.may(Component.SERVICE_DESK)
    for address in (LIST, FILE):
        assert browser.get(address).status_code == (200 if reaches else 403), address
