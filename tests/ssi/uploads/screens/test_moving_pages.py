"""The pages on which an upload is moved: what they ask, whom they refuse, and that a second press does nothing."""

import re
import uuid

import pytest
from django.test import Client

from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import State
from tests.incidents.browsing import hidden_fields, send, text_of
from tests.personas import client_of
from tests.ssi.uploads.screens.making import MUCH_HIGHER, officer, upload_in, with_findings

pytestmark = pytest.mark.django_db


def at(upload: Upload, verb: str) -> str:
    return f"{upload.get_absolute_url()}{verb}/"


def press(browser: Client, upload: Upload, verb: str, **fields: str) -> str:
    """Open a page, press its button, and return what one reads then."""
    hidden = hidden_fields(browser.get(at(upload, verb)))
    return text_of(browser.post(at(upload, verb), hidden | fields, follow=True))


class TestSubmitting:
    def test_ends_on_a_page_that_says_what_happens_next(self, aroha: Person) -> None:
        upload = upload_in(State.CHECKED, aroha)
        said = press(client_of(aroha), upload, "submit")
        assert "Submitted to DCC" in said
        assert upload.reference in said
        assert "You get an e-mail then" in said

    def test_to_a_second_officer_says_who(self, aroha: Person, sunil: Person) -> None:
        upload = upload_in(State.CHECKED, aroha, second_because=[MUCH_HIGHER])
        page = text_of(client_of(aroha).get(at(upload, "submit")))
        assert MUCH_HIGHER in page
        assert f"Any of these can: {sunil.name}" in page
        assert "Submitted to a second officer" in press(client_of(aroha), upload, "submit")

    def test_asks_for_the_tick_and_then_takes_it(self, aroha: Person) -> None:
        upload = with_findings(upload_in(State.CHECKED, aroha), "W50", 2)
        assert "Tick “I have checked each of these numbers" in press(client_of(aroha), upload, "submit")
        assert Upload.objects.get().state == State.CHECKED
        assert "Submitted to DCC" in press(client_of(aroha), upload, "submit", checked="on")

    def test_twice_is_once(self, aroha: Person) -> None:
        upload, browser = upload_in(State.CHECKED, aroha), client_of(aroha)
        hidden = hidden_fields(browser.get(at(upload, "submit")))
        answers = [browser.post(at(upload, "submit"), hidden) for _ in range(2)]
        assert {answer["Location"] for answer in answers} == {f"{upload.get_absolute_url()}done/submit/"}
        assert AuditEvent.objects.filter(event="upload.submitted").count() == 1

    def test_from_two_windows_the_second_is_told(self, aroha: Person) -> None:
        upload = upload_in(State.CHECKED, aroha)
        pages = [hidden_fields(client_of(aroha).get(at(upload, "submit"))) for _ in range(2)]
        client_of(aroha).post(at(upload, "submit"), pages[0])
        answer = client_of(aroha).post(at(upload, "submit"), pages[1])
        assert answer.status_code == 409
        assert "It is accepted, with DCC." in text_of(answer)

    def test_what_was_shown_otherwise_is_not_submitted(self, aroha: Person) -> None:
        upload, browser = upload_in(State.CHECKED, aroha), client_of(aroha)
        hidden = hidden_fields(browser.get(at(upload, "submit")))
        with_findings(upload, "W50", 1)
        answer = browser.post(at(upload, "submit"), hidden | {"checked": "on"})
        assert answer.status_code == 409
        assert "what changes is not what the page showed" in text_of(answer)
        assert Upload.objects.get().state == State.CHECKED

    def test_another_set_is_named_on_the_form(self, aroha: Person) -> None:
        first = upload_in(State.ACCEPTED, aroha)
        said = press(client_of(aroha), upload_in(State.CHECKED, aroha), "submit")
        assert f"{first.reference}, which is accepted, with DCC" in said
        assert "have it withdrawn" in said


class TestSecondOfficer:
    def test_approves(self, aroha: Person, sunil: Person) -> None:
        upload = upload_in(State.AWAITING_APPROVAL, aroha)
        assert "Approved" in press(client_of(sunil), upload, "approve")
        assert Upload.objects.get().approved_by == sunil

    def test_declines_with_a_reason(self, aroha: Person, sunil: Person) -> None:
        upload = upload_in(State.AWAITING_APPROVAL, aroha)
        assert "Answer “Why do you not approve it?”" in press(client_of(sunil), upload, "decline")
        assert "Declined" in press(client_of(sunil), upload, "decline", because="Far too high.")
        assert "“Far too high.”" in text_of(client_of(aroha).get(upload.get_absolute_url()))

    def test_is_never_who_submitted(self, aroha: Person) -> None:
        upload = upload_in(State.AWAITING_APPROVAL, aroha)
        for verb in ("approve", "decline"):
            for answer in (client_of(aroha).get(at(upload, verb)), send(client_of(aroha), at(upload, verb))):
                assert answer.status_code == 403
                assert "You submitted this file, so somebody else must approve it." in text_of(answer)

    def test_is_never_who_signed(self, aroha: Person) -> None:
        signer = officer(aroha)
        upload = upload_in(State.AWAITING_APPROVAL, aroha, signer=signer)
        assert "You signed this file" in text_of(client_of(signer).get(at(upload, "approve")))


class TestWithdrawing:
    def test_says_that_dcc_is_told(self, aroha: Person) -> None:
        upload = upload_in(State.ACCEPTED, aroha)
        assert "DCC is told" in text_of(client_of(aroha).get(at(upload, "withdraw")))
        assert "Withdrawn" in press(client_of(aroha), upload, "withdraw")

    def test_of_what_has_ended_says_so(self, aroha: Person) -> None:
        upload = upload_in(State.APPLIED, aroha)
        answer = client_of(aroha).get(at(upload, "withdraw"))
        assert answer.status_code == 409
        assert "nothing more can be done with it" in text_of(answer)


@pytest.mark.parametrize("persona", ["vera", "adam", "gina", "ivan"])
@pytest.mark.parametrize("verb", ["submit", "approve", "decline", "withdraw"])
def test_for_others_there_is_no_such_page(
    verb: str, persona: str, aroha: Person, request: pytest.FixtureRequest
) -> None:
    upload = upload_in(State.AWAITING_APPROVAL if verb in {"approve", "decline"} else State.CHECKED, aroha)
    browser, before = client_of(request.getfixturevalue(persona)), upload.state
    fields = {"idempotency_key": str(uuid.uuid4()), "because": "No.", "seen": "", "checked": "on"}
    for answer in (browser.get(at(upload, verb)), browser.post(at(upload, verb), fields)):
        assert answer.status_code == 404
    assert Upload.objects.get().state == before


def test_an_sro_submits_nothing_and_dcc_withdraws_nothing(aroha: Person, sunil: Person, dana: Person) -> None:
    upload = upload_in(State.CHECKED, aroha)
    for who, verb in ((sunil, "submit"), (dana, "submit"), (dana, "withdraw")):
        assert send(client_of(who), at(upload, verb), seen="").status_code in {403, 404}
    assert Upload.objects.get().state == State.CHECKED


def test_an_sro_withdraws(aroha: Person, sunil: Person) -> None:
    upload = upload_in(State.ACCEPTED, aroha)
    assert "Withdraw it" in text_of(client_of(sunil).get(upload.get_absolute_url()))
    assert "Withdrawn" in press(client_of(sunil), upload, "withdraw")


@pytest.mark.parametrize("verb", ["submit", "approve", "nonsense"])
def test_a_confirmation_of_what_was_not_done_leads_to_the_upload(verb: str, aroha: Person) -> None:
    upload = upload_in(State.CHECKED, aroha)
    assert (
        client_of(aroha).get(f"{upload.get_absolute_url()}done/{verb}/")["Location"] == upload.get_absolute_url()
    )


def test_every_page_of_a_move_has_one_heading_and_a_way_back(aroha: Person) -> None:
    upload = upload_in(State.CHECKED, aroha)
    for verb in ("submit", "withdraw"):
        page = client_of(aroha).get(at(upload, verb)).content.decode()
        assert len(re.findall(r"<h1", page)) == 1
        assert f'href="{upload.get_absolute_url()}">Cancel' in page
