"""DCC's feed: an account that calls the API, reaches nothing else, and never signs in."""

import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client, RequestFactory

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.access.roles import JobTypeRole
from ssi.accounts.acting import actor_for
from ssi.accounts.actions import grants, people
from ssi.accounts.actions.grants import FeedHoldsNoGrants
from ssi.accounts.actions.people import FeedHasNoPassword
from ssi.accounts.demo_accounts import DEMO_PASSWORD
from ssi.accounts.models import Person
from ssi.accounts.tokens import TokenAuth
from ssi.audit.models import AuditEvent
from ssi.launcher import demo_sign_ins
from ssi.notifications.models import OutboxMessage
from tests.factories.accounts import PartyFactory, UserIdFactory
from tests.personas import client_of
from tests.tokens import bearer

pytestmark = pytest.mark.django_db
EMAIL = "messages@dcc.example"


def test_the_command_opens_it_without_a_password_or_a_mail(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("open_feed_account", EMAIL)
    person = Person.objects.get()
    assert (person.email, person.is_feed, person.is_dcc_staff, person.party) == (EMAIL, True, False, None)
    assert not person.has_usable_password()
    assert not OutboxMessage.objects.exists()
    event = AuditEvent.objects.get(event="person.account_opened")
    assert (event.reference, event.detail["works_for"], event.via) == (EMAIL, "DCC's feed", "system")
    assert f"api_token {EMAIL}" in capsys.readouterr().out


@pytest.mark.parametrize(("email", "says"), [("nonsense", "not an e-mail address"), (EMAIL, "already")])
def test_what_cannot_be_an_account_is_refused(email: str, says: str) -> None:
    call_command("open_feed_account", EMAIL)
    with pytest.raises(CommandError, match=says):
        call_command("open_feed_account", email)
    assert Person.objects.count() == 1


def test_it_reaches_the_feed_and_nothing_else(feed: Person) -> None:
    actor = actor_for(feed, None, via="api")
    assert actor.is_feed
    assert not actor.is_dcc
    assert {component for component in Component if actor.may(component)} == {Component.SERVICE_REQUEST_FEED}
    assert not feed.is_staff


def test_its_token_works_and_names_it(feed: Person) -> None:
    token = bearer(feed)["Authorization"].removeprefix("Bearer ")
    actor = TokenAuth().authenticate(RequestFactory().get("/"), token)
    assert actor is not None
    assert (actor.is_feed, actor.person_email, actor.party_name, actor.via) == (True, feed.email, "DCC", "api")


def test_the_right_password_does_not_let_it_in(feed: Person) -> None:
    browser = Client()
    answer: Any = browser.post("/sign-in/", {"login": feed.email, "password": DEMO_PASSWORD})
    page = answer.content.decode()
    assert "This is the account of DCC&#x27;s feed, which works through the API alone." in page
    assert "Use its token in a program" in page
    assert browser.get("/").status_code == 302
    assert AuditEvent.objects.get().event == "person.sign_in_failed"


def test_a_session_of_it_ends_at_once(feed: Person) -> None:
    browser = client_of(feed)
    for url in ("/", "/devices/", "/admin/"):
        assert re.match("/sign-in/", browser.get(url)["Location"])


def test_it_gets_no_password_link(feed: Person, dana: Person) -> None:
    Client().post("/password/forgotten/", {"email": feed.email})
    with pytest.raises(FeedHasNoPassword):
        people.send_password_link(person_id=feed.pk, by=Actor.system())
    assert not OutboxMessage.objects.exists()


def test_it_holds_no_grant(feed: Person) -> None:
    user_id = UserIdFactory.create()
    with pytest.raises(FeedHoldsNoGrants):
        grants.grant_role(person_id=feed.pk, eui=user_id.eui, job_type_role=JobTypeRole.OPS, by=Actor.system())


@pytest.mark.parametrize("is_dcc_staff", [True, False])
def test_the_database_says_it_too(feed: Person, is_dcc_staff: bool) -> None:
    party = None if is_dcc_staff else PartyFactory.create()
    with pytest.raises(IntegrityError, match="have_no_party_others_have_one"), transaction.atomic():
        Person.objects.filter(pk=feed.pk).update(is_dcc_staff=is_dcc_staff, party=party)


def test_the_desk_sees_it_and_may_close_it(feed: Person, dana: Person) -> None:
    page = client_of(dana).get(f"/admin/accounts/person/{feed.pk}/change/").content.decode()
    assert "DCC&#x27;s feed (API only)" in page
    assert "E-mail a password link" not in page
    people.close_account(person_id=feed.pk, by=Actor.system())
    feed.refresh_from_db()
    assert not feed.is_active


def test_the_terminal_tells_how_to_use_the_demos() -> None:
    *_, line = demo_sign_ins("http://127.0.0.1:8000")
    assert line.split(maxsplit=1)[0] == "feed@dcc.example"
    assert "DCC's feed (API only): .venv/bin/python manage.py api_token feed@dcc.example" in line
