"""Waking a worker for a bulk job. The job's row is the truth; the message only hurries it."""

from ssi import waking

CARRY_ON = "incidents.tasks.carry_on_bulk"

SWEEP_SECONDS = 20.0
"""So often the jobs that are not finished are looked for."""


def wake_after_commit(job_id: int) -> None:
    """Have a worker take up a job once the caller's transaction is committed."""
    waking.wake_after_commit(CARRY_ON, job_id=job_id)


def wake(job_id: int, *, expires: float | None = None) -> None:
    """Have a worker take up a job now."""
    waking.wake(CARRY_ON, expires=expires, job_id=job_id)
