"""Performance on screen and in a file: one's own figures, others without names, and DCC sees all."""

import csv
import io
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client

from incidents.presenters import performance as presenters
from incidents.search.performance import Period, measured
from ssi.accounts.models import Person, UserId
from ssi.working_days import LONDON
from tests.factories.accounts import PartyFactory, UserIdFactory
from tests.incidents.askings import STILL_OPEN, asked
from tests.incidents.browsing import text_of
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db

PAGE = "/install-code-requests/performance/"
NOW = datetime(2026, 11, 17, 12, 0, tzinfo=LONDON)
AT = datetime(2026, 11, 10, 12, 0, tzinfo=LONDON)
OTHERS = ("Aldermoor Supply", "Bramblewick Energy", "Copperfield Power", "Dunmore Gas")


@pytest.fixture(autouse=True)
def a_tuesday() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


def user_id_of(person: Person) -> UserId:
    return UserId.objects.select_related("party").get(pk=actor_of(person).user.user_id)


def late(count: int) -> dict[str, Any]:
    """Return the facts of an answer after so many Working Days, too late."""
    return {"working_days": count, "in_time": False}


@pytest.fixture
def others() -> list[UserId]:
    """Return four suppliers nobody here works for, asked from 12 to 60 times."""
    users = [UserIdFactory.create(party=PartyFactory.create(name=name)) for name in OTHERS]
    for number, user in enumerate(users, 1):
        asked(user, 11 * number, at=AT)
        asked(user, 10 * number, at=AT, **late(6))
        asked(user, 12, at=AT, **STILL_OPEN)
    return users


@pytest.fixture
def ours(ivan: Person) -> UserId:
    """Return Ivan's User ID, with few askings of every fate."""
    user = user_id_of(ivan)
    asked(user, 12, at=AT, working_days=2)
    asked(user, 3, at=AT, **late(7))
    asked(user, 2, at=AT, ended_by="declined", working_days=1)
    asked(user, 1, at=AT, answered_wrongly=True, working_days=4)
    asked(user, 4, at=AT, **STILL_OPEN)
    return user


def rows_of(page: Any) -> dict[str, list[str]]:
    """Return the table's rows by the supplier's name: every cell's words."""
    body = re.search(r"<tbody>(.*)</tfoot>", page.content.decode(), re.DOTALL)
    rows = re.findall(r"<tr.*?</tr>", body[1] if body else "", re.DOTALL)
    cells = [re.findall(r"<t[dh].*?>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]
    plain = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]
    return {row[1].removesuffix("(you)").strip(): [row[0], *row[2:]] for row in plain}


def file_of(browser: Client, query: str = "") -> list[list[str]]:
    text = b"".join(browser.get(f"{PAGE}export/{query}")).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


class TestOnesOwnRow:
    def test_is_whole(self, ivan: Person, ours: UserId, others: list[UserId]) -> None:
        rows = rows_of(client_of(ivan).get(PAGE))
        assert rows["Brightgrid Supply"] == ["1", "22", "81 %", "2", "7", "2", "1", "4", "0"]

    def test_says_where_one_stands(self, ivan: Person, ours: UserId, others: list[UserId]) -> None:
        assert "Brightgrid Supply ranks 1 of 5" in text_of(client_of(ivan).get(PAGE))

    def test_is_not_ranked_for_a_few(self, ivan: Person, others: list[UserId]) -> None:
        asked(user_id_of(ivan), 9, at=AT)
        page = client_of(ivan).get(PAGE)
        assert "is not ranked: fewer than 10" in text_of(page)
        assert rows_of(page)["Brightgrid Supply"][:3] == ["none", "9", "100 %"]

    def test_is_missing_where_nobody_asked(self, ivan: Person, others: list[UserId]) -> None:
        assert "Nobody asked Brightgrid Supply" in text_of(client_of(ivan).get(PAGE))

    def test_leads_to_the_requests_behind_it(self, ivan: Person, ours: UserId, others: list[UserId]) -> None:
        browser = client_of(ivan)
        page = browser.get(PAGE).content.decode()
        links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*asked_party[^"]*)"', page)]
        expected = {"asked": 22, "late": 3, "declined": 2, "wrong": 1, "open": 4, "overdue": 0}
        assert len(links) == len(expected)
        for link in links:
            which = parse_qs(urlsplit(link).query)["asked_which"][0]
            found = browser.get(link)
            assert found.status_code == 200
            assert len(found.context["page"].rows) == expected[which]
            assert "Asked from 19 Oct 2026 to 17 Nov 2026" in text_of(found)


class TestOthers:
    def test_nothing_names_them(self, ivan: Person, gina: Person, ours: UserId, others: list[UserId]) -> None:
        for who, own in ((ivan, "Brightgrid Supply"), (gina, "Northlight Energy")):
            browser = client_of(who)
            for query in ("", "?period=this_year", "?period=custom&first=2026-11-01&last=2026-11-30"):
                page = browser.get(PAGE + query)
                said = page.content.decode() + str(file_of(browser, query))
                for user in [*others, ours]:
                    if user.party.name != own:
                        assert user.party.name not in said
                        assert str(user.eui) not in said
                        assert f"asked_party={user.party_id}&" not in said.replace("&amp;", "&")
                assert set(rows_of(page)) > {"Supplier A", "Supplier B", "Supplier C", "Supplier D"}

    def test_small_counts_are_not_shown(self, ivan: Person, ours: UserId, others: list[UserId]) -> None:
        asked(others[0], 7, at=AT, ended_by="declined")
        rows = rows_of(client_of(ivan).get(PAGE))
        declined = [row[5] for name, row in rows.items() if name.startswith("Supplier")]
        assert declined == ["fewer than 10"] * 4
        assert rows["All suppliers"][5] == "not shown"

    def test_a_small_supplier_shows_nothing(self, ivan: Person, ours: UserId, others: list[UserId]) -> None:
        asked(UserIdFactory.create(party=PartyFactory.create(name="Elmstead")), 9, at=AT)
        rows = rows_of(client_of(ivan).get(PAGE))
        small = next(row for name, row in rows.items() if name.startswith("Supplier") and row[0] == "none")
        assert small == ["none", *["fewer than 10"] * 8]
        asked_of = [row[1] for name, row in rows.items() if name.startswith("Supplier")]
        assert asked_of.count("not shown") == 1
        assert rows["All suppliers"][1] != "not shown"

    def test_letters_stay_within_a_period_and_change_with_it(
        self, ivan: Person, gina: Person, others: list[UserId]
    ) -> None:
        parties = [user.party_id for user in others]
        periods = [Period(AT.date() - timedelta(days=day), AT.date()) for day in range(30)]

        def orders(who: Person) -> list[tuple[str, ...]]:
            actor = actor_of(who)
            found = []
            for period in periods:
                page = presenters._letters(parties, period, actor)
                assert page == presenters._letters(list(reversed(parties)), period, actor)
                found.append(tuple(page[party] for party in parties))
            return found

        mine, theirs = orders(ivan), orders(gina)
        assert len(set(mine)) > 10
        assert mine != theirs
        assert mine[0] != ("Supplier A", "Supplier B", "Supplier C", "Supplier D") or mine[0] != mine[1]

    def test_the_page_is_the_same_again(self, ivan: Person, ours: UserId, others: list[UserId]) -> None:
        browser = client_of(ivan)
        assert rows_of(browser.get(PAGE)) == rows_of(browser.get(PAGE))

    def test_ones_own_period_is_whole_months(self, ivan: Person, dana: Person, others: list[UserId]) -> None:
        query = f"{PAGE}?period=custom&first=2026-11-09&last=2026-11-09"
        assert "1 November 2026 to 30 November 2026" in text_of(client_of(ivan).get(query))
        assert "9 November 2026 to 9 November 2026" in text_of(client_of(dana).get(query))
        assert "Nobody was asked" in text_of(client_of(dana).get(query))


class TestDcc:
    def test_sees_names_and_every_count(self, dana: Person, ours: UserId, others: list[UserId]) -> None:
        rows = rows_of(client_of(dana).get(PAGE))
        assert set(rows) == {*OTHERS, "Brightgrid Supply", "All suppliers"}
        assert rows["Brightgrid Supply"] == ["1", "22", "81 %", "2", "7", "2", "1", "4", "0"]
        assert rows["All suppliers"][1] == str(22 + 33 + 54 + 75 + 96)

    def test_comes_to_the_rows(self, dana: Person, ours: UserId, others: list[UserId]) -> None:
        browser = client_of(dana)
        query = f"asked_from=2026-11-01&asked_to=2026-11-30&asked_party={ours.party_id}&asked_which=declined"
        assert query in browser.get(f"{PAGE}?period=this_month").content.decode().replace("&amp;", "&")
        found = browser.get(f"/incidents/?{query}")
        assert len(found.context["page"].rows) == 2

    def test_has_the_same_in_a_file(self, dana: Person, ours: UserId, others: list[UserId]) -> None:
        header, *rows = file_of(client_of(dana))
        assert header == list(presenters.CSV_HEADER)
        assert [name for _, name, *_ in rows] == ["Brightgrid Supply", *OTHERS, "All suppliers"]


def test_the_file_says_what_the_page_says(ivan: Person, ours: UserId, others: list[UserId]) -> None:
    browser = client_of(ivan)
    page = rows_of(browser.get(PAGE))
    for rank, name, *cells in file_of(browser)[1:]:
        on_screen = [cell.replace(",", "").removesuffix(" %") for cell in page[name]]
        assert on_screen == [rank or ("" if name == "All suppliers" else "none"), *cells]


def test_the_rows_behind_are_only_those_one_may_see(
    gina: Person, rhea: Person, ivan: Person, ours: UserId, others: list[UserId]
) -> None:
    """Whoever writes the address of another's figure finds what they raised themselves, and nothing else."""
    asked(others[0], 2, at=AT, raiser=user_id_of(gina))
    query = f"asked_from=2026-11-01&asked_to=2026-11-30&asked_party={others[0].party_id}"
    for who, count in ((gina, 2), (rhea, 0), (ivan, 0)):
        assert len(client_of(who).get(f"/incidents/?{query}").context["page"].rows) == count
    browser = client_of(gina)
    raised = re.search(
        r'href="([^"]*side=raised[^"]*)"', browser.get(f"{PAGE}?period=this_month").content.decode()
    )
    assert raised is not None
    assert len(browser.get(raised[1].replace("&amp;", "&")).context["page"].rows) == 2


def test_odd_addresses_do_no_harm(ivan: Person, ours: UserId) -> None:
    browser = client_of(ivan)
    for query in (
        "?period=never",
        "?period=custom",
        "?period=custom&first=2026-11-30&last=2026-11-01",
        "?period=custom&first=0001-01-01&last=9999-12-31",
        "?period=custom&first=x&last=2026-11-01",
    ):
        assert "19 October 2026 to 17 November 2026" in text_of(browser.get(PAGE + query)), query
        assert len(file_of(browser, query)) == 3
    for query in (
        "asked_from=x",
        "asked_from=2026-11-01",
        "asked_from=0001-01-01&asked_to=9999-12-31",
        f"asked_from=2026-11-01&asked_to=2026-11-30&asked_party={2**70}",
        "asked_from=2026-11-01&asked_to=2026-11-30&asked_which=x",
    ):
        assert browser.get(f"/incidents/?{query}").status_code == 200


def test_who_may_see_it(vera: Person, adam: Person, nils: Person, olu: Person, ours: UserId) -> None:
    for who in (vera, adam, olu):
        assert client_of(who).get(PAGE).status_code == 403
        assert "Performance" not in text_of(client_of(who).get("/"))
    assert client_of(nils).get(PAGE).status_code == 200


def test_a_share_is_whole_only_when_it_is() -> None:
    performance = measured(Period(AT.date(), AT.date()), today=NOW.date())
    figures = type(performance.whole)
    assert presenters._percent(figures(decided=1000, in_time=999)) == 99
    assert presenters._percent(figures(decided=1000, in_time=1000)) == 100
    assert presenters._percent(figures(decided=1000, in_time=1)) == 1
    assert presenters._percent(figures(decided=1000, in_time=0)) == 0
    assert presenters._percent(figures()) is None
