"""What the desk enters over the published calendar, and who hears of it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.calendar import actions, changes, search, tasks
from ssi.calendar.models import CalendarEntry, Kind
from ssi.refusals import NotAllowed, NotInThisState, Refusal
from ssi.working_days import Overrides, is_working_day
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 5, 15)
EARLY_MAY = date(2026, 5, 4)
WHY = "Proclaimed on 2 April."


@pytest.fixture(autouse=True)
def _spring() -> Any:
    with time_machine.travel("2026-04-20T09:00:00Z", tick=True):
        yield


@pytest.fixture
def desk(dana: Person) -> Actor:
    return actor_of(dana)


def added(desk: Actor, day: date = FRIDAY) -> CalendarEntry:
    return actions.add_holiday(day=day, name="Day of Thanks", because=WHY, by=desk)


def test_added_and_taken_out_days_are_overrides(desk: Actor) -> None:
    added(desk)
    actions.take_out_holiday(day=EARLY_MAY, because="Moved to Friday 8 May.", by=desk)
    assert search.overrides() == Overrides(extra={FRIDAY: "Day of Thanks"}, removed=frozenset({EARLY_MAY}))
    assert not is_working_day(FRIDAY, search.overrides())
    assert is_working_day(EARLY_MAY, search.overrides())
    events = AuditEvent.objects.order_by("id").values_list("event", "reference", "detail")
    assert list(events) == [
        ("calendar.holiday_added", "2026-05-15", {"name": "Day of Thanks", "because": WHY}),
        (
            "calendar.holiday_taken_out",
            "2026-05-04",
            {"name": "May Day", "because": "Moved to Friday 8 May."},
        ),
    ]


def test_an_entry_is_taken_back_once_and_its_day_can_be_entered_again(desk: Actor) -> None:
    entry = added(desk)
    actions.take_back(entry_id=entry.pk, because="The wrong Friday.", by=desk)
    assert search.overrides() == Overrides()
    with pytest.raises(NotInThisState):
        actions.take_back(entry_id=entry.pk, because="Again.", by=desk)
    added(desk)
    assert CalendarEntry.objects.count() == 2


def test_no_answer_is_stale(desk: Actor, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert search.overrides() == Overrides()
    added(desk)
    with django_assert_num_queries(1):
        assert FRIDAY in search.overrides().extra


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        (date(2026, 5, 16), actions.DayIsAWeekend),
        (EARLY_MAY, actions.DayIsAHolidayAlready),
        (date(2026, 4, 17), actions.DayHasPassed),
        (date(2036, 5, 15), actions.DayIsTooFarAhead),
    ],
)
def test_days_that_cannot_be_added(desk: Actor, day: date, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        added(desk, day)
    assert refused.value.way_out
    assert not CalendarEntry.objects.exists()


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        (FRIDAY, actions.DayIsNoHoliday),
        (date(2026, 12, 26), actions.DayIsNoHoliday),  # a Saturday
        (date(2026, 4, 6), actions.DayHasPassed),
        (date(2035, 12, 25), actions.DayIsTooFarAhead),
    ],
)
def test_days_that_cannot_be_taken_out(desk: Actor, day: date, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        actions.take_out_holiday(day=day, because=WHY, by=desk)
    assert not CalendarEntry.objects.exists()


def test_a_day_has_one_entry(desk: Actor) -> None:
    added(desk)
    with pytest.raises(actions.DayWasEntered, match="take it back"):
        added(desk)
    with pytest.raises(actions.DayWasEntered):
        actions.take_out_holiday(day=FRIDAY, because=WHY, by=desk)


def test_name_and_reason_are_asked_for(desk: Actor) -> None:
    with pytest.raises(actions.HolidayNeedsName):
        actions.add_holiday(day=FRIDAY, name=" ", because=WHY, by=desk)
    with pytest.raises(actions.ReasonNeeded):
        actions.add_holiday(day=FRIDAY, name="Day of Thanks", because=" ", by=desk)
    entry = added(desk)
    with pytest.raises(actions.ReasonNeeded) as refused:
        actions.take_back(entry_id=entry.pk, because="", by=desk)
    assert refused.value.field == "taken_back_because"


def test_a_day_that_has_passed_cannot_be_taken_back(desk: Actor) -> None:
    entry = added(desk)
    with time_machine.travel("2026-05-16T09:00:00Z"), pytest.raises(actions.DayHasPassed):
        actions.take_back(entry_id=entry.pk, because="Too late.", by=desk)


def test_only_the_desk_changes_the_calendar(gina: Person) -> None:
    with pytest.raises(NotAllowed):
        added(actor_of(gina))
    with pytest.raises(NotAllowed):
        actions.take_out_holiday(day=EARLY_MAY, because=WHY, by=actor_of(gina))
    with pytest.raises(NotAllowed):
        actions.take_back(entry_id=1, because=WHY, by=actor_of(gina))


# --- Who hears of it -----------------------------------------------------------------------------------


Heard = list[list[str]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """Return what a handler was called with."""
    calls: Heard = []

    def handler(entries: Sequence[CalendarEntry]) -> None:
        calls.append([entry.audit_ref for entry in entries])

    monkeypatch.setattr(changes, "_handlers", [handler])
    return calls


def test_handlers_are_called_after_the_commit_and_again_for_those_who_were_counting(
    desk: Actor, heard: Heard
) -> None:
    added(desk)
    tasks.recount(later="argument")
    tasks.recount()
    assert heard == [["2026-05-15"], ["2026-05-15"]]
    with time_machine.travel(timezone.now() + changes.LONGEST_TRANSACTION + timedelta(minutes=1)):
        tasks.recount()
        tasks.recount()
    assert len(heard) == 3
    assert CalendarEntry.objects.get().settled_at is not None


def test_taking_back_calls_them_again(desk: Actor, heard: Heard) -> None:
    entry = added(desk)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        tasks.recount()
        actions.take_back(entry_id=entry.pk, because="The wrong Friday.", by=desk)
        tasks.recount()
    assert len(heard) == 2
    assert CalendarEntry.objects.get().settled_at is None


def test_a_change_stays_open_while_a_handler_fails(
    desk: Actor, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Sequence[CalendarEntry]) -> None:
        raise RuntimeError

    monkeypatch.setattr(changes, "_handlers", [broken, *changes._handlers])
    added(desk)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert not changes.settle()
        assert heard == [["2026-05-15"]]
        assert CalendarEntry.objects.get().settled_at is None
        monkeypatch.setattr(changes, "_handlers", changes._handlers[1:])
        assert changes.settle()
    assert CalendarEntry.objects.get().settled_at is not None


def test_a_task_is_handed_over_after_the_commit_and_a_dead_broker_stops_nobody(
    desk: Actor, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    handed_over = []

    def apply_async(**options: Any) -> None:
        handed_over.append(options)
        raise OSError("no broker")

    monkeypatch.setattr(tasks.recount, "apply_async", apply_async)
    with django_capture_on_commit_callbacks(execute=True):
        added(desk)
        assert handed_over == []
    assert len(handed_over) == 1


# --- At the desk ---------------------------------------------------------------------------------------

PAGES = "/admin/calendar/calendarentry/"


def sent(browser: Client, path: str, **fields: Any) -> str:
    return browser.post(f"{PAGES}{path}", fields, follow=True).content.decode()


def test_the_desk_enters_a_day_and_takes_it_back(dana: Person) -> None:
    browser = client_of(dana)
    form = browser.get(f"{PAGES}add/").content.decode()
    assert "Mon 4 May 2026, May Day" in form
    sent(browser, "add/", kind=Kind.ADDED, on_date="2026-05-15", name="Day of Thanks", because=WHY)
    entry = CalendarEntry.objects.get()
    assert "Day of Thanks" in browser.get(PAGES).content.decode()
    page = sent(browser, f"{entry.pk}/change/", taken_back_because="")
    assert "a reason is needed" in page
    sent(browser, f"{entry.pk}/change/", taken_back_because="The wrong Friday.")
    entry.refresh_from_db()
    assert not entry.is_in_force
    assert "The wrong Friday." in browser.get(f"{PAGES}{entry.pk}/change/").content.decode()
    assert browser.post(f"{PAGES}{entry.pk}/change/", {"taken_back_because": "x"}).status_code == 403
    assert "entry taken back" in browser.get(f"{PAGES}{entry.pk}/history/").content.decode().lower()


def test_a_refusal_stands_beside_its_field(dana: Person) -> None:
    browser = client_of(dana)
    fields = {"on_date": "2026-05-16", "name": "Day of Thanks", "because": WHY}
    page = sent(browser, "add/", kind=Kind.ADDED, **fields)
    assert "Sat 16 May 2026 is no Working Day anyway." in page
    assert "Give the weekday on which the bank holiday is kept instead." in page
    page = sent(browser, "add/", kind=Kind.TAKEN_OUT, **fields | {"on_date": "2026-05-15"})
    assert "Fri 15 May 2026 is no bank holiday" in page
    sent(browser, "add/", kind=Kind.TAKEN_OUT, **fields | {"on_date": "2026-05-04", "name": ""})
    assert CalendarEntry.objects.get().name == "May Day"
