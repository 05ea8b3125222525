"""The due date against a counter that walks hour by hour and knows nothing of the code under test."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
from hypothesis import given
from hypothesis import strategies as st

from ssi.working_days import Overrides, add_working_days, due, explain, is_working_day, received_on

BANK_HOLIDAYS = frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(2019, 2043)))
ZONE = ZoneInfo("Europe/London")

moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def plainly_due(moment: datetime, working_days: int) -> date:
    """Count the slow way: walk through the days and tick off those that are open."""

    def is_open(day: date) -> bool:
        return day.isoweekday() <= 5 and day not in BANK_HOLIDAYS

    local = moment.astimezone(ZONE)
    day, seconds = (
        local.date(),
        local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6,
    )
    if not is_open(day) or seconds > 17 * 3600:
        day += timedelta(days=1)
        while not is_open(day):
            day += timedelta(days=1)
    ticked = 0
    while ticked < working_days:
        day += timedelta(days=1)
        ticked += is_open(day)
    return day


def test_every_start_hour_for_the_weeks_of_both_clock_changes_and_the_turn_of_each_year() -> None:
    for year in range(2020, 2041):
        for month, day in ((3, 22), (10, 22), (12, 20), (4, 1)):
            start = datetime(year, month, day, tzinfo=UTC)
            for hour in range(14 * 24):
                moment = start + timedelta(hours=hour)
                assert due(moment) == plainly_due(moment, 5), moment


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
