"""Checking signed files after the commit. The uploads say what is to be done; messages only hurry it."""

from typing import Final

from celery import shared_task

from ssi import waking
from ssi.uploads.actions import pipeline

PROCESS: Final = "ssi.uploads.tasks.process"
SWEEP_SECONDS: Final = 60.0


@shared_task(name=PROCESS, ignore_result=True, soft_time_limit=1_740, time_limit=1_800)
def process(*, upload_id: int, **_later: object) -> None:
    """Take an upload through what is left of its way; may run twice, and beside others."""
    pipeline.process(upload_id)


@shared_task(ignore_result=True)
def sweep(**_later: object) -> None:
    """Wake a worker for each upload that waits: a message was lost, a worker killed, a scanner silent."""
    for upload_id in pipeline.uploads_to_do():
        waking.wake(PROCESS, expires=SWEEP_SECONDS, upload_id=upload_id)


def wake_after_commit(upload_id: int) -> None:
    """Have a worker take up an upload once the caller's transaction is committed."""
    waking.wake_after_commit(PROCESS, upload_id=upload_id)
