"""What guards the grid does not exist for whoever has no part in it, and the try is an event."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import Person, RoleGrant
from ssi.audit.models import AuditEvent
from ssi.web import security
from tests.personas import actor_of, client_of
from tests.tokens import bearer

pytestmark = pytest.mark.django_db

HIDDEN, NOWHERE = "/uploads/", "/nothing/"


def tries() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(event=security.ACCESS_DENIED).order_by("id"))


def told(answer: Any, address: str) -> tuple[int, str, dict[str, str]]:
    """Return all that an answer tells, but for the address that was asked and what differs with each answer."""
    body = answer.content.decode().replace(address, "…")
    headers = {name: value for name, value in answer.items() if name != "X-Request-Id"}
    length = int(headers.pop("Content-Length", "0")) - len(answer.content)
    cookies = {name: cookie["path"] for name, cookie in answer.cookies.items()}
    return answer.status_code, _without_token(body), headers | cookies | {"length": str(length)}


def _without_token(body: str) -> str:
    parts = body.split('name="csrfmiddlewaretoken" value="')
    return parts[0] + "".join(part[64:] for part in parts[1:])


@pytest.mark.parametrize("method", ["get", "post", "put", "head", "options"])
def test_it_answers_as_an_address_that_does_not_exist(vera: Person, method: str) -> None:
    browser = client_of(vera)
    browser.get(NOWHERE)
    hidden, nowhere = getattr(browser, method)(HIDDEN), getattr(browser, method)(NOWHERE)
    assert told(hidden, HIDDEN) == told(nowhere, NOWHERE)
    assert hidden.status_code == 404
    (event,) = tries()
    assert (event.about, event.reference, event.person_email) == ("security", "Northlight Energy", vera.email)
    assert event.detail == {"component": "FC10", "path": HIDDEN, "method": method.upper()}


def test_a_form_without_its_token_tells_nothing_either(vera: Person) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = client_of(vera).cookies
    hidden, nowhere = browser.post(HIDDEN), browser.post(NOWHERE)
    assert told(hidden, HIDDEN) == told(nowhere, NOWHERE)
    assert hidden.status_code == 404
    assert len(tries()) == 1


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_one_too_large_to_be_read_tells_nothing_either(vera: Person, content_type: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = client_of(vera).cookies
    guarded = "/uploads/new/adt/"
    declared: Any = {"CONTENT_LENGTH": str(4 * 1024**3)}
    hidden, nowhere = (
        browser.post(address, "x", content_type=content_type, **declared) for address in (guarded, NOWHERE)
    )
    assert told(hidden, guarded) == told(nowhere, NOWHERE)
    assert hidden.status_code == 404
    assert [event.detail["path"] for event in tries()] == [guarded]


def test_nobody_is_led_to_it_by_its_slash(vera: Person, aroha: Person) -> None:
    assert client_of(vera).get("/uploads").status_code == 404
    assert [event.detail["path"] for event in tries()] == ["/uploads"]
    assert client_of(aroha).get("/uploads").status_code == 301


def test_whoever_is_not_signed_in_is_sent_to_sign_in() -> None:
    assert Client().get(HIDDEN)["Location"] == "/sign-in/?next=/uploads/"
    assert tries() == []


def test_repeated_tries_are_one_event(vera: Person) -> None:
    browser = client_of(vera)
    for _ in range(5):
        assert browser.get(HIDDEN).status_code == 404
    assert len(tries()) == 1


def test_a_minute_later_a_try_is_a_new_event(vera: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    by = actor_of(vera)
    once = security.Try(by, (Component.ADT_SUBMISSION,), "/uploads/new/adt/", "GET")
    security.record(once)
    security.record(once)
    assert len(tries()) == 1
    security.record(security.Try(by, (Component.ARO_NOMINATION,), "/officers/", "GET"))
    assert len(tries()) == 2
    monkeypatch.setattr(security, "SAME_TRY", timedelta(0))
    security.record(once)
    assert len(tries()) == 3


def test_each_person_is_told_of(vera: Person, olu: Person) -> None:
    for person in (vera, olu):
        client_of(person).get(HIDDEN)
    assert [event.reference for event in tries()] == ["Northlight Energy", "Thirdways Analytics"]


def test_whose_last_role_ended_is_still_of_their_company(aroha: Person) -> None:
    RoleGrant.objects.filter(person=aroha).delete()
    assert client_of(aroha).get(HIDDEN).status_code == 404
    assert [event.reference for event in tries()] == ["Northlight Energy"]


def test_dcc_is_named_as_such(dana: Person) -> None:
    by = actor_of(dana)
    assert security.is_hidden_from(by, (Component.ARO_NOMINATION,))
    security.record(security.Try(by, (Component.ARO_NOMINATION,), "/officers/", "GET"))
    assert [event.reference for event in tries()] == ["DCC"]


def test_one_component_that_is_not_hidden_shows_the_page() -> None:
    nobody = Actor(person_name="New")
    assert security.is_hidden_from(nobody, (Component.ADT_SUBMISSION, Component.ADT_APPROVAL))
    assert not security.is_hidden_from(nobody, (Component.ADT_SUBMISSION, Component.SERVICE_DESK))


def test_listeners_hear_of_recorded_tries_alone(vera: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[security.Try] = []
    monkeypatch.setattr(security, "_listeners", [])
    security.add(heard.append)
    browser = client_of(vera)
    browser.get(HIDDEN)
    browser.get(HIDDEN)
    assert [(each.by.person_email, each.path) for each in heard] == [(vera.email, HIDDEN)]


def test_the_api_says_why_and_the_try_is_recorded(vera: Person) -> None:
    program = Client(headers=bearer(vera))
    for _ in range(2):
        answer = program.get("/api/v1/uploads")
        assert answer.status_code == 403
        assert "you hold VIEW" in answer.json()["detail"]
    (event,) = tries()
    assert (event.via, event.detail["path"]) == ("api", "/api/v1/uploads")
