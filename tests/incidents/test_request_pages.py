"""A request's page and its moves, as people make them without a script."""

import re
import uuid
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from incidents.models import InstallCodeRequest
from incidents.models.choices import Event, State
from ssi.accounts.demo_accounts import BRIGHTGRID
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from tests.factories.incidents import (
    CODE,
    CODE_WITH_CRC,
    MISTYPED,
    OTHER_CODE_WITH_CRC,
    answered,
    raised,
    request_in,
    told,
)
from tests.incidents.browsing import hidden_fields, send, text_of
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db


class TestTheRequestsPage:
    def test_shows_the_facts_and_the_reason(self, gina: Person, ivan: Person) -> None:
        request = raised(gina, ivan, note="Visit on Friday.")
        said = text_of(client_of(ivan).get(request.get_absolute_url()))
        assert request.assigned_because in said
        assert str(request.device_id) in said
        assert "Visit on Friday." in said
        assert "Northlight Energy" in said
        assert "Gina" not in said  # the party, never the person

    def test_the_due_date_is_explained_once_the_notice_went_out(self, gina: Person, ivan: Person) -> None:
        request = raised(gina, ivan)
        before = text_of(client_of(gina).get(request.get_absolute_url()))
        assert "How the Working Days are counted" not in before
        assert "Provisional." in before
        told(request)
        assert "Working Day 5 of 5" in text_of(client_of(gina).get(request.get_absolute_url()))

    @pytest.mark.parametrize("state", [state for state in State if state != State.NEW])
    def test_offers_exactly_what_can_be_done_now(
        self, gina: Person, ivan: Person, dana: Person, state: State
    ) -> None:
        request = request_in(state, gina, ivan)
        for who in (gina, ivan, dana):
            browser = client_of(who)
            page = browser.get(request.get_absolute_url()).content.decode()
            for verb in ("answer", "decline", "reveal", "close", "withdraw", "notes", "reroute", "unlock"):
                address = f"{request.get_absolute_url()}{verb}/"
                offered = f'href="{address}"' in page
                assert offered == (browser.get(address).status_code == 200), (who, verb)

    def test_a_greyed_move_says_why(self, gina: Person, ivan: Person) -> None:
        request = raised(gina, ivan)
        assert "It is not answered yet." in text_of(client_of(gina).get(request.get_absolute_url()))
        assert "Only Northlight Energy, which raised the request, may do this." in text_of(
            client_of(ivan).get(request.get_absolute_url())
        )

    def test_overdue_is_marked(self, gina: Person, ivan: Person) -> None:
        request = told(raised(gina, ivan), timezone.now() - timedelta(days=30))
        for path in (request.get_absolute_url(), "/", "/install-code-requests/?side=assigned"):
            assert "Overdue" in text_of(client_of(ivan).get(path))

    def test_a_device_that_left_the_inventory_does_not_break_it(self, gina: Person, ivan: Person) -> None:
        request = raised(gina, ivan)
        InstallCodeRequest.objects.filter(pk=request.pk).update(device_id="1E-5A-01-FF-FF-FF-FF-FF")
        assert "no longer in the inventory" in text_of(client_of(gina).get(request.get_absolute_url()))

    def test_somebody_elses_is_the_page_of_what_does_not_exist(
        self, gina: Person, ivan: Person, rhea: Person
    ) -> None:
        reference, unknown = raised(gina, ivan).reference, "INC999999999999"
        browser = client_of(rhea)
        for tail in ("", "answer/", "decline/", "reveal/", "notes/", "close/", "withdraw/", "done/close/"):
            theirs, none = (browser.get(f"/incidents/{each}/{tail}") for each in (reference, unknown))
            assert theirs.status_code == none.status_code == 404
            assert text_of(theirs) == text_of(none)
            posted, none = (send(browser, f"/incidents/{each}/{tail}") for each in (reference, unknown))
            assert posted.status_code == none.status_code
            assert text_of(posted) == text_of(none)


class TestAnswering:
    def test_a_wrong_check_digit_is_told_without_what_was_typed(self, gina: Person, ivan: Person) -> None:
        request, browser = raised(gina, ivan), client_of(ivan)
        address = f"{request.get_absolute_url()}answer/"
        response = send(browser, address, install_code=MISTYPED)
        assert "The check digits do not match." in text_of(response)
        assert MISTYPED not in response.content.decode()
        assert response["Cache-Control"] == "no-store"
        done = browser.post(
            address, {**hidden_fields(response), "install_code": " ".join(CODE_WITH_CRC)}, follow=True
        )
        assert "Install code sealed and sent" in text_of(done)
        assert CODE[:8] not in done.content.decode()

    def test_32_digits_twice(self, gina: Person, ivan: Person) -> None:
        request, browser = raised(gina, ivan), client_of(ivan)
        address = f"{request.get_absolute_url()}answer/"
        once = send(browser, address, install_code=CODE)
        assert "it is needed a second time" in text_of(once)
        assert CODE[:8] not in once.content.decode()
        differ = send(browser, address, install_code=CODE, install_code_again=CODE.replace("8", "9"))
        assert "The two entries of the install code differ." in text_of(differ)
        send(browser, address, install_code=CODE, install_code_again=CODE)
        assert InstallCodeRequest.objects.get().state == State.ANSWERED

    def test_the_field_is_one_that_browsers_do_not_keep(self, gina: Person, ivan: Person) -> None:
        page = client_of(ivan).get(f"{raised(gina, ivan).get_absolute_url()}answer/").content.decode()
        fields = re.findall(r"<input[^>]+install_code[^>]*>", page)
        assert len(fields) == 2
        assert all('autocomplete="off"' in field and "value=" not in field for field in fields)

    def test_the_same_form_twice_is_one_answer(self, gina: Person, ivan: Person) -> None:
        request, browser = raised(gina, ivan), client_of(ivan)
        fields = {"install_code": CODE_WITH_CRC, "idempotency_key": str(uuid.uuid4())}
        answers = [browser.post(f"{request.get_absolute_url()}answer/", fields) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert AuditEvent.objects.filter(event="install_code_request.answered").count() == 1

    def test_a_second_answer_is_told_that_it_is_too_late(self, gina: Person, ivan: Person) -> None:
        request, browser = raised(gina, ivan), client_of(ivan)
        address = f"{request.get_absolute_url()}answer/"
        send(browser, address, install_code=CODE_WITH_CRC)
        late = send(browser, address, install_code=OTHER_CODE_WITH_CRC)
        assert late.status_code == 409
        assert "answered" in text_of(late)

    def test_declining(self, gina: Person, ivan: Person) -> None:
        request, browser = raised(gina, ivan), client_of(ivan)
        address = f"{request.get_absolute_url()}decline/"
        assert "Another reason needs to be said in words." in text_of(send(browser, address, reason="other"))
        send(browser, address, reason="device_transferred", detail="To Lumenway Power.")
        request.refresh_from_db()
        assert request.state == State.WITH_SERVICE_DESK
        assert "To Lumenway Power." in text_of(client_of(gina).get(request.get_absolute_url()))


class TestRevealing:
    def test_needs_a_fresh_sign_in_and_comes_back(self, gina: Person, ivan: Person) -> None:
        request = request_in(State.ANSWERED, gina, ivan)
        address = f"{request.get_absolute_url()}reveal/"
        stale = client_of(gina, fresh=False)
        for response in (stale.get(address), send(stale, address, reason="To join it.")):
            assert response.status_code == 302
            assert response["Location"] == f"{reverse('account_reauthenticate')}?{urlencode({'next': address})}"
        assert InstallCodeRequest.objects.get().reveals == 0

    def test_shows_the_code_in_groups_by_post_alone(self, gina: Person, ivan: Person) -> None:
        request = request_in(State.ANSWERED, gina, ivan)
        address = f"{request.get_absolute_url()}reveal/"
        browser = client_of(gina)
        form = browser.get(address)
        assert CODE[:4] not in text_of(form)
        assert InstallCodeRequest.objects.get().reveals == 0
        shown = send(browser, address, reason="To join it.")
        assert shown.status_code == 200
        assert "no-store" in shown["Cache-Control"]
        assert " ".join(CODE[at : at + 4] for at in range(0, 32, 4)) in text_of(shown)
        assert CODE_WITH_CRC[-4:] in text_of(shown)
        assert "Read so far 1 time." in text_of(shown)

    def test_both_sides_see_that_it_was_read(self, gina: Person, ivan: Person) -> None:
        request = request_in(State.ANSWERED, gina, ivan)
        send(client_of(gina), f"{request.get_absolute_url()}reveal/", reason="To join it.")
        for who in (gina, ivan):
            said = text_of(client_of(who).get(request.get_absolute_url()))
            assert "Install code revealed" in said
            assert "To join it." not in said  # the reason is for the audit log

    def test_a_reason_is_needed(self, gina: Person, ivan: Person) -> None:
        request = request_in(State.ANSWERED, gina, ivan)
        response = send(client_of(gina), f"{request.get_absolute_url()}reveal/", reason=" ")
        assert "There is a problem" in text_of(response)
        assert InstallCodeRequest.objects.get().reveals == 0

    def test_the_same_form_twice_is_counted_once(self, gina: Person, ivan: Person) -> None:
        request, browser = request_in(State.ANSWERED, gina, ivan), client_of(gina)
        fields = {"reason": "To join it.", "idempotency_key": str(uuid.uuid4())}
        pages = [browser.post(f"{request.get_absolute_url()}reveal/", fields) for _ in range(2)]
        assert all(CODE[:4] in text_of(page) for page in pages)
        assert InstallCodeRequest.objects.get().reveals == 1
        assert AuditEvent.objects.filter(event="install_code.revealed").count() == 1

    def test_neither_the_installer_nor_the_desk_gets_there(self, gina: Person, ivan: Person, dana: Person) -> None:
        request = request_in(State.ANSWERED, gina, ivan)
        for who in (ivan, dana):
            browser = client_of(who)
            assert browser.get(f"{request.get_absolute_url()}reveal/").status_code == 403
            assert send(browser, f"{request.get_absolute_url()}reveal/", reason="To look.").status_code == 403


class TestEnding:
    def test_a_wrong_code_goes_back_and_is_erased(self, gina: Person, ivan: Person) -> None:
        request = request_in(State.ANSWERED, gina, ivan)
        done = client_of(gina).post(
            f"{request.get_absolute_url()}close/",
            {"outcome": "wrong_code", "idempotency_key": str(uuid.uuid4())},
            follow=True,
        )
        assert "Request returned: the code is wrong" in text_of(done)
        request.refresh_from_db()
        assert request.state == State.ASSIGNED
        assert request.install_code is None
        answered(request, by=actor_of(ivan), code=OTHER_CODE_WITH_CRC)

    def test_closing_says_what_became_of_the_code(self, gina: Person, ivan: Person) -> None:
        request = request_in(State.ANSWERED, gina, ivan)
        browser = client_of(gina)
        assert "There is a problem" in text_of(send(browser, f"{request.get_absolute_url()}close/"))
        send(browser, f"{request.get_absolute_url()}close/", outcome="worked")
        said = text_of(browser.get(request.get_absolute_url()))
        assert "The code worked" in said
        assert "nothing more can be done" in said

    def test_withdrawing(self, gina: Person, ivan: Person) -> None:
        request, browser = raised(gina, ivan), client_of(gina)
        assert "There is a problem" in text_of(send(browser, f"{request.get_absolute_url()}withdraw/", reason=""))
        send(browser, f"{request.get_absolute_url()}withdraw/", reason="The customer moved.")
        assert "The customer moved." in text_of(client_of(ivan).get(request.get_absolute_url()))

    def test_notes(self, gina: Person, ivan: Person, dana: Person) -> None:
        request = raised(gina, ivan)
        for who in (gina, ivan, dana):
            response = send(
                client_of(who), f"{request.get_absolute_url()}notes/", text=f"From {who.name[:3]} <b>!"
            )
            assert response["Location"] == request.get_absolute_url()
        page = client_of(gina).get(request.get_absolute_url()).content.decode()
        assert "From Iva &lt;b&gt;!" in page
        assert "Brightgrid Supply" in page

    def test_a_note_that_holds_a_code_is_refused(self, gina: Person, ivan: Person) -> None:
        request = raised(gina, ivan)
        response = send(client_of(ivan), f"{request.get_absolute_url()}notes/", text=f"Here: {CODE_WITH_CRC}")
        assert "seems to hold an install code" in text_of(response)
        assert not request.history.filter(event=Event.NOTE_ADDED).exists()


class TestTheDesk:
    def test_reroutes_with_a_reason(self, gina: Person, ivan: Person, rhea: Person, dana: Person) -> None:
        request, browser = request_in(State.WITH_SERVICE_DESK, gina, ivan), client_of(dana)
        address = f"{request.get_absolute_url()}reroute/"
        to = str(actor_of(rhea).user_id)
        assert "There is a problem" in text_of(send(browser, address, to=to, reason=""))
        assert "There is a problem" in text_of(send(browser, address, to="nonsense", reason="They hold it."))
        itself = send(browser, address, to=str(actor_of(gina).user_id), reason="They hold it.")
        assert "raised this request" in text_of(itself)
        send(browser, address, to=to, reason="Harbourline took the depot over.")
        said = text_of(client_of(rhea).get(request.get_absolute_url()))
        assert "Harbourline took the depot over." in said
        assert client_of(ivan).get(request.get_absolute_url()).status_code == 404

    def test_takes_a_request_away_from_who_left_the_market(
        self, gina: Person, ivan: Person, rhea: Person, dana: Person
    ) -> None:
        request, browser = raised(gina, ivan), client_of(dana)
        assert ivan.party is not None
        ivan.party.left_date = timezone.localdate()
        ivan.party.save(update_fields=["left_date"])
        address = f"{request.get_absolute_url()}reroute/"
        assert BRIGHTGRID.name not in re.findall(r"<option.*?</option>", browser.get(address).content.decode())
        send(browser, address, to=str(actor_of(rhea).user_id), reason="Brightgrid left the market.")
        request.refresh_from_db()
        assert request.assigned_to_id == actor_of(rhea).user_id

    def test_a_stale_page_is_refused(
        self, gina: Person, ivan: Person, rhea: Person, nils: Person, dana: Person
    ) -> None:
        request, browser = request_in(State.WITH_SERVICE_DESK, gina, ivan), client_of(dana)
        address = f"{request.get_absolute_url()}reroute/"
        seen = hidden_fields(browser.get(address))["seen"]
        send(browser, address, to=str(actor_of(rhea).user_id), reason="They hold it.", seen=seen)
        late = send(browser, address, to=str(actor_of(nils).user_id), reason="They hold it.", seen=seen)
        assert late.status_code == 409
        assert "assigned to Harbourline Energy" in text_of(late)
