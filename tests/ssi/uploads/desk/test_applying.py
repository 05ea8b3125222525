"""Applying what DCC confirmed: as a whole, once, on its day in London, whatever is killed."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import travel

from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from ssi.uploads import jobs
from ssi.uploads.actions import applying, confirming
from ssi.uploads.kinds.adt import AdtFile
from ssi.uploads.models import Upload, UploadStep
from ssi.uploads.models.choices import State, Step, StepResult
from ssi.uploads.presenters.upload_words import next_of
from tests.personas import actor_of
from tests.ssi.uploads.screens.making import upload_in

pytestmark = pytest.mark.django_db


def confirmed(by: Person, **facts: Any) -> Upload:
    return upload_in(State.ACCEPTED, by, confirmed_at=timezone.now(), **facts)


def state_of(upload: Upload) -> str:
    return str(Upload.objects.get(pk=upload.pk).state)


def events() -> list[str]:
    return list(AuditEvent.objects.filter(about="upload").order_by("id").values_list("event", flat=True))


def test_it_takes_the_place_of_what_is_in_force(aroha: Person) -> None:
    before = upload_in(State.APPLIED, aroha)
    upload = confirmed(aroha, compared_with=before)
    assert applying.apply_due() == 1
    assert (state_of(before), state_of(upload)) == (State.SUPERSEDED, State.APPLIED)
    ended_at = Upload.objects.get(pk=before.pk).ended_at
    assert ended_at is not None
    assert ended_at == Upload.objects.get(pk=upload.pk).applied_at, "no moment is without thresholds"
    assert events() == ["upload.superseded", "upload.applied"]
    step = UploadStep.objects.get(upload=upload, step=Step.APPLY)
    assert step.result == StepResult.DONE
    assert step.ended_at is not None
    assert [mail.recipient for mail in OutboxMessage.objects.filter(event="upload.applied")] == [aroha.email]


def test_it_is_applied_once(aroha: Person) -> None:
    confirmed(aroha)
    assert [applying.apply_due(), applying.apply_due()] == [1, 0]
    assert events() == ["upload.applied"]


def test_what_dcc_has_not_confirmed_is_not_applied(aroha: Person) -> None:
    upload = upload_in(State.ACCEPTED, aroha)
    assert applying.apply_due() == 0
    assert state_of(upload) == State.ACCEPTED


@pytest.mark.parametrize(
    ("moment", "applied"),
    [
        ("2026-07-09T22:59:00Z", 0),  # 23:59 in London's summer
        ("2026-07-09T23:01:00Z", 1),
    ],
)
def test_the_effective_date_is_a_day_in_london(aroha: Person, moment: str, applied: int) -> None:
    confirmed(aroha, effective_date=date(2026, 7, 10))
    with travel(moment, tick=False):
        assert applying.apply_due() == applied


def test_one_upload_alone_can_be_asked_for(aroha: Person, bela: Person) -> None:
    mine, other = confirmed(aroha), confirmed(bela)
    assert applying.apply_due(reference=mine.reference) == 1
    assert (state_of(mine), state_of(other)) == (State.APPLIED, State.ACCEPTED)


def test_a_kill_in_the_middle_leaves_what_is_in_force(aroha: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    before = upload_in(State.APPLIED, aroha)
    upload = confirmed(aroha, compared_with=before)

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(applying, "_write_step", killed)
        with pytest.raises(KeyboardInterrupt):
            applying.apply_due()
    assert (state_of(before), state_of(upload)) == (State.APPLIED, State.ACCEPTED)
    assert events() == []
    assert not OutboxMessage.objects.exists()
    assert applying.apply_due() == 1
    assert (state_of(before), state_of(upload)) == (State.SUPERSEDED, State.APPLIED)


def test_one_that_fails_keeps_no_other_from_its_turn(
    aroha: Person, bela: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where one run takes one upload: what failed comes after the others the next time."""
    applies = AdtFile.apply
    stuck, other = _one_that_fails(aroha, monkeypatch), confirmed(bela)
    monkeypatch.setattr(applying, "MOST_IN_A_RUN", 1)
    with pytest.raises(RuntimeError):
        applying.apply_due()
    step = UploadStep.objects.get(upload=stuck, step=Step.APPLY)
    assert (step.result, step.ended_at) == (StepResult.WAITING, None)
    assert applying.apply_due() == 1
    assert (state_of(stuck), state_of(other)) == (State.ACCEPTED, State.APPLIED)
    monkeypatch.setattr(AdtFile, "apply", applies)
    assert applying.apply_due() == 1
    step.refresh_from_db()
    assert (step.result, step.ended_at is None) == (StepResult.DONE, False)


def _one_that_fails(by: Person, monkeypatch: pytest.MonkeyPatch) -> Upload:
    """Return an upload that is due first, and whose applying fails."""
    stuck = confirmed(by)
    Upload.objects.filter(pk=stuck.pk).update(confirmed_at=timezone.now() - timedelta(minutes=1))
    applies = AdtFile.apply

    def fails(kind: AdtFile, upload: Upload, *, by: Any, at: Any) -> bool:
        if upload.pk == stuck.pk:
            raise RuntimeError("broken")
        return applies(kind, upload, by=by, at=at)

    monkeypatch.setattr(AdtFile, "apply", fails)
    return stuck


def test_what_can_never_be_applied_is_rejected_and_said_so(aroha: Person) -> None:
    stuck = confirmed(aroha, compared_with=upload_in(State.SUPERSEDED, aroha))
    assert applying.apply_due() == 0
    stuck.refresh_from_db()
    assert (stuck.state, stuck.ended_by) == (State.REJECTED, None)
    assert "checked against other thresholds than those in force" in stuck.ended_because
    assert events() == ["upload.not_applied"]
    assert [mail.recipient for mail in OutboxMessage.objects.filter(event="upload.rejected")] == [aroha.email]
    assert stuck.ended_because in next_of(stuck).says[0]


def test_a_kind_may_say_that_its_time_has_not_come(aroha: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = confirmed(aroha)
    monkeypatch.setattr(AdtFile, "apply", lambda kind, upload, *, by, at: False)
    assert applying.apply_due() == 0
    assert state_of(upload) == State.ACCEPTED


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_after_dccs_word(aroha: Person, dana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr("ssi.waking._send", lambda task, facts, expires=None: woken.append((task, dict(facts))))
    upload = upload_in(State.ACCEPTED, aroha)
    confirming.confirm(reference=upload.reference, unscanned_accepted=False, by=actor_of(dana))
    assert (applying.APPLY, {"reference": upload.reference}) in woken
    jobs.apply_due(reference=upload.reference)
    assert state_of(upload) == State.APPLIED


@pytest.mark.django_db(transaction=True)
def test_two_workers_apply_it_once(aroha: Person) -> None:
    upload = confirmed(aroha)
    jobs.apply_due()
    jobs.apply_due(reference=upload.reference)
    assert events() == ["upload.applied"]
