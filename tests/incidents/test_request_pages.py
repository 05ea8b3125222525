"""The pages of Requests for Install Code, as people use them without a script."""

import re
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.models import InstallCodeRequest
from incidents.models.choices import Event, State
from inventory.models.choices import SmiStatus
from ssi.accounts.demo_accounts import BRIGHTGRID
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from tests.factories.incidents import (
    CODE,
    CODE_WITH_CRC,
    MISTYPED,
    OTHER_CODE_WITH_CRC,
    answered,
    device_of,
    raised,
    request_in,
)
from tests.factories.inventory import DeviceFactory
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db

RAISE = "/install-code-requests/raise/"


def send(browser: Client, path: str, **fields: Any) -> Any:
    """POST a form as its page would, with a fresh key unless one is given."""
    return browser.post(path, {"idempotency_key": str(uuid.uuid4()), **fields})


def text_of(response: Any) -> str:
    """Return what a page says, without markup."""
    body = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def hidden_fields(response: Any) -> dict[str, str]:
    """Return the hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', response.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


class TestRaising:
    def test_the_device_comes_with_the_address(self, gina: Person) -> None:
        page = client_of(gina).get(f"{RAISE}?device_id=1E-5A-01-00-00-00-00-01")
        assert 'value="1E-5A-01-00-00-00-00-01"' in page.content.decode()

    def test_answers_are_checked_before_anything_is_sent(self, gina: Person, ivan: Person) -> None:
        browser, device = client_of(gina), device_of(ivan)
        check = send(browser, RAISE, device_id=device.device_id.plain, responsible="on", note="Visit on Friday.")
        said = text_of(check)
        assert "Check your answers" in said
        assert f"{BRIGHTGRID.name} pre-notified this device" in said
        assert "Pending" in said
        assert "Visit on Friday." in said
        assert not InstallCodeRequest.objects.exists()

        done = browser.post(RAISE, {**hidden_fields(check), "step": "send"}, follow=True)
        request = InstallCodeRequest.objects.get()
        assert f"/incidents/{request.reference}/done/raise/" == done.redirect_chain[-1][0]
        assert "What happens next" in text_of(done)
        assert request.reference in text_of(done)
        assert request.history.get(event=Event.RAISED).text == "Visit on Friday."

    def test_answers_can_be_changed(self, gina: Person, ivan: Person) -> None:
        browser, device = client_of(gina), device_of(ivan)
        check = send(browser, RAISE, device_id=device.device_id, responsible="on", note="Visit on Friday.")
        form = browser.post(RAISE, {**hidden_fields(check), "step": "change"})
        assert "Visit on Friday." in form.content.decode()
        assert "There is a problem" not in text_of(form)

    def test_the_same_form_twice_gives_the_same_confirmation(self, gina: Person, ivan: Person) -> None:
        browser = client_of(gina)
        check = send(browser, RAISE, device_id=device_of(ivan).device_id, responsible="on")
        fields = {**hidden_fields(check), "step": "send"}
        addresses = {browser.post(RAISE, fields)["Location"] for _ in range(2)}
        assert len(addresses) == 1
        assert InstallCodeRequest.objects.count() == 1

    def test_an_edited_form_is_a_new_request(self, gina: Person, ivan: Person) -> None:
        browser, key = client_of(gina), str(uuid.uuid4())
        for _ in range(2):
            fields = {"device_id": device_of(ivan).device_id, "responsible": "on", "step": "send"}
            send(browser, RAISE, **fields, idempotency_key=key)
        assert InstallCodeRequest.objects.count() == 2

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            ({"device_id": ""}, "Enter the Device ID."),
            ({"device_id": "12-34"}, "not 16"),
            ({"device_id": "00-DB-12-34-56-78-90-A0"}, "not in the Smart Metering Inventory"),
            ({"responsible": ""}, "responsible supplier"),
            ({"mpxn": "12345678901"}, "13 digits"),
            ({"mpxn": "1312345678111"}, "last digit does not fit"),
            ({"needed_by_date": "2020-01-01"}, "has passed"),
            ({"needed_by_date": "soon"}, "is not a date"),
            ({"note": f"The code is {CODE}"}, "seems to hold an install code"),
        ],
    )
    def test_bad_input_gets_the_form_again_with_what_was_typed(
        self, gina: Person, ivan: Person, fields: dict[str, str], says: str
    ) -> None:
        typed = {"device_id": str(device_of(ivan).device_id), "responsible": "on", "step": "send", **fields}
        response = send(client_of(gina), RAISE, **typed)
        said = text_of(response)
        assert response.status_code == 200
        assert "There is a problem" in said
        assert says in said
        for name, value in typed.items():
            if name in {"device_id", "mpxn"}:
                assert value in response.content.decode()
        assert CODE not in response.content.decode()  # a secret alone is not shown again
        assert not InstallCodeRequest.objects.exists()

    def test_a_doubtful_meter_point_can_be_confirmed(self, gina: Person, ivan: Person) -> None:
        fields = {"device_id": device_of(ivan).device_id, "responsible": "on", "mpxn": "1312345678111"}
        browser = client_of(gina)
        assert "it stands like this in my records" in text_of(send(browser, RAISE, **fields))
        check = send(browser, RAISE, **fields, mpxn_is_right="on")
        assert "Check your answers" in text_of(check)
        browser.post(RAISE, {**hidden_fields(check), "step": "send"})
        assert InstallCodeRequest.objects.get().mpxn == "1312345678111"

    def test_nobody_to_ask_says_so_before_and_after(self, gina: Person) -> None:
        browser, device = client_of(gina), DeviceFactory.create(notified_by=None)
        check = send(browser, RAISE, device_id=device.device_id, responsible="on")
        assert "does not say who pre-notified" in text_of(check)
        done = browser.post(RAISE, {**hidden_fields(check), "step": "send"}, follow=True)
        assert "service desk looks for who holds the code" in text_of(done)

    def test_what_others_have_open_changes_nothing_on_the_way(
        self, gina: Person, rhea: Person, ivan: Person
    ) -> None:
        device = device_of(ivan)
        fields = {"device_id": device.device_id, "responsible": "on", "idempotency_key": str(uuid.uuid4())}
        browser = client_of(gina)
        before = text_of(browser.post(RAISE, fields))
        send(client_of(rhea), RAISE, device_id=device.device_id, responsible="on", step="send")
        assert InstallCodeRequest.objects.count() == 1
        assert text_of(browser.post(RAISE, fields)) == before


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
        assert "How the five Working Days are counted" not in text_of(
            client_of(gina).get(request.get_absolute_url())
        )
        InstallCodeRequest.objects.filter(pk=request.pk).update(notified_at=timezone.now())
        assert "Working Day 5 of 5" in text_of(client_of(gina).get(request.get_absolute_url()))

    @pytest.mark.parametrize("state", [state for state in State if state != State.NEW])
    def test_offers_exactly_what_can_be_done_now(
        self, gina: Person, ivan: Person, dana: Person, state: State
    ) -> None:
        request = request_in(state, gina, ivan)
        for who in (gina, ivan, dana):
            browser = client_of(who)
            page = browser.get(request.get_absolute_url()).content.decode()
            for verb in ("answer", "decline", "reveal", "close", "withdraw", "notes", "reroute"):
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
        request = raised(gina, ivan)
        InstallCodeRequest.objects.filter(pk=request.pk).update(due_date=timezone.localdate() - timedelta(days=1))
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
    def test_a_wrong_check_digit_is_told_without_the_code(self, gina: Person, ivan: Person) -> None:
        request, browser = raised(gina, ivan), client_of(ivan)
        address = f"{request.get_absolute_url()}answer/"
        response = send(browser, address, install_code=MISTYPED)
        assert "The check digits do not match." in text_of(response)
        assert CODE[:8] not in response.content.decode()
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


class TestLists:
    def test_each_side_its_own(self, gina: Person, ivan: Person, rhea: Person) -> None:
        ours, theirs, others = raised(gina, ivan), raised(ivan, gina), raised(rhea, ivan)
        browser = client_of(gina)
        for query, shown in ((("?side=raised"), ours), ("?side=assigned", theirs), ("", ours)):
            said = text_of(browser.get(f"/install-code-requests/{query}"))
            assert [request.reference in said for request in (ours, theirs, others)] == [
                request is shown for request in (ours, theirs, others)
            ]
        said = text_of(browser.get("/incidents/"))
        assert ours.reference in said
        assert theirs.reference in said
        assert others.reference not in said

    def test_filters_and_pages_keep_the_side(self, gina: Person, ivan: Person) -> None:
        for _ in range(51):
            raised(gina, ivan)
        first = client_of(gina).get("/install-code-requests/?side=raised&state=assigned").content.decode()
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following
        assert "side=raised" in following[1]
        assert "state=assigned" in following[1]
        second = client_of(gina).get(f"/install-code-requests/{following[1].replace('&amp;', '&')}")
        assert len(set(re.findall(r"/incidents/(INC\d+)/", second.content.decode()))) == 1

    def test_a_bad_cursor_is_a_page_not_a_crash(self, gina: Person) -> None:
        assert client_of(gina).get("/install-code-requests/?cursor=nonsense").status_code == 422

    def test_a_bad_filter_does_not_narrow(self, gina: Person, ivan: Person) -> None:
        reference = raised(gina, ivan).reference
        assert reference in text_of(client_of(gina).get("/install-code-requests/?side=raised&state=nonsense"))

    def test_empty_lists_say_what_to_do(self, gina: Person, dana: Person) -> None:
        browser = client_of(gina)
        assert "You have raised no requests yet" in text_of(browser.get("/install-code-requests/?side=raised"))
        assert "Nobody has asked you" in text_of(browser.get("/install-code-requests/?side=assigned"))
        assert "No request fits" in text_of(browser.get("/install-code-requests/?side=raised&state=closed"))
        assert "No incidents here" in text_of(client_of(dana).get("/incidents/"))

    def test_the_export_is_the_same_list_without_notes(self, gina: Person, ivan: Person, rhea: Person) -> None:
        ours, others = raised(gina, ivan, note="Secret of ours"), raised(rhea, ivan)
        response = client_of(gina).get("/install-code-requests/export/?side=raised")
        assert response["Content-Type"].startswith("text/csv")
        assert response["Content-Disposition"].startswith("attachment")
        lines = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
        assert ours.reference in lines
        assert others.reference not in lines
        assert "Secret of ours" not in lines

    def test_the_list_takes_the_same_few_queries_whatever_its_length(
        self, gina: Person, ivan: Person, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(8):
            raised(gina, ivan)
        browser = client_of(gina)
        for path in ("/install-code-requests/?side=raised", "/incidents/"):
            with django_assert_max_num_queries(8):
                browser.get(path)


class TestHome:
    def test_tells_each_what_awaits_them(self, gina: Person, ivan: Person, dana: Person) -> None:
        asked, ready = raised(gina, ivan), request_in(State.ANSWERED, gina, ivan)
        declined = request_in(State.WITH_SERVICE_DESK, gina, ivan)
        homes = {who.name: text_of(client_of(who).get("/")) for who in (gina, ivan, dana)}
        assert [request.reference in homes[gina.name] for request in (asked, ready, declined)] == [
            False,
            True,
            False,
        ]
        assert [request.reference in homes[ivan.name] for request in (asked, ready, declined)] == [
            True,
            False,
            False,
        ]
        assert [request.reference in homes[dana.name] for request in (asked, ready, declined)] == [
            False,
            False,
            True,
        ]

    def test_the_soonest_due_comes_first(self, gina: Person, ivan: Person) -> None:
        later, sooner = raised(gina, ivan), raised(gina, ivan)
        yesterday = timezone.localdate() - timedelta(days=1)
        InstallCodeRequest.objects.filter(pk=sooner.pk).update(due_date=yesterday)
        said = text_of(client_of(ivan).get("/"))
        assert said.index(sooner.reference) < said.index(later.reference)
        assert "One is overdue." in said

    def test_is_useful_to_those_without_these_roles(
        self, vera: Person, aroha: Person, adam: Person, olu: Person, nils: Person
    ) -> None:
        for who in (vera, aroha, adam, olu, nils):
            said = text_of(client_of(who).get("/"))
            assert "Good " in said
            assert "What may I do?" in said
        assert "Find a device" in text_of(client_of(vera).get("/"))

    def test_others_requests_move_no_count(self, gina: Person, rhea: Person, ivan: Person) -> None:
        browser = client_of(gina)
        before = text_of(browser.get("/"))
        raised(rhea, ivan)
        request_in(State.WITH_SERVICE_DESK, rhea, ivan)
        assert text_of(browser.get("/")) == before


class TestTheDevicePage:
    def test_offers_to_ask_for_the_code(self, gina: Person, ivan: Person) -> None:
        device = device_of(ivan)
        page = client_of(gina).get(device.get_absolute_url()).content.decode()
        assert f"{RAISE}?device_id={device.device_id}" in page

    def test_leads_to_the_open_request_instead(self, gina: Person, ivan: Person) -> None:
        request = raised(gina, ivan)
        page = client_of(gina).get(f"/devices/{request.device_id}/")
        assert "See your open request" in text_of(page)

    def test_tells_a_third_party_nothing(self, gina: Person, ivan: Person, rhea: Person) -> None:
        device = device_of(ivan)
        before = text_of(client_of(rhea).get(device.get_absolute_url()))
        send(client_of(gina), RAISE, device_id=device.device_id, responsible="on", step="send")
        assert InstallCodeRequest.objects.exists()
        assert text_of(client_of(rhea).get(device.get_absolute_url())) == before

    def test_says_why_it_cannot_be_asked_for(self, gina: Person, ivan: Person) -> None:
        device = device_of(ivan, smi_status=SmiStatus.COMMISSIONED)
        assert "its install code cannot be asked for" in text_of(client_of(gina).get(device.get_absolute_url()))
