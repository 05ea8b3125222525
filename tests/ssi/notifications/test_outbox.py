"""An e-mail is a row of the deed's own transaction, and one wake-up follows its commit."""

import pytest
from django.db import connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from ssi.notifications import outbox, tasks
from ssi.notifications.models import OutboxMessage
from ssi.notifications.notices import Notice
from ssi.notifications.outbox import Email

pytestmark = pytest.mark.django_db
HAPPENED = Notice(event="thing.happened", name="A thing happened", when="Now and then.", to="Whoever asks.")
EMAIL = Email(notice=HAPPENED, subject="Thing: please look", text="Look.", html="<p>Look.</p>")


def post(*addresses: str) -> None:
    outbox.post(EMAIL, to=addresses, about="thing", reference="INC000000000001")


@transaction.atomic
def post_and_fail() -> None:
    post("a@invented.example")
    raise ZeroDivisionError


def test_one_row_for_each_address() -> None:
    post("b@invented.example", "a@invented.example", "b@invented.example")
    rows = OutboxMessage.objects.order_by("id")
    assert [row.recipient for row in rows] == ["a@invented.example", "b@invented.example"]
    assert len({row.message_id for row in rows}) == 2
    assert {(row.subject, row.text, row.html) for row in rows} == {(EMAIL.subject, EMAIL.text, EMAIL.html)}


@pytest.mark.django_db(transaction=True)
def test_a_deed_that_fails_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[bool] = []
    monkeypatch.setattr(tasks, "wake", lambda: woken.append(True))
    with pytest.raises(ZeroDivisionError):
        post_and_fail()
    assert not OutboxMessage.objects.exists()
    assert not woken


def test_nobody_to_tell_wakes_nobody(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        post()
    assert callbacks == []
    assert not OutboxMessage.objects.exists()


def test_a_transaction_with_many_emails_wakes_a_worker_once(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        for number in range(5):
            with transaction.atomic():
                post(f"{number}@invented.example")
    assert callbacks == [tasks.wake]


def test_an_email_after_a_rolled_back_one_still_wakes_a_worker(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        with pytest.raises(ZeroDivisionError):
            post_and_fail()
        post("b@invented.example")
    assert callbacks == [tasks.wake]
    assert connection.in_atomic_block
