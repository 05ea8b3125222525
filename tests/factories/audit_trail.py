"""Messages of a User's audit trail, made straight in the table."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from inventory.models import AuditTrailEntry
from inventory.models.choices import TrailKind
from ssi.accounts.models import Person
from ssi.eui64 import Eui64
from tests.personas import actor_of

DEVICE_ID = Eui64.parse("00-DB-12-34-56-78-90-A0")


def message(whose: Person | Eui64, **facts: Any) -> AuditTrailEntry:
    """Make a message of a User ID, given itself or by somebody who acts for it; `ago` says how long ago."""
    user_id = actor_of(whose).user_id if isinstance(whose, Person) else whose
    at = timezone.now() - facts.pop("ago", timedelta(minutes=1))
    told: dict[str, Any] = {
        "at": at,
        "user_id": user_id,
        "device_id": DEVICE_ID,
        "target": DEVICE_ID,
        "counter": 1000,
        "kind": TrailKind.SERVICE_REQUEST,
        "srv": "8.11",
        "code": "I99",
        "detail": "The hub was asked to add the device to its log.",
    }
    return AuditTrailEntry.objects.create(**told | facts)
