"""What the clock does for the inventory: install codes and Pending devices go once their time has passed."""

import structlog
from celery import shared_task
from celery.schedules import crontab
from django.utils import timezone

from inventory.actions import (
    housekeeping,
    install_codes,
    meter_points,
    reports,
    suspicions,
    traffic,
    transactions,
)
from inventory.actions.corrections import waking as corrections_waking
from inventory.actions.products import waking as products_waking
from ssi.access.actor import Actor

log = structlog.get_logger(__name__)

SCHEDULE = {
    "corrections": {
        "task": corrections_waking.SWEEP,
        "schedule": corrections_waking.SWEEP_SECONDS,
        "options": {"expires": corrections_waking.SWEEP_SECONDS},
    },
    "reports-devices": {
        "task": "inventory.jobs.count_devices",
        "schedule": crontab(minute=23),
        "options": {"expires": 3_000},
    },
    "suspicions": {
        "task": "inventory.jobs.look_for_suspicions",
        "schedule": crontab(hour=3, minute=35),
        "options": {"expires": 3 * 3600},
    },
    "products": {
        "task": products_waking.SWEEP,
        "schedule": products_waking.SWEEP_SECONDS,
        "options": {"expires": products_waking.SWEEP_SECONDS},
    },
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
    "transactions": {
        "task": "inventory.jobs.count_transactions",
        "schedule": crontab(minute=25),
        "options": {"expires": 3_500},
    },
    "traffic": {
        "task": "inventory.jobs.count_traffic",
        "schedule": crontab(minute="3-59/10"),
        "options": {"expires": 590},
    },
    "housekeeping": {
        "task": "inventory.jobs.keep_house",
        "schedule": crontab(hour=2, minute=30),
        "options": {"expires": 3 * 3600},
    },
    "service-status": {
        "task": "inventory.jobs.notify_registration_systems",
        "schedule": crontab(hour=4, minute=40),
        "options": {"expires": 3 * 3600},
    },
    "housekeeping-interrupted": {
        "task": "inventory.jobs.finish_interrupted_housekeeping",
        "schedule": 600.0,
        "options": {"expires": 590},
    },
}


@shared_task(ignore_result=True)
def count_devices(**_later: object) -> None:
    """Count the devices for the reports; may run twice, and gives way to a run that is under way."""
    reports.refresh_device_counts()


@shared_task(ignore_result=True)
def look_for_suspicions(**_later: object) -> None:
    """Look for devices whose details are probably wrong; may run twice, and gives way to a run under way."""
    suspicions.refresh_suspicions()


@shared_task(ignore_result=True)
def erase_install_codes(**_later: object) -> None:
    """Erase the codes of requests that ended long enough ago; may run twice."""
    install_codes.erase_due()


@shared_task(ignore_result=True)
def erase_orphaned_install_codes(**_later: object) -> None:
    """Erase the codes that nothing holds any more; may run twice."""
    install_codes.erase_orphans()


@shared_task(ignore_result=True)
def count_transactions(**_later: object) -> None:
    """Count the transactions of this month and the last for the reports; may run twice."""
    transactions.refresh()


@shared_task(ignore_result=True)
def count_traffic(**_later: object) -> None:
    """Count what Users sent in the hours that are over; may run twice, one after the other."""
    traffic.refresh()


@shared_task(ignore_result=True)
def keep_house(**_later: object) -> None:
    """Remove what is Pending for too long; may run twice, and gives way to a run that is under way."""
    try:
        housekeeping.run(by=Actor.system())
    except housekeeping.HousekeepingIsRunning:
        log.info("housekeeping_is_running")


@shared_task(ignore_result=True)
def finish_interrupted_housekeeping(**_later: object) -> None:
    """Go on with a run that was killed, so that its parties hear of it today; may run twice."""
    try:
        housekeeping.carry_on(by=Actor.system())
    except housekeeping.HousekeepingIsRunning:
        log.info("housekeeping_is_running")


@shared_task(ignore_result=True)
def notify_registration_systems(**_later: object) -> None:
    """Make the files of DCC Service Statuses for each MPAS and Xoserve; may run twice, one after the other."""
    meter_points.notify_service_status(by=Actor.system(), at=timezone.now())
