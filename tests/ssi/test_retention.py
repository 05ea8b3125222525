"""Old records go by their rules, and nothing else goes."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from ssi import celery_app, retention
from ssi.accounts.models import ApiToken, Person
from ssi.audit.models import AuditEvent
from ssi.celery import collect_schedule
from ssi.notifications.models import OutboxMessage
from ssi.retention import Rule
from ssi.web.models import IdempotencyKey
from tests.factories.notifications import OutboxMessageFactory

NOW = timezone.now()
DAY = timedelta(days=1)


def ago(days: float) -> datetime:
    return NOW - days * DAY


def key(name: str, **facts: Any) -> IdempotencyKey:
    return IdempotencyKey.objects.create(person_id=1, key=name, fingerprint=b"0" * 32, **facts)


def session(name: str, **facts: Any) -> Session:
    return Session.objects.create(session_key=name, session_data="", **facts)


@pytest.fixture
def old_and_young(gina: Person) -> dict[Model, bool]:
    """Return rows of every kind, and whether they are to stay."""

    def token(name: str, **facts: Any) -> ApiToken:
        return ApiToken.objects.create(person=gina, digest=name.encode().ljust(32), **facts)

    mail = OutboxMessageFactory.create
    return {
        key("old", created_at=ago(2.1)): False,
        key("young", created_at=ago(1.9)): True,
        session("expired", expire_date=ago(0.01)): False,
        session("alive", expire_date=ago(-1)): True,  # longer than any run of the tests
        mail(delivered_at=ago(91), handled_at=ago(91)): False,
        mail(delivered_at=ago(89), handled_at=ago(89)): True,
        mail(delivered_at=ago(91)): True,
        mail(created_at=ago(400)): True,
        mail(dead_at=ago(366)): False,
        mail(dead_at=ago(364)): True,
        token("ended long ago", ended_at=ago(91)): False,
        token("expired long ago", expires_at=ago(91)): False,
        token("ended lately", ended_at=ago(89)): True,
        token("in use", created_at=ago(400)): True,
    }


def left(rows: dict[Model, bool]) -> dict[Model, bool]:
    return {row: type(row)._default_manager.filter(pk=row.pk).exists() for row in rows}


@pytest.mark.django_db
def test_what_is_old_goes_and_the_rest_stays(old_and_young: dict[Model, bool]) -> None:
    retention.sweep()
    assert left(old_and_young) == old_and_young
    assert all(swept.rows == 0 for swept in retention.sweep())


@pytest.mark.django_db
def test_a_simulation_counts_the_same_and_changes_nothing(old_and_young: dict[Model, bool]) -> None:
    simulated = {swept.rule.name: swept.rows for swept in retention.sweep(simulate=True)}
    assert all(left(old_and_young).values())
    assert {swept.rule.name: swept.rows for swept in retention.sweep()} == simulated
    assert sum(simulated.values()) == list(old_and_young.values()).count(False)


@pytest.mark.django_db
def test_the_command_says_what_it_does(old_and_young: dict[Model, bool]) -> None:
    said = StringIO()
    call_command("retention", "--simulate", stdout=said)
    assert "1 delivered e-mails would be deleted (kept 90 days after delivered_at)" in said.getvalue()
    assert all(left(old_and_young).values())
    call_command("retention", stdout=said)
    assert "1 expired sessions deleted (kept until expire_date)" in said.getvalue()
    assert left(old_and_young) == old_and_young


@pytest.mark.django_db
def test_many_rows_go_in_batches_of_two_statements_each(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(retention, "BATCH", 4)
    OutboxMessageFactory.create_batch(10, delivered_at=ago(100), handled_at=ago(100))
    rule = next(rule for rule in retention.rules() if rule.name == "delivered e-mails")
    with django_assert_num_queries(3 * 4):  # three batches: savepoint, look, delete, release
        assert retention._delete(rule, NOW) == 10


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_is_left_for_tomorrow() -> None:
    held, free = OutboxMessageFactory.create_batch(2, delivered_at=ago(100), handled_at=ago(100))
    other = connection.copy()
    try:
        with transaction.atomic():
            other.set_autocommit(False)
            with other.cursor() as cursor:
                cursor.execute("SELECT 1 FROM notifications_outboxmessage WHERE id = %s FOR UPDATE", [held.pk])
        retention.sweep()
        assert list(OutboxMessage.objects.all()) == [held]
    finally:
        other.rollback()
        other.close()
    assert free.pk != held.pk


@pytest.mark.django_db
def test_the_audit_log_is_never_swept() -> None:
    assert AuditEvent not in {rule.model for rule in retention.rules()}


def test_every_rule_says_why_and_names_a_moment() -> None:
    rules: list[Rule] = list(retention.rules())
    assert len({rule.name for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.why.endswith(".")
        *owners, since = rule.since.split("__")
        model: Any = rule.model
        for owner in owners:
            model = model._meta.get_field(owner).related_model
        assert model._meta.get_field(since).get_internal_type() == "DateTimeField"


def test_the_clock_sweeps_every_night() -> None:
    assert collect_schedule()["retention"]["task"] in celery_app.tasks
