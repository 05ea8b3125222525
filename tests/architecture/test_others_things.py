"""What belongs to others does not exist: same answer as for what never was, and nothing changes."""

from typing import Any

import pytest
from django.test import Client

from incidents.models import InstallCodeRequest
from incidents.models.choices import State
from ssi.access.actor import Actor
from ssi.access.decorators import Requires
from ssi.accounts.actions.tokens import issue
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from tests.architecture.urls import SAMPLES, Address, every_address
from tests.factories.incidents import request_in
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db
STATES = [State.ASSIGNED, State.ANSWERED, State.WITH_SERVICE_DESK, State.CLOSED, State.WITHDRAWN]
STRANGERS = ["rhea", "nils"]


def pages_of_a_request() -> list[Address]:
    return [address for address in every_address() if f"/{SAMPLES['reference']}" in address.url]


def in_place_of_reference(page: bytes, reference: str) -> bytes:
    """Return a page with the reference taken out, and what differs at every showing: tokens and keys."""
    kept = [line for line in page.splitlines() if b"csrfmiddlewaretoken" not in line]
    return b"\n".join(kept).replace(reference.encode(), b"")


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("state", STATES)
def test_anothers_request_is_as_one_that_never_was(
    state: State, stranger: str, gina: Person, ivan: Person, request: pytest.FixtureRequest
) -> None:
    theirs = request_in(state, gina, ivan)
    person: Person = request.getfixturevalue(stranger)
    browser, actor = client_of(person), actor_of(person)
    before = (AuditEvent.objects.count(), InstallCodeRequest.objects.values().get())
    addresses = [address for address in pages_of_a_request() if not address.url.startswith("/api/")]
    assert len(addresses) > 5
    for address in addresses:
        if isinstance(address.access, Requires) and not any(map(actor.may, address.access.components)):
            continue
        for method in (browser.get, browser.post):
            real = method(address.url.replace(SAMPLES["reference"], theirs.reference))
            none = method(address.url)
            assert real.status_code == none.status_code, address.url
            assert real.status_code in {404, 405}, address.url
            assert in_place_of_reference(real.content, theirs.reference) == in_place_of_reference(
                none.content, SAMPLES["reference"]
            ), address.url
    assert (AuditEvent.objects.count(), InstallCodeRequest.objects.values().get()) == before


@pytest.mark.parametrize("stranger", STRANGERS)
def test_the_api_tells_strangers_no_more(
    stranger: str, gina: Person, ivan: Person, request: pytest.FixtureRequest
) -> None:
    theirs = request_in(State.ANSWERED, gina, ivan)
    token = issue(person=request.getfixturevalue(stranger), can_reveal=True, by=Actor.system())
    caller = Client(headers={"Authorization": f"Bearer {token}"})
    before = (AuditEvent.objects.count(), InstallCodeRequest.objects.values().get())
    addresses = [address for address in pages_of_a_request() if address.url.startswith("/api/v1/install-code")]
    assert len(addresses) > 5
    for address in addresses:
        real_url = address.url.replace(SAMPLES["reference"], theirs.reference)
        for method in (caller.get, caller.post):
            real = method(real_url, **_body(method == caller.post))
            none = method(address.url, **_body(method == caller.post))
            assert real.status_code == none.status_code, address.url
            assert real.status_code in {403, 404, 405, 422}, (address.url, real.content)
            assert in_place_of_reference(real.content, theirs.reference) == in_place_of_reference(
                none.content, SAMPLES["reference"]
            ), address.url
    assert (AuditEvent.objects.count(), InstallCodeRequest.objects.values().get()) == before


def _body(has_body: bool) -> dict[str, Any]:
    """Return a body that some of the moves take; the others say what they miss, the same to everyone."""
    facts = {"reason": "To know.", "text": "A note.", "outcome": "worked", "detail": "x", "install_code": "0" * 36}
    return {"data": facts, "content_type": "application/json"} if has_body else {}
