"""Waking a worker for the outbox, after the commit. The row is the truth; the broker's message only hurries it."""

import time
from dataclasses import dataclass

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from ssi.notifications import delivery
from ssi.waking import Hint

log = structlog.get_logger(__name__)

QUIET_SECONDS = 30.0
"""After a broker that did not answer nobody tries it for so long: each try may cost its caller seconds."""

STALE_SECONDS = 60
"""A message older than this is not worth a worker's time: the sweep of that minute has done its work."""


@dataclass
class _Broker:
    """What this process last saw of the broker."""

    quiet_until: float = 0.0


_broker = _Broker()


@shared_task(ignore_result=True, soft_time_limit=180, time_limit=240)
def deliver_outbox(**_later: object) -> None:
    """Deliver what waits, and carry out what follows from it; may run twice, and beside others."""
    if delivery.deliver_waiting().limit_reached:
        wake()
    delivery.handle_delivered()


def wake() -> None:
    """Have a worker look into the outbox soon. Without a broker this only logs: the next sweep will look."""
    _hint()


def _send() -> None:
    if time.monotonic() < _broker.quiet_until:
        return
    try:
        deliver_outbox.apply_async(expires=STALE_SECONDS, retry=False)
    except (OperationalError, RedisError, OSError) as trouble:
        _broker.quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("outbox_wake_failed", trouble=type(trouble).__name__, next_try_in=QUIET_SECONDS)


_hint = Hint(_send)
