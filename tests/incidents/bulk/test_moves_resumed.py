"""A worker that is stopped while it moves many requests loses nothing and does nothing twice."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from unittest import mock

import pytest

from incidents.actions import batches, bulk_moves
from incidents.actions.bulk import engine, waking
from incidents.actions.bulk_moves import answer_rows, moving
from incidents.emails import bulk_moves as emails
from incidents.models import BulkJob, BulkRow, InstallCodeRequest, WorkPack
from incidents.models.choices import BulkKind, BulkState, Outcome, State
from incidents.search.selections import Chosen
from inventory.models import SealedInstallCode
from ssi.accounts.models import Person
from ssi.audit import log
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from ssi.web.sheets import Sheet
from tests.factories.incidents import CODE, CODE_WITH_CRC, raised, read, request_in
from tests.personas import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
ALL = Chosen(everything=True)


class Killed(BaseException):
    """What no handler of an error catches."""


@pytest.fixture(autouse=True)
def small_steps() -> Iterator[None]:
    with mock.patch.object(moving, "to_do", partial(engine.to_do, at_most=2)):
        yield


def answers(requests: list[InstallCodeRequest], by: Person) -> BulkJob:
    rows = [(line, (each.reference, "", CODE_WITH_CRC)) for line, each in enumerate(requests, start=2)]
    sheet = Sheet(("Reference", "Device ID", "Install code"), rows, 1)
    job = bulk_moves.answer_by_file(sheet=sheet, file_name="answers.csv", by=actor_of(by))
    engine.carry_on(job.pk)
    batches.confirm(job.reference, actor_of(by))
    return job


def returned(by: Person) -> BulkJob:
    actor = actor_of(by)
    seen = bulk_moves.selected(BulkKind.CLOSE, ALL, by=actor).seen
    return bulk_moves.close_selected(ALL, seen=seen, outcome=Outcome.WRONG_CODE, by=actor)


def killed_at(what: object, name: str, call: int) -> Any:
    """Stop the worker at the nth call of a function, after it did its work."""
    real: Callable[..., Any] = getattr(what, name)
    calls = iter(range(1, 1000))

    def stops(*args: Any, **kwargs: Any) -> Any:
        result = real(*args, **kwargs)
        if next(calls) == call:
            raise Killed
        return result

    return mock.patch.object(what, name, stops)


@pytest.mark.parametrize(
    ("what", "name", "call"),
    [
        (moving, "_write_down", 1),
        (moving, "_write_down", 2),
        (moving, "_write_down", 3),
        (log, "record_many", 2),
        (emails, "raiser_answered", 1),
    ],
)
def test_answers_by_file(what: object, name: str, call: int, gina: Person, ivan: Person) -> None:
    requests = [raised(gina, ivan) for _ in range(5)]
    OutboxMessage.objects.all().delete()
    job = answers(requests, ivan)
    with killed_at(what, name, call), pytest.raises(Killed):
        engine.carry_on(job.pk)
    half_way = InstallCodeRequest.objects.filter(state=State.ANSWERED).count()
    assert half_way == BulkRow.objects.filter(job=job, done_at__isnull=False).count()
    assert half_way % 2 == 0 or half_way == len(requests)
    while engine.carry_on(job.pk):
        pass
    job.refresh_from_db()
    assert (job.state, job.carried_out, job.refused) == (BulkState.DONE, 5, 0)
    assert {read(each, by=actor_of(gina, may_reveal=True)) for each in requests} == {CODE}
    assert SealedInstallCode.objects.filter(erase_at=None).count() == 5
    assert AuditEvent.objects.filter(event="install_code_request.answered").count() == 5
    assert all(each.history.filter(event="answered").count() == 1 for each in requests)
    assert OutboxMessage.objects.count() == 1


@pytest.mark.parametrize(("what", "name", "call"), [(moving, "_write_down", 1), (log, "record_many", 4)])
def test_wrong_codes(what: object, name: str, call: int, gina: Person, ivan: Person) -> None:
    requests = [request_in(State.ANSWERED, gina, ivan) for _ in range(5)]
    OutboxMessage.objects.all().delete()
    job = returned(gina)
    with killed_at(what, name, call), pytest.raises(Killed):
        engine.carry_on(job.pk)
    while engine.carry_on(job.pk):
        pass
    assert InstallCodeRequest.objects.filter(state=State.ASSIGNED).count() == 5
    assert not SealedInstallCode.objects.exists()
    assert all(each.obligations.filter(ended_at=None).count() == 1 for each in requests)
    assert WorkPack.objects.get(batch=job).size == 5
    assert OutboxMessage.objects.get().event == "work_pack.installer_asked"


def test_the_file_itself_goes_nowhere(gina: Person, ivan: Person) -> None:
    """What reaches the broker is the job's key."""
    with mock.patch("ssi.waking.current_app.send_task") as sent:
        job = answers([raised(gina, ivan)], ivan)
    woken = [call.kwargs["kwargs"] for call in sent.call_args_list if call.args[0] == waking.CARRY_ON]
    assert woken == [{"job_id": job.pk}] * 2
    assert CODE not in str(sent.call_args_list)
    assert CODE not in repr(answer_rows.Answer(2, "INC000000000001", "", CODE, CODE, "", CODE))
