"""Sending a file on screen, and getting back what was sent and the receipt of it."""

import io
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from ssi.accounts.models import Person
from ssi.uploads import receipts
from ssi.uploads.actions import pipeline
from ssi.uploads.issuing import Issued
from ssi.uploads.models import DisasterRecovery, Upload
from ssi.uploads.models.choices import Kind, Scan, State
from ssi.uploads.models.uploads import LONGEST_SIGNATURE
from tests.factories.uploads import adt_file, sign
from tests.incidents.browsing import text_of
from tests.personas import client_of
from tests.ssi.uploads.screens.making import officer, upload_in, user_id_of

pytestmark = pytest.mark.django_db
NEW = "/uploads/new/adt/"


def named(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def send_file(browser: Client, name: str, content: bytes, signature: bytes | None, **fields: Any) -> Any:
    files = {"file": named(name, content)}
    if signature is not None:
        files["signature"] = named(f"{name}.sig", signature)
    return browser.post(NEW, {"idempotency_key": str(uuid.uuid4())} | files | fields)


@pytest.fixture
def signed(aroha: Person, arohas: Issued) -> tuple[str, bytes, bytes]:
    """Return a good file's name and bytes, and its signature."""
    name, content = adt_file(user_id_of(aroha), "IS")
    return name, content, sign(content, *arohas)


class TestSending:
    def test_leads_to_the_upload_which_is_then_checked(
        self, aroha: Person, signed: tuple[str, bytes, bytes]
    ) -> None:
        browser = client_of(aroha)
        answer = send_file(browser, *signed)
        upload = Upload.objects.get()
        assert answer["Location"] == upload.get_absolute_url()
        assert (upload.kind, upload.file_name, upload.state) == (Kind.ADT, signed[0], State.RECEIVED)
        assert (upload.uploaded_by, upload.via, upload.submit_when_checked) == (aroha, "screen", False)
        pipeline.process(upload.pk)
        said = text_of(browser.get(upload.get_absolute_url()))
        assert "Checked, not submitted yet" in said
        assert "Nothing is in force yet: every threshold is new." in said
        assert "Read Instantaneous Import Registers" in said

    def test_twice_is_one_upload(self, aroha: Person, signed: tuple[str, bytes, bytes]) -> None:
        browser, key = client_of(aroha), str(uuid.uuid4())
        places = {send_file(browser, *signed, idempotency_key=key)["Location"] for _ in range(2)}
        assert places == {Upload.objects.get().get_absolute_url()}

    def test_another_file_under_the_same_key_is_another_upload(
        self, aroha: Person, signed: tuple[str, bytes, bytes]
    ) -> None:
        browser, key = client_of(aroha), str(uuid.uuid4())
        name, content, signature = signed
        for each in (content, content + b" "):
            send_file(browser, name, each, signature, idempotency_key=key)
        assert Upload.objects.count() == 2

    def test_asks_for_both_files(self, aroha: Person) -> None:
        said = text_of(client_of(aroha).post(NEW, {"idempotency_key": str(uuid.uuid4())}))
        assert "Choose the file." in said
        assert "Without one the file would be rejected, finding F10." in said
        assert not Upload.objects.exists()

    def test_takes_an_empty_file_to_reject_it(self, aroha: Person) -> None:
        send_file(client_of(aroha), "empty.csv", b"", b"")
        upload = Upload.objects.get()
        pipeline.process(upload.pk)
        assert "F06" in text_of(client_of(aroha).get(upload.get_absolute_url()))

    def test_a_far_too_long_signature_is_none(self, aroha: Person) -> None:
        send_file(client_of(aroha), "x.csv", b"H", b"s" * (LONGEST_SIGNATURE + 1))
        upload = Upload.objects.get()
        pipeline.process(upload.pk)
        assert "F11" in text_of(client_of(aroha).get(upload.get_absolute_url()))

    def test_shows_what_a_good_file_looks_like(self, aroha: Person) -> None:
        for kind in ("adt", "exit-quarantine"):
            said = text_of(client_of(aroha).get(f"/uploads/new/{kind}/"))
            assert str(user_id_of(aroha).pk) in said
            assert "CR LF" in said
        assert client_of(aroha).get("/uploads/new/nonsense/").status_code == 404

    def test_is_not_for_an_sro(self, sunil: Person) -> None:
        assert client_of(sunil).get(NEW).status_code == 404
        assert send_file(client_of(sunil), "x.csv", b"H", b"s").status_code == 404
        assert not Upload.objects.exists()

    def test_is_closed_in_disaster_recovery(self, aroha: Person, dana: Person) -> None:
        DisasterRecovery.objects.create(
            declared_by=dana, because="The database is restored.", instructions="Write to files@dcc.example."
        )
        browser = client_of(aroha)
        for answer in (browser.get(NEW), send_file(browser, "x.csv", b"H", b"s")):
            assert "Write to files@dcc.example." in text_of(answer)
        assert "Write to files@dcc.example." in text_of(browser.get("/uploads/"))
        assert not Upload.objects.exists()


class TestWhatWasSent:
    def received(self, aroha: Person, signed: tuple[str, bytes, bytes]) -> Upload:
        send_file(client_of(aroha), *signed)
        return Upload.objects.get()

    def test_comes_back_as_it_was(self, aroha: Person, signed: tuple[str, bytes, bytes]) -> None:
        upload = self.received(aroha, signed)
        for path, name, content in (
            ("file", signed[0], signed[1]),
            ("signature", f"{signed[0]}.sig", signed[2]),
        ):
            answer: Any = client_of(aroha).get(f"{upload.get_absolute_url()}{path}/")
            assert b"".join(answer.streaming_content) == content
            assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
            assert answer["Content-Type"] == "application/octet-stream"
            assert answer["X-Content-Type-Options"] == "nosniff"

    def test_is_not_sent_when_it_was_changed(
        self, aroha: Person, signed: tuple[str, bytes, bytes], folder: Path
    ) -> None:
        upload = self.received(aroha, signed)
        (folder / upload.stored_as).chmod(0o600)
        (folder / upload.stored_as).write_bytes(b"something else")
        answer = client_of(aroha).get(f"{upload.get_absolute_url()}file/")
        assert answer.status_code == 409
        assert "not what was received" in text_of(answer)

    def test_is_not_opened_when_it_is_infected(self, aroha: Person) -> None:
        upload = upload_in(State.REJECTED, aroha, scan=Scan.INFECTED, stored_as="quarantine/2026-11/x")
        said = text_of(client_of(aroha).get(upload.get_absolute_url()))
        assert "Malware found: quarantined, cannot be opened" in said
        assert (
            f"{upload.get_absolute_url()}file/"
            not in client_of(aroha).get(upload.get_absolute_url()).content.decode()
        )
        answer = client_of(aroha).get(f"{upload.get_absolute_url()}file/")
        assert answer.status_code == 409
        assert "Malware was found in this file" in text_of(answer)

    def test_without_a_signature_there_is_none(self, aroha: Person) -> None:
        upload = upload_in(State.REJECTED, aroha, signature=None)
        assert client_of(aroha).get(f"{upload.get_absolute_url()}signature/").status_code == 404


class TestReceipt:
    def test_is_shown_and_kept(self, aroha: Person, sunil: Person, dana: Person) -> None:
        upload = upload_in(State.ACCEPTED, aroha)
        for who in (aroha, sunil, dana):
            said = text_of(client_of(who).get(f"{upload.get_absolute_url()}receipt/"))
            assert upload.reference in said
            assert upload.sha256 in said
        answer = client_of(aroha).get(f"{upload.get_absolute_url()}receipt.json")
        assert answer["Content-Disposition"] == f'attachment; filename="{upload.reference}-receipt.json"'
        kept = json.loads(answer.content)
        assert (kept["reference"], kept["file"]["sha256"]) == (upload.reference, upload.sha256)
        assert kept["signature"]["value"]

    def test_comes_with_its_key(self, aroha: Person, gina: Person) -> None:
        answer = client_of(aroha).get("/uploads/receipt-key.pem")
        assert answer.content.decode() == receipts.public_key_pem()
        assert client_of(gina).get("/uploads/receipt-key.pem").status_code == 404

    def test_without_a_key_it_says_that_it_proves_nothing(self, aroha: Person, settings: Any) -> None:
        settings.SSI_RECEIPT_KEY = ""
        upload = upload_in(State.CHECKED, aroha)
        assert "It proves nothing" in text_of(client_of(aroha).get(f"{upload.get_absolute_url()}receipt/"))
        assert client_of(aroha).get("/uploads/receipt-key.pem").status_code == 404


def test_another_officer_reads_the_same(aroha: Person) -> None:
    upload = upload_in(State.CHECKED, aroha)
    assert upload.reference in text_of(client_of(officer(aroha)).get(upload.get_absolute_url()))
