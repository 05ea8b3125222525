"""Several workers at once, and one that is killed at the worst moment: real threads, real processes."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from ssi.notifications import delivery
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


def _wait_until_the_database_knows() -> None:
    """Wait until PostgreSQL has seen that the killed worker is gone, and let go of its row."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        cursor.execute(f"SELECT 1 FROM {OutboxMessage._meta.db_table} FOR UPDATE")
