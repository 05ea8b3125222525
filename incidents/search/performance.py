"""How installing suppliers meet their obligation to answer: figures of a period, party by party (SEC App AC 4.16).

Each asking counts where it was made: by the moment somebody became obliged, whatever became of it later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from incidents.models import Obligation
from incidents.models.choices import ObligationEnd
from ssi.working_days import LONDON

DAYS_OF_A_MONTH = 30
MONTHS_OF_A_QUARTER = 3
DECEMBER = 12


class Span(StrEnum):
    """The periods one can choose; the values stand in addresses."""

    LAST_30_DAYS = "last_30_days"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_QUARTER = "this_quarter"
    THIS_YEAR = "this_year"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Period:
    """Days of Europe/London, the first and the last included."""

    first_date: date
    last_date: date

    @property
    def from_at(self) -> datetime:
        """Return when it begins."""
        return datetime.combine(self.first_date, time.min, LONDON)

    @property
    def until_at(self) -> datetime:
        """Return when it is over: the first moment after it."""
        return datetime.combine(self.last_date + timedelta(days=1), time.min, LONDON)

    @property
    def in_whole_months(self) -> "Period":
        """Return the months that it touches, from the first day of the first to the last day of the last."""
        return Period(self.first_date.replace(day=1), _last_of_month(self.last_date))


def period_of(span: Span, today: date) -> Period:
    """Return the period that a name stands for on a day; the custom one is given by its days."""
    month = today.replace(day=1)
    match span:
        case Span.THIS_MONTH:
            return Period(month, _last_of_month(today))
        case Span.LAST_MONTH:
            return Period((month - timedelta(days=1)).replace(day=1), month - timedelta(days=1))
        case Span.THIS_QUARTER:
            first = month.replace(month=month.month - (month.month - 1) % MONTHS_OF_A_QUARTER)
            return Period(first, _last_of_month(first.replace(month=first.month + MONTHS_OF_A_QUARTER - 1)))
        case Span.THIS_YEAR:
            return Period(today.replace(month=1, day=1), today.replace(month=DECEMBER, day=31))
        case _:
            return Period(today - timedelta(days=DAYS_OF_A_MONTH - 1), today)


def _last_of_month(day: date) -> date:
    following = day.replace(day=28) + timedelta(days=4)
    return following - timedelta(days=following.day)


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the askings of a period.

    `decided` are those of which one can say whether they were answered in time: answered, or not answered by their
    due date, whatever ended them then. `in_time` of them were answered by it. `median` and `ninetieth` are Working
    Days from the notice to the answer.
    """

    asked: int = 0
    answered: int = 0
    decided: int = 0
    in_time: int = 0
    declined: int = 0
    wrong: int = 0
    open: int = 0
    overdue: int = 0
    median: float | None = None
    ninetieth: float | None = None


@dataclass(frozen=True, slots=True)
class OfParty:
    """The figures of one installing party."""

    party_id: int
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Performance:
    """The figures of every party that was asked in a period, and of all together."""

    parties: Sequence[OfParty]
    whole: Figures


# One pass over the period, found by its index; the last row is that of all together.
_MEASURED = """
SELECT party.id, party.name, count(*),
    count(*) FILTER (WHERE answered),
    count(*) FILTER (WHERE answered OR (clock.in_time IS FALSE AND clock.ended_at IS NOT NULL) OR overdue),
    count(*) FILTER (WHERE answered AND clock.in_time),
    count(*) FILTER (WHERE clock.ended_by = %(declined)s),
    count(*) FILTER (WHERE clock.answered_wrongly),
    count(*) FILTER (WHERE clock.ended_at IS NULL),
    count(*) FILTER (WHERE overdue),
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY clock.working_days) FILTER (WHERE answered)
FROM incidents_obligation clock
JOIN accounts_userid installer ON installer.eui = clock.installer_id
JOIN accounts_party party ON party.id = installer.party_id
CROSS JOIN LATERAL (
    SELECT clock.ended_by = %(answered)s AS answered,
        clock.ended_at IS NULL AND clock.notified_at IS NOT NULL AND clock.due_date < %(today)s AS overdue
) state
WHERE clock.asked_at >= %(from_at)s AND clock.asked_at < %(until_at)s
GROUP BY GROUPING SETS ((party.id, party.name), ())
ORDER BY party.name NULLS LAST
"""


def measured(period: Period, *, today: date) -> Performance:
    """Return the figures of a period as they stand on `today`; one query."""
    facts: dict[str, Any] = {
        "answered": ObligationEnd.ANSWERED,
        "declined": ObligationEnd.DECLINED,
        "today": today,
        "from_at": period.from_at,
        "until_at": period.until_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MEASURED, facts)
        *parties, (_, _, *whole) = cursor.fetchall()
    return Performance([OfParty(key, name, _figures(each)) for key, name, *each in parties], _figures(whole))


def _figures(row: Sequence[Any]) -> Figures:
    *counts, percentiles = row
    return Figures(*counts, *(percentiles or (None, None)))


# --- The rows behind a figure ------------------------------------------------------------------------------------


class Which(StrEnum):
    """Which askings a figure counts; the values stand in addresses."""

    ASKED = "asked"
    LATE = "late"
    DECLINED = "declined"
    WRONG = "wrong"
    OPEN = "open"
    OVERDUE = "overdue"


def askings(
    period: Period, *, today: date, which: Which = Which.ASKED, party_id: int | None = None
) -> QuerySet[Obligation]:
    """Return the askings that a figure counts, of one party or of all; others say who may see them."""
    found = Obligation.objects.filter(asked_at__gte=period.from_at, asked_at__lt=period.until_at)
    found = found.filter(_condition(which, today))
    return found if party_id is None else found.filter(installer__party=party_id)


def _condition(which: Which, today: date) -> Q:
    overdue = Q(ended_at__isnull=True, notified_at__isnull=False, due_date__lt=today)
    match which:
        case Which.ASKED:
            return Q()
        case Which.LATE:
            return Q(ended_at__isnull=False, in_time=False) | overdue
        case Which.DECLINED:
            return Q(ended_by=ObligationEnd.DECLINED)
        case Which.WRONG:
            return Q(answered_wrongly=True)
        case Which.OPEN:
            return Q(ended_at__isnull=True)
        case Which.OVERDUE:
            return overdue
