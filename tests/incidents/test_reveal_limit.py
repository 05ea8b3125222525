"""A code is read so many times and no more, until the service desk unlocks it for a reason both sides read."""

import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from incidents.actions import install_code_requests as actions
from incidents.actions.install_code_requests.revealing import RevealLimitReached
from incidents.actions.install_code_requests.unlocking import NotLocked, UnlockNeedsReason
from incidents.models import InstallCodeRequest
from incidents.models.choices import Event, Outcome, State
from inventory.install_code import NoteHoldsInstallCode
from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed, NotInThisState
from tests.factories.incidents import CODE, CODE_WITH_CRC, OTHER_CODE_WITH_CRC, answered, read, request_in
from tests.incidents.browsing import hidden_fields, send, text_of
from tests.incidents.calling import problem
from tests.incidents.calling import send as call
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db
LIMIT = 2


@pytest.fixture(autouse=True)
def limit(settings: LazySettings) -> None:
    settings.SSI_REVEALS_ALLOWED = LIMIT


@pytest.fixture
def request_(gina: Person, ivan: Person) -> InstallCodeRequest:
    return request_in(State.ANSWERED, gina, ivan)


@pytest.fixture
def raiser(gina: Person) -> Actor:
    return actor_of(gina, may_reveal=True)


def read_out(request: InstallCodeRequest, by: Actor) -> InstallCodeRequest:
    """Read the code as often as it may be."""
    for _ in range(LIMIT):
        assert read(request, by=by) == CODE
    return request


def reveal(browser: Client, request: InstallCodeRequest) -> Any:
    return send(browser, f"{request.get_absolute_url()}reveal/", reason="To join it.")


class TestTheLimit:
    def test_once_more_is_refused_with_a_way_out_and_leaves_no_trace(
        self, request_: InstallCodeRequest, raiser: Actor
    ) -> None:
        read_out(request_, raiser)
        before = AuditEvent.objects.count()
        with pytest.raises(RevealLimitReached) as caught:
            read(request_, by=raiser)
        assert caught.value.message == "This code was read 2 times, which is as often as it may be."
        assert "The DCC service desk can unlock it" in caught.value.way_out
        request_.refresh_from_db()
        assert request_.reveals == LIMIT
        assert AuditEvent.objects.count() == before

    def test_the_page_and_the_button_say_so(
        self, request_: InstallCodeRequest, raiser: Actor, gina: Person
    ) -> None:
        browser = client_of(gina)
        assert "Read 0 of 2 times." in text_of(browser.get(f"{request_.get_absolute_url()}reveal/"))
        assert "1 more is allowed" in text_of(reveal(browser, request_))
        assert "To read it again, ask the DCC service desk in a note." in text_of(reveal(browser, request_))
        for refused in (browser.get(f"{request_.get_absolute_url()}reveal/"), reveal(browser, request_)):
            assert refused.status_code == 409
            assert "as often as it may be" in text_of(refused)
            assert CODE[:4] not in refused.content.decode()
        assert "as often as it may be" in text_of(browser.get(request_.get_absolute_url()))

    def test_the_last_one_sent_twice_shows_the_code_twice_and_counts_once(
        self, request_: InstallCodeRequest, raiser: Actor, gina: Person
    ) -> None:
        read(request_, by=raiser)
        browser, address = client_of(gina), f"{request_.get_absolute_url()}reveal/"
        typed = {**hidden_fields(browser.get(address)), "reason": "To join it."}
        shown = [browser.post(address, typed) for _ in range(2)]
        assert [f'data-copy="{CODE}"' in page.content.decode() for page in shown] == [True, True]
        request_.refresh_from_db()
        assert request_.reveals == LIMIT

    def test_a_program_is_told_the_same(
        self, request_: InstallCodeRequest, raiser: Actor, northlight_revealing: Client
    ) -> None:
        read_out(request_, raiser)
        refused = problem(
            call(northlight_revealing, f"/{request_.reference}/reveal", {"reason": "To join it."}), 409
        )
        assert "as often as it may be" in refused["detail"]
        detail = northlight_revealing.get(f"/api/v1/install-code-requests/{request_.reference}").json()
        assert "reveal" not in detail["allowed"]
        assert "unlock" not in detail["allowed"]

    def test_a_new_answer_may_be_read_from_the_start(
        self, request_: InstallCodeRequest, raiser: Actor, ivan: Person, dana: Person
    ) -> None:
        read_out(request_, raiser)
        actions.unlock(reference=request_.reference, reason="The visit failed.", by=actor_of(dana))
        actions.close(reference=request_.reference, outcome=Outcome.WRONG_CODE, by=raiser)
        answered(request_, by=actor_of(ivan), code=OTHER_CODE_WITH_CRC)
        request_.refresh_from_db()
        assert (request_.reveals, request_.reveals_allowed) == (0, LIMIT)


class TestUnlocking:
    def test_the_desk_unlocks_with_a_reason_both_sides_read(
        self, request_: InstallCodeRequest, raiser: Actor, gina: Person, ivan: Person, dana: Person
    ) -> None:
        read_out(request_, raiser)
        desk, address = client_of(dana), f"{request_.get_absolute_url()}unlock/"
        form = desk.get(address)
        assert "has read this code 2 times" in text_of(form)
        done = desk.post(address, {**hidden_fields(form), "reason": "The first visit failed."}, follow=True)
        assert "Code unlocked" in text_of(done)
        assert CODE[:4] not in done.content.decode()
        request_.refresh_from_db()
        assert (request_.reveals, request_.reveals_allowed) == (LIMIT, 2 * LIMIT)
        for person in (gina, ivan, dana):
            said = text_of(client_of(person).get(request_.get_absolute_url()))
            assert "Reading unlocked by the DCC service desk" in said
            assert "The first visit failed." in said
        event = AuditEvent.objects.get(event="install_code_request.unlocked")
        assert (event.reference, event.detail) == (request_.reference, {"reveals_allowed": 2 * LIMIT})
        told = OutboxMessage.objects.get(event="install_code_request.unlocked")
        assert "gina@northlight.example" in str(told.__dict__)
        assert read(request_, by=raiser) == CODE

    def test_what_is_not_locked_is_not_unlocked(
        self, request_: InstallCodeRequest, raiser: Actor, dana: Person
    ) -> None:
        read(request_, by=raiser)
        with pytest.raises(NotLocked) as caught:
            actions.unlock(reference=request_.reference, reason="In advance.", by=actor_of(dana))
        assert caught.value.message == "Northlight Energy may still read this code once."
        page = text_of(client_of(dana).get(request_.get_absolute_url()))
        assert "Northlight Energy may still read this code once." in page

    def test_a_reason_is_needed_and_holds_no_code(
        self, request_: InstallCodeRequest, raiser: Actor, dana: Person
    ) -> None:
        read_out(request_, raiser)
        with pytest.raises(UnlockNeedsReason):
            actions.unlock(reference=request_.reference, reason=" ", by=actor_of(dana))
        with pytest.raises(NoteHoldsInstallCode):
            actions.unlock(reference=request_.reference, reason=f"It is {CODE_WITH_CRC}", by=actor_of(dana))

    @pytest.mark.parametrize("who", ["gina", "ivan", "rhea", "vera"])
    def test_nobody_else_unlocks(
        self, request_: InstallCodeRequest, raiser: Actor, request: pytest.FixtureRequest, who: str
    ) -> None:
        read_out(request_, raiser)
        with pytest.raises(NotAllowed):
            actions.unlock(
                reference=request_.reference, reason="Please.", by=actor_of(request.getfixturevalue(who))
            )

    def test_only_an_answered_request_is_unlocked(self, gina: Person, ivan: Person, dana: Person) -> None:
        for state in (State.ASSIGNED, State.WITH_SERVICE_DESK, State.CLOSED):
            reference = request_in(state, gina, ivan).reference
            with pytest.raises(NotInThisState):
                actions.unlock(reference=reference, reason="The visit failed.", by=actor_of(dana))

    def test_the_desks_list_of_moves_has_it(
        self, request_: InstallCodeRequest, raiser: Actor, dana: Person
    ) -> None:
        read_out(request_, raiser)
        page = client_of(dana).get(f"/admin/incidents/installcoderequest/{request_.pk}/change/").content.decode()
        assert f'href="{request_.get_absolute_url()}unlock/"' in page


class TestWhatTheInstallerSees:
    def test_that_and_when_it_was_read_and_by_which_party(
        self, request_: InstallCodeRequest, raiser: Actor, ivan: Person
    ) -> None:
        browser = client_of(ivan)
        assert "Code revealed" not in text_of(browser.get(request_.get_absolute_url()))
        read_out(request_, raiser)
        page = browser.get(request_.get_absolute_url())
        said = text_of(page)
        assert re.search(r"Code revealed 2 of 2 times, last on \w{3} \d", said)
        assert said.count("Install code revealed") == LIMIT
        events = request_.history.filter(event=Event.REVEALED)
        assert {event.party_name for event in events} == {"Northlight Energy"}
        assert "Gina" not in said
        assert "To commission the meter." not in said  # the reason is for the audit log
