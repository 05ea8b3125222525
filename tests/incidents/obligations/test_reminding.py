"""Reminders: three Working Days before, one before, on the day; one digest a User ID and day; in working hours."""

import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents import jobs
from incidents.actions.obligations import send_reminders
from incidents.emails import obligations as emails
from incidents.models import InstallCodeRequest, ReminderDigest
from incidents.models.choices import State
from ssi.accounts.models import Person
from ssi.calendar import actions as calendar
from ssi.celery import collect_schedule
from ssi.notifications.models import OutboxMessage
from tests.factories.incidents import raised, request_in, told
from tests.personas import actor_of

pytestmark = pytest.mark.django_db

REMINDER, OVERDUE = "install_code_request.reminder", "install_code_request.overdue"


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """Return a moment of November 2026, when London keeps UTC."""
    return datetime.fromisoformat(f"2026-11-{day:02}T{hour:02}:{minute:02}:00+00:00")


def reminders(event: str = REMINDER) -> list[tuple[str, str]]:
    rows = OutboxMessage.objects.filter(event=event).order_by("id")
    return list(rows.values_list("recipient", "subject"))


@pytest.mark.parametrize(
    ("day", "reminded"),
    [(16, 0), (17, 0), (18, 1), (19, 0), (20, 1), (21, 0), (22, 0), (23, 1), (24, 0)],
)
def test_three_and_one_working_days_before_and_on_the_day(
    gina: Person, ivan: Person, day: int, reminded: int
) -> None:
    told(raised(gina, ivan))  # on Monday 16, due on Monday 23
    before = [each for each in (18, 20) if each < day]
    for each in before:
        send_reminders(at(each))
    OutboxMessage.objects.all().delete()
    send_reminders(at(day))
    assert [to for to, _ in reminders()] == [ivan.email] * reminded


@pytest.mark.parametrize(
    ("hour", "minute", "reminded"), [(8, 59, 0), (9, 0, 1), (16, 59, 1), (17, 0, 0), (3, 0, 0)]
)
def test_in_working_hours_alone(gina: Person, ivan: Person, hour: int, minute: int, reminded: int) -> None:
    told(raised(gina, ivan))
    assert send_reminders(at(18, hour, minute)) == reminded


def test_working_hours_are_londons(gina: Person, ivan: Person) -> None:
    with time_machine.travel("2026-07-06T08:00:00Z"):
        told(raised(gina, ivan))
        assert send_reminders(datetime.fromisoformat("2026-07-08T16:30:00+00:00")) == 0
        assert send_reminders(datetime.fromisoformat("2026-07-08T08:00:00+00:00")) == 1


def test_not_on_a_bank_holiday_that_came_late(gina: Person, ivan: Person, dana: Person) -> None:
    told(raised(gina, ivan))
    calendar.add_holiday(day=date(2026, 11, 18), name="Day of Thanks", because="Yes.", by=actor_of(dana))
    assert send_reminders(at(18)) == 0


def test_a_reminder_that_was_missed_is_caught_up_with_the_next_day(gina: Person, ivan: Person) -> None:
    told(raised(gina, ivan))
    assert send_reminders(at(19)) == 1
    assert send_reminders(at(19, 9, 10)) == 0


def test_one_digest_a_user_id_and_day_however_much_is_due(gina: Person, ivan: Person, rhea: Person) -> None:
    soon = [told(raised(gina, ivan)) for _ in range(25)]
    for each in soon[:2]:
        InstallCodeRequest.objects.filter(pk=each.pk).update(due_date=date(2026, 11, 18))
    InstallCodeRequest.objects.filter(pk=soon[2].pk).update(due_date=date(2026, 11, 17))
    told(raised(gina, rhea))
    with time_machine.travel(at(18)):
        assert send_reminders() == 3  # one to each installing supplier, one to the desk
        assert send_reminders(at(18, 12)) == 0
    assert [to for to, _ in reminders()] == [ivan.email, rhea.email]
    message = OutboxMessage.objects.get(recipient=ivan.email, event=REMINDER)
    assert message.subject == "Install codes: 24 answers due by Mon 23 Nov 2026"
    flat = " ".join(message.text.split())
    assert "2 by the end of Wed 18 Nov 2026 and 22 by the end of Mon 23 Nov 2026." in flat
    assert "1 more is overdue." in flat
    assert flat.index(soon[0].reference) < flat.index(soon[5].reference)
    assert sum(each.reference in flat for each in soon) == 20
    assert all(str(each.device_id) not in message.text + message.html for each in soon)


def test_what_needs_no_answer_is_not_named(gina: Person, ivan: Person) -> None:
    raised(gina, ivan)  # nobody was told
    for state in (State.ANSWERED, State.WITHDRAWN, State.WITH_SERVICE_DESK):
        request_in(state, gina, ivan)
    for day in range(16, 28):
        send_reminders(at(day))
    assert reminders() == []


def test_a_digest_takes_as_many_queries_for_a_hundred_as_for_one(gina: Person, ivan: Person) -> None:
    told(raised(gina, ivan))
    counts = []
    for day in (18, 20):
        with CaptureQueriesContext(connection) as captured:
            assert send_reminders(at(day)) == 1
        counts.append(len(captured))
        for _ in range(15):
            told(raised(gina, ivan))
    assert counts[0] == counts[1] < 20


# --- The desk ------------------------------------------------------------------------------------------


def test_the_desk_hears_once_of_each_that_becomes_overdue(gina: Person, ivan: Person, dana: Person) -> None:
    first = told(raised(gina, ivan))
    with time_machine.travel(at(24)):
        assert send_reminders(at(24)) == 1
        assert send_reminders(at(24, 11)) == 0
    with time_machine.travel(at(17, 10)):
        second = told(raised(gina, ivan))  # due on Tuesday 24
    with time_machine.travel(at(25)):
        send_reminders(at(25))
    with time_machine.travel(at(26)):
        send_reminders(at(26))
    messages = OutboxMessage.objects.filter(event=OVERDUE).order_by("id")
    assert [message.recipient for message in messages] == [dana.email] * 2
    assert [first.reference in each.text for each in messages] == [True, False]
    assert [second.reference in each.text for each in messages] == [False, True]
    assert "In all, 2 are overdue." in " ".join(messages[1].text.split())


def test_what_became_overdue_over_the_weekend_is_told_on_monday(gina: Person, ivan: Person, dana: Person) -> None:
    told(raised(gina, ivan), at(13))  # due on Friday 20
    for day in (20, 21, 22, 23):
        with time_machine.travel(at(day)):
            send_reminders(at(day))
        assert len(reminders(OVERDUE)) == (day == 23), day


def test_the_desk_hears_nothing_of_what_was_answered_late_or_never_notified(
    gina: Person, ivan: Person, dana: Person
) -> None:
    request_in(State.ANSWERED, gina, ivan)
    raised(gina, ivan)
    with time_machine.travel(at(30)):
        assert send_reminders(at(30)) == 0


# --- Nothing twice, nothing lost -----------------------------------------------------------------------


def test_a_worker_killed_before_the_commit_leaves_nothing_and_the_next_sends(
    gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(raised(gina, ivan))
    real = emails.answers_due

    def killed(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(emails, "answers_due", killed)
    with pytest.raises(KeyboardInterrupt):
        send_reminders(at(18))
    assert not ReminderDigest.objects.exists()
    assert reminders() == []
    monkeypatch.setattr(emails, "answers_due", real)
    assert send_reminders(at(18)) == 1
    assert len(reminders()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_beat_that_strikes_three_times_sends_once(gina: Person, ivan: Person, dana: Person) -> None:
    told(raised(gina, ivan))
    told(raised(gina, ivan), at(9))  # overdue since Tuesday 17
    start, sent = threading.Barrier(3), []

    def run() -> None:
        connection.ensure_connection()
        start.wait()
        sent.append(send_reminders(at(18)))
        connection.close()

    with time_machine.travel(at(18)):
        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    assert sum(sent) == 2
    assert (len(reminders()), len(reminders(OVERDUE))) == (1, 1)
    assert ReminderDigest.objects.count() == 2


def test_the_job_runs_every_ten_minutes(gina: Person, ivan: Person) -> None:
    entry = collect_schedule()["incidents-reminders"]
    assert (entry["task"], entry["schedule"]) == (jobs.send_reminders.name, 600.0)
    told(raised(gina, ivan))
    with time_machine.travel(at(18)):
        jobs.send_reminders(later="argument")
    assert len(reminders()) == 1


def test_a_sample_of_hours_over_two_weeks_never_floods(gina: Person, ivan: Person, dana: Person) -> None:
    for number in range(10):
        told(raised(gina, ivan), at(16) + timedelta(hours=number * 7))
    for hour in range(0, 14 * 24, 3):
        moment = at(16) + timedelta(hours=hour)
        with time_machine.travel(moment):
            send_reminders()
    days = list(ReminderDigest.objects.values_list("on_date", "user_id"))
    assert len(days) == len(set(days)) == len(reminders()) + len(reminders(OVERDUE))
    assert all(day.weekday() < 5 for day, _ in days)
