"""What the application of one message leaves: for its answer, the audit log and the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ssi.audit.log import Auditable
from ssi.eui64 import Eui64

SUCCESS: Final = "I0"
ACCEPTED: Final = "I99"
"""Acknowledged, or a non-device request that succeeded and carries no payload."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event for the audit log. `detail` holds plain facts and no secret."""

    name: str
    about: Auditable
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Applied:
    """A message that was applied: the response code and sentence of its answer, and the events to record.

    `suggestion` goes with a warning (a W-code). `payload` is what the XML of the answer carries beside its code,
    as `inventory/duis/writing.py` takes it: for 8.2 an InventoryAnswer. `device_id` is the device under which the
    audit trail finds the message, where the message itself names none.
    """

    response_code: str
    detail: str
    events: tuple[Event, ...] = ()
    suggestion: str = ""
    payload: object | None = None
    device_id: Eui64 | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a response or alert did to the inventory: a sentence, and the events to record."""

    detail: str
    events: tuple[Event, ...] = ()
