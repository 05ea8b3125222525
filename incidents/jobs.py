"""What the clock on the wall starts here: reminders of answers that are due, and bulk work that stood still."""

from celery import shared_task

from incidents.actions import obligations
from incidents.actions.bulk import waking

SCHEDULE = {
    "incidents-reminders": {
        "task": "incidents.jobs.send_reminders",
        "schedule": 600.0,
        "options": {"expires": 590},
    },
    "incidents-bulk": {
        "task": "incidents.tasks.sweep_bulk",
        "schedule": waking.SWEEP_SECONDS,
        "options": {"expires": waking.SWEEP_SECONDS},
    },
}


@shared_task(ignore_result=True)
def send_reminders(**_later: object) -> None:
    """Write the digests that are due; may run twice, and beside others."""
    obligations.send_reminders()
