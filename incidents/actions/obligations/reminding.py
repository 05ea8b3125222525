"""Reminding: one digest a User ID and day, in working hours; the service desk hears once of what became overdue.

Installing suppliers are reminded three Working Days before an answer is due, one before, and on the day. The claim
row is written with the e-mails in one transaction: a worker that is killed leaves neither, and of two at once the
second finds the row and sends nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone

from incidents import recipients
from incidents.emails import obligations as emails
from incidents.search import obligations as search
from ssi.calendar.search import overrides
from ssi.eui64 import Eui64
from ssi.working_days import Overrides, add_working_days, in_working_hours

REMINDED_BEFORE = (0, 1, 3)
"""So many Working Days before the due date its installing supplier is reminded."""

_CLAIM = """
INSERT INTO incidents_reminderdigest (on_date, user_id, sent_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""


def send_reminders(now: datetime | None = None) -> int:
    """Write those of today's digests that nobody wrote yet, in working hours alone; return how many."""
    now = now or timezone.now()
    days_over = overrides()
    if not in_working_hours(now, days_over):
        return 0
    today = timezone.localdate(now)
    waiting = search.to_be_reminded(today, until=add_working_days(today, max(REMINDED_BEFORE), days_over))
    sent = sum(_remind(installer, due, now, days_over) for installer, due in waiting.items())
    return sent + _tell_the_desk(now)


def _remind(installer: Eui64, due: Mapping[date, int], now: datetime, days_over: Overrides) -> bool:
    """Write the digest of one installing supplier, if one is called for and nobody wrote it; tell whether."""
    today = timezone.localdate(now)
    named = Counter({day: due[day] for day in _due_dates(installer, today, days_over) if due.get(day)})
    if not named:
        return False
    with transaction.atomic():
        if not _claimed(today, installer, now):
            return False
        emails.answers_due(
            search.references_due(installer, list(named)),
            due=named,
            overdue=search.overdue_at(installer),
            user_id=installer,
            to=recipients.who_may_answer_for(installer),
        )
    return True


def _due_dates(installer: Eui64, today: date, days_over: Overrides) -> Sequence[date]:
    """Return the due dates that `installer` is reminded of today.

    A request due in two Working Days was named the Working Day before; unless there was no digest that day, for
    whatever reason.
    """
    before = set(REMINDED_BEFORE)
    if not search.was_reminded(installer, add_working_days(today, -1, days_over)):
        before.add(2)
    return [add_working_days(today, number, days_over) for number in sorted(before)]


def _tell_the_desk(now: datetime) -> bool:
    """Write the desk's digest if anything became overdue since the last one; tell whether."""
    today = timezone.localdate(now)
    newly = search.newly_overdue(today)
    if not newly.count:
        return False
    with transaction.atomic():
        if not _claimed(today, None, now):
            return False
        emails.newly_overdue(
            newly.references,
            newly=newly.count,
            overdue=search.overdue_at(None),
            day=today,
            to=recipients.service_desk(),
        )
    return True


def _claimed(day: date, user_id: Eui64 | None, now: datetime) -> bool:
    """Write the row that says the digest went out; tell whether it was not there. Waits for another's claim."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [day, None if user_id is None else user_id.as_bigint, now])
        return bool(cursor.rowcount)
