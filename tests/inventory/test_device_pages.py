"""The device pages as people see them: the search box, the list, a device, the lookup."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from inventory import search
from inventory.models import Device
from inventory.models.choices import DeviceType, EsmeVariant, SmiStatus
from ssi.accounts.models import Person
from tests.factories.inventory import DeviceFactory, DeviceStatusChangeFactory, MeterPointFactory, home
from tests.personas import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(gina: Person) -> Client:
    return client_of(gina)


def text_of(client: Client, address: str, **data: str) -> str:
    response = client.get(address, data)
    assert response.status_code == 200, response
    return response.content.decode()


# --- The search box -----------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["{id}", "{plain}", "{lower}", "  {id} ", '"{id}"'])
def test_a_device_id_in_any_spelling_goes_straight_to_its_page(portal: Client, spelling: str) -> None:
    device = DeviceFactory.create()
    eui = device.device_id
    typed = spelling.format(id=eui, plain=eui.plain, lower=eui.plain.lower())
    response = portal.get("/devices/", {"q": typed})
    assert response["Location"] == f"/devices/{eui}/"


def test_an_unknown_device_id_is_refused_beside_the_box_and_kept(portal: Client) -> None:
    page = text_of(portal, "/devices/", q="00-DB-12-34-56-78-90-A0")
    assert "00-DB-12-34-56-78-90-A0 is not in the Smart Metering Inventory." in page
    assert "ask whoever installed the device to pre-notify it" in page
    assert 'value="00-DB-12-34-56-78-90-A0"' in page
    assert "error-summary" in page


def test_what_is_no_identifier_is_refused_with_what_is_one(portal: Client) -> None:
    page = text_of(portal, "/devices/", q="meter of Mrs Jones")
    assert "looks like this" in page
    assert "Type a Device ID" in page
    assert 'value="meter of Mrs Jones"' in page


def test_the_meter_point_of_one_device_leads_to_it(portal: Client) -> None:
    device = DeviceFactory.create(export_meter_point=MeterPointFactory.create(mpxn="2000007794886"))
    response = portal.get("/devices/", {"q": "20 0000 7794 886"})
    assert response["Location"] == f"/devices/{device.pk}/"


def test_the_meter_point_of_several_devices_lists_them(portal: Client) -> None:
    point = MeterPointFactory.create()
    here = [DeviceFactory.create(import_meter_point=point), DeviceFactory.create(export_meter_point=point)]
    elsewhere = DeviceFactory.create(import_meter_point=MeterPointFactory.create())
    response = portal.get("/devices/", {"q": point.mpxn}, follow=True)
    page = response.content.decode()
    assert response.redirect_chain[0][0] == f"/devices/?mpxn={point.mpxn}"
    assert all(str(device.pk) in page for device in here)
    assert str(elsewhere.pk) not in page


def test_a_meter_point_without_a_device_is_refused(portal: Client) -> None:
    page = text_of(portal, "/devices/", q="3938424403")
    assert "No device in the Smart Metering Inventory is associated with MPRN 3938424403." in page


def test_an_incident_reference_leads_to_the_incident(portal: Client) -> None:
    response = portal.get("/devices/", {"q": "inc004711000815"})
    assert response["Location"] == "/incidents/INC004711000815/"


def test_several_identifiers_in_the_box_are_looked_up(portal: Client) -> None:
    devices = DeviceFactory.create_batch(2)
    page = text_of(portal, "/devices/", q=" ".join(str(device.pk) for device in devices))
    assert "Look up a list of devices" in page
    assert all(device.get_absolute_url() in page for device in devices)


# --- The list -----------------------------------------------------------------------------------


def test_the_filters_narrow_the_list_and_stay_in_the_address(portal: Client) -> None:
    pending, hub = DeviceFactory.create(), home()[DeviceType.CHF]
    page = text_of(portal, "/devices/", smi_status="Pending", device_type="ESME")
    assert str(pending.pk) in page
    assert str(hub.pk) not in page
    assert '<option value="Pending" selected>' in page
    assert "/devices/export.csv?smi_status=Pending&amp;device_type=ESME" in page


def test_pages_follow_each_other_by_device_id(portal: Client) -> None:
    devices = DeviceFactory.create_batch(51)
    first = portal.get("/devices/", {"device_type": "ESME"})
    cursor = first.context["page"].next_cursor
    assert f"?device_type=ESME&amp;cursor={cursor}" in first.content.decode()
    second = text_of(portal, "/devices/", device_type="ESME", cursor=cursor)
    assert str(devices[50].pk) in second
    assert str(devices[49].pk) not in second
    assert "End of the list" in second


def test_a_filter_that_makes_no_sense_is_shown_as_an_error_and_narrows_nothing(portal: Client) -> None:
    DeviceFactory.create()
    page = text_of(portal, "/devices/", device_type="TOASTER", mpxn="12")
    assert "Select a valid choice" in page
    assert "<tbody>" not in page


def test_a_made_up_cursor_is_refused_with_the_way_back(portal: Client) -> None:
    page = text_of(portal, "/devices/", cursor="nonsense")
    assert "The page marker is not one this list gave out." in page


def test_no_match_says_what_to_do(portal: Client) -> None:
    DeviceFactory.create()
    page = text_of(portal, "/devices/", model="no such model")
    assert "No device fits these filters" in page
    assert "Show all devices" in page


def test_the_file_holds_the_filtered_list_and_no_formula(portal: Client) -> None:
    device = DeviceFactory.create(device_model__manufacturer="=HYPERLINK(1)", device_model__model="+1")
    DeviceFactory.create(smi_status=SmiStatus.WHITELISTED)
    response = portal.get("/devices/export.csv", {"smi_status": "Pending"})
    lines = b"".join(response).decode().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(f"{device.pk},ESME,Pending,")
    assert ",'=HYPERLINK(1),'+1," in lines[1]


def test_a_file_that_cannot_hold_all_devices_says_so(portal: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    DeviceFactory.create_batch(4)
    for most, lines in ((4, 5), (3, 5), (2, 4)):
        monkeypatch.setattr("inventory.presenters.devices.MOST_IN_A_FILE", most)
        text = b"".join(portal.get("/devices/export.csv")).decode()
        assert len(text.splitlines()) == lines
        assert ("Narrow the filters" in text) == (most < 4)


def test_a_file_of_filters_that_make_no_sense_is_refused_on_the_page(portal: Client) -> None:
    response = portal.get("/devices/export.csv", {"device_type": "TOASTER"}, follow=True)
    assert response.redirect_chain == [("/devices/?device_type=TOASTER", 302)]
    assert "Select a valid choice" in response.content.decode()


def test_a_file_of_too_broad_a_search_is_refused_before_it_is_sent(
    portal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gives_up(*_: object, **__: object) -> None:
        raise search.SearchTooBroad

    monkeypatch.setattr("ssi.web.copied._copied", gives_up)
    monkeypatch.setattr("inventory.search.listing._page_query", lambda _: gives_up)
    response = portal.get("/devices/export.csv", {"device_type": "CAD"}, follow=True)
    assert "Too few devices fit all these filters at once" in response.content.decode()


# --- A device's page ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spell", [str.lower, lambda text: text.replace("-", ""), lambda text: text.lower().replace("-", "")]
)
def test_another_spelling_leads_to_the_address_in_capitals_with_dashes(portal: Client, spell: object) -> None:
    device = DeviceFactory.create()
    response = portal.get(f"/devices/{spell(str(device.pk))}/")  # type: ignore[operator]
    assert response["Location"] == device.get_absolute_url()


def test_an_unknown_device_is_404_and_says_what_to_do(portal: Client) -> None:
    response = portal.get("/devices/00-DB-12-34-56-78-90-A0/")
    assert response.status_code == 404
    assert "ask whoever installed the device" in response.content.decode()


def test_a_device_page_shows_its_facts_history_and_home(portal: Client) -> None:
    devices = home(esme_variant=EsmeVariant.ADE)
    meter = devices[DeviceType.ESME]
    DeviceStatusChangeFactory.create(device_id=meter.pk, because="SR 12.2")
    page = text_of(portal, meter.get_absolute_url())
    assert "ADE: single element, with auxiliary load control switch and boost function" in page
    assert "SR 12.2" in page
    assert meter.notified_by is not None
    assert meter.notified_by.party.name in page
    for other in (DeviceType.CHF, DeviceType.GSME, DeviceType.PPMID):
        assert devices[other].get_absolute_url() in page


def test_a_type_2_device_has_no_status_and_says_so(portal: Client) -> None:
    display = DeviceFactory.create(device_type=DeviceType.IHD)
    page = text_of(portal, display.get_absolute_url())
    assert "no status (Type 2 Device)" in page


def test_times_are_those_of_london(portal: Client) -> None:
    summer = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)
    device = DeviceFactory.create(notified_at=summer)
    page = text_of(portal, device.get_absolute_url())
    assert '<time datetime="2026-07-01T17:00:00+01:00">Wed 1 Jul 2026, 17:00</time>' in page


def test_address_and_uprn_are_withheld_with_the_reason(portal: Client, dana: Person) -> None:
    meter: Device = home()[DeviceType.ESME]
    point = meter.import_meter_point
    assert point is not None
    theirs, desks = text_of(portal, meter.get_absolute_url()), text_of(client_of(dana), meter.get_absolute_url())
    assert point.mpxn in theirs
    for secret in (str(point.uprn), point.post_code, point.address_identifier):
        assert secret not in theirs
        assert secret in desks
    assert "only a party registered" in theirs
    assert "only a party registered" not in desks


# --- The lookup ---------------------------------------------------------------------------------


def test_a_pasted_list_is_sorted_into_found_not_found_and_invalid(portal: Client) -> None:
    device = DeviceFactory.create()
    pasted = f"{device.pk}\n00-DB-12-34-56-78-90-A0\nMrs Jones\n{device.pk}"
    answer = portal.post("/devices/lookup/", {"identifiers": pasted}).context["shown"].answer
    assert answer.found == [device]
    assert answer.not_found == ["00-DB-12-34-56-78-90-A0"]
    assert [invalid.value for invalid in answer.invalid] == ["Mrs Jones"]


def test_a_lookup_comes_as_a_file_as_well(portal: Client) -> None:
    device = DeviceFactory.create()
    response = portal.post("/devices/lookup/", {"identifiers": f"{device.pk}\n=cmd", "csv": "1"})
    lines = b"".join(response).decode().splitlines()
    assert lines[2].startswith(f"Found,{device.pk},ESME,Pending")
    assert lines[1].endswith(",'=cmd")


def test_too_long_a_list_is_refused_and_kept(portal: Client) -> None:
    pasted = "\n".join(f"00-DB-12-34-56-78-{n // 256:02X}-{n % 256:02X}" for n in range(5_001))
    page = portal.post("/devices/lookup/", {"identifiers": pasted}).content.decode()
    assert "There are 5,001 identifiers, and this takes 5,000 at once." in page
    assert "00-DB-12-34-56-78-13-88" in page


def test_an_empty_list_is_refused(portal: Client) -> None:
    assert "Nothing was pasted." in portal.post("/devices/lookup/", {"identifiers": " "}).content.decode()


# --- Who gets in --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["/devices/", "/devices/export.csv", "/devices/lookup/", "/devices/1E-5A-01-00-00-00-00-00/"]
)
def test_only_those_whose_role_reaches_the_inventory_get_in(aroha: Person, address: str) -> None:
    assert client_of(aroha).get(address).status_code == 403
    assert Client().get(address).status_code == 302
