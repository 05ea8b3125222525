"""Raising a request on screen: form, check of one's answers, confirmation."""

import uuid

import pytest

from incidents.models import InstallCodeRequest
from incidents.models.choices import Event
from ssi.accounts.demo_accounts import BRIGHTGRID
from ssi.accounts.models import Person
from tests.factories.incidents import (
    CODE,
    device_of,
)
from tests.factories.inventory import DeviceFactory
from tests.incidents.browsing import RAISE, hidden_fields, send, text_of
from tests.personas import client_of

pytestmark = pytest.mark.django_db


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
