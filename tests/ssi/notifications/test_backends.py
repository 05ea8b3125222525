"""E-mail as files: whole, private, and one a Message-ID."""

import os
import stat
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from pytest_django import Settings

from ssi.notifications import backends, delivery
from tests.factories.notifications import OutboxMessageFactory


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = "ssi.notifications.backends.EmlFileBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "data" / "mail"
    return tmp_path / "data" / "mail"


def email(message_id: str = "<1.2.3@ssi.example>", text: str = "Hello\nFrom me") -> EmailMultiAlternatives:
    message = EmailMultiAlternatives("Subject", text, to=["a@b.example"], headers={"Message-ID": message_id})
    message.attach_alternative("<p>Hello</p>", "text/html")
    return message


@pytest.mark.django_db
def test_an_email_of_the_outbox_is_a_file_that_mail_programs_open(folder: Path) -> None:
    posted = OutboxMessageFactory.create(subject="Grüße")
    assert delivery.deliver_waiting().delivered == 1
    [file] = folder.iterdir()
    content = file.read_bytes()
    message = message_from_bytes(content, policy=policy.default)
    assert file.suffix == ".eml"
    assert (message["To"], message["Subject"]) == (posted.recipient, "Grüße")
    assert message["Message-ID"] == posted.message_id
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_folder_and_files_are_the_owner_s_alone(folder: Path) -> None:
    assert get_connection().send_messages([email()]) == 1
    [file] = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_repeat_replaces_its_first_file_and_another_does_not(folder: Path) -> None:
    for message in (email(text="first"), email(text="second"), email("<1.2.4@ssi.example>")):
        get_connection().send_messages([message])
    assert len(list(folder.iterdir())) == 2
    assert "second" in (folder / backends.file_name("<1.2.3@ssi.example>")).read_text()


@pytest.mark.parametrize(
    "message_id",
    ["<../../etc/passwd@x>", "</abs@x>", "<.hidden@x>", "<a\x00b@x>", "<" + "long" * 200 + "@x>", "<é@x>"],
)
def test_no_message_id_leaves_the_folder(message_id: str) -> None:
    name = backends.file_name(message_id)
    assert "/" not in name
    assert "\x00" not in name
    assert not name.startswith(".")
    assert name.isascii()
    assert len(name) < 140
    assert name.endswith(".eml")


def test_ids_that_read_alike_keep_files_apart() -> None:
    assert backends.file_name("<a/b@x>") != backends.file_name("<a:b@x>")


def test_a_full_disk_leaves_no_half_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space left"):
        get_connection().send_messages([email()])
    assert list(folder.iterdir()) == []


@pytest.mark.django_db
def test_an_email_that_the_disk_refused_waits(folder: Path) -> None:
    posted = OutboxMessageFactory.create()
    folder.parent.mkdir()
    folder.write_text("not a folder")
    assert delivery.deliver_waiting().postponed == 1
    posted.refresh_from_db()
    assert posted.last_error == "The mail server did not accept it: FileExistsError."
