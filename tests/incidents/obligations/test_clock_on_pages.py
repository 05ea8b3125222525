"""How the clock reads on pages: provisional before the notice, counted day by day after it, with those before."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from incidents.actions import install_code_requests as actions
from incidents.models import InstallCodeRequest, Obligation
from incidents.models.choices import DeclineReason, Outcome, State
from incidents.search.obligations import clocks_of
from ssi.accounts.models import Person
from ssi.calendar import actions as calendar
from ssi.calendar import tasks
from tests.factories.incidents import OTHER_CODE_WITH_CRC, answered, raised, request_in, told
from tests.incidents.browsing import text_of
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db

LISTS = ("/incidents/", "/install-code-requests/?side=raised")


def page(who: Person, request: InstallCodeRequest) -> str:
    return " ".join(text_of(client_of(who).get(request.get_absolute_url())).split())


def wronged(gina: Person, ivan: Person) -> InstallCodeRequest:
    """Return a request told on Monday, answered with a wrong code on Wednesday, returned on Thursday."""
    request = told(raised(gina, ivan))
    with time_machine.travel("2026-11-18T11:00:00Z"):
        answered(request, by=actor_of(ivan), code=OTHER_CODE_WITH_CRC)
    with time_machine.travel("2026-11-19T11:00:00Z"):
        actions.close(reference=request.reference, outcome=Outcome.WRONG_CODE, by=actor_of(gina))
    return InstallCodeRequest.objects.get(pk=request.pk)


def test_before_the_notice_the_date_is_provisional(gina: Person, ivan: Person) -> None:
    request = raised(gina, ivan)
    said = page(gina, request)
    assert "Provisional. The 5 Working Days run once the e-mail has been delivered" in said
    assert "not notified yet" in said
    for path in LISTS:
        assert "not notified yet" in text_of(client_of(gina).get(path))
    assert "Provisional" not in page(ivan, request)  # looking was the notice


def test_a_provisional_date_is_never_overdue(gina: Person, ivan: Person, dana: Person) -> None:
    request = raised(gina, ivan)
    with time_machine.travel("2026-11-30T10:00:00Z"):
        for who in (gina, dana):
            for path in (request.get_absolute_url(), "/incidents/?state=assigned", "/"):
                tags = client_of(who).get(path).content.decode()
                assert 'tag-bad">Overdue' not in tags
        assert not InstallCodeRequest.objects.overdue().exists()


def test_overdue_is_seen_wherever_it_matters(gina: Person, ivan: Person, dana: Person) -> None:
    request = told(raised(gina, ivan))
    with time_machine.travel("2026-11-24T00:30:00Z"):
        for who, path in (
            (gina, request.get_absolute_url()),
            (ivan, request.get_absolute_url()),
            (gina, "/install-code-requests/?side=raised&answer=overdue"),
            (ivan, "/install-code-requests/?side=assigned&answer=overdue"),
            (ivan, "/"),
            (dana, "/"),
            (dana, "/incidents/?answer=overdue"),
            (dana, "/admin/incidents/installcoderequest/?answer=overdue"),
        ):
            found = client_of(who).get(path).content.decode()
            assert 'tag-bad">Overdue' in found, (who, path)
            assert request.reference in found, (who, path)
        lines = b"".join(client_of(ivan).get("/install-code-requests/export/?side=assigned")).decode().splitlines()
        header, row = (line.split(",") for line in lines)
        assert row[header.index("Overdue")] == "yes"


def test_the_last_day_is_in_time_to_its_end_in_london(gina: Person, ivan: Person) -> None:
    told(raised(gina, ivan))
    with time_machine.travel("2026-11-23T23:59:59Z"):
        assert not InstallCodeRequest.objects.overdue().exists()
        assert not InstallCodeRequest.objects.get().is_overdue
    with time_machine.travel("2026-11-24T00:00:00Z"):
        assert InstallCodeRequest.objects.overdue().exists()
        assert InstallCodeRequest.objects.get().is_overdue


# --- The desk's queue of those nobody was told of --------------------------------------------------------


def test_the_desk_finds_what_nobody_was_told_of_for_an_hour(gina: Person, ivan: Person, dana: Person) -> None:
    untold, mailed = raised(gina, ivan), told(raised(gina, ivan))
    addresses = (
        "/",
        "/incidents/?answer=not_notified",
        "/admin/incidents/installcoderequest/?answer=not_notified",
    )
    for path in addresses:
        assert untold.reference not in client_of(dana).get(path).content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        for path in addresses:
            found = client_of(dana).get(path).content.decode()
            assert untold.reference in found
            assert mailed.reference not in found


def test_an_hour_counts_from_the_last_asking(gina: Person, ivan: Person, dana: Person) -> None:
    request = wronged(gina, ivan)
    with time_machine.travel("2026-11-19T11:30:00Z"):
        assert request.reference not in text_of(client_of(dana).get("/"))
    with time_machine.travel("2026-11-19T12:30:00Z"):
        assert request.reference in text_of(client_of(dana).get("/"))


# --- The clocks before ------------------------------------------------------------------------------------


def test_a_wrong_code_keeps_its_clock_in_sight(gina: Person, ivan: Person, dana: Person) -> None:
    request = wronged(gina, ivan)
    for who in (gina, ivan, dana):
        said = page(who, request)
        assert "Asked before" in said
        assert "Told Mon 16 Nov 2026, 10:00 , due Mon 23 Nov 2026" in said
        assert "Answered in time, on Working Day 2; the code was wrong" in said


def test_whoever_is_asked_next_reads_nothing_of_the_clocks_before(
    gina: Person, ivan: Person, rhea: Person, dana: Person
) -> None:
    request = told(raised(gina, ivan))
    with time_machine.travel("2026-11-24T10:00:00Z"):
        actions.decline(reference=request.reference, reason=DeclineReason.CODE_LOST, by=actor_of(ivan))
    for who in (gina, dana):
        assert "Declined late, on Working Day 6" in page(who, request)
    to = actor_of(rhea).user.user_id
    actions.reroute(reference=request.reference, to=to, reason="They bought it.", by=actor_of(dana))
    assert "Declined late, on Working Day 6" in page(gina, request)
    theirs = page(rhea, request)
    assert "Asked before" not in theirs
    assert "Brightgrid" not in theirs
    now = InstallCodeRequest.objects.get()
    assert [clock.installer_id for clock in clocks_of(now, by=actor_of(rhea)).rows] == [to]


def test_a_clock_that_never_ran_says_so(gina: Person, ivan: Person) -> None:
    said = page(gina, request_in(State.WITH_SERVICE_DESK, gina, ivan))
    assert "Declined before the clock ran" in said
    assert "never told" in said


def test_a_count_the_calendar_has_left_behind_is_not_shown(gina: Person, ivan: Person, dana: Person) -> None:
    request = answered(told(raised(gina, ivan)), by=actor_of(ivan))
    assert "Working Day 5 of 5" in page(gina, request)
    calendar.add_holiday(day=date(2026, 11, 19), name="Day of Thanks", because="Yes.", by=actor_of(dana))
    tasks.recount()
    assert Obligation.objects.get().due_date == date(2026, 11, 23)
    assert "of 5" not in page(gina, request)


def test_the_bank_holiday_is_named(gina: Person, ivan: Person) -> None:
    request = told(raised(gina, ivan), datetime.fromisoformat("2025-08-21T10:00:00+01:00"))
    assert "Mon 25 Aug is a bank holiday (Late Summer Bank Holiday)." in page(gina, request)
