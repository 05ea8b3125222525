"""What a file would have done to the last 30 days of the User's own messages, beside what is in force."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ssi.accounts.models import Person
from ssi.eui64 import Eui64
from ssi.uploads.models import Upload
from ssi.uploads.search.sent import What
from ssi.uploads.search.what_if import Line, WhatIf, summary_of, what_if
from tests.factories.audit_trail import message
from tests.personas import actor_of
from tests.ssi.uploads.thresholds.setting import NOW, counted_up_to, hour, sent, threshold, version

pytestmark = pytest.mark.django_db
FRIDAY, SATURDAY = date(2026, 11, 13), date(2026, 11, 14)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        counted_up_to()
        yield


@pytest.fixture
def us(aroha: Person) -> Eui64:
    return actor_of(aroha).user.user_id


def line_of(found: WhatIf, what: str) -> Line:
    (line,) = [line for line in found.lines if line.what == What(*what.split())]
    return line


def held(upload: Upload) -> int:
    return what_if(upload).held_new


class TestHowMessagesAreHeld:
    @pytest.fixture(autouse=True)
    def two_days(self, us: Eui64) -> None:
        for day, number, messages in ((FRIDAY, 8, 60), (FRIDAY, 9, 50), (FRIDAY, 20, 10), (SATURDAY, 9, 45)):
            sent(us, "4.6.1 SR", messages, began_at=hour(day, number))

    def test_those_above_the_threshold_of_their_hour(self, aroha: Person) -> None:
        found = what_if(version(aroha, ("4.6.1 SR HOUR", 40)))
        new = line_of(found, "4.6.1 SR HOUR").new
        assert new is not None
        assert (new.exceeded, new.held, found.held_new, found.sent) == (3, 20 + 10 + 5, 35, 165)

    def test_those_above_the_threshold_of_their_day(self, aroha: Person) -> None:
        found = what_if(version(aroha, ("4.6.1 SR DAY", 40)))
        new = line_of(found, "4.6.1 SR DAY").new
        assert new is not None
        assert (new.exceeded, new.held, found.held_new) == (2, 80 + 5, 85)

    @pytest.mark.parametrize(
        ("of_hour", "of_day", "expected"),
        [
            (40, 1_000, 35),
            (1_000, 40, 85),
            (40, 90, 20 + 20 + 10 + 5),  # Friday: 40 and 30 go through, then none of the last 10
            (40, 110, 35 + 10),
            (50, 115, 10 + 5),
            (1, 1, 165 - 2),
        ],
    )
    def test_once_where_both_hold_them(self, aroha: Person, of_hour: int, of_day: int, expected: int) -> None:
        assert held(version(aroha, ("4.6.1 SR HOUR", of_hour), ("4.6.1 SR DAY", of_day))) == expected

    def test_at_the_threshold_nothing_is_held(self, aroha: Person) -> None:
        assert held(version(aroha, ("4.6.1 SR HOUR", 60), ("4.6.1 SR DAY", 120))) == 0

    def test_warnings_count_periods_above(self, aroha: Person) -> None:
        upload = version(aroha, ("4.6.1 SR HOUR", 55), ("4.6.1 SR DAY", 200))
        upload.thresholds.filter(period="HOUR").update(warning=45)
        found = what_if(upload)
        new, of_day = line_of(found, "4.6.1 SR HOUR").new, line_of(found, "4.6.1 SR DAY").new
        assert new is not None
        assert of_day is not None
        assert (new.warned, new.exceeded, of_day.warned) == (2, 1, 0)

    def test_the_worst_period_and_when(self, aroha: Person) -> None:
        found = what_if(version(aroha, ("4.6.1 SR HOUR", 1_000), ("4.6.1 SR DAY", 100)))
        of_hour, of_day = line_of(found, "4.6.1 SR HOUR").worst, line_of(found, "4.6.1 SR DAY").worst
        assert of_hour is not None
        assert of_day is not None
        assert (of_hour.messages, of_hour.began_at, of_hour.held) == (60, hour(FRIDAY, 8), 0)
        assert (of_day.messages, of_day.began_at, of_day.held) == (120, hour(FRIDAY, 0), 20)

    def test_an_exception_counts_on_its_days(self, aroha: Person) -> None:
        upload = version(aroha, ("4.6.1 SR DAY", 40))
        dates = {"exception_from_date": FRIDAY, "exception_to_date": FRIDAY}
        threshold(upload, 3, "4.6.1 SR DAY", 119, **dates)
        assert held(upload) == 1 + 5
        days = {day: (most, limit) for day, most, limit in line_of(what_if(upload), "4.6.1 SR DAY").days}
        assert (days[FRIDAY], days[SATURDAY]) == ((120, 119), (45, 40))
        assert len(days) == 31

    def test_an_exception_alone_counts_on_no_other_day(self, aroha: Person) -> None:
        upload = version(aroha)
        threshold(upload, 2, "4.6.1 SR DAY", 1, exception_from_date=SATURDAY, exception_to_date=date(2026, 12, 1))
        threshold(
            upload, 3, "7.4 SR DAY", 1, exception_from_date=date(2026, 12, 2), exception_to_date=date(2026, 12, 3)
        )
        found = what_if(upload)
        assert found.held_new == 44
        assert [line.what.srv for line in found.lines] == ["4.6.1"]

    def test_beside_what_is_in_force(self, aroha: Person) -> None:
        in_force = version(aroha, ("4.6.1 SR DAY", 100), ("7.4 SR DAY", 5), state="applied")
        found = what_if(version(aroha, ("4.6.1 SR DAY", 45), compared_with=in_force))
        assert (found.held_new, found.held_now, found.exceeded_new, found.exceeded_now) == (75, 20, 1, 1)
        gone = line_of(found, "7.4 SR DAY")
        assert gone.new is None
        assert gone.now is not None


def test_only_the_last_thirty_days_and_the_running_one(aroha: Person, us: Eui64) -> None:
    begin = datetime(2026, 10, 22, 23, tzinfo=UTC)  # midnight of Fri 23 Oct in London's summer
    for began_at in (begin - timedelta(hours=1), begin, NOW.replace(hour=13, minute=0)):
        sent(us, "7.4 SR", 10, began_at=began_at)
    for _ in range(3):
        message(us, at=NOW.replace(minute=5), srv="7.4")
    found = what_if(version(aroha, ("7.4 SR DAY", 1)))
    assert (found.begin, found.sent, found.held_new) == (begin, 23, 9 + 12)


def test_types_are_counted_apart_and_users_too(aroha: Person, us: Eui64, bela: Person) -> None:
    sent(us, "8.1.1 SR", 10, began_at=hour(FRIDAY, 9))
    sent(us, "8.1.1 SPC", 7, began_at=hour(FRIDAY, 9))
    sent(actor_of(bela).user.user_id, "8.1.1 SPC", 70, began_at=hour(FRIDAY, 9))
    found = what_if(version(aroha, ("8.1.1 SPC HOUR", 5)))
    assert found.held_new == 2
    assert found.unlimited == [("8.1.1", "SR", 10)]


def test_the_worst_come_first(aroha: Person, us: Eui64) -> None:
    for srv, messages in (("4.6.1", 90), ("7.4", 20), ("8.2", 30), ("11.2", 99)):
        sent(us, f"{srv} SR", messages, began_at=hour(FRIDAY, 9))
    rows = [("4.6.1 SR DAY", 100), ("7.4 SR DAY", 10), ("8.2 SR DAY", 25), ("11.2 SR DAY", 100), ("9.1 SR DAY", 1)]
    found = what_if(version(aroha, *rows))
    assert [line.what.srv for line in found.worst_first] == ["7.4", "8.2", "11.2", "4.6.1"]
    assert [line.what.srv for line in found.lines] == ["4.6.1", "7.4", "8.2", "9.1", "11.2"]


class TestSummary:
    def test_with_and_without_something_to_compare_with(self, aroha: Person, us: Eui64) -> None:
        sent(us, "4.6.1 SR", 1_200, began_at=hour(FRIDAY, 9))
        upload = version(aroha, ("4.6.1 SR DAY", 1_000))
        would = "Of the 1,200 messages sent in the last 30 days, 200 would have been quarantined"
        assert summary_of(upload).sentence == f"{would}. No thresholds were in force to compare with."
        upload.compared_with = version(aroha, ("4.6.1 SR DAY", 1_199), state="applied")
        assert summary_of(upload).sentence == f"{would}; with the thresholds in force, 1."

    def test_of_a_user_of_whom_nothing_is_known(self, aroha: Person) -> None:
        summary = summary_of(version(aroha, ("4.6.1 SR DAY", 1_000)))
        assert not summary.has_traffic
        assert "nothing can be replayed" in summary.sentence

    def test_it_asks_few_questions(self, aroha: Person, us: Eui64) -> None:
        upload = version(aroha, ("4.6.1 SR DAY", 9), compared_with=version(aroha, state="applied"))
        with CaptureQueriesContext(connection) as queries:
            summary_of(upload)
        asked = [query["sql"] for query in queries if "FROM" in query["sql"]]
        assert len(asked) == 6
