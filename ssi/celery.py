"""The Celery application: work handed over after a commit, and work started by the clock.

Tasks are found by convention: `tasks.py` and `jobs.py` of every app. A `jobs.py` says when its jobs run:

    SCHEDULE = {"notifications-deliver": {"task": "ssi.notifications.jobs.deliver", "schedule": 30.0}}

in the form of Celery's beat schedule; seconds, a `timedelta` or a `crontab` in Europe/London time.
"""

import os
from importlib import import_module
from typing import Any

from celery import Celery
from celery.beat import PersistentScheduler
from django.apps import apps
from django.utils.module_loading import module_has_submodule
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ssi.settings")


class PortalScheduler(PersistentScheduler):
    """Celery's beat with the schedule that the apps' `jobs.py` give."""

    def setup_schedule(self) -> None:
        """Read the apps' schedules first."""
        self.app.conf.beat_schedule = collect_schedule()
        super().setup_schedule()


def collect_schedule() -> dict[str, dict[str, Any]]:
    """Return every app's beat entries.

    Raises:
        ValueError: two apps use one entry name.

    """
    schedule: dict[str, dict[str, Any]] = {}
    for config in apps.get_app_configs():
        if config.module and module_has_submodule(config.module, "jobs"):
            entries = getattr(import_module(f"{config.name}.jobs"), "SCHEDULE", {})
            if twice := schedule.keys() & entries.keys():
                raise ValueError(f"Two apps schedule {sorted(twice)}; give one of them another name.")
            schedule |= entries
    return schedule


app = Celery("ssi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.add_defaults(lambda: {"beat_scheduler": "ssi.celery:PortalScheduler"})
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="jobs")
app.steps["worker"].add(DjangoStructLogInitStep)
