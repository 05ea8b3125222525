"""Waking a worker for an import after the commit. The import's row is the truth; the message only hurries it."""

from functools import partial
from typing import Final

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

CARRY_OUT: Final = "inventory.tasks.carry_out_products"
SWEEP: Final = "inventory.tasks.sweep_products"

SWEEP_SECONDS: Final = 30.0
"""So often imports are looked for whose devices did not follow yet."""


def wake_after_commit(import_id: int) -> None:
    """Have a worker take up an import once the caller's transaction is committed."""
    transaction.on_commit(partial(wake, import_id), robust=True)


def wake(import_id: int, *, expires: float | None = None) -> None:
    """Have a worker take up an import now. Without a broker this only logs: the sweep will find it."""
    try:
        current_app.send_task(CARRY_OUT, kwargs={"import_id": import_id}, retry=False, expires=expires)
    except (OperationalError, RedisError, OSError) as trouble:
        log.warning("products_wake_failed", cpl_import=import_id, trouble=type(trouble).__name__)
