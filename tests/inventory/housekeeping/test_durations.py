"""For how long a device may be Pending, to the day, over leap days and the change of the clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.durations import Duration, add_months, default_of, due_before, removal_date, removed_types
from inventory.models.choices import DeviceType
from ssi.working_days import LONDON

DAYS = st.dates(date(2010, 1, 1), date(2060, 12, 31))
MONTHS = st.integers(1, 60)


@pytest.mark.parametrize(
    ("since", "months", "removed"),
    [
        (datetime(2025, 11, 29, 12, tzinfo=UTC), 12, date(2026, 11, 30)),
        (datetime(2024, 2, 29, 12, tzinfo=UTC), 12, date(2025, 3, 1)),  # no 29 February in 2025: the 28th ends it
        (datetime(2023, 2, 28, 12, tzinfo=UTC), 12, date(2024, 2, 29)),
        (datetime(2024, 2, 29, 12, tzinfo=UTC), 48, date(2028, 3, 1)),
        (datetime(2025, 8, 31, 12, tzinfo=UTC), 6, date(2026, 3, 1)),
        (datetime(2025, 6, 30, 23, 30, tzinfo=UTC), 12, date(2026, 7, 2)),  # London's summer: it is 1 July there
        (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), 12, date(2027, 1, 1)),
    ],
)
def test_months_are_calendar_months_in_london(since: datetime, months: int, removed: date) -> None:
    assert removal_date(since, months) == removed


@given(DAYS, st.times(), MONTHS, st.integers(-3, 3))
def test_a_run_takes_what_its_day_has_come_for_and_nothing_else(
    day: date, time: object, months: int, around: int
) -> None:
    since = datetime.combine(day, time, LONDON)  # type: ignore[arg-type]
    run_date = removal_date(since, months) + timedelta(days=around)
    assert (since < due_before(run_date, months)) == (around >= 0)


@given(DAYS, MONTHS)
def test_each_run_takes_no_less_than_the_one_before(day: date, months: int) -> None:
    assert due_before(day, months) <= due_before(day + timedelta(days=1), months)


def test_the_last_day_of_a_month_is_never_past_it() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 31), -2) == date(2025, 11, 30)
    assert add_months(date(2026, 12, 1), 1) == date(2027, 1, 1)


def test_hubs_are_excluded_and_type_2_devices_are_never_pending() -> None:
    usual = {each: default_of(each) for each in DeviceType}
    assert usual[DeviceType.CHF].is_excluded
    assert usual[DeviceType.GPF].is_excluded
    assert set(removed_types(usual)) == {DeviceType.ESME, DeviceType.GSME, DeviceType.PPMID, DeviceType.HCALCS}
    assert DeviceType.CHF in removed_types(usual | {DeviceType.CHF: Duration(36)})
