"""The clock where people meet it: counted by day, moved by a late bank holiday, overdue, and not yet notified."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from incidents.actions import install_code_requests as actions
from incidents.models import Obligation
from incidents.models.choices import Outcome
from ssi.accounts.models import Person
from ssi.calendar import search, tasks
from ssi.calendar.models import CalendarEntry
from ssi.working_days import add_working_days
from tests.factories.incidents import CODE_WITH_CRC, answered, raised, told
from tests.journeys.conftest import OpenAs
from tests.journeys.going import press
from tests.journeys.watching import look_at
from tests.personas import actor_of


def test_a_late_bank_holiday_from_the_desk_to_the_request(
    open_as: OpenAs, gina: Person, ivan: Person, dana: Person
) -> None:
    request = told(raised(gina, ivan))
    desk = open_as(dana)
    desk.goto(reverse("admin:calendar_calendarentry_add"))
    look_at(desk)
    day = add_working_days(timezone.localdate(), 3)
    desk.get_by_label("What changes:", exact=True).select_option("A bank holiday is added")
    desk.get_by_label("Day:", exact=True).fill(day.isoformat())
    desk.get_by_label("Name of the bank holiday:", exact=True).fill("Day of National Thanks")
    press(desk, "Save")
    look_at(desk)
    assert "a reason is needed" in desk.inner_text("main")
    desk.get_by_label("Reason:", exact=True).fill("Proclaimed yesterday.")
    press(desk, "Save")
    look_at(desk)
    tasks.recount()
    page = open_as(ivan)
    page.goto(request.get_absolute_url())
    page.get_by_text("How the Working Days are counted").click()
    assert "is a bank holiday (Day of National Thanks)." in page.inner_text("main")
    assert "the calendar has changed since" in page.inner_text("main")
    look_at(page)
    desk.goto(reverse("admin:calendar_calendarentry_change", args=[CalendarEntry.objects.get().pk]))
    desk.get_by_label("Reason for taking it back:", exact=True).fill("The wrong day.")
    press(desk, "Save")
    assert not search.overrides().extra


def test_pages_with_earlier_clocks_overdue_and_not_yet_notified(
    open_as: OpenAs, gina: Person, ivan: Person, dana: Person
) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    overdue, returned, untold = told(raised(gina, ivan), long_ago), told(raised(gina, ivan)), raised(gina, ivan)
    answered(returned, by=actor_of(ivan), code=CODE_WITH_CRC)
    actions.close(reference=returned.reference, outcome=Outcome.WRONG_CODE, by=actor_of(gina))
    Obligation.objects.filter(request=untold).update(asked_at=long_ago)
    for who in (dana, gina):
        page = open_as(who)
        for path in ("/", "/incidents/", *(each.get_absolute_url() for each in (overdue, returned, untold))):
            page.goto(path)
            look_at(page)
    page = open_as(ivan)
    for path in ("/", "/install-code-requests/?side=assigned", overdue.get_absolute_url()):
        page.goto(path)
        assert "Overdue" in page.inner_text("main")
        look_at(page)
