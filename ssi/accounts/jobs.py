"""What the clock does for people: each Working Day they get the summary of what they did not want at once."""

from celery import shared_task
from celery.schedules import crontab

from ssi.calendar import search as calendar
from ssi.notifications import digests

SCHEDULE = {
    "accounts-summaries": {
        "task": "ssi.accounts.jobs.write_summaries",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 290},
    }
}


@shared_task(ignore_result=True, time_limit=240)
def write_summaries(**_later: object) -> None:
    """Write what summaries are due; may run twice, and beside others."""
    digests.write_due(overrides=calendar.overrides())
