"""A communication was quarantined: it is kept under its event, which its User is told of once.

The event's row is locked first, here and wherever communications of an event change: so its counts stay right, and
nobody waits for each other in a circle.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from ssi.uploads import emails_of_quarantine as emails
from ssi.uploads import recipients_of_quarantine as recipients
from ssi.uploads.models import QuarantinedCommunication, QuarantineEvent
from ssi.uploads.models.choices import Breach, Fate

OPENED = "quarantine_event.opened"
OPENED_AGAIN = "quarantine_event.opened_again"


@dataclass(frozen=True, slots=True)
class Held:
    """What became of an alert about a communication.

    `audit_event` is what the caller records about `event` last in its transaction, "" for nothing. `fate` is where
    the communication stands; `is_new` tells that it was not known in this event before.
    """

    event: QuarantineEvent
    fate: Fate
    is_new: bool
    audit_event: str = ""


def hold(
    *,
    user_id: Eui64,
    target: Eui64,
    counter: int,
    event_ref: int,
    breach: Breach,
    alerted_at: datetime,
    srv: str = "",
) -> Held | None:
    """Keep a communication as quarantined under its event, which is opened where it is not; in a transaction.

    The decision is due SSI_QUARANTINE_DECISION_HOURS after the first alert; once nothing of an event was held any
    more, after the next one. Told again, it changes nothing, but for an `srv` that was not known before. An event
    keeps the breach that it was opened with. Returns None where nobody here has this User ID. Source: SEC
    App AA 4.
    """
    if not UserId.objects.filter(pk=user_id).exists():
        return None
    event, is_first = _event(user_id, event_ref, breach, alerted_at)
    known = QuarantinedCommunication.objects.filter(event=event, target=target, counter=Decimal(counter)).first()
    if known is not None:
        if srv and not known.srv:
            known.srv = srv
            known.save(update_fields=["srv"])
        return Held(event, Fate(known.fate), is_new=False)
    QuarantinedCommunication.objects.create(
        event=event, target=target, counter=Decimal(counter), srv=srv, held_at=alerted_at
    )
    return Held(event, Fate.HELD, is_new=True, audit_event=_count(event, alerted_at, is_first=is_first))


def _event(user_id: Eui64, event_ref: int, breach: Breach, at: datetime) -> tuple[QuarantineEvent, bool]:
    """Return the event, locked, and whether it is new."""
    events = QuarantineEvent.objects.select_for_update(no_key=True)
    found = events.filter(user_id=user_id, event_ref=event_ref).first()
    if found is not None:
        return found, False
    new = QuarantineEvent(
        user_id_id=user_id, event_ref=Decimal(event_ref), breach=breach, began_at=at, due_at=_due(at)
    )
    QuarantineEvent.objects.bulk_create([new], ignore_conflicts=True)  # another alert may open it this moment
    found = events.get(user_id=user_id, event_ref=event_ref)
    return found, found.reference == new.reference


def _count(event: QuarantineEvent, at: datetime, *, is_first: bool) -> str:
    """Count one more held communication; tell the User if the event was not open; return the audit event."""
    was_open = event.held > 0
    event.held += 1
    event.began_at = min(event.began_at, at)
    changed = ["held", "began_at"]
    if was_open:
        event.due_at = min(event.due_at, _due(at))
        event.save(update_fields=[*changed, "due_at"])
        return ""
    event.due_at, event.reminded_at, event.overdue_told_at = _due(at), None, None
    event.save(update_fields=[*changed, "due_at", "reminded_at", "overdue_told_at"])
    emails.opened(event, to=recipients.deciders(event))
    emails.opened_copy(event, to=recipients.watchers(event))
    return OPENED if is_first else OPENED_AGAIN


def _due(at: datetime) -> datetime:
    return at + timedelta(hours=settings.SSI_QUARANTINE_DECISION_HOURS)
