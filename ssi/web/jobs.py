"""What the clock does for the portal as a whole: old records go, and growing tables get their months."""

from celery import shared_task
from celery.schedules import crontab

from ssi import partitions, retention

SCHEDULE = {
    "retention": {
        "task": "ssi.web.jobs.sweep_old_records",
        "schedule": crontab(hour=3, minute=20),
        "options": {"expires": 3600},
    },
    "partitions": {
        "task": "ssi.web.jobs.tend_partitions",
        "schedule": crontab(hour="1-4", minute=10),
        "options": {"expires": 3_000},
    },
}


@shared_task(ignore_result=True)
def sweep_old_records(**_later: object) -> None:
    """Delete what the retention rules no longer keep; may run twice."""
    retention.sweep()


@shared_task(ignore_result=True)
def tend_partitions(**_later: object) -> None:
    """Make the months and years ahead of growing tables, and drop those no longer kept; may run twice."""
    partitions.tend()
