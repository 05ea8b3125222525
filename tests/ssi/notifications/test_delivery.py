"""E-mails go out once each, whatever the mail server does; on real sockets."""

from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from django.db import DataError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone
from pytest_django import Settings

from ssi.notifications import delivery, due
from ssi.notifications.models import OutboxMessage
from tests.factories.notifications import OutboxMessageFactory
from tests.ssi.notifications.conftest import let_pass
from tests.ssi.notifications.mail_server import MailServer

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_an_email_arrives_as_it_was_posted(mail_server: MailServer) -> None:
    posted = OutboxMessageFactory.create(subject="Grüße aus Kirkcaldy")
    run = delivery.deliver_waiting()
    posted.refresh_from_db()
    [arrived] = mail_server.accepted
    assert (run.delivered, run.postponed, run.given_up) == (1, 0, 0)
    assert posted.delivered_at is not None
    assert posted.delivered_at == posted.handled_at
    assert (timezone.now() - posted.delivered_at).total_seconds() < 10
    assert arrived["Message-ID"] == posted.message_id
    assert arrived["Subject"] == posted.subject
    assert arrived["To"] == posted.recipient
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(arrived["Date"]) == posted.created_at.replace(microsecond=0)
    parts = {part.get_content_type(): part.get_content() for part in arrived.iter_parts()}
    assert parts["text/plain"].replace("\r\n", "\n") == posted.text
    assert parts["text/html"].strip() == posted.html


def test_many_go_over_one_connection_oldest_first(mail_server: MailServer) -> None:
    posted = OutboxMessageFactory.create_batch(20)
    assert delivery.deliver_waiting().delivered == 20
    assert mail_server.connections == 1
    assert [message["To"] for message in mail_server.accepted] == [row.recipient for row in posted]


def test_a_delivered_email_is_not_sent_again(mail_server: MailServer) -> None:
    OutboxMessageFactory.create()
    delivery.deliver_waiting()
    assert delivery.deliver_waiting() == delivery.Run()
    assert len(mail_server.seen) == 1


def test_the_limit_leaves_the_rest_for_the_next_run(mail_server: MailServer) -> None:
    OutboxMessageFactory.create_batch(3)
    first, second = delivery.deliver_waiting(2), delivery.deliver_waiting(2)
    assert (first.delivered, first.limit_reached) == (2, True)
    assert (second.delivered, second.limit_reached) == (1, False)


def test_without_a_mail_server_everything_waits_and_nobody_is_blamed(mail_server: MailServer) -> None:
    posted = OutboxMessageFactory.create_batch(3)
    mail_server.stop()
    for _ in range(5):
        assert delivery.deliver_waiting() == delivery.Run()
        let_pass(MINUTE)
    for row in posted:
        row.refresh_from_db()
    assert {row.attempts for row in posted} == {0}
    assert {row.dead_at for row in posted} == {None}
    assert "No mail server: ConnectionRefusedError." in {row.last_error for row in posted}
    mail_server.start()
    assert delivery.deliver_waiting().delivered == 3
    posted[0].refresh_from_db()
    assert posted[0].last_error == ""


def test_a_run_tries_a_dead_mail_server_only_once(mail_server: MailServer) -> None:
    posted = OutboxMessageFactory.create_batch(3)
    mail_server.stop()
    delivery.deliver_waiting()
    for row in posted:
        row.refresh_from_db()
    assert [bool(row.last_error) for row in posted] == [True, False, False]


def test_a_server_that_dies_in_the_middle_loses_nothing(mail_server: MailServer) -> None:
    OutboxMessageFactory.create_batch(4)
    mail_server.to_content = ["250 Queued", "250 Queued", None, None]
    assert delivery.deliver_waiting().delivered == 3
    mail_server.stop()
    let_pass(MINUTE)
    delivery.deliver_waiting()
    mail_server.start()
    let_pass(MINUTE)
    assert delivery.deliver_waiting().delivered == 1
    assert len({message["Message-ID"] for message in mail_server.accepted}) == len(mail_server.accepted) == 4


def test_a_later_please_is_heeded(mail_server: MailServer) -> None:
    posted = OutboxMessageFactory.create()
    mail_server.to_recipient[posted.recipient] = ["451 4.7.1 Greylisted, come back later"]
    run = delivery.deliver_waiting()
    posted.refresh_from_db()
    assert (run.postponed, posted.attempts) == (1, 1)
    assert posted.last_error == "The mail server refused the address: SMTPRecipientsRefused 451."
    assert timedelta(seconds=20) < posted.next_attempt_at - timezone.now() <= timedelta(seconds=30)
    assert delivery.deliver_waiting() == delivery.Run()
    let_pass(MINUTE)
    assert delivery.deliver_waiting().delivered == 1
    assert mail_server.accepted[0]["Message-ID"] == posted.message_id


def test_a_bad_address_is_given_up_and_stops_no_other(mail_server: MailServer) -> None:
    first, bad, last = OutboxMessageFactory.create_batch(3)
    mail_server.to_recipient[bad.recipient] = ["550 5.1.1 No such user"]
    run = delivery.deliver_waiting()
    bad.refresh_from_db()
    assert (run.delivered, run.given_up) == (2, 1)
    assert mail_server.recipients() == sorted([first.recipient, last.recipient])
    assert bad.dead_at is not None
    assert bad.last_error == "The mail server refused the address: SMTPRecipientsRefused 550."
    let_pass(timedelta(days=1))
    assert delivery.deliver_waiting() == delivery.Run()


def test_an_address_that_cannot_be_written_is_given_up_and_stops_no_other(mail_server: MailServer) -> None:
    OutboxMessageFactory.create(recipient="a@b.example\r\nBcc: everyone@b.example")
    OutboxMessageFactory.create()
    run = delivery.deliver_waiting()
    assert (run.delivered, run.given_up) == (1, 1)


def test_a_refused_content_is_given_up_without_its_words(mail_server: MailServer) -> None:
    posted = OutboxMessageFactory.create()
    mail_server.to_content = ["554 5.7.1 Spam: 'Please look at it'"]
    delivery.deliver_waiting()
    posted.refresh_from_db()
    assert posted.dead_at is not None
    assert posted.last_error == "The mail server refused the e-mail: SMTPDataError 554."


def test_our_own_address_being_refused_condemns_no_email(mail_server: MailServer, settings: Settings) -> None:
    posted = OutboxMessageFactory.create()
    settings.DEFAULT_FROM_EMAIL = "not an address <@>"
    delivery.deliver_waiting()
    posted.refresh_from_db()
    assert posted.delivered_at is None


def test_a_server_that_takes_it_and_hangs_up_gets_it_again_under_the_same_id(mail_server: MailServer) -> None:
    posted, other = OutboxMessageFactory.create_batch(2)
    mail_server.to_content = [None]
    run = delivery.deliver_waiting()
    posted.refresh_from_db()
    assert (run.delivered, run.postponed, posted.attempts) == (1, 1, 1)
    assert mail_server.recipients() == [other.recipient]
    let_pass(MINUTE)
    assert delivery.deliver_waiting().delivered == 1
    assert [message["Message-ID"] for message in mail_server.seen].count(posted.message_id) == 2


@pytest.mark.parametrize("goodbye", ["421 4.7.0 Too many messages on this connection", None])
def test_a_server_may_end_a_kept_connection_without_anyone_waiting(
    mail_server: MailServer, goodbye: str | None
) -> None:
    first, second = OutboxMessageFactory.create_batch(2)
    mail_server.to_recipient[second.recipient] = [goodbye]
    run = delivery.deliver_waiting()
    assert (run.delivered, run.postponed) == (2, 0)
    assert mail_server.connections == 2
    assert mail_server.recipients() == sorted([first.recipient, second.recipient])


def test_a_server_that_takes_too_long_is_tried_again_later(mail_server: MailServer) -> None:
    posted = OutboxMessageFactory.create()
    mail_server.slow_by = 1.0
    run = delivery.deliver_waiting()
    posted.refresh_from_db()
    assert (run.delivered, run.postponed, posted.attempts) == (0, 1, 1)
    mail_server.slow_by = 0.0
    let_pass(MINUTE)
    assert delivery.deliver_waiting().delivered == 1


def test_a_slow_server_does_not_keep_a_worker_for_ever(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "RUN_SECONDS", 0.3)
    OutboxMessageFactory.create_batch(5)
    mail_server.slow_by = 0.2
    run = delivery.deliver_waiting()
    assert run.limit_reached
    assert 1 <= run.delivered < 5


def test_after_two_days_of_trying_we_give_up(mail_server: MailServer) -> None:
    posted = OutboxMessageFactory.create(attempts=delivery.MOST_ATTEMPTS - 1)
    mail_server.to_recipient[posted.recipient] = ["452 4.2.2 Mailbox full"]
    assert delivery.deliver_waiting().given_up == 1
    total = sum((delivery.wait_after(attempts) for attempts in range(1, delivery.MOST_ATTEMPTS)), timedelta())
    assert timedelta(days=1) < total < timedelta(days=2)


def test_waits_double_up_to_an_hour() -> None:
    for attempts, longest in [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (500, 3600)]:
        assert 0.75 * longest <= delivery.wait_after(attempts).total_seconds() <= longest


def test_a_misconfigured_backend_loses_nothing(settings: Settings) -> None:
    posted = OutboxMessageFactory.create()
    settings.EMAIL_BACKEND = "ssi.no_such.Backend"
    with pytest.raises(ImportError):
        delivery.deliver_waiting()
    posted.refresh_from_db()
    assert (posted.attempts, posted.dead_at, posted.delivered_at) == (0, None, None)


@pytest.mark.parametrize("kind", ["", "(GENERIC_PLAN)"], ids=["for this one", "for any"])
def test_an_email_is_locked_in_the_place_where_it_was_read(kind: str) -> None:
    now = timezone.now()
    OutboxMessage.objects.bulk_create(OutboxMessageFactory.build_batch(1_000, delivered_at=now, handled_at=now))
    waiting = OutboxMessageFactory.create()
    given = {"$1": "'(0,1)'", "$2": str(waiting.pk), "$3": f"'{now}'"}
    lock = due.LOCK
    for place, value in given.items():
        lock = lock if kind else lock.replace(place, value)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notifications_outboxmessage")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {kind} {lock}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Tid Scan" in plan


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_outside_a_transaction() -> None:
    with pytest.raises(TransactionManagementError), due.Locks():
        pass


def test_a_lock_that_fails_says_so_and_leaves_nothing_behind() -> None:
    OutboxMessageFactory.create()
    [found] = due.read_due(timezone.now(), 1)
    nowhere = replace(found, found_by=(b"nowhere", *found.found_by[1:]))
    with pytest.raises(DataError), transaction.atomic(), due.Locks() as locks:
        locks.lock(nowhere)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'lock_due%'")
        assert cursor.fetchone() == (0,)
