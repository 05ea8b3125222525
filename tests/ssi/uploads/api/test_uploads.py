"""Signed files by a program: what the contract promises, and nobody but an ARO."""

import hashlib
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.conf import LazySettings
from django.test import Client

from ssi.accounts.models import Person, RoleGrant
from ssi.uploads.actions import pipeline
from ssi.uploads.issuing import Issued
from ssi.uploads.models import Threshold, Upload
from ssi.uploads.models.choices import State
from tests.factories.uploads import GOOD_ROWS, adt_file, sign
from tests.query_counts import counted
from tests.ssi.uploads.api.conftest import NORTHLIGHT, Post
from tests.tokens import bearer

pytestmark = pytest.mark.django_db


def processed(reference: str) -> Upload:
    upload = Upload.objects.get(reference=reference)
    pipeline.process(upload.pk)
    upload.refresh_from_db()
    return upload


def test_a_good_file_is_received_checked_and_with_dcc(post: Post, program: Client) -> None:
    name, content = adt_file(NORTHLIGHT, "IS", GOOD_ROWS)
    answer = post((name, content))
    assert answer.status_code == 202
    assert answer.json() == {"reference": answer.json()["reference"], "state": "received", "findings": []}
    reference = answer.json()["reference"]
    assert processed(reference).state == State.ACCEPTED
    found = program.get(f"/api/v1/uploads/{reference}").json()
    assert (found["state"], found["findings"], found["bytes"]) == ("accepted", [], len(content))
    assert found["sha256"] == hashlib.sha256(content).hexdigest()
    assert [step["step"] for step in found["steps"]] == ["receive", "scan", "verify", "parse", "check"]
    assert found["allowed"] == ["withdraw"]
    again = program.get(f"/api/v1/uploads/{reference}/receipt").json()
    anew = {"signature": "", "issued_at": ""}
    assert found["receipt"] | anew == again | anew, "each is signed anew"
    assert json.dumps(found["receipt"]).count(found["sha256"]) == 1


def test_what_is_wrong_is_listed(post: Post, program: Client) -> None:
    rows = [("4.1.1", "SR", "DAY", "x", 1_000, "", "", ""), ("99.9", "SR", "DAY", "", 0, "", "", "")]
    reference = post(adt_file(NORTHLIGHT, "IS", rows), signature=None).json()["reference"]
    assert processed(reference).state == State.REJECTED
    found = program.get(f"/api/v1/uploads/{reference}").json()
    codes = [finding["code"] for finding in found["findings"]]
    assert {"F10", "F31", "F35"} <= set(codes)
    assert all(finding["message"] and finding["suggestion"] for finding in found["findings"])
    first = program.get(f"/api/v1/uploads/{reference}/findings?limit=1").json()
    rest = program.get(f"/api/v1/uploads/{reference}/findings?cursor={first['next_cursor']}").json()
    assert first["items"] + rest["items"] == found["findings"]
    assert rest["next_cursor"] is None


def test_checked_only_then_submitted_and_withdrawn(post: Post, program: Client) -> None:
    reference = post(check_only="true").json()["reference"]
    assert processed(reference).state == State.CHECKED
    address = f"/api/v1/uploads/{reference}"
    body: dict[str, Any] = {"data": {"checked": False}, "content_type": "application/json"}
    assert program.post(f"{address}/submit", **body).json()["state"] == "accepted"
    again = program.post(f"{address}/submit", **body)
    assert (again.status_code, again["Content-Type"]) == (409, "application/problem+json")
    assert program.post(f"{address}/withdraw").json()["state"] == "withdrawn"
    assert program.get("/api/v1/uploads?state=withdrawn&kind=adt").json()["items"][0]["reference"] == reference
    assert program.get("/api/v1/uploads?state=accepted").json() == {"items": [], "next_cursor": None}


def test_what_was_shown_against_another_set_is_not_submitted(post: Post, program: Client) -> None:
    first = post().json()["reference"]
    processed(first)
    Upload.objects.filter(reference=first).update(state=State.APPLIED)
    reference = post(check_only="true").json()["reference"]
    processed(reference)
    address = f"/api/v1/uploads/{reference}"
    assert program.get(address).json()["compared_with"] == first
    body: dict[str, Any] = {"checked": True, "compared_with": ""}
    refused = program.post(f"{address}/submit", body, content_type="application/json")
    assert (refused.status_code, Upload.objects.get(reference=reference).state) == (409, State.CHECKED)
    body["compared_with"] = first
    answer = program.post(f"{address}/submit", body, content_type="application/json")
    assert answer.json()["state"] == "accepted"


def test_a_second_officer_approves_or_declines(post: Post, program: Client, sunil: Person) -> None:
    second = Client(headers=bearer(sunil))
    for verb, body, state in (("approve", {}, "accepted"), ("decline", {"reason": " Too much. "}, "rejected")):
        reference = post(check_only="true").json()["reference"]
        upload = processed(reference)
        upload.second_because = ["A threshold is gone."]
        upload.save(update_fields=["second_because"])
        address = f"/api/v1/uploads/{reference}"
        sent: dict[str, Any] = {"data": {}, "content_type": "application/json"}
        assert program.post(f"{address}/submit", **sent).json()["state"] == "awaiting_approval"
        assert program.post(f"{address}/approve").status_code == 403, "never the submitter"
        answer = second.post(f"{address}/{verb}", body, content_type="application/json")
        assert answer.json()["state"] == state, answer.content
        if verb == "approve":
            program.post(f"{address}/withdraw")
    assert answer.json()["ended_because"] == "Too much."
    assert second.post(f"{address}/decline", {"reason": ""}, content_type="application/json").status_code == 422


def test_sent_twice_with_one_key_it_is_one_upload(post: Post, arohas: Issued) -> None:
    named = adt_file(NORTHLIGHT, "IS", GOOD_ROWS)
    signed = sign(named[1], *arohas)
    first, again = (post(named, key="one", signature=signed) for _ in range(2))
    assert first.json() == again.json()
    other = post(key="one")
    assert other.status_code == 422
    assert "Idempotency-Key" in other.content.decode()
    assert post(named, key="one", signature=b"{}").status_code == 422, "another signature is another request"
    assert Upload.objects.count() == 1
    assert post(named, key="two").json() != first.json()


def test_a_refused_call_may_use_its_key_again(post: Post, aroha: Person) -> None:
    named = adt_file(NORTHLIGHT, "IS", GOOD_ROWS)
    grant = RoleGrant.objects.get(person=aroha)
    with mock.patch("ssi.uploads.actions.receiving.storage.keep", side_effect=OSError("The disk is full")):
        assert _status(post, named) == "OSError"
    assert grant.job_type_role == "ARO"
    assert post(named, key="one").status_code == 202


def _status(post: Post, named: tuple[str, bytes]) -> str:
    try:
        return str(post(named, key="one").status_code)
    except OSError as trouble:
        return type(trouble).__name__


@pytest.mark.parametrize("persona", ["gina", "vera", "sunil", "adam", "dana", "olu"])
def test_nobody_else_sends_a_byte(persona: str, post: Post, request: pytest.FixtureRequest, folder: Path) -> None:
    program = Client(headers=bearer(request.getfixturevalue(persona)))
    with mock.patch.object(tempfile, "TemporaryFile", side_effect=AssertionError):
        assert post(by=program).status_code == 403
        assert post(by=Client()).status_code == 401
    assert not Upload.objects.exists()
    assert not folder.exists()


def test_others_uploads_do_not_exist(post: Post, bela: Person) -> None:
    reference = post().json()["reference"]
    stranger = Client(headers=bearer(bela))
    for path in ("", "/findings", "/receipt"):
        assert stranger.get(f"/api/v1/uploads/{reference}{path}").status_code == 404
    for verb in ("withdraw", "submit", "approve", "decline"):
        body: dict[str, Any] = {"data": {"reason": "x"}, "content_type": "application/json"}
        assert stranger.post(f"/api/v1/uploads/{reference}/{verb}", **body).status_code == 404
    assert stranger.get("/api/v1/uploads").json()["items"] == []


def test_four_gigabytes_are_refused_before_they_are_read(program: Client, settings: LazySettings) -> None:
    answer = program.generic(
        "POST",
        "/api/v1/uploads",
        b"--b\r\n",
        content_type="multipart/form-data; boundary=b",
        CONTENT_LENGTH="4294967296",
    )
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")
    assert answer.json()["code"] == "F06"
    assert "100 MB" in answer.json()["detail"]


def test_a_file_just_too_large_is_stopped(post: Post, settings: LazySettings, folder: Path) -> None:
    settings.SSI_UPLOAD_MOST_BYTES = 1_000
    name, _ = adt_file(NORTHLIGHT, "IS")
    answer = post((name, b"x" * 1_001))
    assert (answer.status_code, answer.json()["code"]) == (413, "F06")
    assert not Upload.objects.exists()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_what_is_missing_is_said(program: Client) -> None:
    answer = program.post("/api/v1/uploads", {"kind": "adt"})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["file"]
    answer = program.post("/api/v1/uploads", {"kind": "x"})
    assert [each["field"] for each in answer.json()["errors"]] == ["kind", "file"]


def test_a_body_in_chunks_is_not_taken_for_an_empty_one(program: Client) -> None:
    answer = program.generic(
        "POST",
        "/api/v1/uploads",
        content_type="multipart/form-data; boundary=b",
        headers={"Transfer-Encoding": "chunked"},
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (411, "Content-Length")


def test_a_zip_bomb_is_no_file_of_ours_however_it_is_named(post: Post, program: Client) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb_file:
        bomb_file.writestr("bomb.csv", bytes(300_000_000))
    bomb = packed.getvalue()
    name, _ = adt_file(NORTHLIGHT, "IS")
    for kind in ("adt", "exit_quarantine"):
        reference = post((name, bomb), kind=kind).json()["reference"]
        upload = processed(reference)
        assert upload.state == State.REJECTED
        codes = {each["code"] for each in program.get(f"/api/v1/uploads/{reference}").json()["findings"]}
        assert codes & {"F07", "F08"}
    assert not Threshold.objects.exists()


PATHS = ["../../etc/passwd", "..%2f..%2fpasswd", r"C:\\x.csv", "ADT_90B3D51F30030000_NEW_../x.csv", "x" * 300, "-"]


@pytest.mark.parametrize("name", PATHS)
def test_a_name_that_is_a_path_is_a_wrong_name(name: str, program: Client, folder: Path) -> None:
    _, content = adt_file(NORTHLIGHT, "IS")
    parts = ('name="kind"\r\n\r\nadt', f'name="file"; filename="{name}"\r\n\r\n{content.decode()}')
    body = "".join(f"--b\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + "--b--\r\n"
    answer = program.generic("POST", "/api/v1/uploads", body, content_type="multipart/form-data; boundary=b")
    reference = answer.json()["reference"]
    upload = processed(reference)
    assert upload.state == State.REJECTED
    assert not {"/", "\\"} & set(upload.file_name)
    assert "F05" in {each["code"] for each in program.get(f"/api/v1/uploads/{reference}").json()["findings"]}
    assert (folder / upload.stored_as).is_file()


def test_calls_make_as_many_queries_as_they_did(post: Post, program: Client) -> None:
    reference = post(check_only="true").json()["reference"]
    with counted("API: upload"):
        program.get(f"/api/v1/uploads/{reference}")
    post(check_only="true")
    with counted("API: uploads"):
        assert len(program.get("/api/v1/uploads").json()["items"]) == 2
    with counted("API: findings of an upload"):
        program.get(f"/api/v1/uploads/{reference}/findings")
