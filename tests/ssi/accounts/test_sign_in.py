"""Signing in and out: who gets in, what is said, what is recorded."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from ssi.accounts.demo_accounts import DEMO_PASSWORD
from ssi.accounts.middleware import ACTING_AS
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from tests.factories.accounts import PartyFactory, PersonFactory
from tests.personas import client_of

pytestmark = pytest.mark.django_db
SIGN_IN = "/sign-in/"


def sign_in(email: str, password: str = DEMO_PASSWORD, query: str = "") -> tuple[Client, HttpResponse]:
    browser = Client()
    answer: Any = browser.post(f"{SIGN_IN}{query}", {"login": email, "password": password})
    return browser, answer


def events() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("event", flat=True))


def test_right_password_opens_the_home_page_and_is_recorded(gina: Person) -> None:
    _browser, answer = sign_in("gina@northlight.example")
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    event = AuditEvent.objects.get()
    assert (event.event, event.person_id, event.party_name) == ("person.signed_in", gina.pk, "Northlight Energy")


@pytest.mark.parametrize("typed", ["GINA@Northlight.Example", "  gina@northlight.example "])
def test_address_in_any_case_and_with_blanks(gina: Person, typed: str) -> None:
    assert sign_in(typed)[1].status_code == 302


@pytest.mark.parametrize("email", ["gina@northlight.example", "nobody@northlight.example"])
def test_wrong_password_and_unknown_address_read_the_same(gina: Person, email: str) -> None:
    _browser, answer = sign_in(email, "Wrong-Meter-2026")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "The e-mail address or the password is not right." in page
    assert "After five wrong tries" in page
    assert "Wrong-Meter-2026" not in page
    event = AuditEvent.objects.get()
    assert (event.event, event.reference, event.person_id) == ("person.sign_in_failed", email, None)


def test_address_longer_than_any_is_refused_politely(gina: Person) -> None:
    answer = sign_in("x" * 250 + "@northlight.example", "Wrong-Meter-2026")[1]
    assert answer.status_code == 200


def test_sixth_wrong_try_waits_even_with_the_right_password(gina: Person) -> None:
    browser = Client()
    for _ in range(5):
        browser.post(SIGN_IN, {"login": gina.email, "password": "Wrong-Meter-2026"})
    answer = browser.post(SIGN_IN, {"login": gina.email, "password": DEMO_PASSWORD})
    assert "There were too many wrong tries." in answer.content.decode()
    assert "Wait five minutes" in answer.content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert browser.post(SIGN_IN, {"login": gina.email, "password": DEMO_PASSWORD}).status_code == 302


def test_missing_fields_say_what_to_do(db: None) -> None:
    page = Client().post(SIGN_IN, {"login": "gina", "password": ""}).content.decode()
    assert "Enter your password." in page
    assert "It looks like name@company.example." in page


def test_next_is_kept_on_the_site(gina: Person) -> None:
    assert sign_in(gina.email, query="?next=/devices/")[1]["Location"] == "/devices/"


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", r"\\evil.example"]
)
def test_next_never_leaves_the_site(gina: Person, evil: str) -> None:
    browser = Client()
    answer = browser.post(SIGN_IN, {"login": gina.email, "password": DEMO_PASSWORD, "next": evil})
    assert answer["Location"] == "/"


def test_closed_account_is_told_so_and_gets_no_session(gina: Person) -> None:
    Person.objects.update(is_active=False)
    browser, answer = sign_in(gina.email)
    assert answer["Location"] == reverse("account_inactive")
    assert "This account is closed" in browser.get(answer["Location"]).content.decode()
    assert browser.get("/access/").status_code == 302


def test_whoever_holds_nothing_is_told_why(db: None) -> None:
    person = PersonFactory.create()
    browser, answer = sign_in(person.email)
    assert answer["Location"] == "/access/"
    assert "You hold no Job Type Role yet" in browser.get("/access/").content.decode()


def test_whose_party_left_is_told_so(gina: Person) -> None:
    party = gina.party
    assert party is not None
    party.left_date = timezone.localdate()
    party.save(update_fields=["left_date"])
    browser, answer = sign_in(gina.email)
    assert "Northlight Energy left the market" in browser.get(answer["Location"]).content.decode()


def test_sign_out_needs_a_post_and_is_recorded(gina: Person) -> None:
    browser = client_of(gina)
    assert browser.get("/sign-out/").status_code == 200
    assert browser.get("/access/").status_code == 200
    assert browser.post("/sign-out/")["Location"] == "/sign-in/"
    assert browser.get("/access/").status_code == 302
    assert events() == ["person.signed_out"]


def test_sign_out_of_an_ended_session_just_shows_sign_in(db: None) -> None:
    assert Client().post("/sign-out/")["Location"] == "/sign-in/"
    assert events() == []


def test_ended_session_comes_back_to_the_page(gina: Person) -> None:
    browser = client_of(gina)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        answer = browser.get("/access/?from=mail")
    assert answer["Location"] == "/sign-in/?next=/access/%3Ffrom%3Dmail"


def test_every_click_keeps_the_session_for_an_hour_but_no_longer_than_a_day(gina: Person) -> None:
    browser, start = client_of(gina), timezone.now()
    for half_hours in range(1, 24):
        with time_machine.travel(start + timedelta(minutes=30 * half_hours)):
            assert browser.get("/access/").status_code == 200
    with time_machine.travel(start + settings.SSI_SESSION_LIMIT + timedelta(minutes=1)):
        assert browser.get("/access/").status_code == 302


def test_session_cookie_is_kept_from_scripts_and_other_sites(gina: Person) -> None:
    browser, _answer = sign_in(gina.email)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]
    assert settings.SSI_BASE_URL.startswith("https") is settings.SESSION_COOKIE_SECURE


def test_session_key_changes_at_sign_in(gina: Person) -> None:
    browser = Client()
    browser.session.save()
    before = browser.session.session_key
    browser.post(SIGN_IN, {"login": gina.email, "password": DEMO_PASSWORD})
    assert browser.session.session_key != before


def test_sign_in_page_lists_the_demos_people_that_are_here(gina: Person, dana: Person) -> None:
    page = Client().get(SIGN_IN).content.decode()
    assert "gina@northlight.example" in page
    assert "DCC service desk" in page
    assert "ivan@brightgrid.example" not in page
    assert DEMO_PASSWORD in page


def test_sign_in_page_lists_nobody_where_there_is_no_demo(gina: Person, settings: Any) -> None:
    settings.SSI_DEMO = False
    page = Client().get(SIGN_IN).content.decode()
    assert "gina@" not in page
    assert DEMO_PASSWORD not in page


def test_chosen_demo_account_is_filled_in_without_script(gina: Person) -> None:
    page = Client().get(f"{SIGN_IN}?email=gina@northlight.example").content.decode()
    assert 'value="gina@northlight.example"' in page


@pytest.mark.parametrize(
    "name", ["account_signup", "account_email", "account_set_password", "account_confirm_email"]
)
def test_nothing_else_of_allauth_is_mounted(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_csrf_is_demanded(gina: Person) -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(SIGN_IN, {"login": gina.email, "password": DEMO_PASSWORD})
    assert answer.status_code == 403
    assert "expired" in answer.content.decode()


def test_acting_choice_of_another_person_does_not_outlive_sign_in(gina: Person) -> None:
    party = PartyFactory.create()
    other = PersonFactory.create(party=party)
    browser = client_of(gina, "GS")
    browser.post("/sign-out/")
    browser.post(SIGN_IN, {"login": other.email, "password": DEMO_PASSWORD})
    assert ACTING_AS not in browser.session
