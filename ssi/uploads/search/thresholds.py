"""Which thresholds are in force, what a version holds, and what a version changes.

A threshold is known by its Service Reference Variant, message type, period and, where it is an exception, its
dates. A version is an ADT upload; it is compared with what was in force when it was checked, and that is also what
it took the place of.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import CharField, F, Func, QuerySet, TextChoices, Value

from ssi.eui64 import Eui64
from ssi.uploads.models import Threshold, Upload
from ssi.uploads.models.choices import Kind, Period, State
from ssi.uploads.service_reference_variants import name_of

MOST_LINES: Final = 2_000
"""So many changes a difference holds; `every_line` gives them all."""

_CHUNK: Final = 2_000
_PER_CENT: Final = Decimal("0.1")
_IN_WORDS: Final = {Period.HOUR: "an hour", Period.DAY: "a day"}


class Move(TextChoices):
    """What a version does to a threshold. The first four are by its quarantine threshold."""

    UP = "up", "Raised"
    DOWN = "down", "Lowered"
    NEW = "new", "New"
    GONE = "gone", "Removed"
    WARNING = "warning", "Warning threshold alone"
    UNCHANGED = "unchanged", "Unchanged"


@dataclass(frozen=True, slots=True)
class Line:
    """One threshold, before and after; None where there is none.

    `now` and `was` are quarantine thresholds. `usual_was` is, for a new exception, the threshold without dates
    that counted on its days before. `lowest` and `usual_lowest` are the lowest that these were in the last
    SSI_ADT_SECOND_OFFICER_DAYS since a second officer approved them. `line` is the file's, None where the file
    does not name it. `is_big` lines need a second officer: what is removed, and what rises above its lowest by
    more than SSI_ADT_SECOND_OFFICER_PERCENT.
    """

    srv: str
    message_type: str
    period: str
    exception_from_date: date | None
    exception_to_date: date | None
    was: int | None
    now: int | None
    warning_was: int | None
    warning_now: int | None
    usual_was: int | None
    lowest: int | None
    usual_lowest: int | None
    line: int | None
    note: str
    move: Move
    is_big: bool

    @property
    def name(self) -> str:
        """Return what the Service Reference Variant is called."""
        return name_of(self.srv)

    @property
    def what(self) -> str:
        """Return which threshold it is, such as "4.1.1 SR a day, from 2026-12-24 to 2026-12-26"."""
        what = f"{self.srv} {self.message_type} {_IN_WORDS[Period(self.period)]}"
        if self.exception_from_date is None:
            return what
        return f"{what}, from {self.exception_from_date} to {self.exception_to_date}"

    @property
    def change(self) -> Decimal | None:
        """Return by how many per cent the quarantine threshold rises, below 0 falls; None if new or gone."""
        return None if self.now is None else _per_cent(self.was, self.now)

    @property
    def rise_of_days(self) -> Decimal | None:
        """Return by how many per cent it rises above its lowest, where only that makes it rise so much."""
        base, _ = self._base
        before = self.usual_was if self.was is None else self.was
        if self.now is None or base is None or not self.is_big or base == before:
            return None
        return _per_cent(base, self.now)

    @property
    def _base(self) -> tuple[int | None, bool]:
        """Return what it is held against, and whether that is the threshold without dates."""
        if self.usual_lowest is not None and (self.lowest is None or self.usual_lowest < self.lowest):
            return self.usual_lowest, True
        return self.lowest, False

    @property
    def sentence(self) -> str:
        """Return what happens to it, for those who are to approve it."""
        if self.now is None:
            return f"{self.what}: the quarantine threshold of {self.was:,} is removed."
        if (rise := self.rise_of_days) is not None:
            base, is_usual = self._base
            of_usual = " of the threshold without dates" if is_usual else ""
            return (
                f"{self.what}: the quarantine threshold rises by {rise:,.1f} % in"
                f" {settings.SSI_ADT_SECOND_OFFICER_DAYS} days, from {base:,}{of_usual} to {self.now:,}."
            )
        if self.was is None and self.usual_was is None:
            return f"{self.what}: a new quarantine threshold of {self.now:,}."
        before = self.usual_was if self.was is None else self.was
        per_cent = _per_cent(before, self.now) or Decimal(0)
        of_usual = " of the threshold without dates" if self.was is None else ""
        rises = "rises" if per_cent >= 0 else "falls"
        return (
            f"{self.what}: the quarantine threshold {rises} by {abs(per_cent):,.1f} %,"
            f" from {before:,}{of_usual} to {self.now:,}."
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """What a version changes: how many thresholds by what is done to them, and the lines, the big ones first.

    `compared_with` is None where nothing was in force. `lines` are at most MOST_LINES; `is_cut` tells of more.
    """

    upload: Upload
    compared_with: Upload | None
    counts: Mapping[Move, int]
    big: int
    lines: Sequence[Line]

    @property
    def total(self) -> int:
        """Return how many thresholds there are, before or after."""
        return sum(self.counts.values())

    @property
    def changed(self) -> int:
        """Return how many of them are not as before."""
        return self.total - self.counts[Move.UNCHANGED]

    @property
    def is_cut(self) -> bool:
        """Tell whether not all lines are here."""
        return len(self.lines) < self.total


class _SrvInNaturalOrder(Func):
    """A Service Reference Variant as numbers: 1.2 comes before 1.10."""

    function = "string_to_array"
    template = "%(function)s(%(expressions)s)::int[]"
    output_field = CharField()


NATURAL_ORDER: Final = (
    _SrvInNaturalOrder(F("srv"), Value(".")),
    "message_type",
    "period",
    F("exception_from_date").asc(nulls_first=True),
)
"""In which order the thresholds of a version are shown; no two are equal in it."""


def in_force(user_id: Eui64, user_role: str) -> Upload | None:
    """Return the version in force of a User ID in one of its User Roles."""
    applied = Upload.objects.filter(kind=Kind.ADT, state=State.APPLIED)
    return applied.filter(user_id=user_id, user_role=user_role).first()


def thresholds_of(upload: Upload) -> QuerySet[Threshold]:
    """Return the thresholds of a version, whole, in natural order; those that a DELTA took over are among them."""
    return Threshold.objects.filter(upload=upload).order_by(*NATURAL_ORDER)


def difference(upload: Upload) -> Difference:
    """Return what a version changes against what was in force; three queries."""
    counts = dict.fromkeys(Move, 0)
    big = 0
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, _facts(upload))
        for move, is_big, number in cursor.fetchall():
            counts[Move(move)] += number
            big += number if is_big else 0
        cursor.execute(f"{_LINES} LIMIT {MOST_LINES}", _facts(upload))
        lines = [_line(row) for row in cursor.fetchall()]
    return Difference(upload, upload.compared_with, counts, big, lines)


def every_line(upload: Upload) -> Iterator[Line]:
    """Yield the lines of a difference, all of them, the big ones first. Call it in a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_LINES, _facts(upload))
        while rows := cursor.fetchmany(_CHUNK):
            yield from map(_line, rows)


def big_lines(upload: Upload, most: int) -> tuple[int, list[Line]]:
    """Return how many lines need a second officer, and the first of them."""
    found = difference(upload)
    return found.big, [line for line in found.lines[:most] if line.is_big]


def _facts(upload: Upload) -> dict[str, Any]:
    return {
        "new": upload.pk,
        "old": upload.compared_with_id,
        "percent": settings.SSI_ADT_SECOND_OFFICER_PERCENT,
        "since": upload.received_at - timedelta(days=settings.SSI_ADT_SECOND_OFFICER_DAYS),
        "effective_date": upload.effective_date,
    }


def _line(row: Sequence[Any]) -> Line:
    *facts, move, is_big = row
    return Line(*[*facts, Move(move), is_big])


def _per_cent(was: int | None, now: int) -> Decimal | None:
    """Return the change in per cent to one place."""
    if not was:
        return None
    return (Decimal(now - was) * 100 / was).quantize(_PER_CENT, rounding=ROUND_HALF_UP)


# An exception that has ended when the version takes effect holds nobody back any more: that it goes is not big. A
# new exception is held against the threshold without dates, which would have counted on its days.
#
# `lowest` holds against rises by small steps: of each threshold the lowest that it was in a version in force since
# `since`, counted from the last of them that holds it and that a second officer approved. A version that a second
# officer let remove it does not hold it, so it cannot come back higher unseen. Later versions do not count: a page
# of an old version reads as it did.
_DIFFERENCE: Final = """
WITH new AS (SELECT * FROM uploads_threshold WHERE upload_id = %(new)s),
     old AS (SELECT * FROM uploads_threshold WHERE upload_id = %(old)s),
     both_of AS (
         SELECT coalesce(new.srv, old.srv) AS srv,
                coalesce(new.message_type, old.message_type) AS message_type,
                coalesce(new.period, old.period) AS period,
                coalesce(new.exception_from_date, old.exception_from_date) AS exception_from_date,
                coalesce(new.exception_to_date, old.exception_to_date) AS exception_to_date,
                old.quarantine AS was, new.quarantine AS now,
                old.warning AS warning_was, new.warning AS warning_now,
                CASE WHEN new.is_in_file THEN new.line END AS line, coalesce(new.note, '') AS note
           FROM new FULL JOIN old
             ON new.srv = old.srv AND new.message_type = old.message_type AND new.period = old.period
            AND coalesce(new.exception_from_date, '-infinity') = coalesce(old.exception_from_date, '-infinity')
            AND coalesce(new.exception_to_date, '-infinity') = coalesce(old.exception_to_date, '-infinity')
     ),
     recent AS (
         SELECT each.id, coalesce(each.applied_at, each.received_at) AS applied_at, each.approved_by_id
           FROM uploads_upload each JOIN uploads_upload compared
             ON compared.id = %(old)s AND each.user_id = compared.user_id AND each.user_role = compared.user_role
          WHERE each.id = compared.id
             OR each.kind = 'adt' AND each.state = 'superseded' AND each.ended_at > %(since)s
                AND each.applied_at <= compared.applied_at
     ),
     past AS (
         SELECT srv, message_type, period, exception_from_date, exception_to_date, quarantine, applied_at,
                max(applied_at) FILTER (WHERE approved_by_id IS NOT NULL) OVER (
                    PARTITION BY srv, message_type, period, exception_from_date, exception_to_date
                ) AS approved_at
           FROM uploads_threshold JOIN recent ON recent.id = uploads_threshold.upload_id
     ),
     lowest AS (
         SELECT srv, message_type, period, exception_from_date, exception_to_date, min(quarantine) AS quarantine
           FROM past WHERE applied_at >= coalesce(approved_at, '-infinity')
          GROUP BY srv, message_type, period, exception_from_date, exception_to_date
     ),
     usual AS (
         SELECT lowest.srv, lowest.message_type, lowest.period, lowest.quarantine AS lowest, old.quarantine
           FROM lowest LEFT JOIN old
             ON old.srv = lowest.srv AND old.message_type = lowest.message_type AND old.period = lowest.period
            AND old.exception_from_date IS NULL
          WHERE lowest.exception_from_date IS NULL
     ),
     moved AS (
         SELECT both_of.*, usual.quarantine AS usual_was, lowest.quarantine AS lowest,
                usual.lowest AS usual_lowest,
                CASE WHEN both_of.now IS NULL THEN 'gone' WHEN both_of.was IS NULL THEN 'new'
                     WHEN both_of.now > both_of.was THEN 'up' WHEN both_of.now < both_of.was THEN 'down'
                     WHEN both_of.warning_now IS DISTINCT FROM both_of.warning_was THEN 'warning'
                     ELSE 'unchanged' END AS move,
                CASE WHEN both_of.now IS NULL
                     THEN coalesce(both_of.exception_to_date >= %(effective_date)s::date, true)
                     ELSE coalesce(both_of.now * 100 >
                                   least(lowest.quarantine, usual.lowest) * (100 + %(percent)s), false)
                END AS is_big
           FROM both_of LEFT JOIN lowest
             ON lowest.srv = both_of.srv AND lowest.message_type = both_of.message_type
            AND lowest.period = both_of.period
            AND coalesce(lowest.exception_from_date, '-infinity')
                = coalesce(both_of.exception_from_date, '-infinity')
            AND coalesce(lowest.exception_to_date, '-infinity') = coalesce(both_of.exception_to_date, '-infinity')
                LEFT JOIN usual
             ON both_of.was IS NULL AND both_of.exception_from_date IS NOT NULL
            AND usual.srv = both_of.srv AND usual.message_type = both_of.message_type
            AND usual.period = both_of.period
     )
"""

_COUNTS: Final = f"{_DIFFERENCE} SELECT move, is_big, count(*) FROM moved GROUP BY move, is_big"  # noqa: S608 - fixed

_LINES: Final = (
    _DIFFERENCE
    + """
SELECT srv, message_type, period, exception_from_date, exception_to_date, was, now, warning_was, warning_now,
       usual_was, lowest, usual_lowest, line, note, move, is_big
  FROM moved
 ORDER BY is_big DESC, string_to_array(srv, '.')::int[], message_type, period, exception_from_date NULLS FIRST
"""
)
