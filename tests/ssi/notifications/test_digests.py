"""One summary a person and Working Day: nothing lost, nothing twice, nothing on a day off."""

import re
import threading
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from ssi.accounts import jobs
from ssi.accounts.actions import people
from ssi.accounts.models import Person
from ssi.calendar import search as calendar
from ssi.celery import app, collect_schedule
from ssi.notifications import delivery, digests, outbox
from ssi.notifications.actions import choose_paces
from ssi.notifications.models import Digest, DigestItem, OutboxMessage, Preference
from ssi.notifications.notices import DIGEST, Notice, Pace
from ssi.notifications.outbox import Email
from ssi.notifications.writing import link_to
from ssi.working_days import LONDON, Overrides
from tests.personas import actor_of
from tests.reading import Page, refuse_bad_email
from tests.ssi.notifications.mail_server import MailServer

pytestmark = pytest.mark.django_db

HAPPENED = Notice(event="thing.happened", name="A thing happened", when="Now and then.", to="Whoever asks.")
CHANGED = Notice(event="thing.changed", name="A thing changed", when="Now and then.", to="Whoever asks.")
READER = "reader@invented.example"
FRIDAY, SATURDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)
EARLY, LATE = time(8, 29), time(8, 30)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Return a clock that stands where a test puts it; first on a Friday afternoon."""
    with time_machine.travel(datetime(2026, 11, 20, 14, tzinfo=LONDON), tick=False) as traveller:
        yield traveller


def at(clock: time_machine.Traveller, day: date, of_day: time) -> None:
    clock.move_to(datetime.combine(day, of_day, LONDON))


def reference(number: int) -> str:
    return f"INC{number:012d}"


def prefer(pace: Pace, recipient: str = READER, notice: Notice = HAPPENED) -> None:
    Preference.objects.create(recipient=recipient, event=notice.event, pace=pace)


def post(number: int, *to: str, notice: Notice = HAPPENED, total: int | None = None) -> None:
    """Tell people of a thing, or of `total` things of which this is the first."""
    email = Email(notice=notice, subject=f"Thing {number}", text="Look.\n", html="<p>Look.</p>")
    listed = [reference(number + offset) for offset in range(min(total or 1, outbox.MOST_KEPT + 10))]
    outbox.post(email, to=to or [READER], about="thing", reference=reference(number), tells_of=listed, total=total)


def links(email: OutboxMessage) -> list[str]:
    return re.findall(r"https?://\S+", email.text)


def test_everybody_is_told_at_once_until_they_choose_otherwise(clock: time_machine.Traveller) -> None:
    post(1)
    assert OutboxMessage.objects.get().recipient == READER
    assert not DigestItem.objects.exists()


def test_each_person_is_told_at_their_own_pace(clock: time_machine.Traveller) -> None:
    prefer(Pace.DAILY, "daily@invented.example")
    prefer(Pace.NEVER, "never@invented.example")
    prefer(Pace.AT_ONCE, "once@invented.example")
    prefer(Pace.NEVER, "other@invented.example", CHANGED)
    readers = ("daily", "never", "once", "other", "reader")
    post(1, *(f"{name}@invented.example" for name in readers))
    told = [row.recipient.split("@")[0] for row in OutboxMessage.objects.order_by("id")]
    assert told == ["once", "other", "reader"]
    assert [item.recipient for item in DigestItem.objects.all()] == ["daily@invented.example"]


@pytest.mark.parametrize("chosen", [Pace.DAILY, Pace.NEVER])
def test_what_the_law_wants_at_once_goes_at_once_whatever_was_chosen_before(
    chosen: Pace, clock: time_machine.Traveller
) -> None:
    strict = Notice("thing.happened", "A thing", "Now.", "All.", least=Pace.AT_ONCE, because="The law says so.")
    prefer(chosen)
    post(1, notice=strict)
    assert OutboxMessage.objects.count() == 1


def test_what_may_only_wait_waits_where_none_was_chosen_before(clock: time_machine.Traveller) -> None:
    strict = Notice("thing.happened", "A thing", "Now.", "All.", least=Pace.DAILY, because="The law says so.")
    prefer(Pace.NEVER)
    post(1, notice=strict)
    assert DigestItem.objects.count() == 1


@transaction.atomic
def post_and_fail() -> None:
    post(1)
    raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_a_deed_that_fails_leaves_nothing_for_the_summary(clock: time_machine.Traveller) -> None:
    prefer(Pace.DAILY)
    with pytest.raises(ZeroDivisionError):
        post_and_fail()
    assert not DigestItem.objects.exists()


def test_what_waits_for_the_summary_wakes_nobody(
    clock: time_machine.Traveller, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    prefer(Pace.DAILY)
    with django_capture_on_commit_callbacks() as callbacks:
        post(1)
    assert callbacks == []


def test_the_summary_comes_at_half_past_eight_of_the_next_working_day(clock: time_machine.Traveller) -> None:
    prefer(Pace.DAILY)
    post(1)
    for day, of_day in [(FRIDAY, time(23)), (SATURDAY, LATE), (date(2026, 11, 22), LATE), (MONDAY, EARLY)]:
        at(clock, day, of_day)
        assert digests.write_due() == 0
    at(clock, MONDAY, LATE)
    assert digests.write_due() == 1
    email = OutboxMessage.objects.get()
    assert (email.recipient, email.event, email.reference) == (READER, DIGEST.event, "2026-11-23")
    assert email.subject == "Your summary of Mon 23 Nov 2026"
    assert not DigestItem.objects.exists()
    assert digests.write_due() == 0


def test_the_summary_follows_the_clock_of_london_in_summer(clock: time_machine.Traveller) -> None:
    clock.move_to(datetime(2026, 7, 7, 12, tzinfo=LONDON))
    prefer(Pace.DAILY)
    post(1)
    clock.move_to(datetime.fromisoformat("2026-07-08T07:29:59+00:00"))
    assert digests.write_due() == 0
    clock.move_to(datetime.fromisoformat("2026-07-08T07:30:00+00:00"))
    assert digests.write_due() == 1


def test_the_hour_is_a_setting(clock: time_machine.Traveller, settings: Settings) -> None:
    settings.SSI_DIGEST_AT = time(13, 30)
    prefer(Pace.DAILY)
    at(clock, FRIDAY, time(9))
    post(1)
    at(clock, FRIDAY, time(13, 30))
    assert digests.write_due() == 1


def test_a_late_bank_holiday_is_a_day_off(clock: time_machine.Traveller) -> None:
    prefer(Pace.DAILY)
    post(1)
    at(clock, MONDAY, LATE)
    assert digests.write_due(overrides=Overrides(extra={MONDAY: "State funeral"})) == 0
    assert digests.write_due() == 1


def test_the_job_goes_by_the_calendar_that_dcc_keeps(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefer(Pace.DAILY)
    post(1)
    at(clock, MONDAY, LATE)
    monkeypatch.setattr(calendar, "overrides", lambda: Overrides(extra={MONDAY: "State funeral"}))
    jobs.write_summaries(later="something")
    assert not OutboxMessage.objects.exists()
    monkeypatch.undo()
    jobs.write_summaries()
    assert OutboxMessage.objects.count() == 1


def test_the_clock_runs_the_job() -> None:
    entry = collect_schedule()["accounts-summaries"]
    assert entry["task"] == jobs.write_summaries.name
    assert jobs.write_summaries.name in app.tasks


def test_what_comes_after_half_past_eight_waits_for_the_next_day(clock: time_machine.Traveller) -> None:
    prefer(Pace.DAILY)
    post(1)
    at(clock, MONDAY, time(9))
    post(2)
    assert digests.write_due() == 1
    assert links(OutboxMessage.objects.get()) == [link_to(reference(1))]
    assert digests.write_due() == 0
    at(clock, date(2026, 11, 24), LATE)
    assert digests.write_due() == 1
    assert links(OutboxMessage.objects.latest("id")) == [link_to(reference(2))]


def test_what_was_committed_late_comes_on_the_next_day_and_makes_no_second_summary(
    clock: time_machine.Traveller,
) -> None:
    prefer(Pace.DAILY)
    post(1)
    at(clock, MONDAY, LATE)
    assert digests.write_due() == 1
    at(clock, FRIDAY, time(15))
    post(2)
    at(clock, MONDAY, time(10))
    assert digests.write_due() == 0
    at(clock, date(2026, 11, 24), LATE)
    assert digests.write_due() == 1
    assert Digest.objects.count() == OutboxMessage.objects.count() == 2


def test_a_summary_that_was_missed_comes_later(clock: time_machine.Traveller) -> None:
    prefer(Pace.DAILY)
    post(1)
    at(clock, date(2026, 11, 26), time(16, 55))
    assert digests.write_due() == 1


@pytest.mark.parametrize("then", [Pace.AT_ONCE, Pace.NEVER])
def test_nothing_is_lost_when_a_person_changes_their_mind(
    then: Pace, clock: time_machine.Traveller, ivan: Person
) -> None:
    prefer(Pace.DAILY, ivan.email)
    post(1, ivan.email)
    choose_paces(paces={HAPPENED: then}, by=actor_of(ivan))
    post(2, ivan.email)
    assert OutboxMessage.objects.count() == (1 if then == Pace.AT_ONCE else 0)
    at(clock, MONDAY, LATE)
    assert digests.write_due() == 1
    assert links(OutboxMessage.objects.latest("id")) == [link_to(reference(1))]


def test_it_lists_each_reference_once_under_its_kind_and_nothing_else(clock: time_machine.Traveller) -> None:
    prefer(Pace.DAILY)
    prefer(Pace.DAILY, notice=CHANGED)
    for number in (3, 1, 3):
        post(number)
    post(3, notice=CHANGED)
    at(clock, MONDAY, LATE)
    digests.write_due()
    email = OutboxMessage.objects.get()
    assert links(email) == [link_to(reference(number)) for number in (3, 1, 3)]
    assert "more" not in email.text
    assert Page(email.html).addresses == {link_to(reference(number)) for number in (1, 3)}
    assert "Look." not in email.text + email.html
    refuse_bad_email(email)


@pytest.mark.parametrize(("count", "more"), [(50, 0), (51, 1), (120, 70)])
def test_it_lists_fifty_and_counts_the_rest(count: int, more: int, clock: time_machine.Traveller) -> None:
    prefer(Pace.DAILY)
    for number in range(count):
        post(number)
    at(clock, MONDAY, LATE)
    digests.write_due()
    email = OutboxMessage.objects.get()
    assert links(email) == [link_to(reference(number)) for number in range(min(count, 50))]
    for part in (email.text, Page(email.html).text):
        assert (f"and {more:,} more in your lists" in part) == bool(more)
    refuse_bad_email(email)


def test_an_email_about_thousands_is_counted_with_the_others(clock: time_machine.Traveller) -> None:
    prefer(Pace.DAILY)
    post(1)
    post(100, total=3_000)
    at(clock, MONDAY, LATE)
    digests.write_due()
    email = OutboxMessage.objects.get()
    assert len(links(email)) == 50
    assert "and 2,951 more in your lists" in email.text


def test_each_person_has_their_own(clock: time_machine.Traveller, mail_server: MailServer) -> None:
    readers = [f"{name}@invented.example" for name in ("a", "b", "c")]
    for number, person in enumerate(readers):
        prefer(Pace.DAILY, person)
        post(number, person)
    at(clock, MONDAY, LATE)
    assert digests.write_due() == 3
    assert delivery.deliver_waiting().delivered == 3
    assert mail_server.recipients() == readers
    for number, person in enumerate(readers):
        assert links(OutboxMessage.objects.get(recipient=person)) == [link_to(reference(number))]


def test_whose_account_is_closed_gets_no_summary(
    clock: time_machine.Traveller, ivan: Person, rhea: Person, dana: Person
) -> None:
    for person in (ivan, rhea):
        prefer(Pace.DAILY, person.email)
        post(1, person.email)
    people.close_account(person_id=ivan.pk, by=actor_of(dana))
    at(clock, MONDAY, LATE)
    assert digests.write_due() == 1
    assert OutboxMessage.objects.get().recipient == rhea.email


def test_what_is_taken_back_waits_no_more(clock: time_machine.Traveller) -> None:
    prefer(Pace.DAILY)
    post(1)
    post(2)
    outbox.take_back(event=HAPPENED.event, about="thing", reference=reference(1))
    assert [item.reference for item in DigestItem.objects.all()] == [reference(2)]


def test_a_kind_of_email_that_is_gone_is_still_told(clock: time_machine.Traveller) -> None:
    prefer(Pace.DAILY)
    post(1)
    DigestItem.objects.update(event="thing.of_old")
    at(clock, MONDAY, LATE)
    assert digests.write_due() == 1
    assert "thing.of_old" in OutboxMessage.objects.get().text


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_write_one_summary_each_person() -> None:
    readers = [f"reader{number}@invented.example" for number in range(8)]
    monday = datetime(2026, 11, 23, 9, tzinfo=LONDON)
    for number, person in enumerate(readers):
        prefer(Pace.DAILY, person)
        post(number, person)
    DigestItem.objects.update(created_at=monday - timedelta(days=3))
    counts: list[int] = []
    start = threading.Barrier(5)

    def run() -> None:
        start.wait()
        try:
            counts.append(digests.write_due())
        finally:
            connection.close()

    workers = [threading.Thread(target=run) for _ in range(5)]
    with time_machine.travel(monday, tick=False):
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert sum(counts) == 8
    assert sorted(OutboxMessage.objects.values_list("recipient", flat=True)) == readers
    assert not DigestItem.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_while_writing_leaves_everything_for_the_next(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefer(Pace.DAILY)
    post(1)
    at(clock, MONDAY, LATE)
    with monkeypatch.context() as killed:
        killed.setattr(outbox, "post", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            digests.write_due()
    assert not Digest.objects.exists()
    assert digests.write_due() == 1
