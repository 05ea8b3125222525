"""The figures of a period: their arithmetic, against a count by hand on random data."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.models import Obligation
from incidents.models.choices import ObligationEnd
from incidents.search.performance import Figures, Period, Span, Which, askings, measured, period_of
from ssi.accounts.models import UserId
from ssi.working_days import LONDON
from tests.factories.accounts import UserIdFactory
from tests.incidents.askings import STILL_OPEN, asked, requests_to

pytestmark = pytest.mark.django_db

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
TODAY = date(2026, 11, 22)
MIDDAY = datetime(2026, 11, 10, 12, 0, tzinfo=LONDON)


def percentile(values: Sequence[int], share: float) -> float | None:
    """Return what lies `share` of the way up, between two values if need be."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = ordered[int(place)]
    high = ordered[min(int(place) + 1, len(ordered) - 1)]
    return low + (high - low) * (place - int(place))


def is_overdue(each: Obligation) -> bool:
    running = each.ended_at is None and each.notified_at is not None
    return running and each.due_date is not None and each.due_date < TODAY


def counted(rows: Sequence[Obligation], period: Period) -> Figures:
    """Return the figures of these askings, counted one by one."""
    days = (period.first_date, period.last_date)
    rows = [each for each in rows if days[0] <= each.asked_at.astimezone(LONDON).date() <= days[1]]
    answered = [each for each in rows if each.ended_by == ObligationEnd.ANSWERED]
    late = [each for each in rows if each.ended_at is not None and each.in_time is False and each not in answered]
    overdue = [each for each in rows if is_overdue(each)]
    took = [each.working_days for each in answered if each.working_days is not None]
    return Figures(
        asked=len(rows),
        answered=len(answered),
        decided=len(answered) + len(late) + len(overdue),
        in_time=sum(bool(each.in_time) for each in answered),
        declined=sum(each.ended_by == ObligationEnd.DECLINED for each in rows),
        wrong=sum(each.answered_wrongly for each in rows),
        open=sum(each.ended_at is None for each in rows),
        overdue=len(overdue),
        median=percentile(took, 0.5),
        ninetieth=percentile(took, 0.9),
    )


def at_random(installers: Sequence[UserId], dice: random.Random, count: int) -> list[Obligation]:
    """Write so many askings, of whatever fate, between October and December."""
    rows = []
    for request in requests_to(installers[0], count):
        at = datetime(2026, 10, 20, tzinfo=LONDON) + timedelta(minutes=dice.randrange(50 * 24 * 60))
        told = dice.random() < 0.8
        ended_by = dice.choice(["", *ObligationEnd.values])
        ended_at = at + timedelta(minutes=dice.randrange(20_000)) if ended_by else None
        clock_ran = bool(ended_by) and (told or ended_by == ObligationEnd.ANSWERED)
        rows.append(
            Obligation(
                request=request,
                installer=dice.choice(installers),
                asked_at=at,
                notified_at=at if told else None,
                due_date=(at + timedelta(days=7)).date() if told else None,
                ended_at=ended_at,
                ended_by=ended_by,
                answered_wrongly=ended_by == ObligationEnd.ANSWERED and dice.random() < 0.2,
                working_days=dice.randrange(9) if clock_ran else None,
                in_time=dice.random() < 0.7 if clock_ran else None,
            )
        )
    return Obligation.objects.bulk_create(rows)


def close_to(one: Figures, other: Figures) -> bool:
    """Tell whether figures are the same, but for the last bit of a fraction."""
    return all(getattr(one, name) == pytest.approx(getattr(other, name)) for name in Figures.__slots__)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(0, 60))
def test_the_figures_are_those_of_a_count_by_hand(seed: int, count: int) -> None:
    Obligation.objects.all().delete()
    dice = random.Random(seed)
    installers = [UserIdFactory.create() for _ in range(3)]
    installers.append(UserIdFactory.create(party=installers[0].party))  # one party, two User IDs
    rows = at_random(installers, dice, count)
    found = measured(NOVEMBER, today=TODAY)
    assert close_to(found.whole, counted(rows, NOVEMBER))
    of_party = {each.party_id: each.figures for each in found.parties}
    for party in {installer.party_id for installer in installers}:
        theirs = [each for each in rows if each.installer.party_id == party]
        assert close_to(of_party.get(party, Figures()), counted(theirs, NOVEMBER))


@pytest.mark.parametrize("which", Which)
def test_the_rows_behind_a_figure_are_those_it_counts(which: Which) -> None:
    installers = [UserIdFactory.create() for _ in range(2)]
    at_random(installers, random.Random(7), 200)
    for each in measured(NOVEMBER, today=TODAY).parties:
        behind = askings(NOVEMBER, today=TODAY, which=which, party_id=each.party_id)
        expected = {
            Which.ASKED: each.figures.asked,
            Which.LATE: each.figures.decided - each.figures.in_time,
            Which.DECLINED: each.figures.declined,
            Which.WRONG: each.figures.wrong,
            Which.OPEN: each.figures.open,
            Which.OVERDUE: each.figures.overdue,
        }
        late_answers = askings(NOVEMBER, today=TODAY, which=Which.LATE, party_id=each.party_id)
        assert behind.count() == expected[which]
        assert not late_answers.filter(in_time=True).exists()


def test_a_day_is_londons() -> None:
    installer = UserIdFactory.create()
    edges = {
        datetime(2026, 11, 1, 0, 0, tzinfo=LONDON): True,
        datetime(2026, 10, 31, 23, 59, 59, tzinfo=LONDON): False,
        datetime(2026, 11, 30, 23, 59, 59, tzinfo=LONDON): True,
        datetime(2026, 12, 1, 0, 0, tzinfo=LONDON): False,
    }
    for at in edges:
        asked(installer, 1, at=at)
    assert measured(NOVEMBER, today=TODAY).whole.asked == sum(edges.values())


def test_nothing_is_measured_of_nobody() -> None:
    found = measured(NOVEMBER, today=TODAY)
    assert found.parties == []
    assert found.whole == Figures()


def test_one_query_measures_everybody(django_assert_num_queries: Any) -> None:
    for _ in range(5):
        asked(UserIdFactory.create(), 2, at=MIDDAY)
    asked(UserIdFactory.create(), 2, at=MIDDAY, **STILL_OPEN)
    with django_assert_num_queries(1):
        assert len(measured(NOVEMBER, today=TODAY).parties) == 6


@pytest.mark.parametrize(
    ("span", "today", "first", "last"),
    [
        (Span.LAST_30_DAYS, date(2026, 3, 1), date(2026, 1, 31), date(2026, 3, 1)),
        (Span.THIS_MONTH, date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        (Span.LAST_MONTH, date(2026, 1, 15), date(2025, 12, 1), date(2025, 12, 31)),
        (Span.LAST_MONTH, date(2026, 3, 31), date(2026, 2, 1), date(2026, 2, 28)),
        (Span.THIS_QUARTER, date(2026, 11, 22), date(2026, 10, 1), date(2026, 12, 31)),
        (Span.THIS_QUARTER, date(2026, 6, 30), date(2026, 4, 1), date(2026, 6, 30)),
        (Span.THIS_YEAR, date(2026, 11, 22), date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_periods(span: Span, today: date, first: date, last: date) -> None:
    assert period_of(span, today) == Period(first, last)


def test_whole_months() -> None:
    assert Period(date(2026, 2, 14), date(2026, 4, 30)).in_whole_months == Period(
        date(2026, 2, 1), date(2026, 4, 30)
    )
    assert Period(date(2026, 12, 31), date(2026, 12, 31)).in_whole_months == Period(
        date(2026, 12, 1), date(2026, 12, 31)
    )
