"""Long files of both kinds in a worker of their own: everything is kept and found, in how much memory."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from ssi.accounts.models import Person
from ssi.db import insert_many
from ssi.eui64 import Eui64
from ssi.uploads.actions import receiving
from ssi.uploads.issuing import Issued
from ssi.uploads.models import QuarantinedCommunication, QuarantineEvent, Threshold, Upload, UploadFinding
from ssi.uploads.models.choices import Breach, Fate, Kind, State
from tests.factories.uploads import adt_file, eqf_file, sign
from tests.personas import actor_of
from tests.ssi.uploads.engine.test_kills import MOST_MEMORY_KB, start_worker

pytestmark = pytest.mark.django_db(transaction=True)
NORTHLIGHT = "90-B3-D5-1F-30-03-00-00"
METER = "00-DB-12-34-56-78-90-A0"
EVENT = 4711
Process = Callable[[Kind, str, bytes], Upload]


@pytest.fixture
def process(aroha: Person, arohas: Issued, folder: Path, settings: LazySettings) -> Process:
    """Return what sends a well-signed file, and has a worker of its own check it in little memory."""

    def processed(kind: Kind, name: str, content: bytes) -> Upload:
        upload = receiving.receive(
            kind=kind,
            file=io.BytesIO(content),
            name=name,
            size=len(content),
            signature=sign(content, *arohas),
            signature_name=f"{name}.sig",
            submit_when_checked=True,
            by=actor_of(aroha),
        )
        out, _ = start_worker(upload, folder, settings.SSI_FILE_TRUST, stop_at="real").communicate(timeout=100)
        assert int(out) < MOST_MEMORY_KB, f"{int(out) // 1000} MB"
        upload.refresh_from_db()
        return upload

    return processed


def longer(content: bytes, lines: int, line: Callable[[int], str]) -> bytes:
    """Return a file with many lines in place of its few: header, lines, trailer."""
    header, *_ = content.split(b"\r\n", 1)
    body = header + b"\r\n" + "".join(f"D,{n},{line(n)}\r\n" for n in range(1, lines + 1)).encode()
    return body + f"T,{lines},{hashlib.sha256(body).hexdigest()}\r\n".encode()


def test_many_decisions_are_read_checked_and_accepted(process: Process, aroha: Person) -> None:
    event = QuarantineEvent.objects.create(
        user_id=aroha.grants.get().acting_for,
        event_ref=EVENT,
        breach=Breach.USER_THRESHOLD,
        began_at=timezone.now(),
        due_at=timezone.now(),
        held=LINES,
    )
    held = QuarantinedCommunication(event=event, target=Eui64.parse(METER), held_at=timezone.now())
    insert_many(held, {"counter": range(1, LINES + 1)})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE uploads_quarantinedcommunication")
    name, content = eqf_file(NORTHLIGHT, EVENT, [])
    upload = process(
        Kind.EXIT_QUARANTINE,
        name,
        longer(content, LINES, lambda n: f"{EVENT},{NORTHLIGHT}:{METER}:{n},RELEASE,known load"),
    )
    assert (upload.state, upload.lines) == (State.ACCEPTED, LINES + 2)
    event.refresh_from_db()
    assert (event.held, event.decided) == (0, LINES)
    assert not QuarantinedCommunication.objects.exclude(fate=Fate.DECIDED).exists()


def test_many_findings_are_listed(process: Process) -> None:
    name, content = adt_file(NORTHLIGHT, "IS")
    upload = process(Kind.ADT, name, longer(content, LINES, lambda n: f"99.{n % 10},SR,DAY,,{n},,,{'x' * 40}"))
    assert upload.state == State.REJECTED
    assert UploadFinding.objects.filter(upload=upload, code="F31").count() == LINES
    assert not Threshold.objects.filter(upload=upload).exists()


LINES = 20_000
"""Few enough for seconds: memory does not grow with the number, which a million simple lines show beside this."""
