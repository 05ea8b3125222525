"""The forecast, a month's devices and what was removed: as their party, and as DCC, see them."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models.choices import State
from inventory.actions import housekeeping
from inventory.durations import add_months
from inventory.models import Device, HousekeepingNotice, HousekeepingRule, HousekeepingRun
from inventory.models.choices import DeviceType
from inventory.presenters.housekeeping import month_in_address, month_in_words
from ssi.access.actor import Actor
from ssi.accounts.models import Person, Succession, UserId
from tests.factories.accounts import UserIdFactory
from tests.factories.housekeeping import due_device, young_device
from tests.factories.incidents import request_in
from tests.personas import actor_of, client_of
from tests.query_counts import counted

pytestmark = pytest.mark.django_db
IN_THREE = month_in_address(add_months(timezone.localdate() + timedelta(days=1), 3).replace(day=1))


def user_of(person: Person) -> UserId:
    return UserId.objects.get(pk=actor_of(person).user.user_id)


def text_of(client: Client, address: str, **data: str) -> str:
    response = client.get(address, data)
    assert response.status_code == 200, response
    return response.content.decode()


def lines_of(client: Client, address: str, **data: object) -> list[str]:
    return b"".join(client.get(address, data)).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]


@pytest.fixture
def next_month() -> str:
    """Return the month of the next run, in which what is due now goes."""
    return month_in_address(timezone.localdate() + timedelta(days=1))


def test_a_count_that_takes_too_long_is_given_up_and_says_what_to_do(
    gina: Person, dana: Person, monkeypatch: pytest.MonkeyPatch, next_month: str
) -> None:
    due_device(notified_by=user_of(gina))
    monkeypatch.setattr("ssi.patience.patience.__wrapped__.__defaults__", (1,))
    monkeypatch.setattr("inventory.search.housekeeping._COUNTED", "SELECT 0, 0 FROM pg_sleep(1) {whose}")
    desk = client_of(dana)
    page = text_of(desk, "/housekeeping/")
    assert "Choose one party under Housekeeping" in page
    assert 'name="party"' in page
    assert "What was removed" in page
    assert desk.get("/housekeeping/export.csv", {"party": ""})["Location"] == "/housekeeping/?party="
    assert desk.get(f"/housekeeping/{next_month}/").status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_the_forecast_counts_ones_own_devices_by_month_and_type(gina: Person, ivan: Person) -> None:
    young_device(notified_by=user_of(gina), months_left=3)
    young_device(notified_by=user_of(gina), months_left=3, device_type=DeviceType.PPMID)
    young_device(notified_by=user_of(gina), months_left=3, device_type=DeviceType.CHF)
    young_device(notified_by=user_of(ivan), months_left=3)
    page = client_of(gina).get("/housekeeping/")
    shown = page.context["shown"]
    (row,) = [row for row in shown.rows if row.devices]
    assert (row.devices, row.held) == (2, 0)
    assert dict(zip(shown.types, [cell.text for cell in row.cells], strict=True)) == {
        "ESME": "1",
        "GSME": "0",
        "PPMID": "1",
        "HCALCS": "0",
    }
    assert shown.standing == f"2 of your Pending devices will be removed in {row.name}."
    assert shown.standing in page.content.decode()
    assert len(shown.rows) == 12


def test_all_user_ids_of_a_party_and_those_it_took_over_count(gina: Person, ivan: Person) -> None:
    young_device(notified_by=UserIdFactory.create(party=gina.party))
    Succession.objects.create(user_id=user_of(ivan), successor=user_of(gina), from_date=timezone.localdate())
    young_device(notified_by=user_of(ivan))
    assert client_of(gina).get("/housekeeping/").context["shown"].devices == 2
    assert client_of(ivan).get("/housekeeping/").context["shown"].devices == 0


def test_what_is_due_already_goes_with_the_next_run(gina: Person, next_month: str) -> None:
    device = due_device(notified_by=user_of(gina), days_over=90)
    shown = client_of(gina).get("/housekeeping/").context["shown"]
    assert [row.devices for row in shown.rows] == [1] + [0] * 11
    (coming,) = client_of(gina).get(f"/housekeeping/{next_month}/").context["shown"].coming
    assert (coming.device, coming.day) == (device, timezone.localdate() + timedelta(days=1))


def test_a_rule_of_dcc_moves_the_forecast(gina: Person) -> None:
    young_device(notified_by=user_of(gina), months_left=3)
    HousekeepingRule.objects.create(device_type=DeviceType.ESME, months=14)
    rows = client_of(gina).get("/housekeeping/").context["shown"].rows
    assert [row.devices for row in rows].index(1) in {4, 5, 6}  # three months, and two
    HousekeepingRule.objects.update(is_excluded=True)
    page = text_of(client_of(gina), "/housekeeping/")
    assert "None of your Pending devices will be removed in the coming 12 months." in page


def test_held_devices_are_counted_and_listed_with_the_reason(gina: Person, ivan: Person, next_month: str) -> None:
    held = request_in(State.ASSIGNED, gina, ivan).device_id
    Device.objects.filter(pk=held).update(status_since=timezone.now() - timedelta(days=800))
    due_device(notified_by=user_of(ivan))
    page = text_of(client_of(ivan), "/housekeeping/")
    assert "1 of your Pending devices will be removed in" in page
    assert "1 is held." in page
    listed = text_of(client_of(ivan), f"/housekeeping/{next_month}/")
    assert "an open Request for Install Code" in listed
    assert str(held) in listed


def test_a_months_list_goes_on_page_by_page(gina: Person) -> None:
    for _ in range(51):
        young_device(notified_by=user_of(gina), device_type=DeviceType.PPMID)
    browser = client_of(gina)
    month = next(row for row in browser.get("/housekeeping/").context["shown"].rows if row.devices)
    first = browser.get(month.url)
    assert len(first.context["shown"].coming) == 50
    assert [tab["label"] for tab in first.context["shown"].tabs if tab["current"]] == ["PPMID"]
    second = browser.get(month.url, {"cursor": first.context["shown"].next_cursor})
    assert len(second.context["shown"].coming) == 1
    assert "No device of this type goes in this month" in text_of(browser, month.url, device_type="GSME")


@pytest.mark.parametrize("month", ["2020-01", "2999-01", "nowhere", "2027-13"])
def test_a_month_of_no_forecast_is_not_found(gina: Person, month: str) -> None:
    assert client_of(gina).get(f"/housekeeping/{month}/").status_code == 404
    assert client_of(gina).get(f"/housekeeping/{month}/export.csv").status_code == 404


def test_the_files_hold_numbers_and_devices_and_no_formula(gina: Person) -> None:
    device = young_device(notified_by=user_of(gina), device_model__manufacturer="=HYPERLINK(1)")
    browser = client_of(gina)
    month = next(row for row in browser.get("/housekeeping/").context["shown"].rows if row.devices)
    numbers = lines_of(browser, "/housekeeping/export.csv")
    assert len(numbers) == 1 + 12 * 4
    assert f"{month_in_address(month.month_date)},ESME,1,0" in numbers
    devices = lines_of(browser, f"/housekeeping/{month_in_address(month.month_date)}/export.csv")
    assert len(devices) == 2
    assert devices[1].startswith(f"{device.pk},ESME,")
    assert ",'=HYPERLINK(1)," in devices[1]
    assert devices[1].endswith(",Northlight Energy")


# --- What was removed ----------------------------------------------------------------------------------------


@pytest.fixture
def notice(gina: Person, ivan: Person) -> HousekeepingNotice:
    """Return what a run told Gina's party; another party's device went with it."""
    due_device(notified_by=user_of(gina))
    due_device(notified_by=user_of(ivan))
    housekeeping.run(by=Actor.system())
    return HousekeepingNotice.objects.get(party=gina.party)


def test_a_notice_lists_the_partys_removed_devices(gina: Person, notice: HousekeepingNotice) -> None:
    browser = client_of(gina)
    assert notice.reference in text_of(browser, "/housekeeping/")
    page = browser.get(f"/housekeeping/notices/{notice.reference}/")
    (removed,) = page.context["page"].rows
    assert removed.notified_by == user_of(gina).eui
    assert str(removed.device_id) in page.content.decode()
    lines = lines_of(browser, f"/housekeeping/notices/{notice.reference}/export.csv")
    assert lines[1].startswith(str(removed.device_id))
    assert len(lines) == 2


def test_the_link_of_the_email_leads_to_the_notice(gina: Person, notice: HousekeepingNotice) -> None:
    answer = client_of(gina).get(f"/incidents/{notice.reference}/")
    assert answer["Location"] == f"/housekeeping/notices/{notice.reference}/"


def test_anothers_notice_does_not_exist(ivan: Person, nils: Person, notice: HousekeepingNotice) -> None:
    for person in (ivan, nils):
        browser = client_of(person)
        for address in (
            f"/housekeeping/notices/{notice.reference}/",
            f"/housekeeping/notices/{notice.reference}/export.csv",
            f"/incidents/{notice.reference}/",
        ):
            assert browser.get(address).status_code == 404
        assert notice.reference not in text_of(browser, "/housekeeping/")


def test_dcc_sees_all_parties_or_the_one_it_chooses(
    dana: Person, gina: Person, notice: HousekeepingNotice
) -> None:
    mine, other = young_device(notified_by=user_of(gina)), young_device()
    browser = client_of(dana)
    page = browser.get("/housekeeping/")
    assert page.context["shown"].devices == 2
    assert len(page.context["notices"]) == 2
    assert "2 Pending devices will be removed in" in page.content.decode()
    assert gina.party is not None
    chosen = browser.get("/housekeeping/", {"party": gina.party.pk})
    assert chosen.context["shown"].devices == 1
    assert list(chosen.context["notices"]) == [notice]
    month = next(row for row in chosen.context["shown"].rows if row.devices)
    assert f"party={gina.party.pk}" in month.url
    listed = text_of(browser, month.url)
    assert str(mine.pk) in listed
    assert str(other.pk) not in listed
    assert browser.get(f"/housekeeping/notices/{notice.reference}/").status_code == 200


def test_a_party_in_the_address_changes_nothing_for_a_user(gina: Person, ivan: Person) -> None:
    young_device(notified_by=user_of(gina))
    assert gina.party is not None
    page = client_of(ivan).get("/housekeeping/", {"party": gina.party.pk})
    assert page.context["shown"].devices == 0


@pytest.mark.parametrize(
    "address",
    [
        "/housekeeping/",
        "/housekeeping/export.csv",
        f"/housekeeping/{IN_THREE}/",
        f"/housekeeping/{IN_THREE}/export.csv",
    ],
)
def test_whose_roles_do_not_reach_it_is_refused(aroha: Person, adam: Person, address: str) -> None:
    for person in (aroha, adam):
        assert client_of(person).get(address).status_code == 403


def test_the_pages_make_a_fixed_number_of_queries(gina: Person, notice: HousekeepingNotice) -> None:
    for _ in range(3):
        young_device(notified_by=user_of(gina))
    browser = client_of(gina)
    month = next(row for row in browser.get("/housekeeping/").context["shown"].rows if row.devices)
    with counted("housekeeping: forecast"):
        browser.get("/housekeeping/")
    with counted("housekeeping: month"):
        browser.get(month.url)
    with counted("housekeeping: month, export"):
        lines_of(browser, f"/housekeeping/{month_in_address(month.month_date)}/export.csv")
    with counted("housekeeping: notice"):
        browser.get(f"/housekeeping/notices/{notice.reference}/")


def test_month_names_are_english() -> None:
    assert month_in_words(timezone.localdate().replace(month=6, day=1)).startswith("June ")
    assert not HousekeepingRun.objects.exists()
