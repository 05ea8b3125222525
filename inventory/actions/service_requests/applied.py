"""What the application of one message leaves for its answer and for the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from inventory.models import Device

SUCCESS: Final = "I0"
ACCEPTED: Final = "I99"
"""Acknowledged, or a non-device request that succeeded and carries no payload."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event for the audit log. `detail` holds plain facts and no secret."""

    name: str
    about: Device
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Applied:
    """A message that was applied: the response code and sentence of its answer, and the events to record."""

    response_code: str
    detail: str
    events: tuple[Event, ...]
