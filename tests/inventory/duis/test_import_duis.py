"""The command: lines, order, summary, exit status, dry run."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from inventory.models import (
    AuditTrailEntry,
    AwaitedResponse,
    Device,
    DeviceModel,
    DeviceStatusChange,
    MeterPoint,
)
from ssi.audit.models import AuditEvent
from tests.inventory.duis import messages as duis
from tests.inventory.duis.applying import device, register

pytestmark = pytest.mark.django_db

KEYS = ["file", "request_id", "srv", "response_code", "detail", "suggestion"]


class Run(NamedTuple):
    """What one call of the command gave."""

    lines: list[dict[str, str]]
    summary: str
    status: int

    @property
    def codes(self) -> list[str]:
        return [line["response_code"] for line in self.lines]


def run(*arguments: object) -> Run:
    out, err = io.StringIO(), io.StringIO()
    status = 0
    try:
        call_command("import_duis", *map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        status = error.returncode
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert all(list(line) == KEYS for line in lines)
    assert all(isinstance(value, str) for line in lines for value in line.values())
    return Run(lines, err.getvalue(), status)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of messages that build on each other, in the order of their names."""
    register()
    (tmp_path / "1-hub.xml").write_bytes(duis.hub_answer())
    (tmp_path / "2-meter.XML").write_bytes(duis.prenotification())
    (tmp_path / "3-add").mkdir()
    (tmp_path / "3-add" / "a.xml").write_bytes(duis.add_to_log())
    (tmp_path / "4-again.xml").write_bytes(duis.add_to_log())
    (tmp_path / "5-other.xml").write_bytes(duis.request("4.8.1", "<sr:ReadActiveImportProfileData/>"))
    (tmp_path / ".hidden").write_bytes(b"junk")
    return tmp_path


EXPECTED = ["I0", "I99", "I99", "SSI-REQUEST-DOUBLED", "SSI-NOT-HANDLED"]


def test_a_folder_is_read_by_name_with_its_folders(folder: Path) -> None:
    done = run(folder)
    assert done.codes == EXPECTED
    assert [line["file"] for line in done.lines] == [
        str(folder / name) for name in ("1-hub.xml", "2-meter.XML", "3-add/a.xml", "4-again.xml", "5-other.xml")
    ]
    assert [line["srv"] for line in done.lines] == ["8.2", "12.2", "8.11", "8.11", "4.8.1"]
    assert done.status == 0
    assert done.summary == "5 messages: 3 applied, 1 refused, 1 not handled yet, 0 could not be read as DUIS.\n"
    assert AwaitedResponse.objects.get().device_id == device().device_id


def test_every_line_but_a_success_has_a_suggestion(folder: Path) -> None:
    for line in run(folder).lines:
        assert line["detail"]
        assert bool(line["suggestion"]) is not line["response_code"].startswith("I")


def test_a_dry_run_gives_the_same_answers_and_changes_nothing(folder: Path) -> None:
    rehearsed = run("--dry-run", folder)
    assert rehearsed.codes == EXPECTED
    assert "dry run: nothing was changed" in rehearsed.summary
    for model in (
        Device,
        DeviceModel,
        DeviceStatusChange,
        MeterPoint,
        AuditEvent,
        AuditTrailEntry,
        AwaitedResponse,
    ):
        assert not model.objects.exists(), model
    assert run(folder).lines == rehearsed.lines


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    register()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(duis.prenotification())))
    done = run("-")
    assert [(line["file"], line["response_code"]) for line in done.lines] == [("-", "I99")]


def test_several_paths_keep_the_order_given(folder: Path) -> None:
    done = run(folder / "2-meter.XML", folder / "1-hub.xml")
    assert [line["srv"] for line in done.lines] == ["12.2", "8.2"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "SSI-EMPTY"),
        (b"\x1f\x8b\x08\x00", "SSI-COMPRESSED"),
        (b"PK\x03\x04", "SSI-COMPRESSED"),
        (b"hello", "SSI-MALFORMED"),
        (duis.prenotification()[:-20], "SSI-MALFORMED"),
        (b"<!DOCTYPE a><a/>", "SSI-UNSAFE-XML"),
        (b"<a/>", "SSI-NOT-DUIS"),
        (b"<a>" * 100, "SSI-TOO-DEEP"),
        (b"<a>" + b"<b/>" * 60_000, "SSI-TOO-LARGE"),
    ],
)
def test_a_file_that_is_not_duis_gets_its_line_and_exit_status_1(folder: Path, content: bytes, code: str) -> None:
    (folder / "0-bad.xml").write_bytes(content)
    done = run(folder)
    assert done.status == 1
    assert done.codes == [code, *EXPECTED]
    assert done.lines[0]["suggestion"]
    assert (done.lines[0]["request_id"], done.lines[0]["srv"]) == ("", "")
    assert "1 could not be read as DUIS" in done.summary


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (duis.prenotification(header={"version": "4.0"}), "SSI-VERSION"),
        (duis.prenotification(header={"request_id": "none"}), "SSI-SCHEMA"),
        (duis.prenotification(header={"originator": "90-B3-D5-1F-3F-00-00-99"}), "E1"),
        (duis.message("Request", "", ""), "SSI-SCHEMA"),
        (f'<sr:Request xmlns:sr="{duis.SR}" schemaVersion="5.4"/>'.encode(), "SSI-SCHEMA"),
    ],
)
def test_a_refusal_of_a_duis_message_is_an_answer(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "message.xml").write_bytes(content)
    done = run(tmp_path)
    assert (done.codes, done.status) == ([code], 0)


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere.xml")
    assert done.status == 1
    assert done.codes == ["SSI-NO-FILE"]
    assert "there is no such file" in done.lines[0]["detail"]


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "broken").symlink_to(tmp_path / "gone")
    done = run(tmp_path)
    assert done.codes == ["SSI-NO-FILE", "SSI-NO-FILE"]
    assert "regular file" in done.lines[1]["detail"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    assert run(tmp_path).codes == ["SSI-NO-FILE"]


def test_an_empty_folder(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert (done.lines, done.status) == ([], 0)
    assert done.summary.startswith("0 messages")


def test_a_name_no_encoding_knows(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.xml")).write_bytes(b"")
    assert run(tmp_path).codes == ["SSI-EMPTY"]


def test_no_path_at_all() -> None:
    with pytest.raises(CommandError, match="PATH"):
        call_command("import_duis")


def test_the_largest_message_is_a_setting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SSI_DUIS_LARGEST_MESSAGE", 100)
    done = run(folder / "1-hub.xml")
    assert done.codes == ["SSI-TOO-LARGE"]
    assert "100 bytes" in done.lines[0]["detail"]


MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""
"""Runs a command and says last what memory it took: a child of the tests would be charged for the tests' own."""


def test_a_200_mb_file_is_refused_in_flat_memory(tmp_path: Path) -> None:
    """Run as its users run it, with little memory: neither reading nor refusing may need the file's size."""
    nested, flat = tmp_path / "nested.xml", tmp_path / "flat.xml"
    with nested.open("wb") as file:
        file.writelines(duis.nested(200_000_000))
    with flat.open("wb") as file:
        file.write(f'<sr:Request xmlns:sr="{duis.SR}"><sr:Body>'.encode())
        file.writelines([b"text " * 200_000] * 200)
    command = [sys.executable, "-c", MEASURED, sys.executable, "manage.py", "import_duis", str(nested), str(flat)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    codes = [json.loads(line)["response_code"] for line in done.stdout.splitlines()]
    assert codes == ["SSI-TOO-DEEP", "SSI-TOO-LARGE"]
    assert int(done.stderr.splitlines()[-1]) < 250_000, "KiB"
