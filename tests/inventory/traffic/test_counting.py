"""The roll-up by the hour: closed hours once, late entries anew, the running hour from the audit trail."""

from datetime import UTC, datetime, timedelta

import pytest

from inventory import jobs
from inventory.actions import traffic
from inventory.models import AuditTrailEntry, TrafficCounted, TrafficHour
from inventory.models.choices import TrailKind
from inventory.retention import RULES
from ssi.eui64 import Eui64
from ssi.uploads import traffic as messages_sent
from ssi.uploads.traffic import Hour
from tests.factories.accounts import UserIdFactory
from tests.factories.audit_trail import message

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 14, 20, tzinfo=UTC)
PRE_COMMAND = TrailKind.SIGNED_PRE_COMMAND


@pytest.fixture
def us() -> Eui64:
    return UserIdFactory.create().eui


def at(hour: int, minute: int = 0, *, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def counts() -> set[tuple[Eui64, int, str, bool, int]]:
    rows = TrafficHour.objects.values_list("user_id", "began_at", "srv", "is_pre_command", "messages")
    return {(user_id, began_at.hour, srv, is_spc, messages) for user_id, began_at, srv, is_spc, messages in rows}


def test_what_was_sent_is_counted_by_user_hour_srv_and_type(us: Eui64) -> None:
    them = UserIdFactory.create().eui
    message(us, at=at(9))
    message(us, at=at(9, 59), code="E5")  # refused, and sent all the same
    message(us, at=at(10))
    message(us, at=at(9, 30), srv="8.1.1")
    message(us, at=at(9, 31), srv="8.1.1", kind=PRE_COMMAND)
    message(us, at=at(9, 32), kind=TrailKind.SERVICE_RESPONSE)
    message(us, at=at(9, 33), kind=TrailKind.DCC_ALERT, srv="")
    message(us, at=at(9, 34), srv="", code="SSI-SCHEMA")
    message(them, at=at(9, 34))
    assert traffic.refresh(NOW) == 100 * 24
    assert counts() == {
        (us, 9, "8.11", False, 2),
        (us, 10, "8.11", False, 1),
        (us, 9, "8.1.1", False, 1),
        (us, 9, "8.1.1", True, 1),
        (them, 9, "8.11", False, 1),
    }


def test_only_hours_that_are_over_are_counted(us: Eui64) -> None:
    message(us, at=at(13, 59))
    message(us, at=at(14))
    traffic.refresh(NOW)
    assert counts() == {(us, 13, "8.11", False, 1)}
    assert TrafficCounted.objects.get().until_at == at(14)
    assert traffic.refresh(NOW + timedelta(minutes=39)) == 0
    assert traffic.refresh(NOW + timedelta(minutes=40)) == 1
    assert counts() == {(us, 13, "8.11", False, 1), (us, 14, "8.11", False, 1)}


def test_late_entries_are_counted_with_the_next_hour(us: Eui64) -> None:
    message(us, at=at(13, 59))
    traffic.refresh(NOW)
    message(us, at=at(13, 58))
    message(us, at=at(11), srv="4.6.1")
    message(us, at=at(10, 59), srv="7.4")  # too late
    traffic.refresh(NOW + timedelta(hours=1))
    assert counts() == {(us, 13, "8.11", False, 2), (us, 11, "4.6.1", False, 1)}


def test_the_first_run_goes_on_where_it_was_stopped(us: Eui64) -> None:
    for day in (2, 12, 21):
        message(us, at=at(12, day=day))
    TrafficCounted.objects.create(until_at=at(0, day=10), apart_since_at=at(1, day=10))
    traffic.refresh(NOW)
    assert TrafficHour.objects.count() == 2
    kept = TrafficCounted.objects.get()
    assert (kept.until_at, kept.apart_since_at) == (at(14), at(1, day=10))


def test_what_went_from_the_trail_stays_counted(us: Eui64) -> None:
    message(us, at=at(12, day=1))
    traffic.refresh(NOW)
    AuditTrailEntry.objects.all().delete()
    traffic.refresh(NOW + timedelta(days=1))
    assert TrafficHour.objects.get().messages == 1


def test_the_clock_counts_too(us: Eui64) -> None:
    message(us, ago=timedelta(hours=2))
    jobs.count_traffic(later="an argument of a later version")
    assert TrafficHour.objects.get().messages == 1
    assert jobs.SCHEDULE["traffic"]["task"] == jobs.count_traffic.name


def test_counts_are_kept_for_a_hundred_days(us: Eui64) -> None:
    (rule,) = [rule for rule in RULES if rule.model is TrafficHour]
    for days in (99, 101):
        began_at = NOW - timedelta(days=days)
        TrafficHour.objects.create(user_id=us, began_at=began_at, srv="7.4", is_pre_command=False, messages=days)
    assert [row.messages for row in rule.due(NOW) if isinstance(row, TrafficHour)] == [101]


class TestWhatTheFloorBelowIsTold:
    def test_the_roll_up_and_the_trail_go_on_from_each_other(self, us: Eui64) -> None:
        message(us, at=at(12, 10))
        message(us, at=at(13, 10), srv="8.1.1", kind=PRE_COMMAND)
        traffic.refresh(NOW)
        AuditTrailEntry.objects.all().delete()  # what is counted is not counted again
        message(us, at=at(14, 5))
        message(us, at=at(14, 6))
        message(us, at=at(14, 6), srv="8.1.1", kind=PRE_COMMAND)
        message(us, at=at(14, 6), kind=TrailKind.SERVICE_RESPONSE)
        message(UserIdFactory.create().eui, at=at(14, 6))
        assert set(messages_sent.hours(us, at(0), NOW)) == {
            Hour("8.11", "SR", at(12), 1),
            Hour("8.1.1", "SPC", at(13), 1),
            Hour("8.11", "SR", at(14), 2),
            Hour("8.1.1", "SPC", at(14), 1),
        }

    def test_only_the_time_and_the_srvs_asked_for(self, us: Eui64) -> None:
        for hour in (10, 11, 12, 14):
            message(us, at=at(hour))
            message(us, at=at(hour), srv="7.4")
        traffic.refresh(NOW)
        assert [each.began_at.hour for each in messages_sent.hours(us, at(11), at(14), ["7.4"])] == [11, 12]
        assert [each.began_at.hour for each in messages_sent.hours(us, at(12), NOW, ["7.4", "9.9"])] == [12, 14]

    def test_before_the_first_counting_the_trail_answers(self, us: Eui64) -> None:
        message(us, at=at(12, day=1))
        assert list(messages_sent.hours(us, at(0, day=1), NOW)) == [Hour("8.11", "SR", at(12, day=1), 1)]
        assert messages_sent.pre_commands_since() is None
        traffic.refresh(NOW)
        assert messages_sent.pre_commands_since() == NOW
