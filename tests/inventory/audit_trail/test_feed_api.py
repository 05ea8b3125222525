"""DCC's feed brings DUIS messages through the API: the DUIS answer, one effect, and nothing for anybody else."""

from http import HTTPStatus
from typing import Any
from xml.etree.ElementTree import fromstring  # our own answer

import pytest
from django.conf import LazySettings
from django.test import Client

from inventory.models import AuditTrailEntry, Device
from inventory.models.choices import TrailKind
from ssi.accounts.models import Person, UserId
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from tests.inventory.duis import messages as duis
from tests.inventory.duis.applying import register
from tests.leaks import everything_in_the_database, holds
from tests.tokens import bearer

pytestmark = pytest.mark.django_db
CALL = "/api/v1/service-requests"
XML = "application/xml"


@pytest.fixture(autouse=True)
def supplier() -> UserId:
    return register()


@pytest.fixture
def program(feed: Person) -> Client:
    """Return the feed's program."""
    return Client(headers=bearer(feed))


def bring(program: Client, body: bytes, content_type: str = XML, **headers: str) -> Any:
    return program.post(CALL, body, content_type=content_type, headers=headers)


def refused(answer: Any, status: HTTPStatus) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["title"]
    assert document["suggestion"]
    return document


def header_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == HTTPStatus.OK, answer.content
    assert answer["Content-Type"] == XML
    root = fromstring(answer.content)
    assert root.tag == f"{{{duis.SR}}}Response"
    return {each.tag.removeprefix(f"{{{duis.SR}}}"): each.text or "" for each in root[0]}


# --- What it answers --------------------------------------------------------------------------------------------


def test_a_message_is_applied_and_answered_as_duis_does(program: Client) -> None:
    header = header_of(bring(program, duis.prenotification()))
    assert header["ResponseCode"] == "I99"
    assert header["RequestID"] == f"{duis.SUPPLIER}:{duis.BROKER}:7"
    assert header["ResponseDateTime"].endswith("Z")
    assert Device.objects.filter(pk=Eui64.parse(duis.METER)).exists()


def test_an_answer_carries_what_was_asked_for(program: Client) -> None:
    bring(program, duis.prenotification())
    query = f"<sr:ReadInventory><sr:DeviceID>{duis.METER}</sr:DeviceID></sr:ReadInventory>"
    answer = bring(program, duis.request("8.2", query, counter=8))
    assert header_of(answer)["ResponseCode"] == "I0"
    (device,) = fromstring(answer.content).iter(f"{{{duis.SR}}}Device")
    assert device[0].text == duis.METER


def test_an_alert_is_taken_in_without_an_answer(program: Client) -> None:
    bring(program, duis.prenotification())
    answer = bring(program, duis.device_alert())
    assert (answer.status_code, answer.content) == (HTTPStatus.NO_CONTENT, b"")
    assert AuditTrailEntry.objects.get(kind=TrailKind.DEVICE_ALERT).code == "8183"


@pytest.mark.parametrize("content_type", ["text/xml", "application/xml; charset=utf-8", "Application/XML"])
def test_xml_by_any_of_its_names(program: Client, content_type: str) -> None:
    assert header_of(bring(program, duis.prenotification(), content_type))["ResponseCode"] == "I99"


def test_a_refusal_of_duis_is_a_duis_answer_too(program: Client) -> None:
    stranger = duis.prenotification(header={"originator": "90-B3-D5-1F-3F-00-00-77"})
    assert header_of(bring(program, stranger))["ResponseCode"] == "E1"
    assert not Device.objects.exists()


def test_a_refusal_of_ours_is_a_problem_with_its_code(program: Client) -> None:
    problem = refused(bring(program, duis.prenotification(DeviceType="TOASTER")), HTTPStatus.UNPROCESSABLE_ENTITY)
    assert problem["code"] == "SSI-SCHEMA"
    assert problem["title"] == "Message refused"
    assert "TOASTER" not in problem["detail"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b" ", "SSI-EMPTY"),
        (b"not xml", "SSI-MALFORMED"),
        (b'{"json": true}', "SSI-MALFORMED"),
        (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "SSI-UNSAFE-XML"),
        (b"<invoice/>", "SSI-NOT-DUIS"),
        (b"PK\x03\x04", "SSI-COMPRESSED"),
    ],
)
def test_what_is_no_duis_is_a_problem(program: Client, body: bytes, code: str) -> None:
    problem = refused(bring(program, body), HTTPStatus.UNPROCESSABLE_ENTITY)
    assert (problem["code"], problem["title"]) == (code, "Not a DUIS message")


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_another_content_type_is_refused_unread(program: Client, content_type: str) -> None:
    problem = refused(bring(program, duis.prenotification(), content_type), HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    assert problem["errors"][0]["field"] == "Content-Type"
    assert not Device.objects.exists()


def test_a_message_in_chunks_is_asked_for_whole(program: Client) -> None:
    answer = program.generic("POST", CALL, CONTENT_TYPE=XML, headers={"Transfer-Encoding": "chunked"})
    problem = refused(answer, HTTPStatus.LENGTH_REQUIRED)
    assert "Content-Length" in problem["suggestion"]


def test_a_message_that_is_too_large_is_refused_unread(program: Client, settings: LazySettings) -> None:
    settings.SSI_DUIS_LARGEST_MESSAGE = len(duis.prenotification())
    assert header_of(bring(program, duis.prenotification()))["ResponseCode"] == "I99"
    problem = refused(bring(program, duis.prenotification() + b" "), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    assert f"{settings.SSI_DUIS_LARGEST_MESSAGE:,} bytes" in problem["detail"]


def test_a_message_larger_than_a_form_may_be_is_read(program: Client) -> None:
    padded = duis.prenotification().replace(b"</sr:Header>", b"</sr:Header>" + b" " * 3_000_000)
    assert header_of(bring(program, padded))["ResponseCode"] == "I99"


# --- Once -----------------------------------------------------------------------------------------------------


def test_the_same_key_and_message_have_one_effect_and_one_answer(program: Client) -> None:
    key = {"Idempotency-Key": "one"}
    first = bring(program, duis.prenotification(), **key)
    again = bring(program, duis.prenotification(), **key)
    assert first.content == again.content
    assert header_of(again)["ResponseCode"] == "I99"
    assert AuditTrailEntry.objects.count() == 1
    without = refused(bring(program, duis.prenotification()), HTTPStatus.UNPROCESSABLE_ENTITY)
    assert without["code"] == "SSI-DEVICE-EXISTS"


def test_the_same_key_answers_a_problem_again_too(program: Client) -> None:
    key = {"Idempotency-Key": "one"}
    documents = [
        refused(bring(program, duis.prenotification(DeviceType="TOASTER"), **key), HTTPStatus.UNPROCESSABLE_ENTITY)
        for _ in range(2)
    ]
    assert documents[0] == documents[1]
    assert AuditTrailEntry.objects.count() == 1


def test_the_same_key_with_another_message_is_refused(program: Client) -> None:
    key = {"Idempotency-Key": "one"}
    bring(program, duis.prenotification(), **key)
    problem = refused(bring(program, duis.prenotification(duis.GAS_METER), **key), HTTPStatus.UNPROCESSABLE_ENTITY)
    assert problem["title"] == "Idempotency key reused"
    assert not Device.objects.filter(pk=Eui64.parse(duis.GAS_METER)).exists()


# --- Who, and what is kept --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["dana", "gina", "adam", "nils"])
def test_nobody_else_may(name: str, request: pytest.FixtureRequest) -> None:
    person: Person = request.getfixturevalue(name)
    problem = refused(bring(Client(headers=bearer(person)), duis.prenotification()), HTTPStatus.FORBIDDEN)
    if name == "dana":
        assert problem["detail"] == "This is for the account of DCC's feed alone."
        assert problem["suggestion"] == "Use a token of that account."
    assert not Device.objects.exists()


def test_without_a_token_nobody_may() -> None:
    refused(bring(Client(), duis.prenotification()), HTTPStatus.UNAUTHORIZED)
    assert not Device.objects.exists()


def test_a_closed_feed_brings_nothing(program: Client, feed: Person) -> None:
    feed.is_active = False
    feed.save(update_fields=["is_active"])
    refused(bring(program, duis.prenotification()), HTTPStatus.UNAUTHORIZED)


def test_the_audit_log_names_the_feed_and_the_trail_its_user(program: Client, feed: Person) -> None:
    bring(program, duis.prenotification())
    event = AuditEvent.objects.exclude(event__startswith="api_token").get()
    assert (event.person_email, event.party_name, event.via) == (feed.email, "DCC", "api")
    entry = AuditTrailEntry.objects.get()
    assert str(entry.user_id) == duis.SUPPLIER
    assert (entry.kind, entry.srv, entry.code) == (TrailKind.SERVICE_REQUEST, "12.2", "I99")


def test_an_install_code_in_a_message_is_kept_nowhere(program: Client) -> None:
    brought = [
        duis.prenotification(duis.HUB, DeviceType="CHF", ESMEVariant=None),
        duis.prenotification(header={"counter": "8"}),
        duis.add_to_log(counter=9),
        duis.add_to_log(counter=9),
        duis.add_to_log(counter=10, InstallCode=duis.INSTALL_CODE + "00"),
        duis.add_to_log(duis.INSTALL_CODE, counter=11),
        duis.add_to_log(counter=12, ImportMPxN=duis.INSTALL_CODE),
    ]
    answers = [bring(program, body, **{"Idempotency-Key": str(key)}) for key, body in enumerate(brought)]
    assert AuditTrailEntry.objects.filter(srv="8.11").count() > 2
    places = dict(everything_in_the_database())
    places |= {f"answer {number}": answer.content for number, answer in enumerate(answers)}
    assert any("audittrailentry" in place and content for place, content in places.items())
    assert [place for place, content in places.items() if holds(content, duis.INSTALL_CODE)] == []
