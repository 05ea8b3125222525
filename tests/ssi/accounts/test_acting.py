"""Switching between the User IDs and User Roles one holds, and the page that says what each may do."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from ssi.access.components import Component
from ssi.access.roles import UserRole
from ssi.accounts.demo_accounts import NORTHLIGHT
from ssi.accounts.models import Person, RoleGrant
from ssi.accounts.presenters import SUBJECTS
from ssi.audit.models import AuditEvent
from tests.factories.accounts import OfficerFactory, RoleGrantFactory, UserIdFactory
from tests.personas import client_of

pytestmark = pytest.mark.django_db
GAS = f"{NORTHLIGHT.user_id}/GS"


def acts_as(browser: Client) -> tuple[str, str]:
    request: Any = browser.get("/access/").wsgi_request
    return str(request.actor.user_id), str(request.actor.user_role)


def test_switching_is_kept_recorded_and_confirmed(gina: Person) -> None:
    browser = client_of(gina)
    assert acts_as(browser) == (NORTHLIGHT.user_id, "IS")
    answer = browser.post("/access/acting-as/", {"acting_as": GAS, "next": "/access/"}, follow=True)
    assert "You now act as Northlight Energy as GS" in answer.content.decode()
    assert acts_as(browser) == (NORTHLIGHT.user_id, "GS")
    event = AuditEvent.objects.get()
    assert (event.event, event.acting_user_role, event.detail) == ("person.acting_as", "IS", {"acting_as": GAS})


@pytest.mark.parametrize(
    "wanted", ["", "x", "90-B3-D5-1F-30-01-00-00/IS", f"{NORTHLIGHT.user_id}/ED", f"{NORTHLIGHT.user_id}/IS/x"]
)
def test_what_one_does_not_hold_is_refused_and_changes_nothing(gina: Person, ivan: Person, wanted: str) -> None:
    browser = client_of(gina)
    answer = browser.post("/access/acting-as/", {"acting_as": wanted})
    assert answer.status_code == 403
    assert "You do not act for that User ID" in answer.content.decode()
    assert acts_as(browser) == (NORTHLIGHT.user_id, "IS")
    assert not AuditEvent.objects.exists()


def test_switching_is_a_post(gina: Person) -> None:
    assert client_of(gina).get("/access/acting-as/").status_code == 405


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "/nowhere/", "", "javascript:x"])
def test_return_stays_on_the_site(gina: Person, evil: str) -> None:
    answer = client_of(gina).post("/access/acting-as/", {"acting_as": GAS, "next": evil})
    assert answer["Location"] == "/"


def test_return_to_another_user_ids_thing_goes_home(gina: Person) -> None:
    other = UserIdFactory.create(party=gina.party, user_roles=[UserRole.IS])
    RoleGrantFactory.create(person=gina, acting_for=other)
    page = "/devices/1E-5A-01-00-00-00-00-01/"
    answer = client_of(gina).post("/access/acting-as/", {"acting_as": f"{other.eui}/IS", "next": page})
    assert answer["Location"] == "/"


def test_grant_that_ended_ends_the_choice_with_the_next_click(gina: Person) -> None:
    browser = client_of(gina, "GS")
    assert acts_as(browser)[1] == "GS"
    gina.party.user_ids.get().roles.filter(user_role="GS").delete()  # type: ignore[union-attr]
    assert acts_as(browser)[1] == "IS"


def test_nominated_aro_reaches_nothing_and_is_told_that_it_waits(vera: Person) -> None:
    OfficerFactory.create(acting_for=vera.party.user_ids.get(), email=vera.email)  # type: ignore[union-attr]
    page = client_of(vera).get("/access/").content.decode()
    assert "counts once DCC has confirmed it" in page
    assert "This needs the Job Type Role ARO; you hold VIEW." in page


def test_page_shows_every_component_once_with_reason_and_way_out(gina: Person) -> None:
    page = unescape(client_of(gina).get("/access/").content.decode())
    for component in Component:
        assert page.count(component.rule.title) == 1
    assert "Your Job Type Role OPS, SVCM reaches it as IS." in page
    assert "not in this version yet" in page
    assert "This component is for DCC staff only." in page


def test_subjects_hold_every_component_once() -> None:
    listed = [component for components in SUBJECTS.values() for component in components]
    assert sorted(listed) == sorted(Component)


def test_desk_sees_its_own_reach(dana: Person) -> None:
    page = client_of(dana).get("/access/").content.decode()
    assert "DCC service desk" in page
    assert "DCC staff do not reach this component." in page


def test_nobody_sees_it_without_signing_in(db: None) -> None:
    assert Client().get("/access/")["Location"].startswith("/sign-in/")


def test_one_choice_offers_no_switch(nils: Person) -> None:
    assert RoleGrant.objects.filter(person=nils).count() == 2
    assert 'name="acting_as"' not in client_of(nils).get("/access/").content.decode()
