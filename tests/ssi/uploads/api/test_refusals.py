"""What a program is told where it is refused: the screen's own reasons, and nothing of browsers."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from ssi.accounts.models import Person
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import State
from tests.factories.uploads import adt_file
from tests.ssi.uploads.api.conftest import NORTHLIGHT, Post
from tests.ssi.uploads.screens.making import upload_in

pytestmark = pytest.mark.django_db


def moved(program: Client, upload: Upload, verb: str) -> Any:
    body = {"reason": "Too much."}
    return program.post(f"/api/v1/uploads/{upload.reference}/{verb}", body, content_type="application/json")


@pytest.mark.parametrize("verb", ["approve", "decline"])
def test_who_submitted_it_is_told_why_another_must_approve(verb: str, program: Client, aroha: Person) -> None:
    answer = moved(program, upload_in(State.AWAITING_APPROVAL, aroha), verb)
    assert answer.status_code == 403
    assert answer.json()["detail"] == "You submitted this file, so somebody else must approve it."
    assert "another Authorised or Senior Responsible Officer" in answer.json()["suggestion"]


def test_a_state_reads_well_within_a_sentence(program: Client, aroha: Person) -> None:
    upload = upload_in(State.AWAITING_APPROVAL, aroha)
    answer = program.post(
        f"/api/v1/uploads/{upload.reference}/submit", {"checked": True}, content_type="application/json"
    )
    assert answer.status_code == 409
    assert f"{upload.reference} is awaiting a second officer." in answer.json()["detail"]


def named(name: str) -> bytes:
    disposition = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    kind = 'Content-Disposition: form-data; name="kind"'
    return f"--b\r\n{kind}\r\n\r\nadt\r\n--b\r\n{disposition}\r\n\r\nH\r\n--b--\r\n".encode()


def test_a_name_much_too_long_is_no_matter_of_a_browser(program: Client) -> None:
    of = "multipart/form-data; boundary=b"
    answer = program.post("/api/v1/uploads", named("x" * 3_000), content_type=of)
    assert answer.status_code == 400
    assert "browser" not in answer.content.decode()
    assert "fewer than 1,000 characters" in answer.json()["suggestion"]
    assert program.post("/api/v1/uploads", named("x" * 900), content_type=of).status_code == 202


def test_a_day_takes_so_many_bytes_of_a_user_id(
    post: Post, aroha: Person, bela: Person, settings: LazySettings
) -> None:
    settings.SSI_UPLOAD_MOST_BYTES_A_DAY = 1_000_000
    for person, hours in ((aroha, 25), (bela, 1)):
        upload_in(State.REJECTED, person, size=900_000, received_at=timezone.now() - timedelta(hours=hours))
    assert post().status_code == 202, "what is older does not count, nor what others sent"
    upload_in(State.REJECTED, aroha, size=900_000, received_at=timezone.now() - timedelta(hours=23))
    number = Upload.objects.count()
    answer = post(adt_file(NORTHLIGHT, "IS", [("7.4", "SR", "DAY", "", 5, "", "", "x" * 150)] * 1_000))
    assert (answer.status_code, Upload.objects.count()) == (429, number)
    assert "2 MB in 24 hours, and 1 MB are taken" in answer.json()["detail"]
    assert answer.json()["suggestion"].startswith("Send it after 20")
    assert post().status_code == 202, "a smaller one still fits"


def test_a_file_alone_is_taken_however_small_the_day(post: Post, settings: LazySettings) -> None:
    settings.SSI_UPLOAD_MOST_BYTES_A_DAY = 1
    assert post().status_code == 202
    assert post().status_code == 429
