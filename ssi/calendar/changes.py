"""What follows from a change to the calendar: every date that is counted in Working Days is counted anew.

An app says in its `recounts.py` what it counts:

    changes.on_changed(obligations.recount)

Its handler is called by a task after the commit and, should that be lost or fail, by a sweep; and once more after
a while, for whoever was counting by the old calendar meanwhile. So a handler must bear being called again, and do
nothing where nothing is to be done.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from django.utils import timezone

from ssi.calendar.models import CalendarEntry

log = structlog.get_logger(__name__)

LONGEST_TRANSACTION = timedelta(minutes=10)
"""Whoever began to count before a change has written what it counted, or given up, so long after it."""

Handler = Callable[[Sequence[CalendarEntry]], object]
_handlers: list[Handler] = []


def on_changed(handler: Handler) -> None:
    """Have `handler(entries)` called outside any transaction with the entries that were made or taken back."""
    _handlers.append(handler)


def settle() -> bool:
    """Call the handlers for what is not settled; tell whether all went well. Changes stay open if one fails."""
    began_at = timezone.now()
    entries = list(CalendarEntry.objects.unsettled().order_by("changed_at", "pk"))
    if not entries:
        return True
    outcomes = [_called(handler, entries) for handler in _handlers]  # one that fails keeps none from its turn
    all_went_well = all(outcomes)
    if all_went_well:
        for entry in entries:
            _note_settled(entry, began_at - LONGEST_TRANSACTION)
    return all_went_well


def _called(handler: Handler, entries: Sequence[CalendarEntry]) -> bool:
    try:
        handler(entries)
    except Exception:
        log.exception("recount_failed", handler=handler.__module__)
        return False
    return True


def _note_settled(entry: CalendarEntry, changed_before: datetime) -> None:
    """Mark an entry as settled unless it is too young for that, or was taken back meanwhile."""
    unchanged = CalendarEntry.objects.unsettled().filter(pk=entry.pk, changed_at=entry.changed_at)
    unchanged.filter(changed_at__lt=changed_before).update(settled_at=timezone.now())
