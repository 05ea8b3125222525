"""What the clock does for the inventory: install codes go once their time has passed."""

from celery import shared_task
from celery.schedules import crontab

from inventory.actions import install_codes

SCHEDULE = {
    "install-codes-erase": {
        "task": "inventory.jobs.erase_install_codes",
        "schedule": 300.0,
        "options": {"expires": 290},
    },
    "install-codes-orphaned": {
        "task": "inventory.jobs.erase_orphaned_install_codes",
        "schedule": crontab(minute=7),
        "options": {"expires": 3_500},
    },
}


@shared_task(ignore_result=True)
def erase_install_codes(**_later: object) -> None:
    """Erase the codes of requests that ended long enough ago; may run twice."""
    install_codes.erase_due()


@shared_task(ignore_result=True)
def erase_orphaned_install_codes(**_later: object) -> None:
    """Erase the codes that nothing holds any more; may run twice."""
    install_codes.erase_orphans()
