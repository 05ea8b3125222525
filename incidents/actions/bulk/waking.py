"""Waking a worker for a bulk job after the commit. The job's row is the truth; the message only hurries it."""

from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

CARRY_ON = "incidents.tasks.carry_on_bulk"

SWEEP_SECONDS = 20.0
"""So often the jobs that are not finished are looked for."""


def wake_after_commit(job_id: int) -> None:
    """Have a worker take up a job once the caller's transaction is committed."""
    transaction.on_commit(partial(wake, job_id), robust=True)


def wake(job_id: int, *, expires: float | None = None) -> None:
    """Have a worker take up a job now. Without a broker this only logs: the sweep will find the job."""
    try:
        current_app.send_task(CARRY_ON, kwargs={"job_id": job_id}, retry=False, expires=expires)
    except (OperationalError, RedisError, OSError) as trouble:
        log.warning("bulk_wake_failed", job=job_id, trouble=type(trouble).__name__)
