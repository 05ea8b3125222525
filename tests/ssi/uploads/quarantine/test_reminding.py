"""Reminders of decisions: before they are due, and when they are late; each once, to the right people."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ssi.access.roles import JobTypeRole
from ssi.accounts.models import Person
from ssi.notifications.models import OutboxMessage
from ssi.uploads.actions.quarantine import reminding
from ssi.uploads.models import QuarantineEvent
from tests.factories.accounts import RoleGrantFactory
from tests.factories.quarantine import event_of

pytestmark = pytest.mark.django_db


def due_in(person: Person, hours: float, number: int = 2, **facts: int) -> QuarantineEvent:
    """Return an event of a person's User ID whose decision is due in so many hours."""
    due_at = timezone.now() + timedelta(hours=hours)
    ref = 1 + QuarantineEvent.objects.count()
    return event_of(person.grants.get().acting_for, number, event_ref=ref, due_at=due_at, **facts)


def told() -> list[tuple[str, str]]:
    return sorted(OutboxMessage.objects.values_list("event", "recipient"))


def test_aros_are_reminded_before_it_is_due_once(aroha: Person, sunil: Person, dana: Person) -> None:
    event = due_in(aroha, 5.9)
    due_in(aroha, 6.1)
    assert (reminding.remind(), reminding.remind()) == (1, 0)
    assert told() == [("quarantine_event.due_soon", aroha.email)]
    letter = OutboxMessage.objects.get()
    assert event.reference in letter.subject
    assert f"/incidents/{event.reference}/" in letter.text


def test_whoever_answers_for_it_is_told_when_it_is_late_once(
    aroha: Person, sunil: Person, dana: Person, bela: Person
) -> None:
    RoleGrantFactory.create(
        person__party=aroha.party, acting_for=aroha.grants.get().acting_for, job_type_role=JobTypeRole.SEC
    )
    due_in(aroha, -0.1)
    reminding.remind()
    reminding.remind()
    assert told() == [
        ("quarantine_event.overdue", aroha.email),
        ("quarantine_event.overdue", sunil.email),
        ("quarantine_event.overdue_desk", dana.email),
    ]


def test_first_reminded_then_late(aroha: Person, dana: Person) -> None:
    event = due_in(aroha, 1)
    reminding.remind()
    QuarantineEvent.objects.filter(pk=event.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    reminding.remind()
    assert [name for name, _ in told()] == [
        "quarantine_event.due_soon",
        "quarantine_event.overdue",
        "quarantine_event.overdue_desk",
    ]


def test_nobody_is_told_where_nothing_is_held(aroha: Person, dana: Person) -> None:
    due_in(aroha, -1, 0, decided=3)
    due_in(aroha, 1, 0, released=3)
    assert reminding.remind() == 0
    assert told() == []


def test_many_events_in_batches(aroha: Person, dana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminding, "BATCH", 2)
    for _ in range(5):
        due_in(aroha, -1, 1)
    reminding.remind()
    assert OutboxMessage.objects.filter(event="quarantine_event.overdue").count() == 5
    assert not QuarantineEvent.objects.filter(overdue_told_at__isnull=True).exists()
