"""Working Days: the calendar, the count, and the words that explain it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from ssi.working_days import (
    LONDON,
    Overrides,
    add_working_days,
    day_in_words,
    due,
    explain,
    holiday_on,
    holidays_between,
    in_working_hours,
    is_working_day,
    next_working_day,
    received_on,
)


def london(day: date, at: time = time(9)) -> datetime:
    return datetime.combine(day, at, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (date(2021, 12, 22), date(2021, 12, 31)),
        (date(2022, 4, 13), date(2022, 4, 22)),
        (date(2022, 6, 1), date(2022, 6, 10)),  # the jubilee, 2 and 3 June
        (date(2022, 9, 15), date(2022, 9, 23)),  # the state funeral, 19 September
        (date(2023, 5, 4), date(2023, 5, 12)),  # the coronation, 8 May
        (date(2026, 3, 31), date(2026, 4, 9)),
        (date(2026, 12, 23), date(2027, 1, 4)),  # 28 December in place of Boxing Day; 1 January
    ],
)
def test_five_working_days(received: date, expected: date) -> None:
    assert add_working_days(received, 5) == expected
    assert due(london(received)) == expected
    assert add_working_days(expected, -5) <= received


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 4, 3), "Good Friday"),
        (date(2026, 12, 25), "Christmas Day"),
        (date(2020, 5, 8), "May Day"),
        (date(2026, 4, 6), "Easter Monday"),
        (date(2026, 1, 2), None),  # a bank holiday in Scotland only
        (date(2026, 8, 3), None),  # Scotland
        (date(2026, 3, 17), None),  # Northern Ireland
        (date(2026, 11, 30), None),  # Scotland
    ],
)
def test_calendar_is_that_of_england_and_wales(day: date, name: str | None) -> None:
    assert holiday_on(day) == name
    assert is_working_day(day) == (name is None)


@pytest.mark.parametrize("year", range(2020, 2041))
def test_every_year_has_good_friday_christmas_and_eight_holidays(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    off = [day for day in days if day.weekday() < 5 and not is_working_day(day)]
    assert len(off) >= 8
    assert date(year, 12, 25) in off or date(year, 12, 25).weekday() >= 5
    assert sum(holiday_on(day) == "Good Friday" and day.weekday() == 4 for day in off) == 1


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (london(date(2026, 11, 19), time(0)), date(2026, 11, 19)),
        (london(date(2026, 11, 19), time(17, 0)), date(2026, 11, 19)),
        (london(date(2026, 11, 19), time(17, 0, 0, 1)), date(2026, 11, 20)),
        (london(date(2026, 11, 20), time(23, 59)), date(2026, 11, 23)),
        (london(date(2026, 11, 21), time(9)), date(2026, 11, 23)),
        (datetime(2026, 7, 1, 16, 0, tzinfo=UTC), date(2026, 7, 1)),  # 17:00 in London
        (datetime(2026, 7, 1, 16, 1, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 1, 6, 17, 0, tzinfo=UTC), date(2026, 1, 6)),
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), date(2026, 7, 2)),  # already the next day in London
    ],
)
def test_day_of_receipt(moment: datetime, expected: date) -> None:
    assert received_on(moment) == expected


def test_weekend_arrival_counts_from_the_working_day_after_monday() -> None:
    assert due(london(date(2026, 11, 21)), working_days=1) == date(2026, 11, 24)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        due(datetime(2026, 11, 22, 9))  # noqa: DTZ001


def test_a_late_proclaimed_holiday_and_a_withdrawn_one() -> None:
    funeral = Overrides(extra={date(2026, 11, 24): "Day of Mourning"}, removed=frozenset({date(2026, 12, 28)}))
    assert due(london(date(2026, 11, 23))) == date(2026, 11, 30)
    assert due(london(date(2026, 11, 23)), 5, funeral) == date(2026, 12, 1)
    assert holiday_on(date(2026, 11, 24), funeral) == "Day of Mourning"
    assert is_working_day(date(2026, 12, 28), funeral)
    assert next_working_day(date(2026, 12, 24), funeral) == date(2026, 12, 28)


def test_the_count_is_explained_day_by_day() -> None:
    days = explain(london(date(2025, 8, 21), time(17, 30)))
    assert [each.why for each in days[:7]] == [
        "Received on Thu 21 Aug at 17:30, after 17:00, so it counts as received on Fri 22 Aug.",
        "Fri 22 Aug counts as the day of receipt.",
        "Sat 23 Aug is a Saturday.",
        "Sun 24 Aug is a Sunday.",
        "Mon 25 Aug is a bank holiday (Late Summer Bank Holiday).",
        "Tue 26 Aug is Working Day 1 of 5.",
        "Wed 27 Aug is Working Day 2 of 5.",
    ]
    assert days[-1] == (date(2025, 9, 1), True, "Mon 1 Sep is Working Day 5 of 5.")


def test_the_explanation_begins_plainly_on_a_working_day() -> None:
    assert explain(london(date(2026, 11, 23)))[0].why == (
        "Received on Mon 23 Nov at 09:00; the count begins on the next Working Day."
    )
    assert explain(london(date(2026, 4, 4)))[0].why == (
        "Received on Sat 4 Apr at 09:00, which is a Saturday, so it counts as received on Tue 7 Apr."
    )


def test_a_holiday_that_is_not_kept_is_explained() -> None:
    days = explain(london(date(2026, 5, 1)), 5, Overrides(removed=frozenset({date(2026, 5, 4)})))
    assert days[3].why == "Mon 4 May is Working Day 1 of 5; May Day is not kept that day."
    assert days[-1].day == date(2026, 5, 8)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (london(date(2026, 11, 19), time(8, 59, 59)), False),
        (london(date(2026, 11, 19), time(9)), True),
        (london(date(2026, 11, 19), time(16, 59, 59)), True),
        (london(date(2026, 11, 19), time(17)), False),
        (london(date(2026, 11, 21), time(12)), False),
        (london(date(2026, 12, 25), time(12)), False),
        (datetime(2026, 7, 1, 8, 0, tzinfo=UTC), True),  # nine in London
        (datetime(2026, 7, 1, 16, 0, tzinfo=UTC), False),
    ],
)
def test_working_hours(moment: datetime, expected: bool) -> None:
    assert in_working_hours(moment) is expected


def test_holidays_of_a_time() -> None:
    spring = holidays_between(date(2026, 4, 3), date(2026, 5, 4))
    assert [day for day, _ in spring] == [date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4)]
    assert date(2026, 12, 26) not in dict(holidays_between(date(2026, 12, 1), date(2026, 12, 31)))  # a Saturday
    added = Overrides(extra={date(2026, 4, 8): "Day of Thanks"}, removed=frozenset({date(2026, 4, 6)}))
    assert holidays_between(date(2026, 4, 6), date(2026, 4, 10), added) == [(date(2026, 4, 8), "Day of Thanks")]


def test_a_day_in_words() -> None:
    assert day_in_words(date(2026, 5, 4)) == "Mon 4 May 2026"
