"""The page of the replay, and its CSV file."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.test import Client

from inventory.models import TrafficCounted
from ssi.accounts.models import Person
from ssi.eui64 import Eui64
from ssi.uploads.models import Upload
from tests.personas import actor_of, client_of
from tests.query_counts import counted
from tests.ssi.uploads.thresholds.setting import NOW, counted_up_to, hour, sent, threshold, version

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]
FRIDAY = date(2026, 11, 13)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        counted_up_to()
        yield


@pytest.fixture
def us(aroha: Person) -> Eui64:
    return actor_of(aroha).user.user_id


@pytest.fixture
def upload(aroha: Person, us: Eui64) -> Upload:
    sent(us, "4.6.1 SR", 1_200, began_at=hour(FRIDAY, 9))
    sent(us, "7.2 SPC", 4, began_at=hour(FRIDAY, 9))
    in_force = version(aroha, ("4.6.1 SR DAY", 1_100), state="applied")
    return version(aroha, ("4.6.1 SR DAY", 1_000), ("7.4 SR HOUR", 10), compared_with=in_force)


def page_of(client: Client, upload: Upload) -> str:
    response = client.get(f"/uploads/{upload.reference}/what-if/")
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


def test_new_stands_beside_in_force(aroha: Person, upload: Upload) -> None:
    page = page_of(client_of(aroha), upload)
    for words in (
        "What would have happened",
        "Retrieve Import Daily Read Log",
        "<strong>200</strong>; with those in force: 100",
        "1,200 on Fri 13 Nov 2026",
        "<svg",
        "Above it on 1 of them",
        "7.2 SPC</strong>: 4",
        "not by User Role",
    ):
        assert words in page


def test_the_file_has_the_same_lines(aroha: Person, upload: Upload) -> None:
    response = client_of(aroha).get(f"/uploads/{upload.reference}/what-if/export.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode().removeprefix("\ufeff"))))
    first, second = rows
    assert (first["SRV"], first["Quarantine, new"], first["Quarantine, in force"]) == ("4.6.1", "1000", "1100")
    assert (first["Messages quarantined, new"], first["Messages quarantined, in force"]) == ("200", "100")
    assert (first["Worst period (London)"], first["Messages in it"]) == ("2026-11-13 00:00", "1200")
    assert (second["SRV"], second["Worst period (London)"], second["Quarantine, in force"]) == ("7.4", "", "")


def test_what_is_not_known_is_said(aroha: Person, upload: Upload) -> None:
    page = page_of(client_of(aroha), upload)
    assert "first message on record in these days is of Fri 13 Nov 2026" in page
    assert "Signed Pre-Commands are told from Service Requests only since Sun 22 Nov 2026, 14:00" in page
    TrafficCounted.objects.update(apart_since_at=NOW - timedelta(days=40))
    assert "told from Service Requests only since" not in page_of(client_of(aroha), upload)


def test_nothing_sent_and_nothing_kept_are_told_apart(aroha: Person, us: Eui64) -> None:
    browser = client_of(aroha)
    assert "Nothing was sent in these days" in page_of(browser, version(aroha, ("4.6.1 SR DAY", 1)))
    assert "not on record" in page_of(browser, version(aroha, state="rejected"))
    assert "still being read" in page_of(browser, version(aroha, state="received"))
    sent(us, "4.6.1 SR", 12, began_at=hour(FRIDAY, 9))
    alone = version(aroha)
    threshold(alone, 2, "4.6.1 SR DAY", 3, exception_from_date=FRIDAY, exception_to_date=FRIDAY)
    page = page_of(browser, alone)
    assert "exceptions alone" in page
    assert "No thresholds were in force to compare with." in page


def test_who_may_see_it(sunil: Person, dana: Person, bela: Person, gina: Person, upload: Upload) -> None:
    address = f"/uploads/{upload.reference}/what-if/"
    assert client_of(dana).get(address).status_code == HTTPStatus.NOT_FOUND
    Upload.objects.filter(pk=upload.pk).update(accepted_at=NOW)
    for person in (sunil, dana):
        assert "What would have happened" in page_of(client_of(person), upload)
    for person in (bela, gina):
        for ending in ("", "export.csv"):
            address = f"/uploads/{upload.reference}/what-if/{ending}"
            assert client_of(person).get(address).status_code == HTTPStatus.NOT_FOUND


def test_an_exit_quarantine_file_has_none(aroha: Person) -> None:
    upload = version(aroha, kind="exit_quarantine")
    assert client_of(aroha).get(f"/uploads/{upload.reference}/what-if/").status_code == HTTPStatus.NOT_FOUND


def test_query_counts(aroha: Person, upload: Upload) -> None:
    browser = client_of(aroha)
    browser.get("/uploads/")
    for name, ending in (("uploads: what if", ""), ("uploads: what if, CSV", "export.csv")):
        with counted(name):
            answer = browser.get(f"/uploads/{upload.reference}/what-if/{ending}")
            assert not answer.streaming or list(answer)
