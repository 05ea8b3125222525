"""What the DCC service desk does with the calendar: bank holidays proclaimed late, moved, or not kept."""

from datetime import date, timedelta
from http import HTTPStatus
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.calendar import tasks
from ssi.calendar.models import CalendarEntry, Kind
from ssi.refusals import NotInThisState, Refusal
from ssi.working_days import day_in_words, holiday_on, is_weekend

FURTHEST_AHEAD: Final = timedelta(days=2 * 366)
"""Bank holidays are proclaimed a year or so before; a day further off is a slip of the keyboard."""


class DayHasPassed(Refusal):
    """{day} has passed: due dates have run over it, and suppliers have acted by them."""

    suggestion = (
        "A count that was wrong is put right by a note on the request; the calendar changes from today on."
    )
    field = "on_date"


class DayIsTooFarAhead(Refusal):
    """{day} is more than two years ahead."""

    suggestion = "Check the year. Enter a bank holiday once it is proclaimed."
    field = "on_date"


class DayIsAWeekend(Refusal):
    """{day} is no Working Day anyway."""

    suggestion = "Give the weekday on which the bank holiday is kept instead."
    field = "on_date"
    source = "SEC Section A1"


class DayIsAHolidayAlready(Refusal):
    """{day} is a bank holiday already: {name}."""

    suggestion = "Nothing needs to be entered. If it is not kept this year, take it out."
    field = "on_date"
    status = HTTPStatus.CONFLICT


class DayIsNoHoliday(Refusal):
    """{day} is no bank holiday, so none can be taken out."""

    suggestion = "Check the day against the coming bank holidays listed beside it."
    field = "on_date"


class DayWasEntered(Refusal):
    """{day} is in the list of changes already: {name}, {kind}."""

    suggestion = "Open that entry and take it back."
    field = "on_date"
    status = HTTPStatus.CONFLICT


class HolidayNeedsName(Refusal):
    """A bank holiday is shown by its name where a due date is explained, and none was given."""

    suggestion = "Give the name under which it was proclaimed, such as “Bank holiday for the Coronation”."
    field = "name"


class ReasonNeeded(Refusal):
    """A change to the calendar moves other companies' due dates, so a reason is needed."""

    suggestion = "Write the reason in a sentence, with where it was proclaimed."
    field = "because"


def add_holiday(*, day: date, name: str, because: str, by: Actor) -> CalendarEntry:
    """Enter a bank holiday that the published calendar lacks; open due dates that it moves are counted anew.

    Raises DayHasPassed, DayIsTooFarAhead, DayIsAWeekend, DayIsAHolidayAlready, DayWasEntered, HolidayNeedsName,
    ReasonNeeded.
    """
    by.require(Component.SERVICE_DESK)
    _refuse_out_of_range(day)
    if is_weekend(day):
        raise DayIsAWeekend(day=day_in_words(day))
    if not name.strip():
        raise HolidayNeedsName
    _refuse_entered(day)
    if known := holiday_on(day):
        raise DayIsAHolidayAlready(day=day_in_words(day), name=known)
    return _enter(day, Kind.ADDED, name.strip(), because, by)


def take_out_holiday(*, day: date, because: str, by: Actor) -> CalendarEntry:
    """Make a Working Day of a bank holiday of the published calendar, since it is moved or not kept.

    Raises DayHasPassed, DayIsTooFarAhead, DayIsNoHoliday, DayWasEntered, ReasonNeeded.
    """
    by.require(Component.SERVICE_DESK)
    _refuse_out_of_range(day)
    _refuse_entered(day)
    known = holiday_on(day)
    if known is None or is_weekend(day):
        raise DayIsNoHoliday(day=day_in_words(day))
    return _enter(day, Kind.TAKEN_OUT, known, because, by)


@transaction.atomic
def take_back(*, entry_id: int, because: str, by: Actor) -> CalendarEntry:
    """Let the published calendar hold again for the day of an entry, which stays in the list.

    Raises NotInThisState, DayHasPassed, ReasonNeeded.
    """
    by.require(Component.SERVICE_DESK)
    entry = CalendarEntry.objects.select_for_update().get(pk=entry_id)
    if not entry.is_in_force:
        raise NotInThisState(what=str(entry), state="taken back already")
    _refuse_out_of_range(entry.on_date)
    entry.taken_back_because = _reason(because, field="taken_back_because")
    entry.taken_back_at = entry.changed_at = timezone.now()
    entry.settled_at = None
    entry.save(update_fields=["taken_back_because", "taken_back_at", "changed_at", "settled_at"])
    tasks.recount_after_commit()
    log.record("calendar.entry_taken_back", by=by, about=entry, **_facts(entry, entry.taken_back_because))
    return entry


def _enter(day: date, kind: Kind, name: str, because: str, by: Actor) -> CalendarEntry:
    """Write the entry; of two at once the database lets one through."""
    reason = _reason(because, field="because")
    try:
        with transaction.atomic():
            entry = CalendarEntry.objects.create(on_date=day, kind=kind, name=name[:80], because=reason)
            tasks.recount_after_commit()
            log.record(f"calendar.holiday_{kind}", by=by, about=entry, **_facts(entry, reason))
    except IntegrityError:
        _refuse_entered(day)
        raise
    return entry


def _reason(text: str, *, field: str) -> str:
    if not text.strip():
        raise ReasonNeeded.at(field)
    return text.strip()[:300]


def _facts(entry: CalendarEntry, because: str) -> dict[str, str]:
    return {"name": entry.name, "because": because}


def _refuse_entered(day: date) -> None:
    entry = CalendarEntry.objects.in_force().filter(on_date=day).first()
    if entry is not None:
        kind = "taken out" if entry.kind == Kind.TAKEN_OUT else "added"
        raise DayWasEntered(day=day_in_words(day), name=entry.name, kind=kind)


def _refuse_out_of_range(day: date) -> None:
    today = timezone.localdate()
    if day < today:
        raise DayHasPassed(day=day_in_words(day))
    if day > today + FURTHEST_AHEAD:
        raise DayIsTooFarAhead(day=day_in_words(day))
