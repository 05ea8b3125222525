"""Work handed over after the commit. PostgreSQL says what is to be done; the broker's messages only hurry it."""

from celery import shared_task
from django.utils import timezone

from incidents.actions.bulk import engine, waking
from incidents.actions.escrow import releasing
from incidents.actions.escrow import waking as escrow_waking
from incidents.models.choices import ReleaseRule


@shared_task(name=waking.CARRY_ON, ignore_result=True, soft_time_limit=240, time_limit=300)
def carry_on_bulk(*, job_id: int, **_later: object) -> None:
    """Go on with a bulk job; may run twice, and beside others. What takes long lets others come in between."""
    if engine.carry_on(job_id):
        waking.wake(job_id)


@shared_task(ignore_result=True)
def sweep_bulk(**_later: object) -> None:
    """Wake a worker for each bulk job that is not finished: a message may have been lost, or a worker killed."""
    for job_id in engine.jobs_to_do():
        waking.wake(job_id, expires=waking.SWEEP_SECONDS)


@shared_task(name=escrow_waking.RELEASE, ignore_result=True, soft_time_limit=240, time_limit=300)
def release_from_escrow(**_later: object) -> None:
    """Answer the requests that codes in escrow answer at once; may run twice, and beside others."""
    releasing.release_due(timezone.now(), [ReleaseRule.AT_ONCE])
