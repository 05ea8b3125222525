"""Preparing a file: rows are checked as an upload is, and good ones become a file to be signed off line."""

import io
from collections.abc import Iterator
from datetime import date
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.uploads.actions.preparing import Wanted, prepare
from ssi.uploads.actions.rights import RoleEnded
from ssi.uploads.formats import registry
from ssi.uploads.models import PreparedFile, Threshold, Upload
from tests.personas import actor_of, client_of
from tests.query_counts import counted
from tests.ssi.uploads.thresholds.setting import NOW, counted_up_to, hour, sent, threshold, version

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]
PREPARE = "/thresholds/prepare/"
GOOD = "4.6.1,SR,DAY,900,1000\n\n7.2,SPC,HOUR,,20,,,Off"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        counted_up_to()
        yield


@pytest.fixture
def us(aroha: Person) -> Eui64:
    return actor_of(aroha).user.user_id


@pytest.fixture
def portal(aroha: Person) -> Client:
    return client_of(aroha)


def post(portal: Client, rows: str, do: str = "prepare", **more: Any) -> Any:
    key = portal.get(PREPARE).context["form"]["idempotency_key"].value()
    facts = {
        "idempotency_key": str(key),
        "user_role": "IS",
        "replaces": "ALL",
        "effective_date": "2026-12-01",
        "rows": rows,
        "do": do,
    }
    return portal.post(PREPARE, facts | more)


def found_in(response: Any) -> list[tuple[str, str]]:
    return [(line.found.code, line.where) for line in response.context["checked"].problems]


def test_it_begins_with_what_is_in_force(portal: Client, aroha: Person) -> None:
    upload = version(aroha, ("7.2 SPC HOUR", 20), ("4.6.1 SR DAY", 1_000), state="applied")
    dates = {"exception_from_date": date(2026, 12, 24), "exception_to_date": date(2026, 12, 26)}
    threshold(upload, 4, "4.6.1 SR DAY", 9_000, warning=8_000, note="Reads, all", **dates)
    form = portal.get(PREPARE).context["form"]
    assert form["rows"].value().splitlines() == [
        "4.6.1,SR,DAY,,1000,,,",
        '4.6.1,SR,DAY,8000,9000,2026-12-24,2026-12-26,"Reads, all"',
        "7.2,SPC,HOUR,,20,,,",
    ]
    assert (form["user_role"].value(), str(form["effective_date"].value())) == ("IS", "2026-11-23")


def test_good_rows_become_a_file_that_is_read_without_a_finding(portal: Client, aroha: Person) -> None:
    response = post(portal, GOOD)
    prepared = PreparedFile.objects.get()
    assert response.url == f"/thresholds/prepared/{prepared.reference}/"
    page = portal.get(response.url).content.decode()
    for words in ("ready to be signed", prepared.file_name, prepared.sha256):
        assert words in page
    answer = portal.get(f"{response.url}file/")
    data = b"".join(answer)
    assert prepared.file_name in answer["Content-Disposition"]
    assert prepared.file_name == f"ADT_90B3D51F30030000_{prepared.reference}_20261122T142000Z.csv"
    header, first, second = registry.read(version(aroha, file_name=prepared.file_name), io.BytesIO(data))
    assert header.basics.reference == prepared.reference
    assert (header.user_role, header.replaces, header.effective_date) == ("IS", "ALL", date(2026, 12, 1))
    assert (first.srv, first.warning, first.quarantine) == ("4.6.1", 900, 1_000)
    assert (second.message_type, second.note) == ("SPC", "Off")
    (event,) = AuditEvent.objects.filter(event="prepared_file.made")
    assert event.reference == prepared.reference


def test_a_role_that_ended_a_second_ago_prepares_nothing(aroha: Person) -> None:
    was = actor_of(aroha)
    rows = [("4.6.1", "SR", "DAY", "900", "1000", "", "", "")]
    aroha.grants.update(ended_at=NOW)
    with pytest.raises(RoleEnded):
        prepare(Wanted("IS", "ALL", date(2026, 12, 1), rows), by=was)
    assert not PreparedFile.objects.exists()


def test_checking_changes_nothing(portal: Client, us: Eui64) -> None:
    sent(us, "4.6.1 SR", 1_200, began_at=hour(date(2026, 11, 13), 9))
    response = post(portal, GOOD, "check")
    page = response.content.decode()
    for words in (
        "Nothing is wrong with these rows",
        "No thresholds are in force; 2 would be.",
        "200 would have been quarantined",
        "W51",
        "Row 1, line 2 of the file",
    ):
        assert words in page
    for model in (Upload, Threshold, PreparedFile):
        assert not model._default_manager.exists()
    assert not AuditEvent.objects.filter(event__startswith="upload").exists()


def test_every_finding_at_once_with_its_row(portal: Client) -> None:
    rows = "\n".join(
        [
            "4.6.1,SR,DAY,900,1000",
            "",
            "4.6.1,SR,DAY,,2000",  # twice
            "99.1,SR,DAY,,5",
            "4.6.2,SR,DAY,,5",  # an Export Supplier's
            "4.6.1,SPC,DAY,,5",  # not Critical
            "7.4,SR,WEEK,9,x",
            "7.4,SR,HOUR,9,9",
            "7.4,SR,DAY,,9,2026-12-26,2026-12-24",
            "8.2,SR,DAY,,9,,,=1+1",
        ]
    )
    response = post(portal, rows)
    assert response.status_code == HTTPStatus.OK
    assert found_in(response) == [
        ("F33", "Row 3, line 3 of the file"),
        ("F31", "Row 4, line 4 of the file"),
        ("F32", "Row 5, line 5 of the file"),
        ("F32", "Row 6, line 6 of the file"),
        ("F34", "Row 7, line 7 of the file"),
        ("F35", "Row 7, line 7 of the file"),
        ("F36", "Row 8, line 8 of the file"),
        ("F37", "Row 9, line 9 of the file"),
        ("F30", "Row 10, line 10 of the file"),
    ]
    assert "4.6.2,SR,DAY,,5" in response.content.decode()
    assert not PreparedFile.objects.exists()


def test_a_date_that_is_over_is_a_finding_of_the_header(portal: Client) -> None:
    assert found_in(post(portal, GOOD, effective_date="2026-11-21")) == [("F24", "The header")]


def test_a_second_officer_and_the_difference_are_told(portal: Client, aroha: Person) -> None:
    version(aroha, ("4.6.1 SR DAY", 500), ("7.4 SR DAY", 5), state="applied")
    response = post(portal, GOOD, "check")
    page = response.content.decode()
    assert "1 raised, 1 new, 1 removed, 0 unchanged" in page
    assert "A second officer must approve the upload" in page
    assert len(response.context["checked"].rehearsed.second_because) == 2
    delta = post(portal, GOOD, "check", replaces="DELTA").context["checked"]
    assert len(delta.rehearsed.second_because) == 1


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("4.6.1,SR,DAY,,5,,,a,b", "Line 1 has 9 fields"),
        ('4.6.1,SR,DAY,,5,,,"a', "quotes of a row are not closed"),
        ("\n".join(["4.6.1,SR,DAY,,5"] * 5_001), "5,001 rows"),
    ],
)
def test_rows_that_are_none_are_refused_by_the_form(portal: Client, rows: str, words: str) -> None:
    page = post(portal, rows).content.decode()
    assert "error-summary" in page
    assert words in page


def test_rows_pasted_from_a_spreadsheet(portal: Client) -> None:
    post(portal, "4.6.1\tSR\tDAY\t900\t1000\t\t\tReads, all\r\n7.2\tSPC\tHOUR\t\t20")
    assert PreparedFile.objects.get().lines == 2


def test_starting_from_a_version_that_was_downloaded(portal: Client, aroha: Person) -> None:
    upload = version(aroha, ("7.2 SPC HOUR", 20), ("4.6.1 SR DAY", 1_000), state="applied")
    data = b"".join(portal.get("/thresholds/export.csv", {"version": upload.reference}))
    response = post(portal, "", "read", file=SimpleUploadedFile("old.csv", data))
    form = response.context["form"]
    assert form["rows"].value().splitlines() == ["4.6.1,SR,DAY,,1000", "7.2,SPC,HOUR,,20"]
    assert "The rows of the file stand below" in response.content.decode()
    without_header = SimpleUploadedFile("own.csv", b"4.6.1;SR;DAY;;1000;2026-12-24;2026-12-26;Reads, all\n")
    rows = post(portal, "", "read", file=without_header).context["form"]["rows"].value()
    assert rows == '4.6.1,SR,DAY,,1000,2026-12-24,2026-12-26,"Reads, all"\n'


def test_a_file_that_cannot_be_read_says_why(portal: Client) -> None:
    assert "Choose the file first" in post(portal, GOOD, "read").content.decode()
    page = post(portal, GOOD, "read", file=SimpleUploadedFile("a.csv", b"%PDF-1.7 x")).content.decode()
    assert "error-summary" in page


def test_a_newer_file_takes_the_place_of_the_older_of_its_role(portal: Client, us: Eui64) -> None:
    for role in ("IS", "GS", "IS"):
        post(portal, "4.6.1,SR,DAY,,1000", user_role=role)
    first, gas, last = PreparedFile.objects.order_by("id")
    assert (first.withdrawn_at, gas.withdrawn_at, last.withdrawn_at) == (NOW, None, None)
    page = portal.get(f"/thresholds/prepared/{first.reference}/").content.decode()
    assert "A newer file for IS took its place" in page
    listed = portal.get(PREPARE).content.decode()
    assert gas.reference in listed
    assert first.reference not in listed


def test_a_double_click_makes_one_file(portal: Client) -> None:
    key = portal.get(PREPARE).context["form"]["idempotency_key"].value()
    for _ in range(2):
        post(portal, GOOD, idempotency_key=str(key))
    assert PreparedFile.objects.count() == 1


def test_only_an_aro_of_the_user_prepares(
    portal: Client, sunil: Person, dana: Person, bela: Person, gina: Person
) -> None:
    post(portal, GOOD)
    page = f"/thresholds/prepared/{PreparedFile.objects.get().reference}/"
    for person in (sunil, dana, gina, bela):
        browser = client_of(person)
        for address in (page, f"{page}file/"):
            assert browser.get(address).status_code == HTTPStatus.NOT_FOUND
        if person is not bela:
            assert browser.get(PREPARE).status_code == HTTPStatus.NOT_FOUND
            assert browser.post(PREPARE, {}).status_code == HTTPStatus.NOT_FOUND
    assert PreparedFile.objects.count() == 1


def test_query_counts(portal: Client, aroha: Person) -> None:
    version(aroha, ("4.6.1 SR DAY", 1_000), state="applied")
    portal.get(PREPARE)
    with counted("thresholds: prepare"):
        portal.get(PREPARE)


def test_the_check_asks_no_more_of_more_rows(portal: Client, aroha: Person, us: Eui64) -> None:
    version(aroha, ("4.6.1 SR DAY", 1_000), state="applied")
    sent(us, "4.6.1 SR", 10, began_at=hour(date(2026, 11, 13), 9))
    rows = [f"{srv},SR,{period},,9" for srv in ("4.6.1", "7.4", "8.2", "11.2") for period in ("DAY", "HOUR")]
    asked = []
    for number in (1, 1, 8):
        with CaptureQueriesContext(connection) as queries:
            post(portal, "\n".join(rows[:number]), "check")
        asked.append(len(queries))
    assert asked[1] == asked[2]


def test_an_effective_date_far_ahead_is_mistyped(portal: Client) -> None:
    assert post(portal, GOOD, do="check", effective_date="2027-11-23").context["form"].errors == {}
    for day in ("2027-11-25", "2999-01-01"):
        errors = post(portal, GOOD, do="check", effective_date=day).context["form"].errors
        assert errors["effective_date"] == [f"{day} is more than 366 days ahead."], day
