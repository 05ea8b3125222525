"""The list of uploads and the page of each: who sees what, what stands there, and what never looks safe."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ssi.access.roles import JobTypeRole
from ssi.accounts.models import Person
from ssi.uploads.models import Upload, UploadStep
from ssi.uploads.models.choices import Kind, Scan, State, Step, StepResult
from tests.factories.quarantine import event_of
from tests.incidents.browsing import text_of
from tests.personas import client_of
from tests.ssi.uploads.screens.making import (
    MUCH_HIGHER,
    officer,
    upload_in,
    user_id_of,
    with_findings,
    with_steps,
)
from tests.tokens import bearer

pytestmark = pytest.mark.django_db


def page_of(upload: Upload, who: Person) -> str:
    response = client_of(who).get(upload.get_absolute_url())
    assert response.status_code == 200
    return text_of(response)


class TestWhoSees:
    @pytest.mark.parametrize("persona", ["vera", "adam", "gina", "ivan", "nils", "olu"])
    def test_to_others_there_is_no_such_page(
        self, persona: str, aroha: Person, request: pytest.FixtureRequest
    ) -> None:
        upload = upload_in(State.CHECKED, aroha)
        browser = client_of(request.getfixturevalue(persona))
        for path in ("/uploads/", "/uploads/new/adt/", "/uploads/export/", upload.get_absolute_url()):
            assert browser.get(path).status_code == 404
        assert "/uploads/" not in browser.get("/").content.decode()

    def test_officers_security_analysts_and_dcc_do(self, aroha: Person, sunil: Person, dana: Person) -> None:
        upload = upload_in(State.ACCEPTED, aroha)
        analyst = officer(aroha, JobTypeRole.SEC)
        for who in (aroha, sunil, analyst, dana):
            assert upload.reference in text_of(client_of(who).get("/uploads/"))
            assert upload.reference in page_of(upload, who)

    @pytest.mark.parametrize("state", [State.RECEIVED, State.CHECKED, State.AWAITING_APPROVAL, State.REJECTED])
    def test_dcc_does_not_before_it_is_accepted(self, state: State, aroha: Person, dana: Person) -> None:
        event_ref = 4711
        upload = upload_in(state, aroha)
        about = upload_in(state, aroha, kind=Kind.EXIT_QUARANTINE, event_ref=event_ref, user_role="")
        event = event_of(user_id_of(aroha), event_ref=event_ref)
        browser, program = client_of(dana), Client(headers=bearer(dana))
        for each in (upload, about):
            reference, page = each.reference, each.get_absolute_url()
            for path in ("", "findings.csv", "changes.csv", "file/", "signature/", "receipt/", "receipt.json"):
                assert browser.get(f"{page}{path}").status_code == 404, path
            for path in ("what-if/", "confirm/", "refuse/", "said/"):
                assert browser.get(f"{page}{path}").status_code == 404, path
            assert browser.get(f"/incidents/{reference}/").status_code == 404
            assert browser.get(f"/uploads/by-email/{reference}/").status_code == 404
            assert program.get(f"/api/v1/uploads/{reference}").status_code in {403, 404}
            listed: Any = browser.get("/uploads/export/")
            assert reference not in b"".join(listed.streaming_content).decode()
            whose = f"/thresholds/?user_id={each.user_id_id}"
            for path in ("/uploads/", whose, event.get_absolute_url()):
                assert reference not in text_of(browser.get(path)), path
        assert about.reference in text_of(client_of(aroha).get(event.get_absolute_url()))

    def test_another_partys_aro_does_not(self, aroha: Person, bela: Person) -> None:
        upload = upload_in(State.CHECKED, aroha)
        browser = client_of(bela)
        assert upload.reference not in text_of(browser.get("/uploads/"))
        for path in ("", "submit/", "approve/", "withdraw/", "findings.csv", "file/", "signature/", "receipt/"):
            assert browser.get(f"{upload.get_absolute_url()}{path}").status_code == 404, path

    def test_the_link_of_e_mails_leads_there(self, aroha: Person, sunil: Person, dana: Person) -> None:
        upload = upload_in(State.ACCEPTED, aroha)
        for who in (aroha, sunil, dana):
            assert client_of(who).get(f"/incidents/{upload.reference}/")["Location"] == upload.get_absolute_url()

    def test_the_link_of_e_mails_leads_nobody_else(self, aroha: Person, gina: Person, bela: Person) -> None:
        upload = upload_in(State.CHECKED, aroha)
        for who in (gina, bela):
            assert client_of(who).get(f"/incidents/{upload.reference}/").status_code == 404


class TestList:
    def test_filters_stay_in_the_address(self, aroha: Person) -> None:
        for _ in range(52):
            upload_in(State.WITHDRAWN, aroha)
        other = upload_in(State.WITHDRAWN, aroha, kind=Kind.EXIT_QUARANTINE)
        browser = client_of(aroha)
        first = browser.get("/uploads/?state=withdrawn&kind=adt").content.decode()
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following
        assert "state=withdrawn" in following[1]
        assert "kind=adt" in following[1]
        second = browser.get(f"/uploads/{following[1].replace('&amp;', '&')}").content.decode()
        assert len(set(re.findall(r'href="/uploads/(INC\d+)/"', second))) == 2
        assert other.reference not in first + second

    def test_a_cursor_of_nowhere_is_said_so(self, aroha: Person) -> None:
        response = client_of(aroha).get("/uploads/?cursor=nonsense")
        assert response.status_code == 200
        assert "Start again from the first page" in text_of(response)

    def test_an_empty_list_says_what_to_do(self, aroha: Person, sunil: Person) -> None:
        assert "sign it off line" in text_of(client_of(aroha).get("/uploads/"))
        assert "Authorised Responsible Officers upload" in text_of(client_of(sunil).get("/uploads/"))
        upload_in(State.CHECKED, aroha)
        assert "No upload fits" in text_of(client_of(aroha).get("/uploads/?state=applied"))

    def test_what_awaits_whom(self, aroha: Person, sunil: Person, dana: Person) -> None:
        upload_in(State.CHECKED, aroha)
        upload_in(State.AWAITING_APPROVAL, aroha, user_role="GS")
        upload_in(State.ACCEPTED, aroha)
        said = {who: text_of(client_of(who).get("/uploads/")) for who in (aroha, sunil, dana)}
        for who, shown in ((aroha, ["To submit"]), (sunil, ["For you to approve"]), (dana, ["To confirm"])):
            for title in ("To submit", "For you to approve", "To confirm", "To mend"):
                assert (title in said[who]) is (title in shown), (who, title)

    def test_a_rejected_file_is_to_be_mended_until_another_follows(self, aroha: Person) -> None:
        rejected = upload_in(State.REJECTED, aroha)
        assert "To mend" in text_of(client_of(aroha).get("/uploads/"))
        upload_in(State.CHECKED, aroha, received_at=rejected.received_at + timedelta(seconds=1))
        assert "To mend" not in text_of(client_of(aroha).get("/uploads/"))

    def test_the_export_is_the_same_list(self, aroha: Person, bela: Person) -> None:
        ours, theirs = upload_in(State.CHECKED, aroha), upload_in(State.CHECKED, bela)
        shown: Any = client_of(aroha).get("/uploads/export/?state=checked")
        lines = b"".join(shown.streaming_content).decode()
        assert ours.reference in lines
        assert ours.sha256 in lines
        assert theirs.reference not in lines


class TestPage:
    def test_says_what_happens_next_and_who_must_act(self, aroha: Person, sunil: Person) -> None:
        checked = page_of(upload_in(State.CHECKED, aroha), aroha)
        assert "it is not submitted yet" in checked
        assert "Who acts now: An Authorised Responsible Officer" in checked
        awaiting = page_of(upload_in(State.AWAITING_APPROVAL, aroha), aroha)
        assert f"Who acts now: {sunil.name}" in awaiting
        assert MUCH_HIGHER in awaiting

    def test_says_so_when_nobody_can_approve(self, aroha: Person) -> None:
        assert "At the moment nobody can" in page_of(upload_in(State.AWAITING_APPROVAL, aroha), aroha)

    @pytest.mark.parametrize("state", list(State))
    def test_opens_in_every_state_and_kind(self, state: State, aroha: Person, sunil: Person, dana: Person) -> None:
        for facts in ({}, {"kind": Kind.EXIT_QUARANTINE, "event_ref": 4711}):
            upload = with_steps(upload_in(state, aroha, **facts))
            for who in (aroha, sunil, *([dana] if upload.accepted_at else [])):
                assert upload.get_state_display() in page_of(upload, who)

    def test_a_file_that_was_not_scanned_never_looks_safe(self, aroha: Person) -> None:
        upload = upload_in(State.CHECKED, aroha, scan=Scan.NOT_SCANNED)
        with_steps(upload, Step.SCAN, result=StepResult.NOT_DONE)
        page = client_of(aroha).get(upload.get_absolute_url()).content.decode()
        assert '<span class="tag tag-attention">Not scanned for malware</span>' in page
        assert '<span class="tag tag-attention">Not scanned</span>' in page
        assert "Nobody knows whether it holds malware" in page
        assert "nothing found" not in page

    def test_a_step_that_waits_says_why(self, aroha: Person) -> None:
        upload = upload_in(State.RECEIVED, aroha, scan=Scan.NOT_SCANNED)
        UploadStep.objects.create(
            upload=upload, step=Step.SCAN, result=StepResult.WAITING, detail="No scanner answers."
        )
        said = page_of(upload, aroha)
        assert "No scanner answers. It is tried again every minute" in re.sub(r"\s+", " ", said)

    def test_shows_each_finding_a_page_at_a_time(self, aroha: Person) -> None:
        upload = with_findings(upload_in(State.REJECTED, aroha), lines=60)
        page = client_of(aroha).get(upload.get_absolute_url()).content.decode()
        assert "What stands in line 2 is no number." in page
        assert "Write digits alone." in page
        following = re.search(r'rel="next" href="([^"]+)"', page)
        assert following
        second = client_of(aroha).get(upload.get_absolute_url() + following[1]).content.decode()
        assert "What stands in line 61 is no number." in second
        shown: Any = client_of(aroha).get(f"{upload.get_absolute_url()}findings.csv")
        assert len(b"".join(shown.streaming_content).splitlines()) == 61

    def test_renews_itself_only_while_a_worker_has_it(self, aroha: Person) -> None:
        for state, renews in ((State.RECEIVED, True), (State.CHECKED, False)):
            page = client_of(aroha).get(upload_in(state, aroha).get_absolute_url()).content.decode()
            assert ("hx-trigger" in page) is renews
        old = upload_in(State.RECEIVED, aroha, received_at=timezone.now() - timedelta(hours=1))
        page = client_of(aroha).get(old.get_absolute_url()).content.decode()
        assert "hx-trigger" not in page
        assert "Reload the page" in page

    def test_how_far_the_reading_is(self, aroha: Person) -> None:
        upload = upload_in(State.RECEIVED, aroha, lines=1_000_000, lines_read=250_000)
        UploadStep.objects.create(upload=upload, step=Step.PARSE)
        assert "250,000 of 1,000,000" in page_of(upload, aroha)

    def test_names_the_desks_people_to_dcc_alone(self, aroha: Person, dana: Person) -> None:
        upload = upload_in(
            State.REJECTED,
            aroha,
            ended_by=dana,
            ended_because="Not agreed.",
            findings=0,
            accepted_at=timezone.now(),
        )
        for who in (aroha, dana):
            assert "DCC did not take it: “Not agreed.”" in page_of(upload, who)
        assert dana.email not in page_of(upload, aroha)

    def test_offers_each_their_moves(self, aroha: Person, sunil: Person, dana: Person) -> None:
        upload = upload_in(State.AWAITING_APPROVAL, aroha)
        shown = {who: page_of(upload, who) for who in (aroha, sunil)}
        assert "You submitted this file, so somebody else must approve it." in shown[aroha]
        assert "Withdraw it" in shown[aroha]
        assert "Check and approve" in shown[sunil]
        assert "Withdraw it" in shown[sunil]
        accepted = page_of(upload_in(State.ACCEPTED, aroha, user_role="GS"), dana)
        assert "Check and confirm" in accepted
        assert "Check and approve" not in accepted
