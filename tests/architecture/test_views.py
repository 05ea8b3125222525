"""Closed by default: every address says who may call it, and answers every persona as the matrix says."""

from http import HTTPStatus

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory

from ssi.access.decorators import Public, Requires, SignedIn, access_of
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.web.admin_site import OWN_PACKAGES
from ssi.web.security import ACCESS_DENIED
from tests.architecture.urls import Address, every_address
from tests.conftest import PERSONAS
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db
API = "/api/"
REFUSED, DOES_NOT_EXIST = {HTTPStatus.FORBIDDEN}, {HTTPStatus.NOT_FOUND}
ANSWERED = {
    HTTPStatus.OK,
    HTTPStatus.FOUND,
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
TRACES_OF_A_TRY = {"audit.AuditEvent", "notifications.OutboxMessage"}
READ_ONLY_AT_THE_DESK = {HTTPStatus.FORBIDDEN}
"""The desk reaches its pages; that nothing can be added or deleted there is another refusal, after that."""


def pages() -> list[Address]:
    """Return every address but the API's, where each operation knows its caller by the token."""
    return [address for address in every_address() if not address.url.startswith(API)]


def is_sign_in(location: str) -> bool:
    return location.startswith("/sign-in/?next=")


def rows() -> dict[str, int]:
    """Return how many rows each table has; sessions come and go with every click."""
    return {model._meta.label: model._base_manager.count() for model in apps.get_models() if model is not Session}


def refusals_of(access: Requires) -> set[HTTPStatus]:
    """Return how whoever reaches none of a page's components is answered: hidden ones do not exist."""
    return DOES_NOT_EXIST if all(component.rule.hidden for component in access.components) else REFUSED


def without_security_events(counts: dict[str, int]) -> dict[str, int]:
    """Return the counts without what a try at a hidden page leaves: an event, and e-mails about the first."""
    return {table: rows for table, rows in counts.items() if table not in TRACES_OF_A_TRY}


def test_every_view_says_who_may_call_it() -> None:
    silent = [address.url for address in every_address() if address.access is None]
    assert silent == []


def test_every_declaration_gives_its_reason_or_its_components() -> None:
    for address in every_address():
        access = address.access
        assert access is not None
        assert access.components if isinstance(access, Requires) else access.reason


def test_only_what_must_be_is_public() -> None:
    public = {address.url for address in pages() if isinstance(address.access, Public)}
    assert public == {
        "/accessibility/",
        "/account/closed/",
        "/livez",
        "/password/forgotten/",
        "/password/forgotten/sent/",
        "/password/new/1-0/",
        "/password/new/set/",
        "/readyz",
        "/sign-in/",
        "/sign-out/",
    }


def test_every_page_of_the_desk_is_the_desks() -> None:
    desk = [address for address in pages() if address.url.startswith("/admin/")]
    assert len(desk) > 50
    for address in desk:
        assert isinstance(address.access, Requires)
        assert [str(component) for component in address.access.components] == ["FC20"]


def test_desk_has_no_page_that_goes_round_the_actions(dana: Person) -> None:
    request = RequestFactory().get("/admin/")
    request.user = dana
    for model, page in admin.site._registry.items():
        assert model.__module__.split(".")[0] in OWN_PACKAGES
        assert not page.has_delete_permission(request)
        assert page.get_actions(request).keys() <= {"send_again"}


def test_nobody_gets_past_sign_in() -> None:
    browser, before, wrong = Client(), rows(), []
    for address in pages():
        for answer in (browser.get(address.url), browser.post(address.url, {"idempotency_key": "x"})):
            opens = not is_sign_in(answer.get("Location", ""))
            if opens != isinstance(address.access, Public) or answer.status_code not in ANSWERED:
                wrong.append((address.url, answer.status_code))
    assert wrong == []
    assert rows() == before


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_page_answers_as_the_matrix_says(persona: str, request: pytest.FixtureRequest) -> None:
    person: Person = request.getfixturevalue(persona)
    browser, actor, before, wrong = client_of(person), actor_of(person), rows(), []
    for address in pages():
        if not isinstance(address.access, Requires):
            continue
        may = any(actor.may(component) for component in address.access.components)
        answer = browser.get(address.url)
        expected = ANSWERED if may else refusals_of(address.access)
        if may and actor.is_dcc and address.url.startswith("/admin/"):
            expected = ANSWERED | READ_ONLY_AT_THE_DESK
        if answer.status_code not in expected:
            wrong.append((address.url, answer.status_code))
    assert wrong == []
    assert without_security_events(rows()) == without_security_events(before)


@pytest.mark.parametrize("persona", PERSONAS)
def test_a_refused_post_changes_nothing(persona: str, request: pytest.FixtureRequest) -> None:
    person: Person = request.getfixturevalue(persona)
    browser, actor, before, wrong = client_of(person), actor_of(person), rows(), []
    for address in pages():
        if isinstance(address.access, Requires) and not any(actor.may(each) for each in address.access.components):
            answer = browser.post(address.url, {"idempotency_key": "8d3a4c1e-7f21-4a55-9e1b-2f6f1c0a9b7d"})
            if answer.status_code not in refusals_of(address.access):
                wrong.append((address.url, answer.status_code))
    assert wrong == []
    assert without_security_events(rows()) == without_security_events(before)
    assert AuditEvent.objects.exclude(event=ACCESS_DENIED).count() == before["audit.AuditEvent"]


@pytest.mark.parametrize("persona", PERSONAS)
def test_pages_for_everybody_open_for_everybody(persona: str, request: pytest.FixtureRequest) -> None:
    browser = client_of(request.getfixturevalue(persona))
    for address in pages():
        if isinstance(address.access, SignedIn):
            assert browser.get(address.url).status_code in {HTTPStatus.OK, HTTPStatus.METHOD_NOT_ALLOWED}, (
                address.url
            )


def test_a_view_that_says_nothing_is_not_served(gina: Person) -> None:
    assert access_of(lambda request: None) is None
