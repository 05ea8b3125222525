"""Registrations at meter points, made straight in the table."""

import datetime as dt
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from inventory.models import Registration
from inventory.models.choices import RegistrationKind
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import MeterPointFactory


class RegistrationFactory(DjangoModelFactory[Registration]):
    """An import supplier's registration that began a year ago and runs."""

    class Meta:
        model = Registration

    meter_point = factory.SubFactory(MeterPointFactory)
    user_id = factory.SubFactory(UserIdFactory)
    kind = RegistrationKind.IMPORT_SUPPLIER
    from_date = factory.LazyFunction(lambda: day(-365))
    to_date: Any = None


def day(days: int) -> dt.date:
    """Return the London day so many days from today."""
    return timezone.localdate() + dt.timedelta(days=days)
