"""Who hears of releases: raisers once a run, depositors once a Working Day at most."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.actions.escrow.releasing import release_due
from incidents.actions.escrow.telling import tell_depositors, tell_raisers
from incidents.models import EscrowRelease
from incidents.models.choices import ReleaseRule
from ssi.accounts.models import Person
from ssi.notifications.models import OutboxMessage
from tests.incidents.escrow.depositing import asked_for, deposited, ruled

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 8, 24, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TO_DEPOSITOR = "install_code_request.answered_from_escrow"


def released(count: int, gina: Person, ivan: Person, at: datetime) -> None:
    """Release that many requests of Gina from Ivan's escrow at a moment."""
    held = [deposited(ivan) for _ in range(count)]
    ruled(ivan, ReleaseRule.AT_ONCE)
    asked_for(held, gina)
    assert release_due(at) == count


def told(event: str) -> list[str]:
    return list(OutboxMessage.objects.filter(event=event).order_by("id").values_list("subject", flat=True))


def test_a_depositor_is_told_once_of_the_days_before(gina: Person, ivan: Person) -> None:
    released(2, gina, ivan, MONDAY)
    assert tell_depositors(MONDAY + timedelta(hours=2)) == 0  # today's wait
    released(1, gina, ivan, MONDAY + timedelta(hours=3))
    assert tell_depositors(MONDAY + DAY) == 1
    assert tell_depositors(MONDAY + DAY) == 0
    assert tell_depositors(MONDAY + DAY + timedelta(hours=3)) == 0
    assert told(TO_DEPOSITOR) == ["Codes in escrow: 3 answered"]
    released(1, gina, ivan, MONDAY + DAY)
    assert tell_depositors(MONDAY + 2 * DAY) == 1
    assert told(TO_DEPOSITOR)[1:] == ["Codes in escrow: 1 answered"]


def test_in_working_hours_alone(gina: Person, ivan: Person) -> None:
    released(1, gina, ivan, MONDAY - 3 * DAY)  # a Friday
    assert tell_depositors(MONDAY - 2 * DAY) == 0
    assert tell_depositors(MONDAY - DAY) == 0
    assert tell_depositors(MONDAY.replace(hour=3)) == 0
    assert tell_depositors(MONDAY) == 1


def test_nothing_is_said_where_nothing_happened(ivan: Person) -> None:
    ruled(ivan, ReleaseRule.AT_ONCE)
    assert tell_depositors(MONDAY) == 0
    assert not OutboxMessage.objects.exists()


def test_a_raiser_is_told_by_whoever_comes_after_a_kill(gina: Person, ivan: Person, rhea: Person) -> None:
    released(2, gina, ivan, MONDAY)
    EscrowRelease.objects.update(raiser_told_at=None)
    OutboxMessage.objects.all().delete()
    assert tell_raisers(MONDAY) == 2
    assert tell_raisers(MONDAY) == 0
    assert told("install_code_request.answered") == ["Requests for Install Code: 2 answered"]
    assert OutboxMessage.objects.get().recipient == gina.email
