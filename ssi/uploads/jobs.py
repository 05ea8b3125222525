"""What the clock on the wall starts for signed files: uploads that stood still, and bytes that nothing names."""

from celery import shared_task
from celery.schedules import crontab

from ssi.uploads import storage
from ssi.uploads.actions import applying, confirming, rechecking
from ssi.uploads.actions.quarantine import reminding
from ssi.uploads.tasks import SWEEP_SECONDS
from ssi.web import uploading

SCHEDULE = {
    "uploads-sweep": {
        "task": "ssi.uploads.tasks.sweep",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "uploads-rechecks": {
        "task": "ssi.uploads.jobs.check_again",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "uploads-orphans": {
        "task": "ssi.uploads.jobs.sweep_orphans",
        "schedule": crontab(hour=4, minute=40),
        "options": {"expires": 3600},
    },
    "uploads-apply": {
        "task": applying.APPLY,
        "schedule": 300.0,
        "options": {"expires": 290},
    },
    "uploads-overdue": {
        "task": "ssi.uploads.jobs.tell_of_overdue",
        "schedule": 600.0,
        "options": {"expires": 590},
    },
    "uploads-quarantine": {
        "task": "ssi.uploads.jobs.remind_of_decisions",
        "schedule": 300.0,
        "options": {"expires": 290},
    },
}


@shared_task(ignore_result=True)
def sweep_orphans(**_later: object) -> None:
    """Remove bytes that no upload names, and what killed processes left; may run twice."""
    storage.sweep_orphans()
    uploading.sweep_incoming()


@shared_task(ignore_result=True)
def check_again(**_later: object) -> None:
    """Check anew what was checked against thresholds that are in force no more; may run twice."""
    rechecking.check_again_where_changed()


@shared_task(name=applying.APPLY, ignore_result=True)
def apply_due(*, reference: str | None = None, **_later: object) -> None:
    """Apply what DCC confirmed and whose date has come, or that upload alone; may run twice, and beside others."""
    applying.apply_due(reference=reference)


@shared_task(ignore_result=True)
def tell_of_overdue(**_later: object) -> None:
    """Tell the desk of files that it should have confirmed by now; may run twice."""
    confirming.tell_of_overdue()


@shared_task(ignore_result=True)
def remind_of_decisions(**_later: object) -> None:
    """Remind of decisions about quarantined messages that are due or late; may run twice, and beside others."""
    reminding.remind()
