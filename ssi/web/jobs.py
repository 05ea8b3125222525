"""What the clock does for the portal as a whole: old records go each night."""

from celery import shared_task
from celery.schedules import crontab

from ssi import retention

SCHEDULE = {
    "retention": {
        "task": "ssi.web.jobs.sweep_old_records",
        "schedule": crontab(hour=3, minute=20),
        "options": {"expires": 3600},
    }
}


@shared_task(ignore_result=True)
def sweep_old_records(**_later: object) -> None:
    """Delete what the retention rules no longer keep; may run twice."""
    retention.sweep()
