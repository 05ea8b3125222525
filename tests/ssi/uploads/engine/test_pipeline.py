"""The way of a signed file: every step once, everything found, all or nothing."""

import io

import pytest
from django.conf import LazySettings
from pytest_django import DjangoCaptureOnCommitCallbacks

from ssi.accounts.models import Person, RoleGrant
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed
from ssi.uploads import scanning, storage
from ssi.uploads.actions import pipeline, receiving, steps
from ssi.uploads.actions.rights import RoleEnded
from ssi.uploads.models import Threshold, Upload, UploadFinding, UploadStep
from ssi.uploads.models.choices import Kind, Scan, State, Step, StepResult
from ssi.uploads.models.uploads import LONGEST_NAME, LONGEST_SIGNATURE
from ssi.uploads.scanning import Scanned, ScannerSilent
from tests.personas import actor_of
from tests.ssi.uploads.engine.conftest import Send
from tests.ssi.uploads.engine.lines import Lines

pytestmark = pytest.mark.django_db
GOOD = b"one\r\ntwo\r\nthree\r\n"


def processed(upload: Upload) -> Upload:
    pipeline.process(upload.pk)
    upload.refresh_from_db()
    return upload


def codes(upload: Upload) -> list[tuple[str, int]]:
    found = UploadFinding.objects.filter(upload=upload).order_by("line", "id")
    return list(found.values_list("code", "line"))


def results(upload: Upload) -> dict[str, str]:
    return dict(UploadStep.objects.filter(upload=upload).values_list("step", "result"))


def test_a_good_file_goes_every_step_and_is_checked(send: Send) -> None:
    upload = processed(send(GOOD))
    assert upload.state == State.CHECKED
    assert results(upload) == {
        "receive": StepResult.DONE,
        "scan": StepResult.NOT_DONE,
        "verify": StepResult.DONE,
        "parse": StepResult.DONE,
        "check": StepResult.DONE,
    }
    assert (upload.lines, upload.lines_read, upload.findings, upload.warnings) == (3, 3, 0, 0)
    assert upload.scan == Scan.NOT_SCANNED
    assert upload.signed_well
    assert Threshold.objects.filter(upload=upload).count() == 3
    assert not UploadStep.objects.filter(upload=upload, ended_at=None).exists()
    events = AuditEvent.objects.filter(reference=upload.reference).order_by("id").values_list("event", flat=True)
    assert list(events) == ["upload.received", "upload.checked"]


def test_everything_is_found_and_then_nothing_of_it_stays(send: Send) -> None:
    upload = processed(send(b"one\r\nbad\r\nodd\r\nwarn\r\nbad", signature=None))
    assert upload.state == State.REJECTED
    assert codes(upload) == [("F10", 0), ("F30", 2), ("F33", 3), ("W50", 4), ("F30", 5)]
    assert (upload.findings, upload.warnings) == (4, 1)
    assert results(upload)["parse"] == results(upload)["check"] == results(upload)["verify"] == StepResult.FOUND
    assert not Threshold.objects.filter(upload=upload).exists()
    assert upload.ended_at is not None
    assert OutboxMessage.objects.filter(reference=upload.reference).count() == 1


def test_warnings_alone_do_not_reject(send: Send) -> None:
    upload = processed(send(b"one\r\nwarn\r\n"))
    assert (upload.state, upload.warnings) == (State.CHECKED, 1)
    assert codes(upload) == [("W50", 2)]


def test_an_empty_file_and_one_with_too_many_lines_are_refused(send: Send, settings: LazySettings) -> None:
    assert ("F06", 0) in codes(processed(send(b"")))
    settings.SSI_UPLOAD_MOST_LINES = 3
    upload = processed(send(b"x\r\n" * 6))
    assert codes(upload) == [("F06", 0)]
    assert not Threshold.objects.filter(upload=upload).exists()
    assert processed(send(b"x\r\n" * 5)).state == State.CHECKED


def test_a_signature_that_is_too_long_to_be_one_is_found(send: Send) -> None:
    upload = send(GOOD, signature=b"{" * 10 * LONGEST_SIGNATURE)
    assert len(bytes(upload.signature or b"")) == LONGEST_SIGNATURE + 1
    assert codes(processed(upload)) == [("F11", 0)]


def test_malware_ends_it_there(
    send: Send,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    monkeypatch.setattr(scanning, "scan", lambda content: Scanned(Scan.INFECTED, "Eicar"))
    upload = send(GOOD)
    was = upload.stored_as
    with django_capture_on_commit_callbacks(execute=True):
        processed(upload)
    assert (upload.state, upload.scan) == (State.REJECTED, Scan.INFECTED)
    assert codes(upload) == [("F09", 0)]
    assert [results(upload)[step] for step in (Step.VERIFY, Step.PARSE, Step.CHECK)] == [StepResult.NOT_DONE] * 3
    with pytest.raises(storage.InQuarantine):
        storage.opened(upload.stored_as, upload.sha256)
    with pytest.raises(storage.BytesChanged):
        storage.opened(was, upload.sha256)
    assert storage.sweep_orphans(older_than=-storage.ORPHAN_AFTER) == 0, "a row names it"


def test_a_silent_scanner_lets_it_wait_and_never_pass(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(content: object) -> Scanned:
        raise ScannerSilent("Nobody there.")

    upload = send(GOOD)
    with monkeypatch.context() as patched:
        patched.setattr(scanning, "scan", silent)
        for _ in range(2):
            assert processed(upload).state == State.RECEIVED
            assert results(upload) == {"receive": StepResult.DONE, "scan": StepResult.WAITING}
    assert UploadStep.objects.get(upload=upload, step=Step.SCAN).detail == "Nobody there."
    assert pipeline.uploads_to_do() == [upload.pk]
    assert processed(upload).state == State.CHECKED
    assert pipeline.uploads_to_do() == []


def test_an_unusable_trust_store_lets_it_wait(send: Send, settings: LazySettings) -> None:
    trust, settings.SSI_FILE_TRUST = settings.SSI_FILE_TRUST, "/nowhere"
    upload = processed(send(GOOD))
    assert (upload.state, results(upload)["verify"]) == (State.RECEIVED, StepResult.WAITING)
    settings.SSI_FILE_TRUST = trust
    assert processed(upload).state == State.CHECKED


def test_changed_bytes_let_it_wait(send: Send, folder: object) -> None:
    upload = send(GOOD)
    storage.delete(upload.stored_as)
    assert processed(upload).state == State.RECEIVED
    assert results(upload)["scan"] == StepResult.WAITING


def test_a_million_findings_are_a_matter_of_copy(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = processed(send(b"bad\r\n" * 30_000 + b"odd\r\n" * 12_000))
    assert (upload.state, upload.findings) == (State.REJECTED, 42_000)
    assert UploadFinding.objects.filter(upload=upload).count() == 42_000


def test_it_may_be_done_again_at_any_time(send: Send) -> None:
    upload = processed(send(b"one\r\nodd\r\n"))
    assert codes(processed(upload)) == [("F33", 2)]
    good = processed(send(GOOD))
    assert processed(good).state == State.CHECKED
    assert Threshold.objects.filter(upload=good).count() == 3


def test_what_was_withdrawn_meanwhile_is_left_alone(send: Send, lines: Lines, aroha: Person) -> None:
    def withdraw(upload: Upload, items: object) -> None:
        Upload.objects.filter(pk=upload.pk).update(state=State.WITHDRAWN)

    lines.after_keep = withdraw
    upload = send(GOOD)
    pipeline.process(upload.pk)
    assert results(upload)["parse"] == ""
    assert Upload.objects.get(pk=upload.pk).state == State.WITHDRAWN


def test_one_that_needs_no_eyes_is_submitted_by_itself(send: Send, lines: Lines) -> None:
    upload = processed(send(GOOD, auto=True))
    assert upload.state == State.ACCEPTED
    assert lines.accepted_by == [upload.pk]
    assert upload.submitted_by_id == upload.uploaded_by_id


def test_one_that_needs_eyes_waits_and_is_not_tried_again(send: Send) -> None:
    upload = processed(send(b"warn\r\n", auto=True))
    assert (upload.state, upload.submit_when_checked) == (State.CHECKED, False)
    assert pipeline.uploads_to_do() == []
    assert OutboxMessage.objects.filter(reference=upload.reference).count() == 1


def test_a_killed_worker_between_checked_and_submitted_is_made_good(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = send(GOOD, auto=True)
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "_submit", lambda upload_id: None)
        assert processed(upload).state == State.CHECKED
    assert pipeline.uploads_to_do() == [upload.pk]
    assert processed(upload).state == State.ACCEPTED


@pytest.mark.parametrize("step", [Step.SCAN, Step.VERIFY, Step.PARSE, Step.CHECK])
def test_a_step_that_breaks_before_its_commit_is_done_again_whole(
    step: Step, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As good as kill -9 within this process."""

    def break_at(upload: Upload, at: Step, *args: object, **kwargs: object) -> None:
        ends(upload, at, *args, **kwargs)  # type: ignore[arg-type]
        if at == step:
            raise Killed

    ends = steps._end_counted
    upload = send(b"one\r\nbad\r\nodd\r\n")
    with monkeypatch.context() as patched:
        patched.setattr(steps, "_end_counted", break_at)
        with pytest.raises(Killed):
            pipeline.process(upload.pk)
    upload.refresh_from_db()
    assert upload.state == State.RECEIVED
    assert UploadStep.objects.get(upload=upload, step=step).ended_at is None
    assert processed(upload).state == State.REJECTED
    assert codes(upload) == [("F30", 2), ("F33", 3)]
    assert upload.findings == 2


def test_a_kill_before_the_state_moves_is_made_good(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = send(b"bad\r\n")
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "_finish", lambda upload_id: None)
        assert processed(upload).state == State.RECEIVED
    assert processed(upload).state == State.REJECTED
    assert codes(upload) == [("F30", 1)]


# --- Receiving ---------------------------------------------------------------------------------------------------


def test_only_an_aro_sends_and_only_while_they_are_one(aroha: Person, gina: Person, dana: Person) -> None:
    def send_as(person: Person) -> Upload:
        return receiving.receive(
            kind=Kind.ADT,
            file=io.BytesIO(GOOD),
            name="x.csv",
            size=len(GOOD),
            signature=None,
            signature_name="",
            submit_when_checked=False,
            by=actors[person.pk],
        )

    actors = {person.pk: actor_of(person) for person in (aroha, gina, dana)}
    for person in (gina, dana):
        with pytest.raises(NotAllowed):
            send_as(person)
    RoleGrant.objects.filter(person=aroha).delete()
    with pytest.raises(RoleEnded):
        send_as(aroha)
    assert not Upload.objects.exists()
    assert storage.sweep_orphans(older_than=-storage.ORPHAN_AFTER) == 0, "nothing was written"


def test_a_name_is_kept_as_text_and_never_used(send: Send) -> None:
    upload = send(GOOD, name="../../\x00etc/\ud800passwd" + "x" * 500)
    assert len(upload.file_name) == LONGEST_NAME
    assert "\x00" not in upload.file_name
    assert upload.stored_as.startswith("kept/20")
