"""Thresholds, versions of them and traffic, made straight in the tables."""

import itertools
from datetime import UTC, date, datetime
from typing import Any

from django.utils import timezone

from inventory.models import TrafficCounted, TrafficHour
from ssi.accounts.models import Person, UserId
from ssi.eui64 import Eui64
from ssi.uploads.models import Threshold, Upload
from ssi.uploads.models.choices import Kind, State
from tests.personas import actor_of

NOW = datetime(2026, 11, 22, 14, 20, tzinfo=UTC)
"""A Sunday in winter: London's days are those of UTC. Tests stand still here."""

FULL_HOUR = NOW.replace(minute=0)

_numbers = itertools.count(1)


def version(person: Person, *rows: tuple[Any, ...], **facts: Any) -> Upload:
    """Make an ADT upload of whom `person` acts for, with its thresholds: see `threshold`."""
    user = actor_of(person).user
    number = next(_numbers)
    told = {
        "kind": Kind.ADT,
        "state": State.CHECKED,
        "party_id": user.party_id,
        "user_id": UserId.objects.get(pk=user.user_id),
        "user_role": user.user_role,
        "uploaded_by": person,
        "via": "screen",
        "received_at": timezone.now(),
        "file_name": f"ADT_{number}.csv",
        "size": 1,
        "sha256": f"{number:064x}",
        "stored_as": "nowhere",
        "replaces": "ALL",
        "effective_date": timezone.localdate(),
    }
    if facts.get("state") in {State.ACCEPTED, State.APPLIED, State.SUPERSEDED}:
        told["accepted_at"] = told["received_at"]
    upload: Upload = Upload.objects.create(**told | facts)
    for line, row in enumerate(rows, start=2):
        threshold(upload, line, *row)
    return upload


def threshold(upload: Upload, line: int, what: str, quarantine: int, **facts: Any) -> Threshold:
    """Make a threshold; `what` is such as "4.6.1 SR DAY"."""
    srv, message_type, period = what.split()
    return Threshold.objects.create(
        upload=upload,
        line=line,
        srv=srv,
        message_type=message_type,
        period=period,
        quarantine=quarantine,
        **facts,
    )


def sent(user_id: Eui64, what: str, messages: int, *, began_at: datetime) -> None:
    """Let messages be counted in an hour; `what` is such as "4.6.1 SR"."""
    srv, message_type = what.split()
    TrafficHour.objects.create(
        user_id=user_id,
        srv=srv,
        is_pre_command=message_type == "SPC",
        began_at=began_at,
        messages=messages,
    )


def counted_up_to(until_at: datetime = FULL_HOUR) -> None:
    """Let the roll-up stand for everything before a moment."""
    TrafficCounted.objects.update_or_create(pk=1, defaults={"until_at": until_at, "apart_since_at": until_at})


def hour(day: date, number: int) -> datetime:
    """Return when an hour of a day began, in UTC."""
    return datetime(day.year, day.month, day.day, number, tzinfo=UTC)
