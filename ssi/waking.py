"""Waking a worker after the commit. A row is the truth of what is to be done; the message only hurries it."""

from collections.abc import Mapping
from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


def wake_after_commit(task: str, **facts: object) -> None:
    """Have a worker run the task of that name once the caller's transaction is committed."""
    transaction.on_commit(partial(_send, task, facts), robust=True)


def wake(task: str, *, expires: float | None = None, **facts: object) -> None:
    """Have a worker run the task of that name now. Without a broker this only logs: a sweep will find the row."""
    _send(task, facts, expires)


def _send(task: str, facts: Mapping[str, object], expires: float | None = None) -> None:
    try:
        current_app.send_task(task, kwargs=dict(facts), retry=False, expires=expires)
    except (OperationalError, RedisError, OSError) as trouble:
        log.warning("wake_failed", task=task, **facts, trouble=type(trouble).__name__)
