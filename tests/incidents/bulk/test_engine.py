"""The engine on real commits: two workers, two confirmations, a step cut short, no broker."""

from typing import Any

import pytest
from django.db import connection

from incidents import jobs, tasks
from incidents.actions import batches
from incidents.actions.bulk import engine, raising, waking
from incidents.models import BulkJob, BulkRow, InstallCodeRequest, PartyDay
from incidents.models.choices import BulkState
from ssi.accounts.models import Person
from ssi.audit import log
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotInThisState, Refusal
from tests.broker import UseBroker, use_broker
from tests.factories.batches import checked, drafted, worked_off
from tests.factories.incidents import device_of
from tests.incidents.test_two_at_once import at_once, one_won
from tests.personas import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["use_broker"]
MANY = 20


@pytest.fixture
def job(gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch) -> BulkJob:
    """Return a checked list that takes several steps."""
    monkeypatch.setattr(raising, "CHUNK", 3)
    return checked(gina, [device_of(ivan).device_id for _ in range(MANY)])


def raised_once_each(job: BulkJob) -> bool:
    """Tell whether every row has its one request, with one event each, and each pack its one e-mail."""
    rows = BulkRow.objects.filter(job=job, done_at__isnull=False)
    requests = InstallCodeRequest.objects.filter(batch=job)
    return (
        rows.values("request").distinct().count() == requests.count() == MANY
        and AuditEvent.objects.filter(event="install_code_request.raised").count() == MANY
        and OutboxMessage.objects.count() == job.work_packs.count() == 1
        and log.verify().broken_id is None
    )


def test_several_workers_on_one_job_do_each_row_once(gina: Person, job: BulkJob) -> None:
    batches.confirm(job.reference, actor_of(gina))
    at_once(*[lambda: engine.carry_on(job.pk)] * 4)
    job = worked_off(job)
    assert (job.state, job.carried_out) == (BulkState.DONE, MANY)
    assert raised_once_each(job)


def test_a_worker_leaves_a_job_that_another_holds(gina: Person, job: BulkJob) -> None:
    batches.confirm(job.reference, actor_of(gina))
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM incidents_bulkjob WHERE id = %s FOR NO KEY UPDATE", [job.pk])
        assert at_once(lambda: engine.carry_on(job.pk)) == [False]
        cursor.execute("ROLLBACK")
    assert not InstallCodeRequest.objects.exists()


def test_two_confirm_and_one_wins(gina: Person, job: BulkJob) -> None:
    by = actor_of(gina)
    assert one_won(at_once(*[lambda: batches.confirm(job.reference, by)] * 4))
    assert PartyDay.objects.get().raised == MANY
    assert AuditEvent.objects.filter(event="bulk_job.confirmed").count() == 1


@pytest.mark.parametrize("round_", range(3))
def test_one_confirms_while_another_calls_it_off(gina: Person, job: BulkJob, round_: int) -> None:
    by = actor_of(gina)
    outcomes = at_once(lambda: batches.confirm(job.reference, by), lambda: batches.cancel(job.reference, by))
    assert one_won(outcomes, NotInThisState)
    confirmed = not isinstance(outcomes[0], Refusal)
    assert worked_off(job).state == (BulkState.DONE if confirmed else BulkState.CANCELLED)
    assert InstallCodeRequest.objects.count() == (MANY if confirmed else 0)
    assert PartyDay.objects.filter(raised=MANY).exists() == confirmed


def test_the_same_list_sent_at_once_makes_one_batch(gina: Person, ivan: Person) -> None:
    given = [str(device_of(ivan).device_id) for _ in range(5)]
    by = actor_of(gina)
    jobs_made = at_once(*[lambda: batches.draft(given, by, confirmed=True)] * 4)
    assert len({job.pk for job in jobs_made}) == 1
    assert BulkRow.objects.count() == 5
    worked_off(jobs_made[0])
    assert InstallCodeRequest.objects.count() == 5


def test_two_lists_that_overlap_raise_each_device_once(gina: Person, ivan: Person) -> None:
    given = [device_of(ivan).device_id for _ in range(MANY)]
    by = actor_of(gina)
    one, other = checked(gina, given[: MANY - 2]), checked(gina, list(reversed(given[2:])))
    for each in (one, other):
        batches.confirm(each.reference, by)
    at_once(lambda: engine.carry_on(one.pk), lambda: engine.carry_on(other.pk))
    one, other = worked_off(one), worked_off(other)
    assert one.state == other.state == BulkState.DONE
    assert one.carried_out + other.carried_out == InstallCodeRequest.objects.count() == MANY
    assert set(BulkRow.objects.exclude(finding="").values_list("finding", flat=True)) == {"AlreadyRequested"}


@pytest.mark.parametrize("at", ["_write_history", "_record", "_insert"])
def test_a_step_cut_short_leaves_nothing_and_is_done_again(
    gina: Person, job: BulkJob, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches.confirm(job.reference, actor_of(gina))
    engine._one_step(job.pk)
    with monkeypatch.context() as broken:
        broken.setattr(raising, at, _cut_short)
        with pytest.raises(KeyboardInterrupt):
            engine.carry_on(job.pk)
    assert InstallCodeRequest.objects.count() == 3
    job = worked_off(job)
    assert raised_once_each(job)


def test_an_end_cut_short_is_done_again(gina: Person, job: BulkJob, monkeypatch: pytest.MonkeyPatch) -> None:
    batches.confirm(job.reference, actor_of(gina))
    with monkeypatch.context() as broken:
        broken.setattr(engine, "perform", _cut_short)
        with pytest.raises(KeyboardInterrupt):
            engine.carry_on(job.pk)
    assert not OutboxMessage.objects.exists()
    assert BulkJob.objects.get().state == BulkState.RUNNING
    assert raised_once_each(worked_off(job))


def test_a_check_cut_short_is_done_again(gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    job = drafted(gina, [device_of(ivan).device_id, "1E-5A-FF-00-00-00-00-01"])
    with monkeypatch.context() as broken:
        broken.setattr(engine, "perform", _cut_short)
        with pytest.raises(KeyboardInterrupt):
            engine.carry_on(job.pk)
    assert not BulkRow.objects.exclude(finding="").exists()
    job = worked_off(job)
    assert (job.state, job.acceptable, job.refused) == (BulkState.CHECKED, 1, 1)


def test_without_a_broker_the_sweep_finds_the_job(
    gina: Person, job: BulkJob, use_broker: UseBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_broker("redis://127.0.0.1:1/0")
    batches.confirm(job.reference, actor_of(gina))
    assert BulkJob.objects.get().state == BulkState.RUNNING
    monkeypatch.setattr(waking, "wake", lambda job_id, **_: tasks.carry_on_bulk(job_id=job_id, unknown="later"))
    tasks.sweep_bulk()
    assert raised_once_each(BulkJob.objects.get())
    assert engine.jobs_to_do() == []


def test_the_sweep_is_in_the_schedule() -> None:
    assert jobs.SCHEDULE["incidents-bulk"]["task"] == tasks.sweep_bulk.name


def test_a_long_job_lets_others_come_in_between(
    gina: Person, job: BulkJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches.confirm(job.reference, actor_of(gina))
    woken: list[int] = []
    monkeypatch.setattr(waking, "wake", lambda job_id, **_: woken.append(job_id))
    monkeypatch.setattr(engine, "carry_on", lambda job_id: _carry_on(job_id, seconds=0.0))
    tasks.carry_on_bulk(job_id=job.pk)
    assert woken == [job.pk]
    assert 0 < InstallCodeRequest.objects.count() < MANY


_carry_on = engine.carry_on


def _cut_short(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt
