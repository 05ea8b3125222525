"""What follows from a delivery happens, once it can, and never costs a second e-mail."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from ssi.accounts.models import Party, UserId
from ssi.eui64 import Eui64
from ssi.notifications import delivery
from ssi.notifications.models import OutboxMessage
from tests.factories.notifications import OutboxMessageFactory
from tests.ssi.notifications.conftest import let_pass
from tests.ssi.notifications.mail_server import MailServer

pytestmark = pytest.mark.django_db
EVENT = "thing.happened"
HOUR = timedelta(hours=1)


class Recorder:
    """A handler that raises as often as it is told, and notes its calls."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self.calls: list[delivery.Delivered] = []

    def __call__(self, email: delivery.Delivered) -> None:
        """Note the call; write something, which must go if we fail."""
        self.calls.append(email)
        Party.objects.create(name=f"{email.reference} {len(self.calls)}")
        if self.failures:
            raise self.failures.pop(0)


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.setattr(delivery, "_handlers", {})
    recorder = Recorder()
    delivery.on_delivered(EVENT, recorder)
    return recorder


def test_the_handler_learns_what_was_delivered_and_when(mail_server: MailServer, handler: Recorder) -> None:
    posted = OutboxMessageFactory.create()
    OutboxMessageFactory.create(event="thing.of_no_consequence")
    delivery.deliver_waiting()
    posted.refresh_from_db()
    assert posted.delivered_at is not None
    assert handler.calls == [delivery.Delivered(posted.reference, posted.created_at, posted.delivered_at)]
    assert not OutboxMessage.objects.filter(handled_at=None).exists()


def test_nothing_follows_from_an_email_that_was_not_delivered(mail_server: MailServer, handler: Recorder) -> None:
    posted = OutboxMessageFactory.create()
    mail_server.to_recipient[posted.recipient] = ["550 5.1.1 No such user"]
    delivery.deliver_waiting()
    delivery.handle_delivered()
    assert handler.calls == []


def test_a_handler_that_fails_is_called_again_and_the_email_is_not_sent_again(
    mail_server: MailServer, handler: Recorder
) -> None:
    posted = OutboxMessageFactory.create()
    handler.failures = [ValueError("a defect"), DatabaseError("a deadlock")]
    assert delivery.deliver_waiting().delivered == 1
    assert delivery.handle_delivered() == 0
    posted.refresh_from_db()
    assert (posted.handled_at, posted.attempts) == (None, 0)
    assert Party.objects.count() == 0
    for handled in (0, 1, 0):
        let_pass(HOUR)
        assert delivery.handle_delivered() == handled
    posted.refresh_from_db()
    assert posted.handled_at is not None
    assert [email.delivered_at for email in handler.calls] == [posted.delivered_at] * 3
    assert Party.objects.count() == 1
    assert len(mail_server.seen) == 1
    assert delivery.deliver_waiting() == delivery.Run()


def test_a_handler_that_keeps_failing_is_called_ever_more_rarely(
    mail_server: MailServer, handler: Recorder
) -> None:
    posted = OutboxMessageFactory.create()
    handler.failures = [ValueError("a defect")] * 3
    delivery.deliver_waiting()
    for failing_for, longest in [(0, 30), (600, 600), (864_000, 3600)]:
        now = timezone.now()
        OutboxMessage.objects.update(delivered_at=now - timedelta(seconds=failing_for), next_attempt_at=now)
        if failing_for:
            delivery.handle_delivered()
        else:
            delivery._wait_to_handle(posted.pk)
        posted.refresh_from_db()
        assert abs((posted.next_attempt_at - now).total_seconds() - longest) < 5


@pytest.mark.django_db(transaction=True)
def test_a_handler_whose_transaction_cannot_be_committed_costs_no_second_email(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_a_deferred_constraint(_: delivery.Delivered) -> None:
        UserId.objects.bulk_create([UserId(eui=Eui64.parse("90-B3-D5-1F-3F-FF-00-01"), party_id=123_456_789)])

    monkeypatch.setattr(delivery, "_handlers", {EVENT: break_a_deferred_constraint})
    OutboxMessageFactory.create()
    assert delivery.deliver_waiting().delivered == 1
    assert delivery.deliver_waiting() == delivery.Run()
    assert len(mail_server.seen) == 1
    assert OutboxMessage.objects.get().handled_at is None


def test_one_failing_handler_stops_no_other_email(mail_server: MailServer, handler: Recorder) -> None:
    OutboxMessageFactory.create_batch(3)
    handler.failures = [ValueError("a defect")]
    assert delivery.deliver_waiting().delivered == 3
    assert OutboxMessage.objects.filter(handled_at__isnull=False).count() == 2


def test_a_handler_that_is_gone_holds_nothing_up(mail_server: MailServer, handler: Recorder) -> None:
    posted = OutboxMessageFactory.create()
    handler.failures = [ValueError("a defect")]
    delivery.deliver_waiting()
    delivery._handlers.clear()
    let_pass(HOUR)
    assert delivery.handle_delivered() == 1
    posted.refresh_from_db()
    assert posted.handled_at is not None


def test_an_event_has_one_handler(handler: Recorder) -> None:
    with pytest.raises(ValueError, match=r"thing\.happened already has a handler"):
        delivery.on_delivered(EVENT, handler)


def test_looking_for_what_is_due_needs_no_scan_of_the_table() -> None:
    now = timezone.now()
    OutboxMessageFactory.create_batch(400, delivered_at=now, handled_at=now)
    due = (OutboxMessage.objects.waiting(now), OutboxMessage.objects.unhandled(now))
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {OutboxMessage._meta.db_table}")  # the planner goes by these, not by chance
    for queryset, index in zip(due, ("outbox_waiting", "outbox_unhandled"), strict=True):
        assert index in queryset.order_by("next_attempt_at").explain()
