"""Waking a worker never fails and never holds its caller for long, whatever state the broker is in."""

import signal
import time
from collections.abc import Callable
from contextlib import closing

import pytest
import redis
from django.db import transaction

from ssi import celery_app
from ssi.celery import collect_schedule
from ssi.embedded.valkey import Valkey
from ssi.notifications import delivery, jobs, outbox, tasks
from ssi.notifications.models import OutboxMessage
from tests.broker import UseBroker
from tests.factories.notifications import OutboxMessageFactory
from tests.ssi.notifications.mail_server import MailServer, free_port
from tests.ssi.notifications.test_outbox import EMAIL


def seconds(call: Callable[[], None]) -> float:
    start = time.monotonic()
    call()
    return time.monotonic() - start


def test_a_worker_is_woken(valkey: Valkey) -> None:
    tasks.wake()
    with closing(redis.Redis.from_url(valkey.url)) as client:
        assert client.llen("celery") == 1
        client.flushall()
    tasks.wake()


def test_a_dead_broker_costs_a_moment_and_no_exception(use_broker: UseBroker) -> None:
    use_broker(f"redis://127.0.0.1:{free_port()}/0")
    assert seconds(tasks.wake) < 3


def test_a_broker_that_freezes_in_mid_talk_costs_seconds_once(valkey: Valkey) -> None:
    tasks.wake()
    assert valkey.process
    valkey.process.send_signal(signal.SIGSTOP)
    assert seconds(tasks.wake) < 8
    start = time.monotonic()
    for _ in range(100):
        tasks.wake()
    assert time.monotonic() - start < 0.1


def test_a_broker_that_came_back_is_used_again(
    valkey: Valkey, use_broker: UseBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "QUIET_SECONDS", 0.0)
    tasks.wake()
    valkey.stop()
    tasks.wake()
    valkey.start()
    use_broker(valkey.url)
    tasks.wake()
    with closing(redis.Redis.from_url(valkey.url)) as client:
        assert client.llen("celery") == 1


@pytest.mark.django_db(transaction=True)
def test_a_deed_succeeds_with_a_dead_broker_and_the_sweep_finds_its_email(
    use_broker: UseBroker, mail_server: MailServer
) -> None:
    use_broker(f"redis://127.0.0.1:{free_port()}/0")
    with transaction.atomic():
        outbox.post(EMAIL, to=["a@invented.example"], about="thing", reference="INC000000000001")
    assert OutboxMessage.objects.get().delivered_at is None
    tasks.deliver_outbox()
    assert mail_server.recipients() == ["a@invented.example"]


@pytest.mark.django_db(transaction=True)
def test_a_flushed_broker_loses_no_email(valkey: Valkey, mail_server: MailServer) -> None:
    with transaction.atomic():
        outbox.post(EMAIL, to=["a@invented.example"], about="thing", reference="INC000000000001")
    with closing(redis.Redis.from_url(valkey.url)) as client:
        client.flushall()
    tasks.deliver_outbox()
    assert mail_server.recipients() == ["a@invented.example"]


@pytest.mark.django_db
def test_the_task_bears_words_of_a_later_version_and_being_run_twice(mail_server: MailServer) -> None:
    OutboxMessageFactory.create()
    tasks.deliver_outbox(message_ids=[1], because="a newer web server sent this")
    tasks.deliver_outbox()
    assert len(mail_server.seen) == 1


@pytest.mark.django_db
def test_a_run_that_reached_its_limit_asks_for_another(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[bool] = []
    monkeypatch.setattr(tasks, "wake", lambda: woken.append(True))
    monkeypatch.setattr(delivery, "RUN_SECONDS", -1.0)
    OutboxMessageFactory.create()
    tasks.deliver_outbox()
    assert woken


def test_the_clock_sweeps_every_minute() -> None:
    entry = collect_schedule()["notifications-sweep"]
    assert entry is jobs.SCHEDULE["notifications-sweep"]
    assert entry["task"] in celery_app.tasks
    assert entry["schedule"] == 60.0
