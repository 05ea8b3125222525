"""What goes over the line is what Django would send, whether it was put together here or by Django."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from ssi.notifications import delivery
from ssi.notifications.letters import LONGEST_LINE, as_email, plain_letter
from ssi.notifications.models import OutboxMessage
from tests.factories.notifications import OutboxMessageFactory
from tests.ssi.notifications.mail_server import MailServer

PLAIN = {
    "ascii": {},
    "other letters": {"text": "Größe £5 …\n", "html": "<p>Größe £5 …</p>\n"},
    "a line with a dot": {"text": ".\n..\nend\n"},
    "no line end": {"text": "end", "html": "<p>end</p>"},
}
NOT_PLAIN = {
    "a subject of other letters": {"subject": "Größe"},
    "a long subject": {"subject": "word " * 30},
    "a name in the address": {"recipient": "A B <a@invented.example>"},
    "a long line": {"text": "x" * (LONGEST_LINE + 1)},
    "a long line of other letters": {"text": "é" * (LONGEST_LINE // 2)},
    "a carriage return": {"text": "a\r\nb"},
}


def parsed(content: bytes) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the headers, and each part's type and text, as a mail program reads them."""
    mail = message_from_bytes(content, policy=policy.SMTP)
    assert isinstance(mail, EmailMessage)
    headers = {name: str(value) for name, value in mail.items() if name != "Content-Type"}
    return headers, [(part.get_content_type(), part.get_content()) for part in mail.iter_parts()]


@pytest.mark.parametrize("case", PLAIN)
def test_a_plain_letter_reads_as_djangos(case: str) -> None:
    message = OutboxMessageFactory.build(**PLAIN[case])
    letter = plain_letter(message)
    assert letter is not None
    assert parsed(letter.content) == parsed(as_email(message).message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]


@pytest.mark.parametrize("case", NOT_PLAIN)
def test_what_must_be_encoded_is_left_to_django(case: str) -> None:
    assert plain_letter(OutboxMessageFactory.build(**NOT_PLAIN[case])) is None


def test_the_senders_name_stays_out_of_the_envelope(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "The Portal <portal@invented.example>"
    letter = plain_letter(OutboxMessageFactory.build())
    assert letter is not None
    assert letter.sender == "portal@invented.example"
    assert b"From: The Portal <portal@invented.example>\r\n" in letter.content


@pytest.mark.django_db
def test_both_kinds_arrive(mail_server: MailServer) -> None:
    now = timezone.now()
    OutboxMessageFactory.create(text=".\nfirst\n", next_attempt_at=now - timedelta(minutes=1))
    OutboxMessageFactory.create(subject="Größe", next_attempt_at=now)
    assert delivery.deliver_waiting().delivered == 2
    plain, other = mail_server.accepted
    body = plain.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == [".", "first"]
    assert other["Subject"] == "Größe"
    assert mail_server.connections == 1


@pytest.mark.django_db
def test_a_group_is_noted_together_each_with_its_own_moment(mail_server: MailServer) -> None:
    OutboxMessageFactory.create_batch(delivery.GROUP + 1)
    with CaptureQueriesContext(connection) as queries:
        assert delivery.deliver_waiting().delivered == delivery.GROUP + 1
    assert sum(each["sql"].strip().startswith("UPDATE") for each in queries) == 2
    assert OutboxMessage.objects.values("delivered_at").distinct().count() == delivery.GROUP + 1


@pytest.mark.django_db
def test_a_slow_mail_server_has_its_e_mails_committed_one_by_one(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "GROUP_SECONDS", -1.0)
    OutboxMessageFactory.create_batch(3)
    with CaptureQueriesContext(connection) as queries:
        assert delivery.deliver_waiting().delivered == 3
    assert sum(each["sql"].strip().startswith("UPDATE") for each in queries) == 3


@pytest.mark.django_db
def test_one_that_is_refused_holds_up_none_of_its_group(mail_server: MailServer) -> None:
    first, second, third = (
        OutboxMessageFactory.create(
            recipient=f"{name}@invented.example", next_attempt_at=timezone.now() - timedelta(minutes=age)
        )
        for name, age in (("first", 3), ("second", 2), ("third", 1))
    )
    mail_server.to_recipient[second.recipient] = ["550 No such user"]
    run = delivery.deliver_waiting()
    assert (run.delivered, run.given_up) == (2, 1)
    assert mail_server.recipients() == sorted([first.recipient, third.recipient])
