"""The demo's signed files: real, trusted by this copy, and doing what their README promises."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from ssi.accounts import demo as accounts
from ssi.accounts.models import Person
from ssi.audit import log
from ssi.notifications.models import OutboxMessage
from ssi.uploads import demo, demo_files, trust
from ssi.uploads.actions import pipeline, receiving
from ssi.uploads.actions.recovery import declare
from ssi.uploads.models import QuarantineEvent, Upload
from ssi.uploads.models.choices import Kind, State
from tests.personas import actor_of

pytestmark = pytest.mark.django_db
PROMISED = {
    "1-good": (State.CHECKED, set(), False),
    "2-needs-a-second-officer": (State.CHECKED, set(), True),
    "3-warnings": (State.CHECKED, set(), True),
    "4-many-findings": (State.REJECTED, {"F30", "F31", "F32", "F33", "F34", "F35", "F36", "F37"}, False),
    "5-signed-by-another-party": (State.REJECTED, {"F14"}, False),
    "6-exit-quarantine": (State.CHECKED, set(), False),
}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, settings: LazySettings) -> None:
    settings.SSI_DATA_DIR = tmp_path
    settings.SSI_FILE_TRUST = str(tmp_path / "file-trust")


def sent(folder: Path) -> Upload:
    (file,) = folder.glob("*.csv")
    signature = file.with_name(f"{file.name}.sig")
    content = file.read_bytes()
    upload = receiving.receive(
        kind=Kind.ADT if file.name.startswith("ADT") else Kind.EXIT_QUARANTINE,
        file=io.BytesIO(content),
        name=file.name,
        size=len(content),
        signature=signature.read_bytes(),
        signature_name=signature.name,
        submit_when_checked=False,
        by=actor_of(Person.objects.get(email=demo_files.AROHA)),
    )
    pipeline.process(upload.pk)
    return Upload.objects.get(pk=upload.pk)


def test_history_and_samples_are_as_promised(tmp_path: Path) -> None:
    accounts.load()
    assert demo.load() == "3 sets of thresholds, 3 quarantine events, signed files in demo-files"
    uploads = Upload.objects.order_by("pk").values_list("user_role", "state", "signed_well")
    assert list(uploads) == [
        ("IS", "superseded", True),
        ("IS", "applied", True),
        ("GS", "accepted", True),
    ]
    assert demo.load() == ""
    assert log.verify().broken_id is None
    assert not OutboxMessage.objects.exists()
    for folder, (state, codes, needs_second) in PROMISED.items():
        upload = sent(tmp_path / "demo-files" / folder)
        assert upload.state == state, folder
        assert set(upload.found.values_list("code", flat=True)) == codes, folder
        assert bool(upload.second_because) == needs_second, folder


def test_samples_stay_valid_for_weeks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.load()
    demo.load()
    later = timezone.now() + timedelta(days=28)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert sent(tmp_path / "demo-files" / "1-good").state == State.CHECKED


def test_what_is_missing_is_made_and_what_is_there_stays(tmp_path: Path) -> None:
    accounts.load()
    demo.load()
    references = set(Upload.objects.values_list("reference", flat=True))
    trusted = {path: path.read_bytes() for path in (tmp_path / "file-trust").iterdir()}
    own = tmp_path / "demo-files" / "my-own.csv"
    own.touch()
    (tmp_path / "demo-files" / "README.md").unlink()
    assert demo.load() == "signed files in demo-files"
    assert set(Upload.objects.values_list("reference", flat=True)) == references
    assert {path: path.read_bytes() for path in (tmp_path / "file-trust").iterdir()} == trusted
    assert own.exists()


def test_a_folder_of_others_authorities_is_left_alone(tmp_path: Path) -> None:
    accounts.load()
    (tmp_path / "file-trust").mkdir()
    (tmp_path / "file-trust" / "iki-root.pem").touch()
    assert demo.load() == ""
    assert [path.name for path in tmp_path.iterdir()] == ["file-trust"]


def test_keys_are_not_in_the_trust_folder(tmp_path: Path) -> None:
    accounts.load()
    demo.load()
    assert not [path for path in (tmp_path / "file-trust").rglob("*") if b"PRIVATE" in path.read_bytes()]
    assert trust.configured_trust().roots


@pytest.mark.parametrize("trouble", ["recovery", "closed", "scanner"])
def test_where_nobody_can_send_files_the_rest_is_made(settings: Any, trouble: str) -> None:
    accounts.load()
    if trouble == "recovery":
        dana = actor_of(Person.objects.get(email=demo.DESK))
        declare(because="The portal is being moved.", instructions="Write to desk@dcc.example.", by=dana)
    if trouble == "closed":
        Person.objects.get(email=demo_files.AROHA).grants.update(ended_at=timezone.now())
    if trouble == "scanner":
        settings.SSI_CLAMD = "tcp://127.0.0.1:1"
    assert demo.load() == "3 quarantine events, signed files in demo-files"
    assert not Upload.objects.exists()
    assert QuarantineEvent.objects.count() == 3
