"""Files of thresholds through the whole pipeline: refused with every finding, or ready to be submitted."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from ssi.accounts.models import Person
from ssi.refusals import Refusal
from ssi.uploads.actions import pipeline, submitting
from ssi.uploads.actions.accepting import AnotherSetIsSubmitted
from ssi.uploads.models import Threshold, Upload
from ssi.uploads.models.choices import State, Step, StepResult
from tests.factories.uploads import GOOD_ROWS
from tests.personas import actor_of
from tests.ssi.uploads.adt.conftest import Send

EXCEPTION = ("7.4", "SR", "DAY", "", 5, "2030-01-01", "2030-01-02", "")


def processed(upload: Upload) -> Upload:
    pipeline.process(upload.pk)
    return Upload.objects.get(pk=upload.pk)


@pytest.mark.django_db
def test_a_good_file_is_checked(send: Send) -> None:
    upload = processed(send())
    assert (upload.state, upload.findings, upload.lines, upload.user_role) == (State.CHECKED, 0, 5, "IS")
    assert Threshold.objects.filter(upload=upload).count() == len(GOOD_ROWS)


@pytest.mark.django_db
def test_findings_of_reading_and_of_the_check_are_listed_in_one_go(send: Send) -> None:
    rows = [*GOOD_ROWS, ("99", *GOOD_ROWS[0][1:]), GOOD_ROWS[0], (*GOOD_ROWS[0][:-1], "=1")]
    upload = processed(send(rows, reference="INC000000000001", count=2, header={4: "GS"}))
    found = [(each.step, each.code, each.line) for each in upload.found.order_by("line", "id")]
    assert found == [
        (Step.CHECK, "F01", 1),
        (Step.PARSE, "F31", 5),
        (Step.CHECK, "F33", 6),
        (Step.PARSE, "F30", 7),
        (Step.CHECK, "F33", 7),
        (Step.PARSE, "F40", 8),
    ]
    assert (upload.state, upload.findings) == (State.REJECTED, 6)
    assert not Threshold.objects.filter(upload=upload).exists()
    results = dict(upload.steps.values_list("step", "result"))
    assert results[Step.PARSE] == results[Step.CHECK] == StepResult.FOUND


@pytest.mark.django_db
def test_thousands_of_findings_of_the_check(send: Send) -> None:
    upload = processed(send([EXCEPTION] * 12_001))
    assert (upload.state, upload.findings) == (State.REJECTED, 12_000)
    assert upload.found.filter(code="F33").count() == 12_000


@pytest.mark.django_db(transaction=True)
def test_of_two_submitted_at_once_one_goes_to_dcc(send: Send, aroha: Person) -> None:
    uploads = [processed(send()) for _ in range(2)]
    assert [upload.state for upload in uploads] == [State.CHECKED, State.CHECKED]
    together = threading.Barrier(2)
    refusals: list[Refusal] = []

    def submit(upload: Upload) -> None:
        together.wait(20)
        try:
            submitting.submit(reference=upload.reference, warnings_checked=True, by=actor_of(aroha))
        except Refusal as refusal:
            refusals.append(refusal)

    _at_once([lambda upload=each: submit(upload) for each in uploads])  # type: ignore[misc]
    states = dict(Upload.objects.values_list("reference", "state"))
    (winner,) = [reference for reference, state in states.items() if state == State.ACCEPTED]
    (refusal,) = refusals
    assert isinstance(refusal, AnotherSetIsSubmitted)
    assert refusal.facts["reference"] == winner
    assert sorted(states.values()) == [State.ACCEPTED, State.CHECKED]


def _at_once(jobs: list[Callable[[], None]]) -> None:
    def run(job: Callable[[], None]) -> None:
        try:
            job()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
