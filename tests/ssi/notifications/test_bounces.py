"""What mail servers send back is read with care: only our own e-mails, only what is final, nobody's words."""

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.notifications import actions, delivery, mailboxes
from ssi.notifications.actions.bounces import Answer, Verdict
from ssi.notifications.bounces import in_words, read
from ssi.notifications.mailboxes import Found
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed
from tests.factories.notifications import OutboxMessageFactory
from tests.personas import actor_of
from tests.ssi.notifications.mail_server import MailServer
from tests.ssi.notifications.reports import EXCHANGE, OUT_OF_OFFICE, POSTFIX, report

db = pytest.mark.django_db


@pytest.fixture
def sent() -> OutboxMessage:
    """Return an e-mail that our mail server accepted."""
    now = timezone.now()
    return OutboxMessageFactory.create(delivered_at=now, handled_at=now)


def record(*contents: bytes) -> list[Answer]:
    mails = [Found(str(number), content) for number, content in enumerate(contents)]
    return list(actions.record_bounces(mails=mails, by=Actor.system()))


def verdict(content: bytes) -> Verdict:
    [answer] = record(content)
    return answer.verdict


@db
@pytest.mark.parametrize("template", [POSTFIX, EXCHANGE], ids=["postfix", "exchange"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_a_final_report_marks_our_email_as_bounced(template: str, line_end: bytes, sent: OutboxMessage) -> None:
    [answer] = record(report(sent, template=template).replace(b"\n", line_end))
    assert answer == Answer("0", Verdict.RECORDED, sent.message_id, "5.1.1")
    sent.refresh_from_db()
    assert sent.bounced_at is not None
    assert sent.bounce == "5.1.1: there is no such mailbox"
    event = AuditEvent.objects.get()
    assert (event.event, event.reference) == ("outbox_message.bounced", sent.message_id)
    assert event.detail == {"status": "5.1.1", "tells_of": sent.reference}


@db
@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers", "message/global-headers"])
def test_the_returned_email_may_be_whole_or_cut_off_after_its_headers(kind: str, sent: OutboxMessage) -> None:
    assert verdict(report(sent, returned_type=kind)) == Verdict.RECORDED


@db
@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        ("failed", "5.1.1", Verdict.RECORDED),
        ("failed", "4.4.7", Verdict.RECORDED),
        ("Failed (rejected)", "5.7.1", Verdict.RECORDED),
        ("delayed", "4.4.1", Verdict.NOT_FINAL),
        ("delayed", "5.4.1", Verdict.NOT_FINAL),
        ("delivered", "2.1.5", Verdict.NOT_FINAL),
        ("relayed", "2.0.0", Verdict.NOT_FINAL),
        ("expanded", "2.0.0", Verdict.NOT_FINAL),
        ("", "4.2.2", Verdict.NOT_FINAL),
        ("", "5.2.2", Verdict.RECORDED),
        ("failed", "nonsense", Verdict.RECORDED),
        ("", "nonsense", Verdict.NO_REPORT),
    ],
)
def test_only_what_nobody_tries_any_more_has_bounced(
    action: str, status: str, expected: Verdict, sent: OutboxMessage
) -> None:
    assert verdict(report(sent, action=action, status=status)) == expected
    sent.refresh_from_db()
    assert (sent.bounced_at is not None) == (expected == Verdict.RECORDED)
    assert bool(sent.bounce) == (expected == Verdict.RECORDED)


@db
def test_nothing_of_the_servers_text_is_kept_or_printed(sent: OutboxMessage) -> None:
    [answer] = record(report(sent, status="5.7.1"))
    sent.refresh_from_db()
    kept = repr(OutboxMessage.objects.values()) + repr(AuditEvent.objects.values()) + repr(answer)
    assert "SECRET" not in kept
    assert sent.bounce == "5.7.1: the mail server refuses e-mail from us"


@db
def test_the_same_report_read_again_changes_nothing(sent: OutboxMessage) -> None:
    content = report(sent)
    assert [answer.verdict for answer in record(content, content)] == [Verdict.RECORDED, Verdict.KNOWN]
    before = OutboxMessage.objects.values().get()
    assert verdict(content) == Verdict.KNOWN
    assert OutboxMessage.objects.values().get() == before
    assert AuditEvent.objects.count() == 1


@db
def test_a_report_without_a_name_of_its_own_is_known_again_as_well(sent: OutboxMessage) -> None:
    content = report(sent).replace(b"Message-ID: <report-1@mail.example>\n", b"")
    assert [answer.verdict for answer in record(content, content)] == [Verdict.RECORDED, Verdict.KNOWN]


@db
def test_a_second_report_tells_the_newer_reason_and_keeps_the_first_moment(sent: OutboxMessage) -> None:
    record(report(sent, status="5.2.2"))
    first = OutboxMessage.objects.get().bounced_at
    record(report(sent, status="5.1.1", own_id="report-2"))
    sent.refresh_from_db()
    assert (sent.bounced_at, sent.bounce) == (first, "5.1.1: there is no such mailbox")


@db
def test_an_old_report_does_not_count_against_an_email_that_was_sent_again(
    sent: OutboxMessage, dana: Person, mail_server: MailServer
) -> None:
    first, late = report(sent), report(sent, own_id="report-late")
    assert verdict(first) == Verdict.RECORDED
    actions.send_again(message_id=sent.pk, by=actor_of(dana))
    assert [answer.verdict for answer in record(first, late)] == [Verdict.KNOWN, Verdict.SUPERSEDED]
    assert delivery.deliver_waiting().delivered == 1
    assert mail_server.accepted[0]["Message-ID"] == sent.message_id
    assert [answer.verdict for answer in record(first, late)] == [Verdict.KNOWN, Verdict.KNOWN]
    sent.refresh_from_db()
    assert (sent.bounced_at, sent.bounce) == (None, "")
    assert verdict(report(sent, own_id="report-new")) == Verdict.RECORDED


@db
def test_an_email_that_never_went_out_cannot_have_bounced() -> None:
    assert verdict(report(OutboxMessageFactory.create())) == Verdict.SUPERSEDED
    assert OutboxMessage.objects.get().bounced_at is None


@db
def test_reports_about_others_emails_are_only_named(sent: OutboxMessage) -> None:
    stranger = OutboxMessageFactory.build(message_id="<somebody@else.example>")
    [answer] = record(report(stranger))
    assert answer == Answer("0", Verdict.UNKNOWN)
    assert not AuditEvent.objects.exists()


@db
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"hello",
        b"\xff\xfe\x00\x01" * 50,
        b"Content-Type: multipart/report; report-type=delivery-status\n\nno parts at all",
        b"Content-Type: message/delivery-status\n\nStatus: 5.1.1",
        b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n--x--",
        b"Content-Type: message/rfc822\n\n" * 3_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(2_000)),
    ],
    ids=range(9),
)
def test_other_mail_and_broken_mail_is_only_named(content: bytes) -> None:
    assert verdict(content) == Verdict.NO_REPORT


@db
def test_an_out_of_office_note_is_no_report(sent: OutboxMessage) -> None:
    assert verdict(report(sent, template=OUT_OF_OFFICE)) == Verdict.NO_REPORT
    sent.refresh_from_db()
    assert sent.bounced_at is None


@db
def test_a_report_that_is_itself_returned_is_not_taken_for_one(sent: OutboxMessage) -> None:
    inner = report(sent).replace(b"--4F2A11.1795424534/mail.example", b"> x")
    content = (
        b"Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: message/rfc822\n\n" + inner + b"\n--o--"
    )
    assert verdict(content) == Verdict.NO_REPORT


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_mangled_report_crashes_the_reader(data: st.DataObject) -> None:
    """Cut, doubled, overwritten: whatever arrives, there is an answer."""
    content = bytearray(report(OutboxMessage(message_id="<a@b>", recipient="a@b.example")))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 80))
        content[at : at + length] = data.draw(st.binary(max_size=60) | st.sampled_from(NASTY))
    found = read(bytes(content))
    assert found is None or in_words(found.status)


NASTY = [
    b"Content-Type: message/delivery-status; charset*=utf-8''x\n",
    b"\r",
    b"\n\n",
    b"Content-Type: multipart/report; boundary=\n",
    b"Content-Type: message/rfc822\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: x-uuencode\n",
    b"Content-Type: text/plain; charset*=utf-9''%FF\n",
    b"Status: 5.999.999\n",
    b"Message-ID: =?utf-8?q?=FF?=\n",
    b"--4F2A11.1795424534/mail.example--\n",
]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.1.1", "5.1.1: there is no such mailbox"),
        ("5.1.99", "5.1.99: something is wrong with the address"),
        ("4.4.7", "4.4.7: it could not be delivered in the time allowed"),
        ("5.99.1", "5.99.1: no known reason is given"),
        ("5.0.0", "5.0.0: no reason is given"),
    ],
)
def test_every_status_has_words(status: str, words: str) -> None:
    assert in_words(status) == words


@db
def test_users_record_no_bounces(gina: Person, sent: OutboxMessage) -> None:
    with pytest.raises(NotAllowed):
        list(actions.record_bounces(mails=[Found("x", report(sent))], by=actor_of(gina)))


# --- The command ----------------------------------------------------------------------------------


def run(*paths: object, fails: bool = False) -> tuple[list[dict[str, str]], str]:
    """Run the command; return its lines and its summary."""
    out, err = io.StringIO(), io.StringIO()
    command = ["record_bounces", *(str(path) for path in paths)]
    if fails:
        with pytest.raises(CommandError):
            call_command(*command, stdout=out, stderr=err, no_color=True)
    else:
        call_command(*command, stdout=out, stderr=err, no_color=True)
    return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue().strip()


def results(lines: Sequence[dict[str, str]]) -> list[str]:
    return [line["result"] for line in lines]


@db
def test_the_command_reads_a_file_and_says_what_it_found(tmp_path: Path, sent: OutboxMessage) -> None:
    file = tmp_path / "bounce.eml"
    file.write_bytes(report(sent))
    [line], summary = run(file)
    assert line == {"mail": str(file), "result": "recorded", "message_id": sent.message_id, "status": "5.1.1"}
    assert summary == "1 mail: 1 recorded."
    assert file.read_bytes() == report(sent)


@db
def test_the_command_reads_standard_input(monkeypatch: pytest.MonkeyPatch, sent: OutboxMessage) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(report(sent))))
    [line], _ = run("-")
    assert (line["mail"], line["result"]) == ("-", "recorded")


@db
def test_the_command_reads_an_mbox(tmp_path: Path, sent: OutboxMessage) -> None:
    mbox = tmp_path / "mbox"
    quoted = report(sent).replace(b"This is a MIME", b">From the start, this is a MIME")
    mails = [quoted, report(sent, template=OUT_OF_OFFICE), report(sent, own_id="report-2")]
    mbox.write_bytes(b"\n".join(b"From MAILER-DAEMON Mon Nov 23 09:02:14 2026\n" + mail for mail in mails))
    lines, summary = run(mbox)
    assert results(lines) == ["recorded", "no delivery status notification", "recorded"]
    assert [line["mail"] for line in lines] == [f"{mbox}#{number}" for number in (1, 2, 3)]
    assert summary == "3 mails: 2 recorded, 1 no delivery status notification."


@db
def test_the_command_reads_a_maildir(tmp_path: Path, sent: OutboxMessage) -> None:
    for folder in ("cur", "new", "tmp", ".Archive"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1795424534.M1P1.mail:2,S").write_bytes(report(sent))
    (tmp_path / "new" / "loop").symlink_to(tmp_path)
    lines, _ = run(tmp_path)
    assert results(lines) == ["recorded", "known already"]


@db
def test_the_command_passes_by_what_is_too_large(
    tmp_path: Path, sent: OutboxMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = report(sent)
    monkeypatch.setattr(mailboxes, "LARGEST", len(content))
    between = b"From MAILER-DAEMON Mon Nov 23 09:02:14 2026\n"
    (tmp_path / "mbox").write_bytes(between + b"x" * 3 * len(content) + b"\n\n" + between + content)
    lines, summary = run(tmp_path / "mbox")
    assert results(lines) == ["too large", "recorded"]
    assert lines[0]["detail"].startswith("larger than")
    assert summary == "2 mails: 1 recorded, 1 too large."


@db
def test_the_command_names_what_it_cannot_read_and_reads_the_rest(tmp_path: Path, sent: OutboxMessage) -> None:
    file = tmp_path / "bounce.eml"
    file.write_bytes(report(sent))
    lines, _ = run(tmp_path / "nowhere", file, fails=True)
    assert results(lines) == ["unreadable", "recorded"]
    assert lines[0]["detail"] == "there is no such file or folder"


@db
@pytest.mark.parametrize("content", [b"", b"From nobody\n"])
def test_the_command_bears_an_empty_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(content)
    lines, _ = run(tmp_path / "empty")
    assert set(results(lines)) <= {"no delivery status notification"}


@db
def test_the_command_bears_an_empty_folder(tmp_path: Path) -> None:
    lines, summary = run(tmp_path)
    assert (lines, summary) == ([], "0 mails.")


def test_an_mbox_is_never_held_whole(tmp_path: Path) -> None:
    """One mail after the other, whatever the size of the file."""
    mbox = tmp_path / "mbox"
    mbox.write_bytes(b"From a\nSubject: one\n\nFirst.\n\nFrom b\nSubject: two\n\nSecond.\n")
    found: list[Any] = [each.content for each in mailboxes.mails_in([str(mbox)])]
    assert found == [b"Subject: one\n\nFirst.\n\n", b"Subject: two\n\nSecond.\n"]
