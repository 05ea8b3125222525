"""W50 and W51: thresholds far above, and below, what the User ID sent."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings

from ssi.accounts.models import Person
from ssi.eui64 import Eui64
from ssi.uploads.kinds.warnings import warnings_of
from tests.factories.accounts import UserIdFactory
from tests.factories.audit_trail import message
from tests.personas import actor_of
from tests.ssi.uploads.thresholds.setting import NOW, counted_up_to, hour, sent, threshold, version

pytestmark = pytest.mark.django_db
FRIDAY, LONG_AGO, TOO_LONG_AGO = date(2026, 11, 13), date(2026, 9, 1), date(2026, 8, 23)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def us(aroha: Person) -> Eui64:
    """Return Northlight's User ID: on a Friday it read 300 and 200 logs, and once, long ago, 900 in an hour."""
    user_id = actor_of(aroha).user.user_id
    counted_up_to()
    sent(user_id, "4.6.1 SR", 300, began_at=hour(FRIDAY, 9))
    sent(user_id, "4.6.1 SR", 200, began_at=hour(FRIDAY, 10))
    sent(user_id, "4.6.1 SR", 900, began_at=hour(LONG_AGO, 3))
    sent(user_id, "4.6.1 SR", 9_999, began_at=hour(TOO_LONG_AGO, 3))
    sent(user_id, "8.1.1 SPC", 10, began_at=hour(FRIDAY, 9))
    sent(UserIdFactory.create().eui, "4.6.1 SR", 5_000, began_at=hour(FRIDAY, 9))
    return user_id


def codes(aroha: Person, what: str, quarantine: int, **facts: Any) -> list[str]:
    upload = version(aroha, (what, quarantine))
    upload.thresholds.update(**facts)
    return [found.code for found in warnings_of(upload)]


@pytest.mark.parametrize(
    ("what", "quarantine", "expected"),
    [
        ("4.6.1 SR DAY", 2_500, []),
        ("4.6.1 SR DAY", 2_501, ["W50"]),
        ("4.6.1 SR DAY", 900, []),
        ("4.6.1 SR DAY", 899, ["W51"]),
        ("4.6.1 SR HOUR", 1_500, []),
        ("4.6.1 SR HOUR", 1_501, ["W50"]),
        ("4.6.1 SR HOUR", 899, ["W51"]),
        ("8.1.1 SPC HOUR", 51, ["W50"]),
        ("8.1.1 SPC DAY", 9, ["W51"]),
        ("8.1.1 SR DAY", 1, []),  # none was sent
        ("7.4 SR DAY", 1_000_000, []),
    ],
)
def test_thresholds_are_held_against_the_busiest_period(
    aroha: Person, us: Eui64, what: str, quarantine: int, expected: list[str]
) -> None:
    assert codes(aroha, what, quarantine) == expected


def test_both_at_once_where_traffic_fell_away(aroha: Person, us: Eui64) -> None:
    sent(us, "7.4 SR", 10, began_at=hour(FRIDAY, 9))
    sent(us, "7.4 SR", 1_000, began_at=hour(LONG_AGO, 9))
    assert codes(aroha, "7.4 SR DAY", 100) == ["W50", "W51"]


def test_without_recent_traffic_nothing_is_expected(aroha: Person, us: Eui64) -> None:
    sent(us, "7.4 SR", 10, began_at=hour(LONG_AGO, 9))
    assert codes(aroha, "7.4 SR DAY", 1_000_000) == []
    assert codes(aroha, "7.4 SR DAY", 9) == ["W51"]


def test_a_user_of_whom_nothing_is_known_is_not_warned(aroha: Person) -> None:
    assert codes(aroha, "4.6.1 SR DAY", 1) == []


def test_the_factor_is_a_setting(aroha: Person, us: Eui64, settings: LazySettings) -> None:
    settings.SSI_ADT_FORECAST_TIMES = 2
    assert codes(aroha, "4.6.1 SR DAY", 1_000) == []
    assert codes(aroha, "4.6.1 SR DAY", 1_001) == ["W50"]


def test_a_day_is_london_s_and_an_hour_is_the_clock_s(aroha: Person, us: Eui64) -> None:
    last_of_summer = [datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 24, 23, tzinfo=UTC)]
    for began_at in last_of_summer:  # 23:00 on Saturday and 00:00 on Sunday, of 25 hours
        sent(us, "7.4 SR", 40, began_at=began_at)
    sent(us, "7.4 SR", 7, began_at=datetime(2026, 10, 25, 23, tzinfo=UTC))
    upload = version(aroha, ("7.4 SR DAY", 46), ("7.4 SR HOUR", 39))
    day, clock_hour = warnings_of(upload)
    assert "47 on Sun 25 Oct 2026." in day.message
    assert "40 on Sun 25 Oct 2026, 00:00." in clock_hour.message


def test_the_running_hour_and_day_count(aroha: Person, us: Eui64) -> None:
    sent(us, "7.4 SR", 5, began_at=hour(NOW.date(), 13))
    for _ in range(2):
        message(us, at=NOW.replace(minute=5), srv="7.4")
    assert codes(aroha, "7.4 SR DAY", 6) == ["W51"]
    assert codes(aroha, "7.4 SR DAY", 7) == []
    assert codes(aroha, "7.4 SR HOUR", 1) == ["W51"]


def test_a_finding_names_its_line_its_numbers_and_what_to_do(aroha: Person, us: Eui64) -> None:
    upload = version(aroha, ("4.1.1 SR DAY", 5), ("4.6.1 SR DAY", 2_600), ("4.6.1 SR HOUR", 20))
    high, low = warnings_of(upload)
    assert (high.code, high.line, high.field) == ("W50", 3, "quarantine threshold")
    assert high.message == (
        "4.6.1 SR a day: 2,600 is more than 5 times what was sent in the busiest day of the last 30 days: 500 on "
        "Fri 13 Nov 2026."
    )
    assert (low.code, low.line, low.field) == ("W51", 4, "quarantine threshold")
    assert low.message == (
        "4.6.1 SR an hour: 20 is less than what was sent in the busiest hour of the last 90 days: 900 on "
        "Tue 1 Sep 2026, 04:00."
    )
    assert high.is_warning
    assert low.way_out


def test_exceptions_are_compared_and_taken_over_rows_are_not(aroha: Person, us: Eui64) -> None:
    upload = version(aroha, ("4.6.1 SR DAY", 2_000))
    dates = {"exception_from_date": date(2026, 12, 1), "exception_to_date": date(2026, 12, 24)}
    threshold(upload, 3, "4.6.1 SR DAY", 5_000, **dates)
    threshold(upload, 9, "8.1.1 SPC DAY", 1, is_in_file=False)
    (found,) = warnings_of(upload)
    assert (found.code, found.line) == ("W50", 3)
    assert found.message.startswith("4.6.1 SR a day, from 2026-12-01 to 2026-12-24: 5,000")
