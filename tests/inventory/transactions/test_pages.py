"""RSAT_001 and RSAT_002: one's own transactions, all Users' in sum by party for DCC, never another User's."""

import csv
import io
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone

from inventory.actions import transactions
from inventory.models.choices import TrailKind
from inventory.presenters.transactions import reports_for
from ssi.accounts.models import Person
from tests.factories.audit_trail import DEVICE_ID, message
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db
MONTHLY, OF_DEVICE = "/reports/transactions/", "/reports/transactions/device/"


@pytest.fixture
def portal(gina: Person) -> Client:
    return client_of(gina)


def text_of(client: Client, address: str, **data: str) -> str:
    response = client.get(address, data)
    assert response.status_code == HTTPStatus.OK, response
    return response.content.decode()


def file_of(client: Client, address: str, **data: str) -> list[dict[str, str]]:
    response = client.get(f"{address}export.csv", data)
    assert response.status_code == HTTPStatus.OK
    text = b"".join(response).decode().removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def story(gina: Person, ivan: Person) -> datetime:
    """Let two competitors send and receive, and count it; return when."""
    now = timezone.now()
    for number in range(3):
        message(gina, at=now, counter=number)
    message(gina, at=now, code="E5")
    message(gina, at=now, kind=TrailKind.SERVICE_RESPONSE, code="W110101", srv="11.1")
    message(gina, at=now, kind=TrailKind.DCC_ALERT, code="N24", srv="")
    message(ivan, at=now, srv="8.3", code="E5")
    transactions.refresh()
    return now


def test_a_user_reads_its_own_by_month_kind_and_srv(portal: Client, story: datetime) -> None:
    rows = file_of(portal, MONTHLY)
    month = f"{timezone.localtime(story):%Y-%m}"
    assert [tuple(row.values()) for row in rows] == [
        (month, "", "Service Request", "8.11", "Update HAN Device Log", "4", "3", "1"),
        (month, "", "Service Response", "11.1", "Update Firmware", "1", "1", "0"),
        (month, "", "DCC alert", "", "", "1", "", ""),
    ]
    page = text_of(portal, MONTHLY)
    for words in ("RSAT_001", "As of", "Update HAN Device Log", "6, 1 failed", "<svg", "90-B3-D5-1F-30-03-00-00"):
        assert words in page
    assert "Decommission Device" not in page
    assert "Brightgrid" not in page


def test_signed_pre_commands_stand_on_a_line_of_their_own(portal: Client, gina: Person) -> None:
    message(gina, srv="8.1.1")
    for code in ("I99", "E5"):
        message(gina, srv="8.1.1", kind=TrailKind.SIGNED_PRE_COMMAND, code=code)
    transactions.refresh()
    lines = [(row["Kind"], row["Succeeded"], row["Failed"]) for row in file_of(portal, MONTHLY)]
    assert lines == [("Service Request", "1", "0"), ("Signed Pre-Command", "1", "1")]


def test_dcc_reads_all_in_sum_by_party_and_no_srv(dana: Person, story: datetime) -> None:
    browser = client_of(dana)
    month = f"{timezone.localtime(story):%Y-%m}"
    assert [tuple(row.values()) for row in file_of(browser, MONTHLY)] == [
        (month, "Brightgrid Supply", "Service Request", "", "", "1", "0", "1"),
        (month, "Northlight Energy", "Service Request", "", "", "4", "3", "1"),
        (month, "Northlight Energy", "Service Response", "", "", "1", "1", "0"),
        (month, "Northlight Energy", "DCC alert", "", "", "1", "", ""),
    ]
    page = text_of(browser, MONTHLY)
    assert "All Users, summed by party." in page
    assert str(DEVICE_ID) not in page


def test_the_period_stays_in_the_address(portal: Client, gina: Person) -> None:
    message(gina, srv="12.2", ago=timedelta(days=100))
    message(gina)
    transactions.refresh()
    assert {row["SRV"] for row in file_of(portal, MONTHLY)} == {"8.11"}
    assert {row["SRV"] for row in file_of(portal, MONTHLY, months="12")} == {"8.11", "12.2"}
    assert 'value="12" selected' in text_of(portal, MONTHLY, months="12")
    assert text_of(portal, MONTHLY, months="7")


def test_nothing_counted_and_nothing_there_are_told_apart(portal: Client) -> None:
    assert "have not been counted yet" in text_of(portal, MONTHLY)
    transactions.refresh()
    assert "There were no messages in this period" in text_of(portal, MONTHLY)


def test_a_devices_transactions_are_counted_at_once(portal: Client, gina: Person, ivan: Person) -> None:
    message(gina, at=datetime(2026, 7, 31, 23, 30, tzinfo=UTC), detail="Of August, in London.")
    message(gina, at=datetime(2026, 8, 1, 12, tzinfo=UTC), kind=TrailKind.SERVICE_RESPONSE, code="E21")
    message(ivan, srv="8.3")
    page = text_of(portal, OF_DEVICE, device_id=str(DEVICE_ID))
    assert "August 2026" in page
    assert "July 2026" not in page
    assert "2, 1 failed" in page
    assert "Decommission Device" not in page
    rows = file_of(portal, OF_DEVICE, device_id=str(DEVICE_ID).replace("-", ""))
    assert [(row["Code"], row["Detail"]) for row in rows][1] == ("I99", "Of August, in London.")
    assert len(rows) == 2


def test_which_device_is_asked_first(portal: Client) -> None:
    assert "Which device?" in text_of(portal, OF_DEVICE)
    assert "error-summary" in text_of(portal, OF_DEVICE, device_id="12")
    assert "No message about this device" in text_of(portal, OF_DEVICE, device_id=str(DEVICE_ID))
    assert portal.get(f"{OF_DEVICE}export.csv").status_code == HTTPStatus.FOUND


def test_dcc_does_not_read_a_users_devices(dana: Person, gina: Person) -> None:
    message(gina)
    for address in (OF_DEVICE, f"{OF_DEVICE}export.csv"):
        assert client_of(dana).get(address, {"device_id": str(DEVICE_ID)}).status_code == HTTPStatus.FORBIDDEN


def test_each_is_offered_the_reports_they_reach(gina: Person, dana: Person) -> None:
    assert [about.report for about in reports_for(actor_of(gina))] == ["RSAT_001", "RSAT_002"]
    assert [about.report for about in reports_for(actor_of(dana))] == ["RSAT_001"]


def test_the_list_of_reports_leads_to_them(portal: Client, dana: Person) -> None:
    assert f'href="{MONTHLY}"' in text_of(portal, "/reports/")
    assert f'href="{OF_DEVICE}"' in text_of(portal, "/reports/")
    assert f'href="{OF_DEVICE}"' not in text_of(client_of(dana), "/reports/")
