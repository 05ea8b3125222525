"""The pages of codes in escrow, as a browser without script sees them."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from incidents.actions.bulk import engine
from incidents.models import BulkJob, EscrowedCode
from incidents.models.choices import BulkKind, ReleaseRule
from incidents.search import escrow as search
from inventory.models import SealedInstallCode
from ssi.accounts.models import Person
from tests.factories.incidents import CODE, CODE_WITH_CRC, MISTYPED, device_of, raised
from tests.factories.inventory import DeviceFactory
from tests.incidents.browsing import hidden_fields, send, text_of
from tests.incidents.escrow.depositing import deposited, ruled
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db

ESCROW = "/install-code-requests/escrow/"


@pytest.fixture
def browser(ivan: Person) -> Client:
    return client_of(ivan)


class TestTheList:
    def test_says_what_to_do_while_it_is_empty(self, browser: Client) -> None:
        said = text_of(browser.get(ESCROW))
        assert "No codes in escrow yet" in said
        assert "Never by itself" in said

    def test_shows_ones_own_and_their_rule(self, browser: Client, ivan: Person, rhea: Person) -> None:
        mine, theirs = deposited(ivan), deposited(rhea)
        ruled(ivan, ReleaseRule.AT_ONCE)
        said = text_of(browser.get(ESCROW))
        assert str(mine.device_id) in said
        assert str(theirs.device_id) not in said
        assert "Nobody here looks first" in said
        assert CODE[:8] not in said

    def test_is_narrowed_and_exported(self, browser: Client, ivan: Person) -> None:
        first, second = deposited(ivan), deposited(ivan)
        said = text_of(browser.get(f"{ESCROW}?device_id={first.device_id}"))
        assert str(second.device_id) not in said
        lines = list(browser.get(f"{ESCROW}export/?device_id={first.device_id}"))
        assert len(lines) == 3
        assert str(first.device_id).encode() in lines[2]
        assert "No code was found wrong" in text_of(browser.get(f"{ESCROW}?which=wrong"))

    def test_is_not_for_the_desk_nor_for_readers(self, vera: Person, dana: Person, ivan: Person) -> None:
        deposited(ivan)
        for who in (vera, dana):
            assert client_of(who).get(ESCROW).status_code == 403
            assert "Codes in escrow" not in text_of(client_of(who).get("/"))


class TestTheRulePage:
    def test_asks_for_the_statement(self, browser: Client, ivan: Person) -> None:
        page = send(browser, f"{ESCROW}rule/", rule="at_once")
        assert "ticking the statement" in text_of(page)
        assert search.rule_of(actor_of(ivan)) == ReleaseRule.NEVER
        page = send(browser, f"{ESCROW}rule/", rule="at_once", understood="on")
        assert page.status_code == 302
        assert search.rule_of(actor_of(ivan)) == ReleaseRule.AT_ONCE

    def test_says_how_many_requests_it_would_answer(self, browser: Client, ivan: Person, gina: Person) -> None:
        request = raised(gina, ivan)
        assert "a code in escrow" not in text_of(browser.get(f"{ESCROW}rule/"))
        send(browser, f"{ESCROW}deposit/", device_id=request.device_id, install_code=CODE_WITH_CRC)
        assert "1 request that waits for you now has a code in escrow" in text_of(browser.get(f"{ESCROW}rule/"))


class TestDepositing:
    def test_one(self, browser: Client, ivan: Person) -> None:
        device = device_of(ivan)
        page = browser.get(f"{ESCROW}deposit/?device_id={device.device_id}")
        assert str(device.device_id) in page.content.decode()
        assert page["Cache-Control"] == "no-store"
        page = send(browser, f"{ESCROW}deposit/", device_id=device.device_id, install_code=CODE_WITH_CRC)
        assert page["Location"] == ESCROW
        assert f"The code of {device.device_id} is sealed" in text_of(browser.get(ESCROW))
        assert SealedInstallCode.objects.get().take().hex == CODE

    def test_twice_by_a_double_click_is_one(self, browser: Client, ivan: Person) -> None:
        fields = {"device_id": device_of(ivan).device_id, "install_code": CODE_WITH_CRC}
        fields |= hidden_fields(browser.get(f"{ESCROW}deposit/"))
        for _ in range(2):
            assert browser.post(f"{ESCROW}deposit/", fields).status_code == 302
        assert EscrowedCode.objects.count() == 1

    def test_a_mistyped_code_is_refused_and_not_shown_again(self, browser: Client, ivan: Person) -> None:
        page = send(browser, f"{ESCROW}deposit/", device_id=device_of(ivan).device_id, install_code=MISTYPED)
        assert "The check digits do not match" in text_of(page)
        assert f'value="{MISTYPED}"' not in page.content.decode()
        assert not SealedInstallCode.objects.exists()

    def test_anothers_device_is_refused(self, browser: Client, rhea: Person) -> None:
        page = send(browser, f"{ESCROW}deposit/", device_id=device_of(rhea).device_id, install_code=CODE_WITH_CRC)
        assert "was not pre-notified under your User ID" in text_of(page)


class TestUploading:
    def upload(self, browser: Client, text: str) -> Any:
        file = BytesIO(text.encode())
        file.name = "codes.csv"
        return send(browser, f"{ESCROW}upload/", file=file)

    def test_leads_to_the_jobs_page(self, browser: Client, ivan: Person) -> None:
        device = device_of(ivan)
        page = self.upload(browser, f"Device ID,Install code\n{device.device_id},{CODE_WITH_CRC}\nx,y\n")
        job = BulkJob.objects.get(kind=BulkKind.DEPOSIT)
        assert page["Location"] == job.get_absolute_url()
        engine.carry_on(job.pk)
        said = text_of(browser.get(page["Location"]))
        assert "Can be deposited" in said
        assert CODE[:8] not in said
        assert send(browser, f"{job.get_absolute_url()}confirm/").status_code == 302
        engine.carry_on(job.pk)
        assert "Codes deposited" in text_of(browser.get(page["Location"]))
        assert EscrowedCode.objects.count() == 1

    def test_says_what_is_wrong_with_the_file(self, browser: Client) -> None:
        assert "The file has no column for install codes" in text_of(
            self.upload(browser, "Device ID,Serial\nx,y\n")
        )
        assert "Choose the file" in text_of(send(browser, f"{ESCROW}upload/"))

    def test_the_job_is_hidden_from_others(
        self, browser: Client, ivan: Person, rhea: Person, dana: Person
    ) -> None:
        self.upload(browser, f"Device ID,Install code\n{device_of(ivan).device_id},{CODE_WITH_CRC}\n")
        address = BulkJob.objects.get().get_absolute_url()
        for who in (rhea, dana):
            assert client_of(who).get(address).status_code == 404
        assert "Codes deposited" not in text_of(client_of(dana).get("/install-code-requests/batches/"))


class TestWithdrawing:
    def test_shows_what_is_chosen_and_erases_it(self, browser: Client, ivan: Person) -> None:
        first, second, kept = (deposited(ivan) for _ in range(3))
        chosen = f"?device={first.device_id}&device={second.device_id}"
        page = browser.get(f"{ESCROW}withdraw/{chosen}")
        assert str(first.device_id) in text_of(page)
        assert str(kept.device_id) not in text_of(page)
        page = send(browser, f"{ESCROW}withdraw/", device=[str(first.device_id), str(second.device_id)])
        assert page.status_code == 302
        assert "2 codes were withdrawn and erased" in text_of(browser.get(ESCROW))
        assert SealedInstallCode.objects.get().pk == kept.code_id

    def test_reaches_nobody_elses(self, browser: Client, rhea: Person) -> None:
        theirs = deposited(rhea)
        page = browser.get(f"{ESCROW}withdraw/?device={theirs.device_id}")
        assert "No code of yours was chosen" in text_of(page)
        page = send(browser, f"{ESCROW}withdraw/", device=str(theirs.device_id))
        assert "None of these devices has a code of yours in escrow" in text_of(page)
        assert SealedInstallCode.objects.count() == 1

    def test_bears_an_address_that_was_tampered_with(self, browser: Client) -> None:
        for query in ("", "?device=x", "?device="):
            assert "No code of yours was chosen" in text_of(browser.get(f"{ESCROW}withdraw/{query}"))
        assert send(browser, f"{ESCROW}withdraw/", device="x").status_code == 200


class TestTheDevicePage:
    def test_shows_its_depositor_the_code_in_escrow(self, browser: Client, ivan: Person) -> None:
        device = device_of(ivan)
        address = device.get_absolute_url()
        assert f"{ESCROW}deposit/?device_id={device.device_id}" in browser.get(address).content.decode()
        deposited(ivan, device=device)
        said = browser.get(address).content.decode()
        assert f"{ESCROW}withdraw/?device={device.device_id}" in said

    def test_tells_nobody_else(self, ivan: Person, gina: Person, dana: Person) -> None:
        device = device_of(ivan)
        browsers = {who: client_of(who) for who in (gina, dana)}
        before = {who: text_of(browser.get(device.get_absolute_url())) for who, browser in browsers.items()}
        deposited(ivan, device=device)
        ruled(ivan, ReleaseRule.AT_ONCE)
        for who, browser in browsers.items():
            assert text_of(browser.get(device.get_absolute_url())) == before[who]
            assert "Code in escrow" not in before[who]

    def test_offers_nothing_for_what_nobody_asks_for(self, browser: Client, ivan: Person) -> None:
        from_nobody = DeviceFactory.create(notified_by=None)
        assert "escrow" not in text_of(browser.get(from_nobody.get_absolute_url())).replace("Codes in escrow", "")


def test_a_prober_learns_nothing_before_its_request_is_answered(ivan: Person, gina: Person) -> None:
    """Raising for a device in escrow reads like raising for any other."""
    plain, held = device_of(ivan), device_of(ivan)
    deposited(ivan, device=held)
    ruled(ivan, ReleaseRule.AT_ONCE)
    browser = client_of(gina)
    said = []
    for device in (plain, held):
        fields = {"device_id": device.device_id, "responsible": "on"}
        checked = text_of(send(browser, "/install-code-requests/raise/", step="check", **fields))
        sent = send(browser, "/install-code-requests/raise/", step="send", **fields)
        done = text_of(browser.get(sent["Location"]))
        reference = sent["Location"].split("/")[2]
        said.append((checked + done).replace(str(device.device_id), "").replace(reference, ""))
    assert said[0] == said[1]
