"""The thresholds in force, every version of them, and each version as a file."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.test import Client

from ssi.accounts.models import Person
from ssi.eui64 import Eui64
from ssi.uploads.formats import registry
from ssi.uploads.formats.adt import AdtDetail
from ssi.uploads.models import Upload
from tests.personas import actor_of, client_of
from tests.query_counts import counted
from tests.ssi.uploads.thresholds.setting import NOW, counted_up_to, hour, sent, threshold, version

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]
FRIDAY, SEPTEMBER = date(2026, 11, 13), date(2026, 9, 1)
LIST, HISTORY, EXPORT = "/thresholds/", "/thresholds/history/", "/thresholds/export.csv"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        counted_up_to()
        yield


@pytest.fixture
def us(aroha: Person) -> Eui64:
    return actor_of(aroha).user.user_id


@pytest.fixture
def before(aroha: Person) -> Upload:
    gone = {"applied_at": NOW - timedelta(days=60), "ended_at": NOW - timedelta(days=9), "state": "superseded"}
    return version(aroha, ("4.6.1 SR DAY", 500), received_at=NOW - timedelta(days=61), **gone)


@pytest.fixture
def current(aroha: Person, sunil: Person, dana: Person, before: Upload) -> Upload:
    upload = version(
        aroha,
        ("11.2 SR DAY", 30),
        ("4.6.1 SR DAY", 1_000),
        ("7.2 SPC HOUR", 20),
        state="applied",
        applied_at=NOW - timedelta(days=9),
        received_at=NOW - timedelta(days=10),
        signer_name="Aroha Tane",
        submitted_by=aroha,
        approved_by=sunil,
        confirmed_by=dana,
        compared_with=before,
    )
    christmas = {"exception_from_date": date(2026, 12, 24), "exception_to_date": date(2026, 12, 26)}
    threshold(upload, 5, "4.6.1 SR DAY", 9_000, warning=8_000, note="=Christmas", **christmas)
    return upload


def text_of(client: Client, address: str, **data: str) -> str:
    response = client.get(address, data)
    assert response.status_code == HTTPStatus.OK, response
    return response.content.decode()


class TestInForce:
    def test_thresholds_stand_beside_what_was_sent(self, aroha: Person, us: Eui64, current: Upload) -> None:
        sent(us, "4.6.1 SR", 700, began_at=hour(FRIDAY, 9))
        sent(us, "4.6.1 SR", 1_100, began_at=hour(SEPTEMBER, 9))
        page = text_of(client_of(aroha), LIST)
        for words in (
            "Retrieve Import Daily Read Log",
            "700 on Fri 13 Nov 2026",
            "1,100 on Tue 1 Sep 2026",
            "Above the threshold",
            "to come",
            current.reference,
            "signed by Aroha Tane",
            "Prepare a file",
        ):
            assert words in page
        assert page.index("4.6.1 SR") < page.index("7.2 SPC") < page.index("11.2 SR")

    def test_filters_narrow_and_stay_in_the_address(self, aroha: Person, current: Upload) -> None:
        browser = client_of(aroha)
        page = text_of(browser, LIST, srv="7.2")
        assert "7.2 SPC</span>" in page
        assert "4.6.1 SR</span>" not in page
        assert 'value="7.2" selected' in page
        assert "11.2 SR</span>" in text_of(browser, LIST, message_type="SR")
        assert "No threshold fits these filters" in text_of(browser, LIST, srv="1.5")
        assert "error-summary" in text_of(browser, LIST, srv="x")

    def test_what_is_on_its_way_is_told(self, aroha: Person, current: Upload) -> None:
        coming = version(aroha, state="accepted", effective_date=date(2026, 12, 1))
        page = text_of(client_of(aroha), LIST)
        assert f"{coming.reference}" in page
        assert "is on its way" in page

    def test_nothing_in_force(self, aroha: Person, sunil: Person) -> None:
        assert "No thresholds are in force" in text_of(client_of(aroha), LIST)
        assert "Prepare a file, sign it" in text_of(client_of(aroha), LIST)
        assert "Prepare a file" not in text_of(client_of(sunil), LIST)

    def test_a_set_that_is_too_long_for_a_page_is_cut(
        self, aroha: Person, current: Upload, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ssi.uploads.search.versions.MOST_SHOWN", 2)
        page = text_of(client_of(aroha), LIST)
        assert "more thresholds than a page shows" in page
        assert "7.2 SPC</span>" not in page

    def test_dcc_chooses_a_user(self, dana: Person, us: Eui64, current: Upload) -> None:
        browser = client_of(dana)
        assert "Choose a User" in text_of(browser, LIST)
        page = text_of(browser, LIST, user_id=str(us))
        assert current.reference in page
        assert "Northlight Energy" in page
        assert "error-summary" in text_of(browser, LIST, user_id="12")

    def test_no_other_user_sees_them(self, bela: Person, gina: Person, us: Eui64, current: Upload) -> None:
        page = text_of(client_of(bela), LIST, user_id=str(us))
        assert current.reference not in page
        for address in (LIST, HISTORY, EXPORT, "/thresholds/prepare/"):
            assert client_of(gina).get(address).status_code == HTTPStatus.NOT_FOUND


class TestHistory:
    def test_every_version_with_who_had_a_part(
        self, aroha: Person, dana: Person, before: Upload, current: Upload
    ) -> None:
        version(aroha, state="rejected")
        page = text_of(client_of(aroha), HISTORY)
        assert page.index(current.reference) < page.index(before.reference)
        for words in ("Aroha Tane", "Sunil Rao", "the DCC service desk", "In force", "Difference"):
            assert words in page
        assert "Dana Fairweather" not in page
        assert page.count("<tr>") == 3
        assert "Dana Fairweather" in text_of(client_of(dana), HISTORY)

    def test_of_another_user_there_is_none(self, bela: Person, current: Upload) -> None:
        assert "No thresholds were ever in force" in text_of(client_of(bela), HISTORY)
        assert "error-summary" in text_of(client_of(bela), HISTORY, cursor="x")


class TestExport:
    def test_a_version_for_a_spreadsheet(self, sunil: Person, current: Upload) -> None:
        response = client_of(sunil).get(EXPORT, {"version": current.reference})
        rows = list(csv.DictReader(io.StringIO(b"".join(response).decode().removeprefix("\ufeff"))))
        assert [row["SRV"] for row in rows] == ["4.6.1", "4.6.1", "7.2", "11.2"]
        assert rows[1]["Exception from"] == "2026-12-24"
        assert rows[1]["Warning threshold"] == "8000"
        assert rows[1]["Note"] == "'=Christmas"

    def test_a_version_as_the_file_that_is_uploaded(self, aroha: Person, current: Upload) -> None:
        current.thresholds.update(note="")
        response = client_of(aroha).get(EXPORT, {"version": current.reference, "as": "file"})
        name = response["Content-Disposition"].split('"')[1]
        assert name == "ADT_90B3D51F30030000_NEW_20261122T142000Z.csv"
        read = list(registry.read(version(aroha, file_name=name), io.BytesIO(b"".join(response))))
        header, *details = read
        assert (header.user_role, header.replaces, header.effective_date) == ("IS", "ALL", date(2026, 11, 23))
        assert all(isinstance(detail, AdtDetail) for detail in details)
        assert [detail.srv for detail in details] == ["4.6.1", "4.6.1", "7.2", "11.2"]

    def test_only_versions_that_one_may_see(self, aroha: Person, bela: Person, current: Upload) -> None:
        rejected = version(aroha, state="rejected")
        for person, reference in ((bela, current.reference), (aroha, rejected.reference), (aroha, "")):
            response = client_of(person).get(EXPORT, {"version": reference})
            assert response.status_code == HTTPStatus.NOT_FOUND


def test_query_counts(aroha: Person, dana: Person, us: Eui64, current: Upload) -> None:
    for number in range(1, 9):
        sent(us, f"4.{number} SR", number, began_at=hour(FRIDAY, 9))
    for person, names in ((aroha, ""), (dana, ", DCC")):
        browser = client_of(person)
        browser.get("/uploads/")
        chosen = f"?user_id={us}" if person is dana else "?"
        for name, address in (
            ("thresholds: in force", f"{LIST}{chosen}"),
            ("thresholds: history", f"{HISTORY}{chosen}"),
            ("thresholds: export", f"{EXPORT}?version={current.reference}"),
        ):
            with counted(f"{name}{names}"):
                answer = browser.get(address)
                assert answer.status_code == HTTPStatus.OK
                assert not answer.streaming or list(answer)
