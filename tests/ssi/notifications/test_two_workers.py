"""Several workers at once, and one that is killed at the worst moment: real threads, real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone

from ssi.notifications import delivery, outbox
from ssi.notifications.models import OutboxMessage
from tests.factories.notifications import OutboxMessageFactory
from tests.processes import environment_of_this_test
from tests.ssi.notifications.mail_server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)


def test_several_workers_send_each_email_once(mail_server: MailServer) -> None:
    posted = OutboxMessageFactory.create_batch(2 * delivery.GROUP)
    mail_server.slow_by = 0.01
    start = Barrier(4)

    def work(_: int) -> int:
        try:
            start.wait(timeout=10)
            return delivery.deliver_waiting().delivered
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        delivered = list(workers.map(work, range(4)))
    assert sum(delivered) == len(posted)
    assert sum(1 for each in delivered if each) > 1
    assert sorted(str(message["Message-ID"]) for message in mail_server.seen) == sorted(
        row.message_id for row in posted
    )


def test_a_worker_killed_after_the_server_accepted_repeats_the_same_email(mail_server: MailServer) -> None:
    posted = OutboxMessageFactory.create()
    worker = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import django; django.setup(); from ssi.notifications import delivery as d; d.deliver_waiting()",
        ],
        env=environment_of_this_test() | {"EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}"},
        cwd=settings.BASE_DIR,
    )
    mail_server.on_content = lambda: os.kill(worker.pid, signal.SIGKILL)
    assert worker.wait(timeout=30) == -signal.SIGKILL
    mail_server.on_content = None
    _wait_until_the_database_knows()
    posted.refresh_from_db()
    assert (posted.delivered_at, posted.attempts) == (None, 0)
    assert delivery.deliver_waiting().delivered == 1
    assert {message["Message-ID"] for message in mail_server.seen} == {posted.message_id}
    assert len(mail_server.seen) == 2


def test_what_was_not_begun_can_be_taken_back_while_another_is_handed_over(mail_server: MailServer) -> None:
    first, second, third = (OutboxMessageFactory.create(reference=each) for each in ("IC-1", "IC-2", "IC-3"))
    mail_server.on_content = lambda: _elsewhere(lambda: _take_back(second))
    assert delivery.deliver_waiting().delivered == 2
    assert mail_server.recipients() == sorted([first.recipient, third.recipient])
    assert not OutboxMessage.objects.filter(pk=second.pk).exists()


def test_what_was_refused_can_be_taken_back_while_the_next_is_handed_over(mail_server: MailServer) -> None:
    first, second = (OutboxMessageFactory.create(reference=each) for each in ("IC-1", "IC-2"))
    mail_server.to_recipient[first.recipient] = ["451 4.7.1 Greylisted, come back later"]
    mail_server.on_content = lambda: _elsewhere(lambda: _take_back(first))
    assert delivery.deliver_waiting().delivered == 1
    assert list(OutboxMessage.objects.values_list("pk", flat=True)) == [second.pk]


def test_how_often_an_email_was_tried_is_what_it_is_when_its_turn_comes(mail_server: MailServer) -> None:
    _, second = OutboxMessageFactory.create_batch(2)
    tried = delivery.MOST_ATTEMPTS - 1
    mail_server.to_recipient[second.recipient] = ["451 4.7.1 Greylisted, come back later"]
    mail_server.on_content = lambda: _elsewhere(lambda: _change(second, attempts=tried))
    run = delivery.deliver_waiting()
    second.refresh_from_db()
    assert (run.delivered, run.given_up, second.attempts) == (1, 1, delivery.MOST_ATTEMPTS)


def test_what_is_to_wait_longer_waits_though_it_was_read_already(mail_server: MailServer) -> None:
    first, second = OutboxMessageFactory.create_batch(2)
    later = timezone.now() + timedelta(hours=1)
    mail_server.on_content = lambda: _elsewhere(lambda: _change(second, next_attempt_at=later))
    assert delivery.deliver_waiting().delivered == 1
    assert mail_server.recipients() == [first.recipient]


@pytest.mark.parametrize("stalls", [False, True], ids=["hangs up", "stalls"])
def test_what_was_accepted_is_committed_before_a_new_connection_is_used(
    mail_server: MailServer, *, stalls: bool
) -> None:
    first, second = OutboxMessageFactory.create_batch(2)
    seen: list[int] = []

    def count() -> None:
        seen.append(OutboxMessage.objects.filter(delivered_at__isnull=False).count())
        mail_server.stalls = int(stalls and len(seen) == 1)

    mail_server.to_recipient[second.recipient] = [] if stalls else [None]
    mail_server.on_content = lambda: _elsewhere(count)
    run = delivery.deliver_waiting()
    assert (run.delivered, run.postponed, mail_server.connections) == (2, 0, 2)
    assert seen == [0, 1]
    assert mail_server.recipients() == sorted([first.recipient, second.recipient])


def _elsewhere(deed: Callable[[], None]) -> None:
    """Do something in a thread of its own, over its own connection to the database, and wait for it."""

    def work() -> None:
        try:
            deed()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:
        other.submit(work).result(timeout=10)


def _change(message: OutboxMessage, **to: object) -> None:
    OutboxMessage.objects.filter(pk=message.pk).update(**to)


def _take_back(message: OutboxMessage) -> None:
    with transaction.atomic():
        outbox.take_back(event=message.event, about=message.about, reference=message.reference)


def _wait_until_the_database_knows() -> None:
    """Wait until PostgreSQL has seen that the killed worker is gone, and let go of its row."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        cursor.execute(f"SELECT 1 FROM {OutboxMessage._meta.db_table} FOR UPDATE")
