"""Which tone a state is shown in. A tone is a colour *and* a shape; the words always stand beside them.

ring: waits for something · diamond: under way · disc: as it should be · triangle: wants attention ·
cross: refused or broken · square: over, nothing more will happen.
"""

import re
from typing import NamedTuple


class Tone(NamedTuple):
    """How one state is shown: the class of its tag, and its words where the stored value is not readable."""

    css: str
    words: str = ""


WAITING, UNDER_WAY, GOOD, ATTENTION, BAD, OVER = "waiting", "under-way", "good", "attention", "bad", "over"
TONES = frozenset({WAITING, UNDER_WAY, GOOD, ATTENTION, BAD, OVER})
NO_STATUS = Tone(OVER, "No status")

_STATES: dict[str, Tone] = {
    # SMI Status (DUIS 5.4, DeviceStatus)
    "pending": Tone(WAITING),
    "whitelisted": Tone(UNDER_WAY),
    "installednotcommissioned": Tone(UNDER_WAY, "Installed, not commissioned"),
    "commissioned": Tone(GOOD),
    "decommissioned": Tone(OVER),
    "withdrawn": Tone(OVER),
    "suspended": Tone(ATTENTION),
    "recovery": Tone(ATTENTION),
    "recovered": Tone(UNDER_WAY),
    # Request for Install Code
    "new": Tone(WAITING),
    "assigned": Tone(UNDER_WAY),
    "answered": Tone(GOOD),
    "withservicedesk": Tone(ATTENTION, "With service desk"),
    "closed": Tone(OVER),
    # What registration data say of a raiser's claim
    "notcheckedyet": Tone(WAITING),
    "confirmedbyregistrationdata": Tone(GOOD),
    "contradictedbyregistrationdata": Tone(BAD),
    # Incidents, uploads, batches, messages
    "inprogress": Tone(UNDER_WAY, "In progress"),
    "resolved": Tone(GOOD),
    "cancelled": Tone(OVER),
    "received": Tone(WAITING),
    "checking": Tone(UNDER_WAY),
    "checked": Tone(UNDER_WAY),
    "running": Tone(UNDER_WAY),
    "done": Tone(GOOD),
    "accepted": Tone(GOOD),
    "inforce": Tone(GOOD, "In force"),
    "takenback": Tone(OVER, "Taken back"),
    "refused": Tone(BAD),
    "rejected": Tone(BAD),
    "failed": Tone(BAD),
    "superseded": Tone(OVER),
    "checkednotsubmittedyet": Tone(ATTENTION),
    "awaitsasecondofficer": Tone(ATTENTION),
    "acceptedwithdcc": Tone(UNDER_WAY),
    "applied": Tone(GOOD),
    "queued": Tone(WAITING),
    "sent": Tone(GOOD),
    # People and Parties
    "active": Tone(GOOD),
    "inactive": Tone(OVER),
    "left": Tone(OVER),
    "expired": Tone(OVER),
    # Service status
    "available": Tone(GOOD),
    "degraded": Tone(ATTENTION),
    "unavailable": Tone(BAD),
    "plannedmaintenance": Tone(WAITING, "Planned maintenance"),
    # Due dates
    "overdue": Tone(BAD),
    "duetoday": Tone(ATTENTION, "Due today"),
}


def tone_of(state: object) -> Tone:
    """Return tone and words for a state given as an enumeration member, its value or its label."""
    label = str(getattr(state, "label", state) if state is not None else "")
    if not label:
        return NO_STATUS
    known = _STATES.get(re.sub(r"[^a-z0-9]", "", label.lower()))
    if known is None:
        known = _STATES.get(re.sub(r"[^a-z0-9]", "", str(getattr(state, "value", "")).lower()), Tone(WAITING))
        return Tone(known.css, label[0].upper() + label[1:])
    return Tone(known.css, known.words or label[0].upper() + label[1:])
