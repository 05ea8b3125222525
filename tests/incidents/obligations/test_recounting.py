"""The calendar changes: open due dates follow, once, with the reason in the history; ended clocks stay."""

import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from incidents.actions.obligations import recounting
from incidents.models import InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.choices import Event, State
from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.calendar import actions as calendar
from ssi.calendar import changes, tasks
from ssi.calendar.models import CalendarEntry
from tests.factories.incidents import raised, request_in, told
from tests.incidents.browsing import text_of
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db

MON, TUE, WED = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)
THURSDAY = date(2026, 11, 19)


@pytest.fixture
def desk(dana: Person) -> Actor:
    return actor_of(dana)


def added(desk: Actor, day: date = THURSDAY, name: str = "Day of Thanks") -> CalendarEntry:
    return calendar.add_holiday(day=day, name=name, because="Proclaimed last week.", by=desk)


def due(request: InstallCodeRequest) -> date | None:
    """Return the due date, which request and clock agree on."""
    request.refresh_from_db()
    clock = request.obligations.order_by("-id")[0]
    assert clock.due_date == (request.due_date if clock.notified_at else None)
    return request.due_date


def lines(request: InstallCodeRequest) -> list[str]:
    return list(request.history.filter(event=Event.DUE_DATE_CHANGED).values_list("text", flat=True))


def audited() -> list[tuple[str, Any]]:
    events = AuditEvent.objects.filter(event=recounting.CHANGED).order_by("id")
    return [(event.reference, event.detail) for event in events]


def test_a_late_bank_holiday_moves_what_runs_over_it(gina: Person, ivan: Person, desk: Actor) -> None:
    request = told(raised(gina, ivan))
    assert due(request) == MON
    added(desk)
    tasks.recount()
    assert due(request) == TUE
    assert request.obligations.get().first_due_date == MON
    assert lines(request) == [
        "From Mon 23 Nov 2026 to Tue 24 Nov 2026, because Thu 19 Nov 2026 is a bank holiday (Day of Thanks)."
    ]
    assert audited() == [("2026-11-19", {"requests": 1})]


def test_again_changes_nothing(gina: Person, ivan: Person, desk: Actor) -> None:
    request = told(raised(gina, ivan))
    added(desk)
    for _ in range(3):
        tasks.recount()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        tasks.recount()
    assert CalendarEntry.objects.get().settled_at is not None
    assert len(lines(request)) == 1
    assert len(audited()) == 1


def test_taking_it_back_moves_them_back(gina: Person, ivan: Person, desk: Actor) -> None:
    request = told(raised(gina, ivan))
    entry = added(desk)
    tasks.recount()
    calendar.take_back(entry_id=entry.pk, because="The wrong Thursday.", by=desk)
    tasks.recount()
    assert due(request) == MON
    assert lines(request)[1] == (
        "From Tue 24 Nov 2026 to Mon 23 Nov 2026,"
        " because Thu 19 Nov 2026 is no bank holiday after all (Day of Thanks)."
    )


def test_a_bank_holiday_that_is_not_kept(gina: Person, ivan: Person, desk: Actor) -> None:
    with time_machine.travel("2026-12-21T10:00:00Z"):
        request = told(raised(gina, ivan))
        assert due(request) == date(2026, 12, 30)
        day = date(2026, 12, 28)
        entry = calendar.take_out_holiday(day=day, because="Moved to January.", by=desk)
        tasks.recount()
        assert due(request) == date(2026, 12, 29)
        assert "Mon 28 Dec 2026 is not kept as a bank holiday (" in lines(request)[0]
        calendar.take_back(entry_id=entry.pk, because="Kept.", by=desk)
        tasks.recount()
        assert due(request) == date(2026, 12, 30)
        assert "Mon 28 Dec 2026 is kept as a bank holiday after all (" in lines(request)[1]


@pytest.mark.parametrize(
    ("notified_at", "before", "after"),
    [
        ("2026-11-16T00:00:00+00:00", MON, TUE),
        ("2026-11-16T17:00:00+00:00", MON, TUE),
        ("2026-11-16T17:00:00.000001+00:00", TUE, WED),
        ("2026-11-15T12:00:00+00:00", MON, TUE),  # a Sunday
        ("2026-11-09T10:00:00+00:00", date(2026, 11, 16), date(2026, 11, 16)),
        ("2026-11-12T10:00:00+00:00", THURSDAY, date(2026, 11, 20)),
        ("2026-11-20T10:00:00+00:00", date(2026, 11, 27), date(2026, 11, 27)),  # after the holiday
    ],
)
def test_each_day_of_notice_by_itself(
    gina: Person, ivan: Person, desk: Actor, notified_at: str, before: date, after: date
) -> None:
    request = told(raised(gina, ivan), datetime.fromisoformat(notified_at))
    assert due(request) == before
    added(desk)
    tasks.recount()
    assert due(request) == after
    assert len(lines(request)) == (before != after)


def test_the_day_of_the_notice_itself(gina: Person, ivan: Person, desk: Actor) -> None:
    request = told(raised(gina, ivan))
    added(desk, date(2026, 11, 16))
    tasks.recount()
    assert due(request) == TUE  # it counts as received on Tuesday 17


def test_in_summer_time_the_cut_off_is_londons(gina: Person, ivan: Person, desk: Actor) -> None:
    with time_machine.travel("2026-07-06T08:00:00Z"):
        early = told(raised(gina, ivan), datetime.fromisoformat("2026-07-06T16:00:00+00:00"))
        late = told(raised(gina, ivan), datetime.fromisoformat("2026-07-06T16:00:01+00:00"))
        assert (due(early), due(late)) == (date(2026, 7, 13), date(2026, 7, 14))
        added(desk, date(2026, 7, 9))
        tasks.recount()
        assert (due(early), due(late)) == (date(2026, 7, 14), date(2026, 7, 15))


def test_a_provisional_date_moves_without_a_word(gina: Person, ivan: Person, desk: Actor) -> None:
    request = raised(gina, ivan)
    added(desk)
    tasks.recount()
    assert due(request) == TUE
    assert lines(request) == []
    assert audited() == []


def test_what_ended_stays(gina: Person, ivan: Person, desk: Actor) -> None:
    requests = [request_in(state, gina, ivan) for state in (State.ANSWERED, State.CLOSED, State.WITHDRAWN)]
    before = list(InstallCodeRequest.objects.order_by("pk").values_list("due_date", flat=True))
    added(desk)
    tasks.recount()
    assert list(InstallCodeRequest.objects.order_by("pk").values_list("due_date", flat=True)) == before
    assert not any(lines(each) for each in requests)


def test_two_changes_at_once_are_both_named(gina: Person, ivan: Person, desk: Actor) -> None:
    request = told(raised(gina, ivan))
    added(desk)
    added(desk, date(2026, 11, 20), "Second Day of Thanks")
    tasks.recount()
    assert due(request) == WED
    (line,) = lines(request)
    assert "(Day of Thanks) and Fri 20 Nov 2026 is a bank holiday (Second Day of Thanks)." in line
    assert audited() == [("2026-11-19", {"requests": 1}), ("2026-11-20", {"requests": 1})]


def test_entered_and_taken_back_before_anybody_counted(gina: Person, ivan: Person, desk: Actor) -> None:
    request = told(raised(gina, ivan))
    calendar.take_back(entry_id=added(desk).pk, because="The wrong Thursday.", by=desk)
    tasks.recount()
    assert due(request) == MON
    assert lines(request) == []


def test_in_batches_and_however_often_it_is_stopped(
    gina: Person, ivan: Person, desk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [told(raised(gina, ivan), timezone.now() - timedelta(days=number % 3)) for number in range(7)]
    monkeypatch.setattr(recounting, "BATCH", 2)
    added(desk)
    real, calls = transaction.atomic, []

    def stopped_at_the_third() -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real()

    monkeypatch.setattr(transaction, "atomic", stopped_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        changes.settle()
    monkeypatch.setattr(transaction, "atomic", real)
    assert InstallCodeRequestEvent.objects.filter(event=Event.DUE_DATE_CHANGED).count() == 4
    changes.settle()
    assert [len(lines(each)) for each in requests] == [1] * 7
    assert audited() == [("2026-11-19", {"requests": 3})]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_move_each_clock_once(
    gina: Person, ivan: Person, desk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [told(raised(gina, ivan)) for _ in range(12)]
    monkeypatch.setattr(recounting, "BATCH", 3)
    added(desk)
    start = threading.Barrier(3)

    def run() -> None:
        connection.ensure_connection()
        start.wait()
        changes.settle()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert [(due(each), len(lines(each))) for each in requests] == [(TUE, 1)] * 12
    assert sum(detail["requests"] for _, detail in audited()) == 12


def test_the_page_tells_the_count_and_the_first_due_date(gina: Person, ivan: Person, desk: Actor) -> None:
    request = told(raised(gina, ivan))
    added(desk)
    tasks.recount()
    said = text_of(client_of(gina).get(request.get_absolute_url()))
    assert "At first Mon 23 Nov 2026" in said
    assert "the calendar has changed since" in said
    assert "Thu 19 Nov is a bank holiday (Day of Thanks)." in said
    assert "Tue 24 Nov is Working Day 5 of 5." in said
    assert "Due date changed" in said
