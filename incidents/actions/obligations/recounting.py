"""Counting open due dates anew when the calendar changes: in batches, whatever their number, any number of times.

Only a few days of notice are open at a time, so the new date is worked out once for each and carried to the rows
by a short list (from, until, old date, new date, why): a batch of rows a transaction, so that nobody's answer
waits long. A row that has its new date is not found again: whoever is stopped, or called twice, does the rest or
nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from incidents.models.choices import Event
from ssi.access.actor import Actor
from ssi.audit import log
from ssi.calendar.models import CalendarEntry, Kind
from ssi.calendar.search import overrides
from ssi.working_days import CUT_OFF, LONDON, Overrides, day_in_words, due

BATCH = 5_000
CHANGED = "install_code_request.due_dates_changed"

_GROUPS = """
SELECT local::date, local::time > %(cut_off)s, due_date
  FROM (SELECT coalesce(r.notified_at, o.asked_at) AT TIME ZONE 'Europe/London' AS local, r.due_date
          FROM incidents_installcoderequest r
          JOIN incidents_obligation o ON o.request_id = r.id AND o.ended_at IS NULL
         WHERE r.state = 'assigned' AND r.due_date >= %(first)s) AS open
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""

_CARRY = """
WITH wanted AS (
    SELECT * FROM unnest(%(from_at)s::timestamptz[], %(until_at)s::timestamptz[], %(old)s::date[], %(new)s::date[],
                         %(why)s::text[]) WITH ORDINALITY AS w(from_at, until_at, old, new, why, number)
), picked AS (
    SELECT r.id, o.id AS obligation_id, r.notified_at IS NOT NULL AS runs, w.new, w.why, w.number
      FROM incidents_installcoderequest r
      JOIN incidents_obligation o ON o.request_id = r.id AND o.ended_at IS NULL
      JOIN wanted w ON r.due_date = w.old AND coalesce(r.notified_at, o.asked_at) >= w.from_at
                   AND coalesce(r.notified_at, o.asked_at) < w.until_at
     WHERE r.state = 'assigned' AND r.id > %(after)s
     ORDER BY r.id LIMIT %(batch)s FOR NO KEY UPDATE OF r, o
), clocks AS (
    UPDATE incidents_obligation o SET due_date = picked.new FROM picked WHERE o.id = obligation_id AND runs
), lines AS (
    INSERT INTO incidents_installcoderequestevent (request_id, at, event, party_name, text)
    SELECT id, %(now)s, %(event)s, '', why FROM picked WHERE runs ORDER BY id
), carried AS (
    UPDATE incidents_installcoderequest r SET due_date = picked.new FROM picked WHERE r.id = picked.id
    RETURNING r.id, number, runs
)
SELECT number, count(*) FILTER (WHERE runs), count(*), max(id) FROM carried GROUP BY number
"""


@dataclass(frozen=True, slots=True)
class Move:
    """Those told between two moments had until `old` and now have until `new`, because of `entries`."""

    from_at: datetime
    until_at: datetime
    old: date
    new: date
    entries: Sequence[CalendarEntry]

    @property
    def why(self) -> str:
        """Return the line of the history."""
        reasons = " and ".join(_reason(entry) for entry in self.entries)
        return f"From {day_in_words(self.old)} to {day_in_words(self.new)}, because {reasons}."


def recount(entries: Sequence[CalendarEntry]) -> int:
    """Carry changes of the calendar to every open due date; return how many running clocks were moved.

    A request nobody was told of yet has a provisional date, which moves without a word.
    """
    newest = {entry.on_date: entry for entry in sorted(entries, key=lambda each: (each.changed_at, each.pk))}
    moves = list(_moves(list(newest.values())))
    moved = _carried(moves) if moves else Counter[int]()
    for entry in newest.values():
        requests = sum(count for number, count in moved.items() if entry in moves[number].entries)
        if requests:
            log.record(CHANGED, by=Actor.system(), about=entry, requests=requests)
    return moved.total()


def _moves(entries: Sequence[CalendarEntry]) -> Iterator[Move]:
    """Yield what the entries do to the due dates that are open now."""
    days_over = overrides()
    asked: dict[str, Any] = {"cut_off": CUT_OFF, "first": min(entry.on_date for entry in entries)}
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, asked)
        groups: list[tuple[date, bool, date]] = cursor.fetchall()
    for day, is_late, old in groups:
        from_at, until_at = _between(day, is_late=is_late)
        new = _due(from_at, days_over)
        between = [entry for entry in entries if day <= entry.on_date <= max(old, new)]
        if new != old and between:
            yield Move(from_at, until_at, old, new, between)


def _between(day: date, *, is_late: bool) -> tuple[datetime, datetime]:
    """Return the first moment, and the one after the last, of a day in London up to the cut-off, or after it."""
    late_from = datetime.combine(day, CUT_OFF, LONDON) + timedelta.resolution
    if is_late:
        return late_from, datetime.combine(day + timedelta(days=1), time.min, LONDON)
    return datetime.combine(day, time.min, LONDON), late_from


def _due(received_at: datetime, days_over: Overrides) -> date:
    return due(received_at, settings.SSI_INSTALL_CODE_RESPONSE_WORKING_DAYS, days_over)


def _carried(moves: Sequence[Move]) -> Counter[int]:
    """Write the moves to the rows, batch by batch; return how many clocks each moved."""
    facts: dict[str, Any] = {
        name: [getattr(each, name) for each in moves] for name in ("from_at", "until_at", "old", "new", "why")
    }
    facts |= {"event": Event.DUE_DATE_CHANGED, "batch": BATCH, "after": 0}
    moved: Counter[int] = Counter()
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_CARRY, facts | {"now": timezone.now()})
            done: list[tuple[int, int, int, int]] = cursor.fetchall()
        for number, clocks, _, _ in done:
            moved[number - 1] += clocks
        if sum(rows for _, _, rows, _ in done) < BATCH:
            return moved
        facts["after"] = max(last for *_, last in done)


_REASONS = {
    (Kind.ADDED, True): "{day} is a bank holiday ({name})",
    (Kind.ADDED, False): "{day} is no bank holiday after all ({name})",
    (Kind.TAKEN_OUT, True): "{day} is not kept as a bank holiday ({name})",
    (Kind.TAKEN_OUT, False): "{day} is kept as a bank holiday after all ({name})",
}


def _reason(entry: CalendarEntry) -> str:
    sentence = _REASONS[Kind(entry.kind), entry.is_in_force]
    return sentence.format(day=day_in_words(entry.on_date), name=entry.name)
