"""A worker killed in the middle of a file, two at once, and how much memory a large file takes: for real."""

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.db import connections

from ssi.uploads.actions import pipeline, steps
from ssi.uploads.models import Threshold, Upload, UploadFinding, UploadStep
from ssi.uploads.models.choices import State, Step
from tests.processes import environment_of_this_test
from tests.ssi.uploads.engine.conftest import Send
from tests.ssi.uploads.engine.lines import Line, Lines

pytestmark = pytest.mark.django_db(transaction=True)
FILE = b"".join(b"line %d\r\n" % n + (b"bad\r\n" if n % 100 == 0 else b"") for n in range(1, 20_001))
MOST_MEMORY_KB = 200_000


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "BATCH", 1_000)


def start_worker(upload: Upload, folder: Path, trust: str, stop_at: str = "") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ssi.uploads.engine.worker", str(upload.pk), str(folder), stop_at],
        cwd=django_settings.BASE_DIR,
        env=environment_of_this_test() | {"TEST_FILE_TRUST": trust},
        stdout=subprocess.PIPE,
        text=True,
    )


def is_whole(upload: Upload) -> bool:
    """Tell whether every line was kept once, before the file was refused for what is bad in it."""
    return UploadFinding.objects.filter(upload=upload).count() == 200 == upload.findings


def test_a_worker_killed_in_the_middle_of_a_file_costs_no_line_and_doubles_none(
    send: Send, folder: Path, settings: LazySettings, lines: Lines
) -> None:
    upload = send(FILE)
    worker = start_worker(upload, folder, settings.SSI_FILE_TRUST, stop_at="3")
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "stopped\n"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(20)
    upload.refresh_from_db()
    kept = Threshold.objects.filter(upload=upload).count()
    assert (upload.state, upload.lines_read) == (State.RECEIVED, kept)
    assert 0 < kept < 20_000, "two batches are committed, the third is not"
    assert UploadStep.objects.get(upload=upload, step=Step.PARSE).ended_at is None
    seen: list[int] = []
    lines.before_keep = lambda upload, items: seen.extend(item.number for item in items)
    lines.before_check = _nothing_twice
    pipeline.process(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.lines) == (State.REJECTED, 20_200)
    assert len(seen) == 20_000 - kept, "what was kept is passed over"
    assert is_whole(upload)


def _nothing_twice(upload: Upload) -> None:
    rows = Threshold.objects.filter(upload=upload)
    assert rows.count() == rows.values("line").distinct().count() == 20_000


def test_two_workers_at_once_do_nothing_twice(send: Send, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "_alone", _nobody_minds)
    lines.before_check = _nothing_twice
    upload = send(FILE)
    both = [threading.Thread(target=_process, args=(upload.pk,)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    pipeline.process(upload.pk)  # both may have given way to each other: the sweep comes
    upload.refresh_from_db()
    assert upload.state == State.REJECTED
    assert is_whole(upload)


class _nobody_minds:  # noqa: N801 - stands for a function
    """Lets every worker in, as if each were alone."""

    def __init__(self, upload_id: int) -> None: ...

    def __enter__(self) -> bool:
        return True

    def __exit__(self, *args: object) -> None: ...


def _process(upload_id: int) -> None:
    try:
        pipeline.process(upload_id)
    finally:
        connections.close_all()


def test_a_second_worker_leaves_it_to_the_first(send: Send, lines: Lines) -> None:
    answers: list[Any] = []

    def meanwhile(upload: Upload, items: Sequence[Line]) -> None:
        if not answers:
            other = threading.Thread(target=_process, args=(upload.pk,))
            other.start()
            other.join(20)
            answers.append(other.is_alive())

    lines.before_keep = meanwhile
    upload = send(FILE)
    pipeline.process(upload.pk)
    upload.refresh_from_db()
    assert answers == [False]
    assert is_whole(upload)


def test_a_million_lines_take_less_than_200_mb(send: Send, folder: Path, settings: LazySettings) -> None:
    text = b"x" * 88
    upload = send(b"".join(b"%08d %s\r\n" % (n, text) for n in range(1_000_000)))
    assert upload.size >= 99_000_000
    worker = start_worker(upload, folder, settings.SSI_FILE_TRUST)
    out, _ = worker.communicate(timeout=300)
    upload.refresh_from_db()
    assert (upload.state, upload.lines) == (State.CHECKED, 1_000_000)
    assert int(out) < MOST_MEMORY_KB, f"{int(out) // 1000} MB"
