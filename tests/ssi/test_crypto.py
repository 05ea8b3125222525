"""Sealed values open only where they belong, with a key that is still listed."""

import base64
import re
import traceback
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from ssi import crypto

PLACE = crypto.aad_for("incidents.answer", 17, "code")
SECRET = bytes.fromhex("83FED3407A939723A5C639B26916D505")


def key(fill: int) -> str:
    return base64.b64encode(bytes([fill]) * 32).decode()


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> None:
    settings.SSI_CODE_KEYS = f"k1:{key(1)}"


def test_opens_what_it_sealed() -> None:
    envelope = crypto.seal(SECRET, aad=PLACE)
    assert crypto.open_sealed(envelope, aad=PLACE) == SECRET
    assert crypto.open_sealed(memoryview(envelope), aad=PLACE) == SECRET  # type: ignore[arg-type]
    assert crypto.key_id_of(envelope) == "k1"
    assert SECRET not in envelope
    assert envelope != crypto.seal(SECRET, aad=PLACE), "the same value sealed twice must not look the same"


def test_envelope_is_laid_out_as_documented() -> None:
    envelope = crypto.seal(SECRET, aad=PLACE)
    assert envelope[:4] == b"\x01\x02k1"
    plain = AESGCM(bytes([1]) * 32).decrypt(envelope[4:16], envelope[16:], b"\x01\x02k1" + PLACE.encode())
    assert plain == SECRET
    assert len(envelope) == 4 + 12 + len(SECRET) + 16


@pytest.mark.parametrize(
    "place",
    [
        crypto.aad_for("incidents.answer", 18, "code"),
        crypto.aad_for("incidents.answer", 17, "other"),
        crypto.aad_for("inventory.device", 17, "code"),
    ],
)
def test_does_not_open_in_another_place(place: str) -> None:
    with pytest.raises(crypto.CannotOpen):
        crypto.open_sealed(crypto.seal(SECRET, aad=PLACE), aad=place)


def test_no_altered_byte_goes_unnoticed() -> None:
    envelope = crypto.seal(SECRET, aad=PLACE)
    for at in range(len(envelope)):
        altered = bytearray(envelope)
        altered[at] ^= 1
        with pytest.raises(crypto.CannotOpen):
            crypto.open_sealed(bytes(altered), aad=PLACE)
    for length in range(len(envelope)):
        with pytest.raises(crypto.CannotOpen):
            crypto.open_sealed(envelope[:length], aad=PLACE)


def test_a_key_that_is_changed_opens_old_and_seals_new(settings: Settings) -> None:
    old = crypto.seal(SECRET, aad=PLACE)
    assert crypto.is_current(old)
    settings.SSI_CODE_KEYS = f"k2:{key(2)}, k1:{key(1)}"
    assert not crypto.is_current(old)
    assert crypto.open_sealed(old, aad=PLACE) == SECRET
    new = crypto.reseal(old, aad=PLACE)
    assert crypto.is_current(new)
    assert crypto.key_id_of(new) == "k2"
    settings.SSI_CODE_KEYS = f"k2:{key(2)}"
    assert crypto.open_sealed(new, aad=PLACE) == SECRET
    with pytest.raises(crypto.CannotOpen):
        crypto.open_sealed(old, aad=PLACE)


def test_the_same_id_with_another_key_does_not_open(settings: Settings) -> None:
    envelope = crypto.seal(SECRET, aad=PLACE)
    settings.SSI_CODE_KEYS = f"k1:{key(9)}"
    with pytest.raises(crypto.CannotOpen):
        crypto.open_sealed(envelope, aad=PLACE)


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("", "Key 1 of SSI_CODE_KEYS is not written as id:base64"),
        (key(7), "Key 1 .* is not written as id:base64"),
        (f"k1:{key(1)},", "Key 2 .* is not written as id:base64"),
        (f"k 1:{key(1)}", "Key 1 .* is not written as id:base64"),
        (f"{'k' * 33}:{key(1)}", "Key 1 .* is not written as id:base64"),
        (f"k1:{base64.b64encode(bytes([7]) * 31).decode()}", "Key 1 .* is not the base64 of 32 bytes"),
        (f"k1:{key(7)[:-2]}*=", "Key 1 .* is not the base64 of 32 bytes"),
        ("k1:", "Key 1 .* is not the base64 of 32 bytes"),
        (f"k1:{key(7)},k1:{key(8)}", "Key 2 .* has the same id"),
        (f"k1:{key(7)},k2:{key(7)}", "Key 2 .* has the same bytes"),
    ],
)
def test_bad_keys_are_refused_without_repeating_them(setting: str, problem: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        crypto.check_keys(setting)
    assert re.search(problem, str(caught.value))
    whole = "".join(traceback.format_exception(caught.value))
    assert key(7)[:20] not in whole


def test_nothing_that_can_be_printed_holds_a_key_or_a_plaintext() -> None:
    ring = crypto._keyring(f"k1:{key(7)}")
    assert "k1" in repr(ring)
    assert key(7) not in repr(ring)
    with pytest.raises(crypto.CannotOpen) as caught:
        crypto.open_sealed(crypto.seal(SECRET, aad=PLACE), aad="elsewhere")
    assert str(caught.value) == "The sealed value cannot be opened."
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_value_is_always_bound_to_a_place() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        crypto.seal(SECRET, aad="")
    with pytest.raises(ValueError, match="whose key is known"):
        crypto.aad_for("incidents.answer", None, "code")


def write(file: Path, keys: str) -> None:
    """Replace a file as a deployment does: whole or not at all."""
    draft = file.with_suffix(".new")
    draft.write_text(f"{keys}\n")
    draft.replace(file)


@pytest.fixture
def keys_file(settings: Settings, tmp_path: Path) -> Path:
    """Return the file that the keys come from."""
    file = tmp_path / "code-keys"
    write(file, f"k1:{key(1)}")
    settings.SSI_CODE_KEYS_FILE = str(file)
    settings.SSI_CODE_KEYS = f"start:{key(7)}"
    return file


def test_keys_in_a_file_change_without_a_restart(keys_file: Path) -> None:
    old = crypto.seal(SECRET, aad=PLACE)
    assert crypto.key_id_of(old) == "k1"
    write(keys_file, f"k2:{key(2)},k1:{key(1)}")
    assert crypto.key_id_of(crypto.reseal(old, aad=PLACE)) == "k2"
    assert crypto.open_sealed(old, aad=PLACE) == SECRET
    write(keys_file, f"k2:{key(2)}")
    with pytest.raises(crypto.CannotOpen):
        crypto.open_sealed(old, aad=PLACE)


@pytest.mark.parametrize("content", ["", "nonsense", f"k2:{key(2)[:-3]}"])
def test_a_file_spoilt_later_leaves_the_keys_in_force_and_is_not_repeated(
    keys_file: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(crypto.log, "error", lambda text, *facts: said.append(text % facts))
    old = crypto.seal(SECRET, aad=PLACE)
    write(keys_file, content)
    assert crypto.open_sealed(old, aad=PLACE) == SECRET
    assert "SSI_CODE_KEYS_FILE cannot be used" in said[0]
    assert not content or content not in said[0]
    keys_file.unlink()
    assert crypto.open_sealed(old, aad=PLACE) == SECRET


def test_a_file_never_read_leaves_the_keys_of_the_start(settings: Settings, tmp_path: Path) -> None:
    settings.SSI_CODE_KEYS_FILE = str(tmp_path / "gone")
    assert crypto.key_id_of(crypto.seal(SECRET, aad=PLACE)) == "k1"
