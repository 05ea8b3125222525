"""The raiser is asked once whether to close or withdraw when the device needs no install code any more."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents import jobs
from incidents.actions import install_code_requests as actions
from incidents.actions import settled
from incidents.models import InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.choices import Event, State
from inventory.models import Device
from inventory.models.choices import SmiStatus
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.celery import collect_schedule
from ssi.notifications.models import OutboxMessage
from tests.factories.incidents import raised, request_in
from tests.incidents.browsing import text_of
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db

COMMISSIONED, DECOMMISSIONED = SmiStatus.COMMISSIONED, SmiStatus.DECOMMISSIONED
ASKED = "install_code_request.settled"


def becomes(request: InstallCodeRequest, status: SmiStatus) -> None:
    Device.objects.filter(pk=request.device_id).update(smi_status=status, status_since=timezone.now())


def leaves(request: InstallCodeRequest) -> None:
    Device.objects.filter(pk=request.device_id).delete()


def steps(request: InstallCodeRequest) -> list[str]:
    found = InstallCodeRequestEvent.objects.filter(request=request, event=Event.SETTLED).order_by("id")
    return list(found.values_list("text", flat=True))


def emails() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(event=ASKED).order_by("pk"))


# --- When ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [COMMISSIONED, DECOMMISSIONED])
@pytest.mark.parametrize("state", [State.ASSIGNED, State.ANSWERED, State.WITH_SERVICE_DESK])
def test_raiser_of_an_open_request_is_asked(gina: Person, ivan: Person, state: State, status: SmiStatus) -> None:
    request = request_in(state, gina, ivan)
    becomes(request, status)
    assert settled.ask_raisers() == 1
    request.refresh_from_db()
    assert request.settled_status == status
    assert request.settled_at is not None
    assert request.state == state
    assert steps(request) == [status.duis]
    assert [each.recipient for each in emails()] == [gina.email]
    assert AuditEvent.objects.filter(event=ASKED, reference=request.reference).count() == 1


@pytest.mark.parametrize("state", [State.CLOSED, State.WITHDRAWN])
def test_raiser_of_an_ended_request_is_not(gina: Person, ivan: Person, state: State) -> None:
    becomes(request_in(state, gina, ivan), COMMISSIONED)
    assert settled.ask_raisers() == 0


@pytest.mark.parametrize("status", [each for each in SmiStatus if each not in {COMMISSIONED, DECOMMISSIONED}])
def test_other_statuses_settle_nothing(gina: Person, ivan: Person, status: SmiStatus) -> None:
    becomes(raised(gina, ivan), status)
    assert settled.ask_raisers() == 0


def test_device_that_left_the_inventory(gina: Person, ivan: Person) -> None:
    request = raised(gina, ivan)
    leaves(request)
    assert settled.ask_raisers() == 1
    assert settled.ask_raisers() == 0
    request.refresh_from_db()
    assert request.settled_status is None
    assert request.settled_at is not None
    assert steps(request) == ["No longer in the inventory"]


def test_nobody_is_asked_twice_about_the_same_status(gina: Person, ivan: Person) -> None:
    request = raised(gina, ivan)
    said = []
    for status in (COMMISSIONED, COMMISSIONED, SmiStatus.PENDING, COMMISSIONED, DECOMMISSIONED, COMMISSIONED):
        becomes(request, status)
        said.append(settled.ask_raisers())
    leaves(request)
    said.append(settled.ask_raisers())
    assert said == [1, 0, 0, 0, 1, 0, 1]
    assert steps(request) == ["Commissioned", "Decommissioned", "No longer in the inventory"]


# --- One e-mail a raiser and run -------------------------------------------------------------------------------


def test_each_raiser_gets_one_email_about_all_of_theirs(gina: Person, ivan: Person, rhea: Person) -> None:
    requests = {person: [raised(person, ivan) for _ in range(3)] for person in (gina, rhea)}
    for request in (*requests[gina], *requests[rhea]):
        becomes(request, COMMISSIONED)
    assert settled.ask_raisers() == 6
    assert {each.recipient for each in emails()} == {gina.email, rhea.email}
    for email in emails():
        assert email.subject == "Install codes: 3 requests of yours that may need no answer any more"
        mine = requests[gina if email.recipient == gina.email else rhea]
        others = requests[rhea if email.recipient == gina.email else gina]
        assert all(request.reference in email.text for request in mine)
        assert not any(request.reference in email.text for request in others)


def test_number_of_queries_does_not_grow_with_the_requests(gina: Person, ivan: Person) -> None:
    asked = []
    for count in (1, 6):
        for _ in range(count):
            becomes(raised(gina, ivan), COMMISSIONED)
        with CaptureQueriesContext(connection) as captured:
            assert settled.ask_raisers() == count
        asked.append(len(captured))
    assert asked[0] == asked[1] < 15


def test_more_than_fit_into_a_run_wait_for_the_next(
    gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settled, "MOST_IN_A_RUN", 2)
    for _ in range(3):
        becomes(raised(gina, ivan), COMMISSIONED)
    assert [settled.ask_raisers() for _ in range(3)] == [2, 1, 0]


def test_the_clock_asks_each_minute(gina: Person, ivan: Person) -> None:
    entry = collect_schedule()["incidents-settled"]
    assert (entry["task"], entry["schedule"]) == (jobs.ask_about_settled.name, 60.0)
    becomes(raised(gina, ivan), COMMISSIONED)
    jobs.ask_about_settled(something_later="x")
    assert len(emails()) == 1


# --- What the raiser sees --------------------------------------------------------------------------------------


def page_of(person: Person, request: InstallCodeRequest) -> str:
    return text_of(client_of(person).get(f"/incidents/{request.reference}/", follow=True))


@pytest.mark.parametrize(
    ("state", "button"),
    [
        (State.ASSIGNED, "Withdraw the request"),
        (State.WITH_SERVICE_DESK, "Withdraw the request"),
        (State.ANSWERED, "Close the request"),
    ],
)
def test_page_asks_with_the_button_that_fits(gina: Person, ivan: Person, state: State, button: str) -> None:
    request = request_in(state, gina, ivan)
    assert "Is the install code still needed?" not in page_of(gina, request)
    becomes(request, COMMISSIONED)
    settled.ask_raisers()
    page = page_of(gina, request)
    asked = page[page.index("Is the install code still needed?") :]
    assert "The device has been Commissioned since" in asked
    assert asked.index(button) < asked.index("What you may do")


def test_page_says_that_the_device_has_left(gina: Person, ivan: Person) -> None:
    request = raised(gina, ivan)
    leaves(request)
    settled.ask_raisers()
    assert "is no longer in the inventory" in page_of(gina, request)


def test_installer_is_not_asked(gina: Person, ivan: Person) -> None:
    request = raised(gina, ivan)
    becomes(request, COMMISSIONED)
    settled.ask_raisers()
    assert "Is the install code still needed?" not in page_of(ivan, request)


def test_page_asks_no_more_once_the_status_has_changed_again(gina: Person, ivan: Person) -> None:
    request = raised(gina, ivan)
    becomes(request, COMMISSIONED)
    settled.ask_raisers()
    becomes(request, SmiStatus.PENDING)
    assert "Is the install code still needed?" not in page_of(gina, request)


def test_list_of_the_raiser_marks_it(gina: Person, ivan: Person) -> None:
    request = raised(gina, ivan)
    becomes(request, DECOMMISSIONED)
    settled.ask_raisers()
    assert "device Decommissioned" in text_of(client_of(gina).get("/install-code-requests/?side=raised"))
    assert "device Decommissioned" not in text_of(client_of(ivan).get("/install-code-requests/?side=assigned"))
    actions.withdraw(reference=request.reference, reason="It was exchanged.", by=actor_of(gina))
    assert "device Decommissioned" not in text_of(client_of(gina).get("/install-code-requests/?side=raised"))
