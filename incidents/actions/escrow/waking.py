"""Waking a worker to answer from escrow, after the commit; should that be lost, the sweep looks soon."""

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from ssi.waking import Hint

log = structlog.get_logger(__name__)

RELEASE = "incidents.tasks.release_from_escrow"
SWEEP_SECONDS = 30.0
"""How long a request waits at most when its message is lost; an older message is not worth a worker's time."""


def wake_after_commit() -> None:
    """Have a worker look once for the whole transaction, however many requests it raises."""
    if all(call is not wake for _, call, _ in transaction.get_connection().run_on_commit):
        transaction.on_commit(wake, robust=True)


def wake() -> None:
    """Have a worker look soon for requests that codes in escrow answer."""
    _hint()


def _send() -> None:
    try:
        current_app.send_task(RELEASE, expires=SWEEP_SECONDS, retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as trouble:
        log.warning("escrow_wake_failed", trouble=type(trouble).__name__)


_hint = Hint(_send)
