"""The secrets of a copy that runs on its own: made once, completed, never written over."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ssi import embedded
from ssi.embedded.keys import BrokenSecrets, keys_of
from ssi.uploads.receipt_keys import check_key

EARLIER = {"SSI_SECRET_KEY": "kept", "SSI_CODE_KEYS": "k7:kept"}


def test_secrets_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first = keys_of(tmp_path)
    assert keys_of(tmp_path) == first
    assert first["SSI_CODE_KEYS"].startswith("k1:")
    check_key(first["SSI_RECEIPT_KEY"])
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secrets.json"]


def test_secrets_of_an_earlier_release_are_kept_and_completed(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    earlier = EARLIER | {"OTHER": "kept too"}
    file.write_text(json.dumps(earlier))
    file.chmod(0o600)
    completed = keys_of(tmp_path)
    assert sorted(completed) == ["SSI_CODE_KEYS", "SSI_RECEIPT_KEY", "SSI_SECRET_KEY"]
    assert json.loads(file.read_text()) == earlier | completed
    assert keys_of(tmp_path) == completed
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"SSI_SECRET_KEY": "x"}'])
def test_broken_secrets_are_refused_and_never_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / "secrets.json").write_text(content)
    with pytest.raises(BrokenSecrets, match="Restore the file"):
        keys_of(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == content


def test_two_processes_that_complete_an_earlier_file_end_with_the_same_key(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps(EARLIER))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: keys_of(tmp_path)["SSI_RECEIPT_KEY"], range(8)))
    assert len(set(found)) == 1


def test_nothing_is_made_for_a_deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in EARLIER.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SSI_RECEIPT_KEY", "")
    embedded.fill_secrets(tmp_path)
    assert not list(tmp_path.iterdir())
    assert os.environ["SSI_RECEIPT_KEY"] == ""
