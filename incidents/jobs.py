"""What the clock on the wall starts here: reminders of answers that are due."""

from celery import shared_task

from incidents.actions import obligations

SCHEDULE = {
    "incidents-reminders": {
        "task": "incidents.jobs.send_reminders",
        "schedule": 600.0,
        "options": {"expires": 590},
    }
}


@shared_task(ignore_result=True)
def send_reminders(**_later: object) -> None:
    """Write the digests that are due; may run twice, and beside others."""
    obligations.send_reminders()
