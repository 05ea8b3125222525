"""What the home page tells an officer of a party: files to submit or approve, and what is quarantined."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ssi.accounts.models import Person
from ssi.uploads.models import QuarantineEvent
from ssi.uploads.models.choices import Breach
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db


def _home_of(person: Person) -> str:
    return client_of(person).get("/").content.decode()


def _event_of(person: Person, *, due_in: timedelta) -> None:
    now = timezone.now()
    QuarantineEvent.objects.create(
        user_id_id=actor_of(person).user.user_id,
        event_ref=4711,
        breach=Breach.USER_THRESHOLD,
        began_at=now - timedelta(hours=20),
        due_at=now + due_in,
        held=3,
    )


def test_an_officer_with_nothing_to_do_is_told_so(aroha: Person) -> None:
    page = _home_of(aroha)
    assert "No checked file waits for you." in page
    assert "Nothing of yours is held." in page
    assert "Nothing awaits you" not in page


def test_quarantined_communications_await_an_officer(aroha: Person) -> None:
    _event_of(aroha, due_in=timedelta(hours=4))
    assert "The first decision is due" in _home_of(aroha)


def test_an_overdue_decision_is_said(aroha: Person) -> None:
    _event_of(aroha, due_in=timedelta(hours=-1))
    assert "One is overdue." in _home_of(aroha)


def test_anothers_event_awaits_nobody_here(aroha: Person, bela: Person) -> None:
    _event_of(bela, due_in=timedelta(hours=4))
    assert "Nothing of yours is held." in _home_of(aroha)


def test_an_sro_approves_and_submits_nothing(sunil: Person) -> None:
    page = _home_of(sunil)
    assert "Files to approve" in page
    assert "Files to submit" not in page


def test_nobody_else_hears_of_it(gina: Person, vera: Person, adam: Person) -> None:
    for person in (gina, vera, adam):
        page = _home_of(person)
        assert "Quarantine" not in page
        assert "Files to" not in page
