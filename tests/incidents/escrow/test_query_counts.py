"""The pages of escrow and of performance make a fixed number of queries, however many rows they show."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.actions.escrow.releasing import release_due
from incidents.models.choices import ReleaseRule
from ssi.accounts.models import Person, UserId
from tests.factories.accounts import UserIdFactory
from tests.factories.incidents import device_of
from tests.incidents.askings import asked
from tests.incidents.escrow.depositing import asked_for, deposited, ruled
from tests.personas import actor_of, client_of
from tests.query_counts import counted

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]


def warm(person: Person) -> Client:
    """Return a browser that has loaded a page before, as all have but the first."""
    browser = client_of(person)
    browser.get("/")
    return browser


def test_escrow(ivan: Person, gina: Person) -> None:
    held = [deposited(ivan) for _ in range(7)]
    ruled(ivan, ReleaseRule.AT_ONCE)
    asked_for(held[:4], gina)
    release_due(timezone.now())
    browser = warm(ivan)
    chosen = "&".join(f"device={each.device_id}" for each in held)
    for page, address in {
        "escrow: list": "/install-code-requests/escrow/",
        "escrow: rule": "/install-code-requests/escrow/rule/",
        "escrow: withdraw": f"/install-code-requests/escrow/withdraw/?{chosen}",
        "device: in escrow": f"/devices/{held[0].device_id}/",
        "device: not in escrow": f"/devices/{device_of(ivan).device_id}/",
    }.items():
        with counted(page):
            assert browser.get(address).status_code == 200
    with counted("escrow: export"):
        assert len(list(browser.get("/install-code-requests/escrow/export/"))) == 9


def test_releasing_many_takes_as_many_as_releasing_two(ivan: Person, gina: Person) -> None:
    ruled(ivan, ReleaseRule.AT_ONCE)
    queries = []
    for number in (2, 20):
        asked_for([deposited(ivan) for _ in range(number)], gina)
        with CaptureQueriesContext(connection) as captured:
            assert release_due(timezone.now()) == number
        queries.append(len(captured))
    assert queries[0] == queries[1]


def test_performance(ivan: Person, dana: Person) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    users = [UserIdFactory.create() for _ in range(5)]
    users.append(UserId.objects.get(pk=actor_of(ivan).user.user_id))
    for user in users:
        asked(user, 3, at=yesterday)
    for name, person in {"supplier": ivan, "desk": dana}.items():
        browser = warm(person)
        with counted(f"performance: {name}"):
            assert browser.get("/install-code-requests/performance/").status_code == 200
    with counted("performance: rows behind a figure"):
        day = yesterday.date()
        browser.get(f"/incidents/?asked_from={day}&asked_to={day}&asked_which=asked")
