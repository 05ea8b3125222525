"""The audit trail as its own User sees it: list, filters, one message, file, the panel on the device's page."""

import csv
import io
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from inventory.models.choices import TrailKind
from inventory.presenters import service_requests as presenters
from inventory.search.service_requests import address_key
from ssi.accounts.models import Person
from ssi.eui64 import Eui64
from tests.factories.audit_trail import DEVICE_ID, message
from tests.factories.inventory import DeviceFactory
from tests.personas import client_of

pytestmark = pytest.mark.django_db
LIST = "/service-requests/"
OTHER_DEVICE = Eui64.parse("00-DB-12-34-56-78-90-A1")


@pytest.fixture
def portal(gina: Person) -> Client:
    return client_of(gina)


def text_of(client: Client, address: str, **data: str) -> str:
    response = client.get(address, data)
    assert response.status_code == HTTPStatus.OK, response
    return response.content.decode()


# --- The list ---------------------------------------------------------------------------------------------------


def test_the_newest_comes_first_and_only_ones_own(portal: Client, gina: Person, ivan: Person) -> None:
    message(gina, srv="8.11", ago=timedelta(hours=2))
    message(gina, srv="12.2", ago=timedelta(hours=1), device_id=OTHER_DEVICE)
    message(ivan, srv="8.3", device_id=Eui64.parse("00-DB-12-00-00-00-00-07"))
    page = text_of(portal, LIST)
    assert page.index("Device Pre-notification") < page.index("Update HAN Device Log")
    assert "00-DB-12-00-00-00-00-07" not in page
    assert str(DEVICE_ID) in page


def test_a_party_sees_it_in_each_of_its_user_roles(gina: Person) -> None:
    message(gina)
    assert str(DEVICE_ID) in text_of(client_of(gina, "GS"), LIST)


def test_an_empty_trail_says_what_will_be_here(portal: Client) -> None:
    assert "Nothing was sent or received yet" in text_of(portal, LIST)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"device_id": "00db1234567890a1"}, {"12.2"}),
        ({"srv": "SR 8.11"}, {"8.11"}),
        ({"code": "e5"}, {"11.2"}),
        ({"kind": "service_response"}, {"11.2"}),
        ({"from_at": "02/03/2026"}, {"12.2", "11.2"}),
        ({"to_at": "02/03/2026"}, {"8.11", "12.2"}),
        ({"from_at": "02/03/2026 10:00", "to_at": "2026-03-02T10:00"}, {"12.2"}),
        ({"srv": "8.11", "code": "I99", "kind": "service_request", "device_id": str(DEVICE_ID)}, {"8.11"}),
        ({"srv": "8.11", "code": "E5"}, set()),
    ],
)
def test_each_filter_narrows(portal: Client, gina: Person, query: dict[str, str], found: set[str]) -> None:
    message(gina, at=datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC))
    message(gina, srv="12.2", at=datetime(2026, 3, 2, 10, 0, 59, tzinfo=UTC), device_id=OTHER_DEVICE)
    late = datetime(2026, 3, 3, tzinfo=UTC)
    message(gina, srv="11.2", kind=TrailKind.SERVICE_RESPONSE, code="E5", at=late)
    rows = list(csv.DictReader(io.StringIO(_file(portal, **query))))
    assert {row["SRV"] for row in rows} == found
    page = text_of(portal, LIST, **query)
    assert ("No message fits these filters" in page) == (not found)
    for value in query.values():
        assert f'value="{value}"' in page  # what was typed stays


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"device_id": "12"}, "16"),
        ({"srv": "eight"}, "Write it like 8.11"),
        ({"code": "E5; DROP"}, "Write it like I0"),
        ({"kind": "telegram"}, "Choose one of those listed."),
        ({"from_at": "yesterday"}, "Write it like 26/08/2026"),
        ({"cursor": "AAAA"}, "Start again from the first page."),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(
    portal: Client, gina: Person, query: dict[str, str], says: str
) -> None:
    message(gina)
    page = text_of(portal, LIST, **query)
    assert says in page
    assert "error-summary" in page
    assert portal.get("/service-requests/export.csv", query).status_code in {HTTPStatus.OK, HTTPStatus.FOUND}


def test_filters_stay_on_the_next_page(portal: Client, gina: Person) -> None:
    for number in range(60):
        message(gina, counter=number, ago=timedelta(minutes=number))
        message(gina, srv="12.2", counter=number, ago=timedelta(minutes=number))
    first = portal.get(LIST, {"srv": "8.11"})
    cursor = first.context["page"].next_cursor
    assert "srv=8.11&amp;cursor=" in first.content.decode()
    second = portal.get(LIST, {"srv": "8.11", "cursor": cursor})
    assert [len(page.context["lines"]) for page in (first, second)] == [50, 10]
    assert {line.entry.srv for line in second.context["lines"]} == {"8.11"}


def test_a_search_that_takes_too_long_asks_for_less(
    portal: Client, gina: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ssi.patience.patience.__wrapped__.__defaults__", (1,))
    monkeypatch.setattr("inventory.search.service_requests.page_of", _slowly)
    assert "Give a shorter time with From and To" in text_of(portal, LIST)
    assert portal.get("/service-requests/export.csv").status_code == HTTPStatus.FOUND


def _slowly(*args: object, **kwargs: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")


# --- One message ------------------------------------------------------------------------------------------------


def test_a_message_shows_all_its_facts(portal: Client, gina: Person) -> None:
    entry = message(
        gina,
        code="E5",
        detail="The device is Suspended.",
        suggestion="Wait until it is restored.",
        at=datetime(2026, 7, 1, 16, 0, 3, tzinfo=UTC),
    )
    page = text_of(portal, f"{LIST}{address_key(entry)}/")
    for words in (
        "Wed 1 Jul 2026, 17:00:03",
        "Update HAN Device Log",
        "SMI Status does not go with the Service Reference",
        "The device is Suspended.",
        "Wait until it is restored.",
        f"90-B3-D5-1F-30-03-00-00:{DEVICE_ID}:1000",
        f'href="/devices/{DEVICE_ID}/"',
        "Refused",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("kind", "code", "meaning"),
    [
        (TrailKind.SERVICE_REQUEST, "E081104", "See DUIS for its meaning."),
        (TrailKind.SERVICE_REQUEST, "SSI-SCHEMA", "A code of this portal, not of DUIS"),
        (TrailKind.SIGNED_PRE_COMMAND, "E5", "Failed authorisation: the device"),
        (TrailKind.SERVICE_RESPONSE, "W110101", "A warning; see DUIS"),
        (TrailKind.DCC_ALERT, "N8", "removed from the inventory by housekeeping"),
        (TrailKind.DCC_ALERT, "N42", "See DUIS for its meaning."),
        (TrailKind.DEVICE_ALERT, "8F36", "Supply outage restored"),
    ],
)
def test_a_code_says_what_it_means_where_that_is_known(
    portal: Client, gina: Person, kind: TrailKind, code: str, meaning: str
) -> None:
    entry = message(gina, kind=kind, code=code)
    assert meaning in text_of(portal, f"{LIST}{address_key(entry)}/")


def test_an_alert_without_request_or_device_has_a_page_too(portal: Client, gina: Person) -> None:
    facts = {"kind": TrailKind.DCC_ALERT, "code": "N42", "srv": "", "device_id": None, "target": None}
    entry = message(gina, counter=None, **facts)
    page = text_of(portal, f"{LIST}{address_key(entry)}/")
    assert "DCC alert" in page
    assert "RequestID" not in page


def test_both_halves_of_a_critical_request_lead_to_each_other(portal: Client, gina: Person) -> None:
    first = message(gina, srv="8.1.1", ago=timedelta(minutes=9))
    second = message(gina, srv="8.1.1", kind=TrailKind.SIGNED_PRE_COMMAND)
    for entry, other in ((first, "Signed Pre-Command"), (second, "Service Request")):
        page = text_of(portal, f"{LIST}{address_key(entry)}/")
        assert other in page.partition("Of the same Service Request")[2]
        assert "Accepted" in page


def test_request_and_response_lead_to_each_other(portal: Client, gina: Person, ivan: Person) -> None:
    request = message(gina, ago=timedelta(minutes=9))
    message(gina, kind=TrailKind.SERVICE_RESPONSE, code="I0")
    message(gina, kind=TrailKind.SERVICE_RESPONSE, code="E20", counter=1001)
    message(ivan, kind=TrailKind.SERVICE_RESPONSE, code="E21")
    page = text_of(portal, f"{LIST}{address_key(request)}/")
    assert "Of the same Service Request" in page
    assert '<span class="id-text">I0</span>' in page
    assert "E20" not in page
    assert "E21" not in page


def test_anothers_message_is_as_one_that_never_was(gina: Person, rhea: Person) -> None:
    entry = message(gina)
    stranger = client_of(rhea)
    theirs = stranger.get(f"{LIST}{address_key(entry)}/")
    never = stranger.get(f"{LIST}nowhere/")
    assert theirs.status_code == never.status_code == HTTPStatus.NOT_FOUND
    assert theirs.content.count(b"Nothing found at this address") == never.content.count(
        b"Nothing found at this address"
    )


def test_its_address_tells_no_number(gina: Person) -> None:
    entry = message(gina)
    assert str(entry.pk) not in address_key(entry)[:4]
    assert address_key(entry) != address_key(entry)
    assert len(address_key(entry)) < 100


# --- Who else ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [LIST, "/service-requests/export.csv", f"{LIST}nowhere/"])
def test_dcc_does_not_see_it(dana: Person, gina: Person, address: str) -> None:
    message(gina)
    answer = client_of(dana).get(address)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert b"It belongs to Users alone." in answer.content


def test_who_lacks_the_role_is_told(adam: Person) -> None:
    assert client_of(adam).get(LIST).status_code == HTTPStatus.FORBIDDEN


# --- The file ---------------------------------------------------------------------------------------------------


def _file(client: Client, **query: str) -> str:
    response = client.get("/service-requests/export.csv", query)
    assert response.status_code == HTTPStatus.OK
    return b"".join(response).decode().removeprefix("\ufeff")


def test_the_file_holds_every_message_and_no_formula(portal: Client, gina: Person, ivan: Person) -> None:
    message(gina, detail="=1+1", at=datetime(2026, 7, 1, 16, 0, 3, tzinfo=UTC))
    message(ivan)
    rows = list(csv.DictReader(io.StringIO(_file(portal))))
    assert len(rows) == 1
    assert rows[0]["At (London)"] == "2026-07-01 17:00:03"
    assert rows[0]["Detail"] == "'=1+1"
    assert rows[0]["RequestID"].endswith(f":{DEVICE_ID}:1000")


def test_the_file_is_bounded(portal: Client, gina: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presenters, "MOST_IN_A_FILE", 3)
    for number in range(5):
        message(gina, counter=number)
    lines = _file(portal).splitlines()
    assert len(lines) == 5
    assert lines[-1] == "More than 3 messages fit. Narrow the filters to have the rest."


# --- The device's page ------------------------------------------------------------------------------------------


def test_the_devices_page_shows_ones_own_newest(portal: Client, gina: Person, ivan: Person) -> None:
    device = DeviceFactory.create()
    for number in range(7):
        message(gina, device_id=device.pk, code=f"E{number + 40}", ago=timedelta(days=number))
    message(ivan, device_id=device.pk, code="E99")
    page = text_of(portal, f"/devices/{device.pk}/")
    assert "Our service requests" in page
    assert [code for code in ("E40", "E41", "E44", "E45", "E99") if code in page] == ["E40", "E41", "E44"]
    assert f'href="/service-requests/?device_id={device.pk}"' in page


def test_the_devices_page_shows_dcc_none(dana: Person, gina: Person) -> None:
    device = DeviceFactory.create()
    message(gina, device_id=device.pk)
    assert "Our service requests" not in text_of(client_of(dana), f"/devices/{device.pk}/")


def test_the_menu_leads_there(portal: Client, dana: Person) -> None:
    assert '<a href="/service-requests/"' in text_of(portal, "/devices/")
    assert '<a href="/service-requests/"' not in text_of(client_of(dana), "/devices/")


def test_messages_of_the_last_minute_are_there(portal: Client, gina: Person) -> None:
    message(gina, at=timezone.now())
    assert str(DEVICE_ID) in text_of(portal, LIST)
