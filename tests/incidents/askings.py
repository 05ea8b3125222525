"""Askings for tests about performance, written straight into the table; the clock has tests of its own."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from incidents.models import InstallCodeRequest, Obligation
from incidents.models.choices import State
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory

FIRST_DEVICE = Eui64.parse("1E-5A-0A-00-00-00-00-00").as_bigint
_made = iter(range(10**9))


def requests_to(installer: UserId, count: int, raiser: UserId | None = None) -> list[InstallCodeRequest]:
    """Return so many requests that an installing supplier is asked, in no particular state."""
    raiser = raiser or UserIdFactory.create()
    return InstallCodeRequest.objects.bulk_create(
        InstallCodeRequest(
            device_id=Eui64(FIRST_DEVICE + next(_made)),
            device_type=1,
            state=State.ASSIGNED,
            raised_by=raiser,
            raised_by_party=raiser.party,
            raised_in_role="IS",
            responsibility_claimed_at=timezone.now(),
            assigned_to=installer,
        )
        for _ in range(count)
    )


def asked(installer: UserId, count: int, *, at: datetime, raiser: UserId | None = None, **facts: Any) -> None:
    """Write so many askings of an installing supplier, answered in time after a day unless told otherwise."""
    usual = {
        "notified_at": at,
        "due_date": (at + timedelta(days=7)).date(),
        "ended_at": at + timedelta(days=1),
        "ended_by": "answered",
        "working_days": 1,
        "in_time": True,
    }
    Obligation.objects.bulk_create(
        Obligation(request=request, installer=installer, asked_at=at, **usual | facts)
        for request in requests_to(installer, count, raiser)
    )


STILL_OPEN: dict[str, Any] = {"ended_at": None, "ended_by": "", "working_days": None, "in_time": None}
"""The facts of an asking nobody answered yet."""
