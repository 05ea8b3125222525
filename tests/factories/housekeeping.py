"""Pending devices whose time is over, made straight in the tables."""

import datetime as dt
from typing import Any

from django.utils import timezone

from inventory.durations import add_months, due_before
from inventory.models import Device
from ssi.working_days import LONDON
from tests.factories.inventory import DeviceFactory


def due_device(*, months: int = 12, days_over: int = 0, **facts: Any) -> Device:
    """Return a Pending device that today's run removes, so many days after it could have."""
    since = due_before(timezone.localdate() - dt.timedelta(days=days_over), months) - dt.timedelta(hours=6)
    return DeviceFactory.create(**{"notified_at": since, "status_since": since} | facts)


def young_device(*, months_left: int = 3, **facts: Any) -> Device:
    """Return a Pending device that is removed in so many months."""
    day = add_months(timezone.localdate(), months_left - 12)
    since = dt.datetime.combine(day, dt.time(12), LONDON)
    return DeviceFactory.create(**{"notified_at": since, "status_since": since} | facts)
