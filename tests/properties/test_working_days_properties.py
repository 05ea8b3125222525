"""The due date against a counter that walks hour by hour and knows nothing of the code under test."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssi.working_days import (
    NO_OVERRIDES,
    Overrides,
    add_working_days,
    count_between,
    due,
    explain,
    in_working_hours,
    is_working_day,
    received_on,
)

BANK_HOLIDAYS = frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(2019, 2043)))
ZONE = ZoneInfo("Europe/London")
ONE_DAY = timedelta(days=1)

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
RANDOM = Random(1971)  # the year of the Banking and Financial Dealings Act
WEEKDAYS = [day for number in range(21 * 365) if (day := date(2020, 1, 1) + timedelta(days=number)).weekday() < 5]
OVERRIDES = Overrides(
    extra=dict.fromkeys(RANDOM.sample(WEEKDAYS, 120), "Proclaimed"),
    removed=frozenset(RANDOM.sample(sorted(day for day in BANK_HOLIDAYS if day.year <= 2040), 60)),
)
"""Six days a year that come late and three that are not kept: far more than any desk enters."""

moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def open_days(overrides: Overrides = NO_OVERRIDES) -> frozenset[date]:
    """Tick off every day of the years in question that is open."""
    days = (date(2019, 12, 1) + timedelta(days=number) for number in range(22 * 366))
    shut = (BANK_HOLIDAYS - overrides.removed) | overrides.extra.keys()
    return frozenset(day for day in days if day.isoweekday() <= 5 and day not in shut)


OPEN = open_days()


def plainly_due(moment: datetime, working_days: int, days: frozenset[date] = OPEN) -> date:
    """Count the slow way: walk through the days and tick off those that are open."""
    local = moment.astimezone(ZONE)
    day = local.date()
    seconds = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
    if day not in days or seconds > 17 * 3600:
        day += ONE_DAY
        while day not in days:
            day += ONE_DAY
    ticked = 0
    while ticked < working_days:
        day += ONE_DAY
        ticked += day in days
    return day


@pytest.mark.parametrize("overrides", [NO_OVERRIDES, OVERRIDES], ids=["published", "overridden"])
def test_every_hour_of_twenty_one_years(overrides: Overrides) -> None:
    days, moment, wrong = open_days(overrides), FIRST, []
    while moment < LAST:
        if due(moment, 5, overrides) != plainly_due(moment, 5, days):
            wrong.append(moment)
        moment += timedelta(hours=1)
    assert wrong == []


@pytest.mark.parametrize("overrides", [NO_OVERRIDES, OVERRIDES], ids=["published", "overridden"])
def test_every_quarter_of_an_hour_around_both_clock_changes_and_the_turn_of_each_year(
    overrides: Overrides,
) -> None:
    days = open_days(overrides)
    for year in range(2020, 2041):
        for month, day in ((3, 24), (10, 24), (12, 21)):
            start = datetime(year, month, day, tzinfo=UTC)
            for quarter in range(10 * 24 * 4):
                moment = start + timedelta(minutes=15 * quarter)
                assert due(moment, 5, overrides) == plainly_due(moment, 5, days), moment


@pytest.mark.parametrize("working_days", [1, 3, 20])
def test_other_counts_at_the_edges_of_every_day(working_days: int) -> None:
    days = open_days(OVERRIDES)
    for number in range((LAST - FIRST).days):
        day = FIRST.date() + timedelta(days=number)
        for at in (time(0), time(16, 59, 59), time(17), time(17, 0, 0, 1), time(23, 59, 59, 999_999)):
            moment = datetime.combine(day, at, ZONE)
            assert due(moment, working_days, OVERRIDES) == plainly_due(moment, working_days, days), moment


@given(moments, st.integers(0, 30))
def test_agrees_with_the_plain_count(moment: datetime, working_days: int) -> None:
    assert due(moment, working_days) == plainly_due(moment, working_days)


@given(moments, moments)
def test_what_arrives_later_is_never_due_earlier(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    assert due(first) <= due(second)


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.integers(1, 60))
def test_counting_on_and_back_comes_home(day: date, count: int) -> None:
    there = add_working_days(day, count)
    assert is_working_day(there)
    back = add_working_days(there, -count)
    assert back == day if is_working_day(day) else back < day


@given(moments, st.integers(1, 12), st.sets(st.integers(0, 20)), st.sets(st.integers(0, 20)))
def test_the_explanation_tells_the_same_count(
    moment: datetime, working_days: int, added: set[int], taken: set[int]
) -> None:
    first = moment.astimezone(ZONE).date()
    overrides = Overrides(
        extra={first + timedelta(days=number): "Proclaimed" for number in added},
        removed=frozenset(first + timedelta(days=number) for number in taken),
    )
    days = explain(moment, working_days, overrides)
    assert [each.day for each in days] == [first + timedelta(days=number) for number in range(len(days))]
    assert sum(each.counted for each in days) == working_days
    assert days[-1].day == due(moment, working_days, overrides)
    assert days[-1].counted
    assert all(each.day > received_on(moment, overrides) for each in days if each.counted)


@given(moments, st.integers(1, 30))
def test_counting_the_days_between_tells_on_which_working_day_something_was_done(
    moment: datetime, working_days: int
) -> None:
    received = received_on(moment, OVERRIDES)
    last = due(moment, working_days, OVERRIDES)
    assert count_between(received, last, OVERRIDES) == working_days
    assert count_between(received, last - ONE_DAY, OVERRIDES) == working_days - 1
    assert count_between(last, received, OVERRIDES) == 0


@given(moments)
def test_working_hours_are_eight_hours_of_a_working_day(moment: datetime) -> None:
    local = moment.astimezone(ZONE)
    assert in_working_hours(moment, OVERRIDES) == (
        local.date() in open_days(OVERRIDES) and 9 * 60 <= local.hour * 60 + local.minute < 17 * 60
    )
