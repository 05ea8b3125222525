"""Passwords: changed, forgotten, set by link, asked for again."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from ssi.accounts.demo_accounts import DEMO_PASSWORD
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.notifications.delivery import deliver_waiting
from ssi.notifications.models import OutboxMessage
from tests.personas import client_of

pytestmark = pytest.mark.django_db
NEW = "Quiet-Half-Hour-48"


def link_in(message: OutboxMessage) -> str:
    found = re.search(r"https?://[^/]+(/password/new/\S+)", message.text)
    assert found, message.text
    return found[1]


def ask_for_link(email: str) -> OutboxMessage | None:
    assert Client().post("/password/forgotten/", {"email": email})["Location"] == "/password/forgotten/sent/"
    return OutboxMessage.objects.filter(recipient=email).order_by("-id").first()


def may_reveal(browser: Client) -> bool:
    request: Any = browser.get("/access/").wsgi_request
    return bool(request.actor.may_reveal)


def change(browser: Client, old: str, new: str, again: str | None = None) -> str:
    sent = {"oldpassword": old, "password1": new, "password2": new if again is None else again}
    return browser.post("/account/password/", sent, follow=True).content.decode()


def test_changed_password_ends_the_other_sessions_and_keeps_this_one(gina: Person) -> None:
    here, elsewhere = client_of(gina), client_of(gina)
    assert "Your password is changed." in change(here, DEMO_PASSWORD, NEW)
    assert here.get("/access/").status_code == 200
    assert elsewhere.get("/access/").status_code == 302
    assert AuditEvent.objects.get().event == "person.password_set"
    gina.refresh_from_db()
    assert gina.check_password(NEW)


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", NEW, None, "That is not your present password."),
        (DEMO_PASSWORD, "short", None, "too short"),
        (DEMO_PASSWORD, "gina@northlight.example", None, "too similar"),
        (DEMO_PASSWORD, NEW, "Other-Half-Hour-48", "same password"),
        (DEMO_PASSWORD, "", None, "Enter a new password."),
    ],
)
def test_bad_change_says_why_and_changes_nothing(gina: Person, old: str, new: str, again: str, said: str) -> None:
    page = change(client_of(gina), old, new, again)
    assert said in page
    gina.refresh_from_db()
    assert gina.check_password(DEMO_PASSWORD)
    assert not AuditEvent.objects.exists()


def test_link_sets_a_password_once(gina: Person) -> None:
    message = ask_for_link(gina.email)
    assert message is not None
    browser = Client()
    form = browser.get(link_in(message))["Location"]
    assert browser.post(form, {"password1": NEW, "password2": NEW})["Location"] == "/password/new/set/"
    gina.refresh_from_db()
    assert gina.check_password(NEW)
    assert "does not work any more" in Client().get(link_in(message)).content.decode()


def test_link_grows_old(gina: Person) -> None:
    message = ask_for_link(gina.email)
    assert message is not None
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        assert "does not work any more" in Client().get(link_in(message)).content.decode()


@pytest.mark.parametrize(
    "address", ["/password/new/1-abc/", "/password/new/zzzzzzzzzzzzzzzzzz-x/", "/password/new/0-set-password/"]
)
def test_made_up_link_is_told_so(db: None, address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert "does not work any more" in answer.content.decode()


def test_unknown_and_closed_accounts_get_the_same_answer_and_no_mail(gina: Person) -> None:
    Person.objects.update(is_active=False)
    assert ask_for_link("nobody@northlight.example") is None
    assert ask_for_link(gina.email) is None
    assert not OutboxMessage.objects.exists()


def test_asking_for_links_without_end_is_slowed_down(gina: Person) -> None:
    for _ in range(5):
        ask_for_link(gina.email)
    answer = Client().post("/password/forgotten/", {"email": gina.email})
    assert answer.status_code == 429
    assert "Wait" in answer.content.decode()


def test_signing_in_again_opens_secrets_for_five_minutes(gina: Person) -> None:
    browser = client_of(gina, fresh=False)
    assert not may_reveal(browser)
    answer = browser.post("/account/confirm/", {"password": DEMO_PASSWORD, "next": "/access/"})
    assert answer["Location"] == "/access/"
    assert may_reveal(browser)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert not may_reveal(browser)


def test_fresh_sign_in_opens_secrets_too(gina: Person) -> None:
    browser = Client()
    browser.post("/sign-in/", {"login": gina.email, "password": DEMO_PASSWORD})
    assert may_reveal(browser)


def test_wrong_password_opens_nothing(gina: Person) -> None:
    browser = client_of(gina, fresh=False)
    page = browser.post("/account/confirm/", {"password": "Wrong-Meter-2026"}).content.decode()
    assert "The password is not right." in page
    assert not may_reveal(browser)
    assert AuditEvent.objects.get().event == "person.sign_in_failed"


def test_confirming_never_leaves_the_site(gina: Person) -> None:
    answer = client_of(gina).post(
        "/account/confirm/", {"password": DEMO_PASSWORD, "next": "https://evil.example/"}
    )
    assert answer["Location"] == "/"


@pytest.mark.django_db(transaction=True)
def test_link_is_forgotten_once_it_is_delivered(gina: Person, vera: Person) -> None:
    ask_for_link(gina.email)
    deliver_waiting()
    ask_for_link(vera.email)
    assert "/password/new/" not in OutboxMessage.objects.get(recipient=gina.email).text
    assert "/password/new/" in OutboxMessage.objects.get(recipient=vera.email).text
    assert "/password/new/" in str(mail.outbox[0].body)
