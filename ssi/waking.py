"""Waking a worker after the commit. A row is the truth of what is to be done; the message only hurries it."""

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


EVERY = 0.2
"""Seconds within which one process asks for the same work but once more: a worker takes all that is there."""


class Hint:
    """Asks for work that a worker does for everybody at once: the first time now, then only every so often.

    Each call is followed by a message, sent after it, so that the worker finds what the caller has committed.
    While many call, one message serves them all.
    """

    def __init__(self, send: Callable[[], object]) -> None:
        self._send = send
        self._at = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> None:
        """Have a message sent, at once or within `EVERY` seconds."""
        with self._lock:
            now = time.monotonic()
            if now < self._at:
                return  # one is on its way
            wait = self._at + EVERY - now
            self._at = now + max(wait, 0.0)
        if wait <= 0:
            self._send()
        else:
            threading.Timer(wait, self._send).start()


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
