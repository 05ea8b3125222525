"""The desk's pages of signed files: what they show, what they do, and what one who tries at them finds."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from ssi.uploads.actions import recovery
from ssi.uploads.models import DisasterRecovery, Upload
from ssi.uploads.models.choices import Scan, State
from ssi.web.security import ACCESS_DENIED
from tests.factories.accounts import DccPersonFactory
from tests.personas import actor_of, client_of
from tests.query_counts import counted
from tests.ssi.uploads.screens.making import officer, upload_in, user_id_of, with_findings

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]

KEY = "8d3a4c1e-7f21-4a55-9e1b-2f6f1c0a9b7d"
WHERE = "Send it to files@dcc.example."


@pytest.fixture
def desk(dana: Person) -> Client:
    """Return the desk's browser, which has loaded a page before."""
    browser = client_of(dana)
    browser.get("/uploads/to-confirm/")
    return browser


def text_of(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def declared(by: Person) -> DisasterRecovery:
    time = recovery.declare(because="The network is down.", instructions=WHERE, by=actor_of(by))
    DisasterRecovery.objects.filter(pk=time.pk).update(declared_at=timezone.now() - timedelta(hours=1))
    return time


# --- DCC's word -----------------------------------------------------------------------------------


def test_the_queue_says_what_to_look_at(desk: Client, aroha: Person, bela: Person, sunil: Person) -> None:
    today = timezone.localdate()
    late = upload_in(
        State.ACCEPTED,
        aroha,
        scan=Scan.NOT_SCANNED,
        confirm_due_date=today - timedelta(days=1),
        second_because=["A threshold goes."],
        approved_by=sunil,
        warnings=2,
        warnings_checked_by=aroha,
    )
    soon = upload_in(State.ACCEPTED, bela, confirm_due_date=today)
    upload_in(State.ACCEPTED, officer(bela), user_role="GS", confirmed_at=timezone.now())
    with counted("uploads: to confirm"):
        page = text_of(desk, "/uploads/to-confirm/")
    assert page.index(late.reference) < page.index(soon.reference)
    assert "1 overdue" in page
    assert "Not scanned" in page
    assert f"2 warnings, checked by {aroha.name}" in page
    assert f"Approved by {sunil.name}" in page
    assert page.count(">Confirm<") == 2


def test_the_queue_costs_the_same_for_many(desk: Client, aroha: Person, bela: Person) -> None:
    for person, role in ((aroha, "IS"), (aroha, "GS"), (bela, "IS"), (bela, "GS")):
        upload_in(State.ACCEPTED, person, user_role=role)
    with counted("uploads: to confirm"):
        text_of(desk, "/uploads/to-confirm/")


def test_home_says_how_many(desk: Client, aroha: Person) -> None:
    upload_in(State.ACCEPTED, aroha, confirm_due_date=timezone.localdate() - timedelta(days=1))
    page = text_of(desk, "/")
    assert "Signed files to confirm" in page
    assert "1 overdue." in page


def test_the_desk_confirms_on_screen(desk: Client, aroha: Person) -> None:
    upload = upload_in(State.ACCEPTED, aroha, scan=Scan.NOT_SCANNED)
    address = f"/uploads/{upload.reference}/confirm/"
    assert "Nobody has scanned this file" in text_of(desk, address)
    answer = desk.post(address, {"idempotency_key": KEY})
    assert "was not scanned for malware" in answer.content.decode()
    for _ in range(2):  # a double click
        answer = desk.post(address, {"idempotency_key": KEY, "unscanned_accepted": "on"})
        assert answer["Location"] == f"/uploads/{upload.reference}/said/"
    assert "Confirmed" in text_of(desk, answer["Location"])
    assert Upload.objects.get(pk=upload.pk).confirmed_at is not None
    assert AuditEvent.objects.filter(event="upload.confirmed").count() == 1
    assert desk.get(address).status_code == 409


def test_the_desk_refuses_on_screen(desk: Client, aroha: Person) -> None:
    upload = upload_in(State.ACCEPTED, aroha)
    address = f"/uploads/{upload.reference}/refuse/"
    assert "Refuse this file" in text_of(desk, address)
    assert "Answer “Why does DCC not take it?”" in desk.post(address, {"idempotency_key": KEY}).content.decode()
    answer = desk.post(address, {"idempotency_key": KEY, "because": "<b>Not yours</b>"})
    assert "Refused" in text_of(desk, answer["Location"])
    assert "&lt;b&gt;Not yours" in text_of(client_of(aroha), upload.get_absolute_url())


@pytest.mark.parametrize("persona", ["aroha", "sunil", "gina"])
def test_dccs_pages_do_not_exist_for_users(persona: str, request: pytest.FixtureRequest, aroha: Person) -> None:
    browser = client_of(request.getfixturevalue(persona))
    upload = upload_in(State.ACCEPTED, aroha)
    for address in (
        "/uploads/to-confirm/",
        f"/uploads/{upload.reference}/confirm/",
        f"/uploads/{upload.reference}/refuse/",
        "/uploads/disaster-recovery/",
        "/uploads/by-email/new/",
        "/uploads/by-email/report/",
    ):
        assert browser.get(address).status_code == 404, address
        assert browser.post(address, {"idempotency_key": KEY, "because": "x"}).status_code == 404, address
    assert Upload.objects.get(pk=upload.pk).state == State.ACCEPTED


# --- Disaster recovery -----------------------------------------------------------------------------


def test_the_desk_declares_and_ends_it(desk: Client, aroha: Person, gina: Person) -> None:
    address = "/uploads/disaster-recovery/"
    assert "Declare it" in text_of(desk, address)
    words = {"idempotency_key": KEY, "do": "declare", "because": "The network is down.", "instructions": WHERE}
    for _ in range(2):  # a double click
        assert "Uploads are closed" in desk.post(address, words, follow=True).content.decode()
    assert "It is running" in text_of(desk, address)
    time = DisasterRecovery.objects.get()
    assert f'name="reference" value="{time.reference}"' in text_of(desk, address)
    for page in ("/", "/uploads/", "/officers/"):
        shown = client_of(aroha).get(page)
        assert shown.status_code == 404 or WHERE in shown.content.decode(), page
    assert WHERE not in text_of(client_of(gina), "/")
    ended = {"idempotency_key": KEY, "do": "end", "reference": time.reference}
    assert desk.post(address, ended | {"idempotency_key": "x"}).status_code == 200
    for _ in range(2):
        assert "takes files again" in desk.post(address, ended, follow=True).content.decode()
    assert WHERE not in text_of(client_of(aroha), "/uploads/")


def test_a_form_left_open_neither_ends_nor_declares_what_it_did_not_show(desk: Client, dana: Person) -> None:
    address, time = "/uploads/disaster-recovery/", declared(dana)
    words = {"idempotency_key": KEY, "do": "declare", "because": "The scanner is down.", "instructions": WHERE}
    page = desk.post(address, words).content.decode()
    assert "was declared already, and runs" in page
    assert "The scanner is down." in page
    assert desk.post(address, words | {"do": ""}).status_code == 200
    other = {"idempotency_key": KEY, "do": "end", "reference": "AAAAAAAAAAAAAAA"}
    assert desk.post(address, other).status_code == 409
    assert DisasterRecovery.objects.get().pk == time.pk
    assert DisasterRecovery.objects.get().ended_at is None


def test_only_those_it_concerns_pay_for_the_banner(aroha: Person, gina: Person, dana: Person) -> None:
    browser = client_of(aroha)
    browser.get("/")
    with counted("home: of an officer, disaster recovery asked for once"):
        browser.get("/")
    declared(dana)
    with counted("home: of an officer, disaster recovery asked for once"):
        page = browser.get("/").content.decode()
    assert page.count(WHERE) == 1


def test_the_desk_registers_what_came(desk: Client, dana: Person, aroha: Person) -> None:
    declared(dana)
    typed = {
        "idempotency_key": KEY,
        "for_user_id": str(user_id_of(aroha).pk),
        "kind": "adt",
        "came_at": timezone.localtime(timezone.now() - timedelta(minutes=9)).strftime("%d/%m/%Y %H:%M"),
        "said_by": aroha.pk,
    }
    files = {
        "file": SimpleUploadedFile("ADT_x.csv", b"H,ADT\r\n"),
        "signature": SimpleUploadedFile("ADT_x.csv.sig", b"{}"),
    }
    assert "Register a file" in text_of(desk, "/uploads/by-email/new/")
    answer = desk.post("/uploads/by-email/new/", typed | {"came_at": "01/01/2030 10:00"} | files)
    assert "cannot have come in the future" in answer.content.decode()
    for file in files.values():
        file.seek(0)
    answer = desk.post("/uploads/by-email/new/", typed | files)
    upload = Upload.objects.get()
    assert answer["Location"] == f"/uploads/by-email/{upload.reference}/"
    assert aroha.name in text_of(desk, answer["Location"])
    with counted("uploads: report of files that came by e-mail"):
        assert upload.reference in text_of(desk, "/uploads/by-email/report/")
    lines = b"".join(desk.get("/uploads/by-email/report.csv")).decode().splitlines()
    assert len(lines) == 2
    assert aroha.name in lines[1]


def test_the_desk_goes_on_with_it_on_their_word(desk: Client, dana: Person, aroha: Person, sunil: Person) -> None:
    time = declared(dana)
    upload = with_findings(
        upload_in(
            State.CHECKED,
            aroha,
            uploaded_by=dana,
            recovery=time,
            sent_by_email_at=timezone.now(),
            authorised_by="Aroha",
            second_because=["A threshold goes."],
        ),
        "W50",
        1,
    )
    page = f"/uploads/by-email/{upload.reference}/"
    assert "Submit on the User's word" in text_of(desk, page)
    assert desk.get(f"{page}approve/").status_code == 302
    assert "has checked each unusual number" in text_of(desk, f"{page}submit/")
    sent = {"idempotency_key": KEY, "said_by": aroha.pk, "checked": "on"}
    assert desk.post(f"{page}submit/", sent)["Location"] == page
    assert "must be" in text_of(desk, f"{page}approve/")
    answer = desk.post(f"{page}approve/", {"idempotency_key": KEY, "said_by": sunil.pk})
    assert Upload.objects.get(pk=upload.pk).state == State.AWAITING_APPROVAL, answer
    other = client_of(DccPersonFactory.create())
    other.post(f"{page}approve/", {"idempotency_key": KEY, "said_by": sunil.pk})
    assert Upload.objects.get(pk=upload.pk).state == State.ACCEPTED
    other.post(f"{page}withdraw/", {"idempotency_key": KEY, "said_by": sunil.pk})
    assert Upload.objects.get(pk=upload.pk).state == State.WITHDRAWN


def test_what_came_in_the_portal_has_no_such_page(desk: Client, aroha: Person) -> None:
    upload = upload_in(State.CHECKED, aroha)
    assert desk.get(f"/uploads/by-email/{upload.reference}/").status_code == 404
    assert desk.get(f"/uploads/by-email/{upload.reference}/submit/").status_code == 404


# --- Security events -------------------------------------------------------------------------------


def test_those_who_watch_see_their_companys_tries(vera: Person, olu: Person, sunil: Person, dana: Person) -> None:
    for person in (vera, olu):
        assert client_of(person).get("/uploads/").status_code == 404
    watcher, desk = client_of(sunil), client_of(dana)
    watcher.get("/")
    with counted("uploads: security events"):
        page = text_of(watcher, "/uploads/security-events/")
    assert vera.email in page
    assert olu.email not in page
    assert "See threshold and quarantine status" in page
    all_of_them = text_of(desk, "/uploads/security-events/")
    assert vera.email in all_of_them
    assert olu.email in all_of_them
    lines = b"".join(watcher.get("/uploads/security-events/export.csv")).decode().splitlines()
    assert [vera.email in line for line in lines] == [False, True]


def test_an_aro_does_not_watch_over_others(aroha: Person) -> None:
    assert client_of(aroha).get("/uploads/security-events/").status_code == 404
    assert AuditEvent.objects.filter(event=ACCESS_DENIED, person_email=aroha.email).count() == 1


def test_they_are_told_once_an_hour_of_each_account(
    vera: Person, gina: Person, sunil: Person, dana: Person
) -> None:
    browser = client_of(vera)
    browser.get("/uploads/")
    browser.get("/uploads/new/adt/")
    assert AuditEvent.objects.filter(event=ACCESS_DENIED).count() == 2
    mails = OutboxMessage.objects.filter(event=ACCESS_DENIED)
    assert sorted(mails.values_list("recipient", flat=True)) == sorted([sunil.email, dana.email])
    for mail in mails.all():
        assert vera.email not in mail.text
        assert "/uploads/" not in mail.text
    client_of(gina).get("/uploads/")
    assert mails.count() == 4


def test_other_companies_hear_nothing(olu: Person, sunil: Person, dana: Person) -> None:
    client_of(olu).get("/uploads/")
    assert [mail.recipient for mail in OutboxMessage.objects.filter(event=ACCESS_DENIED)] == [dana.email]
