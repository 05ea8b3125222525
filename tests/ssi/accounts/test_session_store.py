"""A session ends an hour after the last click, and is written once a minute at most."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ssi.accounts.models import Person
from tests.personas import client_of

pytestmark = pytest.mark.django_db


def writes(browser: Client) -> int:
    """Click once, and return how many statements wrote the session."""
    with CaptureQueriesContext(connection) as sent:
        assert browser.get("/access/").status_code == 200
    return sum(str(each["sql"]).startswith('UPDATE "django_session"') for each in sent.captured_queries)


def test_clicks_within_a_minute_write_nothing(gina: Person) -> None:
    start = timezone.now()
    browser = client_of(gina)
    with time_machine.travel(start, tick=False):
        browser.get("/access/")
    with time_machine.travel(start + timedelta(seconds=50), tick=False):
        assert writes(browser) == 0
    with time_machine.travel(start + timedelta(seconds=70), tick=False):
        assert writes(browser) == 1
        assert writes(browser) == 0


def test_an_hour_without_a_click_ends_it_a_minute_early_at_most(gina: Person) -> None:
    start = timezone.now()
    browser = client_of(gina)
    with time_machine.travel(start + timedelta(seconds=50), tick=False):
        browser.get("/access/")
    with time_machine.travel(start + timedelta(minutes=59, seconds=45), tick=False):
        assert browser.get("/access/").status_code == 200
    last = start + timedelta(minutes=59, seconds=45)
    with time_machine.travel(last + timedelta(hours=1, seconds=1), tick=False):
        assert browser.get("/access/").status_code == 302


def test_what_changes_in_it_is_written_at_once(gina: Person) -> None:
    browser = client_of(gina)
    browser.get("/access/")
    session = browser.session
    session["something"] = "kept"
    session.save()
    assert writes(browser) == 0
    assert browser.session["something"] == "kept"


def test_a_key_that_is_none_begins_a_new_one(db: None) -> None:
    store = Client().session
    assert not list(store.keys())


def test_one_that_was_tampered_with_is_empty(gina: Person) -> None:
    browser = client_of(gina)
    Session.objects.update(session_data="nonsense")
    assert browser.get("/access/").status_code == 302
