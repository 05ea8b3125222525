"""What the clock on the wall starts here: reminders of answers, bulk work that stood still, and escrow."""

from celery import shared_task
from celery.schedules import crontab
from django.utils import timezone

from incidents.actions import obligations, responsibility, settled
from incidents.actions.bulk import waking
from incidents.actions.escrow import erasing, releasing, telling
from incidents.actions.escrow import waking as escrow_waking

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
    "incidents-escrow": {
        "task": escrow_waking.RELEASE,
        "schedule": escrow_waking.SWEEP_SECONDS,
        "options": {"expires": escrow_waking.SWEEP_SECONDS},
    },
    "incidents-escrow-after-a-day": {
        "task": "incidents.jobs.release_after_a_day",
        "schedule": 600.0,
        "options": {"expires": 590},
    },
    "incidents-escrow-told": {
        "task": "incidents.jobs.tell_depositors",
        "schedule": 600.0,
        "options": {"expires": 590},
    },
    "incidents-escrow-erased": {
        "task": "incidents.jobs.erase_from_escrow",
        "schedule": crontab(minute=40),
        "options": {"expires": 3000},
    },
    "incidents-responsibility": {
        "task": "incidents.jobs.check_responsibility",
        "schedule": crontab(hour=4, minute=10),
        "options": {"expires": 3600},
    },
    "incidents-settled": {
        "task": "incidents.jobs.ask_about_settled",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
}


@shared_task(ignore_result=True)
def send_reminders(**_later: object) -> None:
    """Write the digests that are due; may run twice, and beside others."""
    obligations.send_reminders()


@shared_task(ignore_result=True)
def release_after_a_day(**_later: object) -> None:
    """Answer what codes in escrow answer after one Working Day, and whatever else is due; may run twice."""
    releasing.release_due(timezone.now())


@shared_task(ignore_result=True)
def tell_depositors(**_later: object) -> None:
    """Tell depositors, once a Working Day, what their codes in escrow answered; may run twice."""
    telling.tell_depositors(timezone.now())


@shared_task(ignore_result=True)
def erase_from_escrow(**_later: object) -> None:
    """Erase the codes in escrow that nobody can need any more; may run twice, and beside others."""
    erasing.erase_unneeded(timezone.now())


@shared_task(ignore_result=True)
def check_responsibility(**_later: object) -> None:
    """Check raisers' claims against registration data; may run twice, and beside others."""
    responsibility.check_all()


@shared_task(ignore_result=True)
def ask_about_settled(**_later: object) -> None:
    """Ask raisers whose device needs its code no more; may run twice, and beside others."""
    settled.ask_raisers()
