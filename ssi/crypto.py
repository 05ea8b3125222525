"""Sealed values: AES-256-GCM envelopes whose key can be changed and which open only where they belong.

An envelope is: version (1 byte, value 1), length of the key id (1 byte), key id (ASCII), nonce (12 bytes),
ciphertext and tag (16 bytes). The header and the caller's `aad` are authenticated, so an envelope that is
moved to another row or field, or whose header is altered, does not open.

Keys come from the setting SSI_CODE_KEYS, "id:base64,id:base64", newest first: the first seals, all open. Where
SSI_CODE_KEYS_FILE names a file, they are read from there again when it changes, so that keys change while the
portal runs. No exception, repr or log line made here holds a key or a plaintext.
"""

import base64
import binascii
import logging
import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

log = logging.getLogger(__name__)

VERSION: Final = 1
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
_KEY_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)


class CannotOpen(Exception):  # noqa: N818 - it says what happened, and on purpose no more
    """The sealed value cannot be opened: wrong place, unknown key or altered bytes; it does not say which."""

    def __init__(self) -> None:
        super().__init__("The sealed value cannot be opened.")


@dataclass(frozen=True, slots=True)
class _Keyring:
    """The keys of one SSI_CODE_KEYS text, newest first."""

    newest: str
    keys: dict[str, AESGCM] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Envelope:
    """The parts of a sealed value."""

    header: bytes
    key_id: str
    nonce: bytes
    sealed: bytes = field(repr=False)


def seal(plaintext: bytes, *, aad: str) -> bytes:
    """Return the envelope of a plaintext, sealed with the newest key and bound to `aad` (see `aad_for`)."""
    ring = _ring()
    header = _header(ring.newest)
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + ring.keys[ring.newest].encrypt(nonce, plaintext, _bound(header, aad))


def open_sealed(envelope: bytes, *, aad: str) -> bytes:
    """Return the plaintext of an envelope, or raise CannotOpen."""
    parts = _parts(envelope)
    key = _ring().keys.get(parts.key_id)
    if key is None:
        raise CannotOpen
    try:
        return key.decrypt(parts.nonce, parts.sealed, _bound(parts.header, aad))
    except InvalidTag:
        raise CannotOpen from None


def reseal(envelope: bytes, *, aad: str) -> bytes:
    """Return the same value sealed with the newest key: what the rotation of keys does to each row."""
    return seal(open_sealed(envelope, aad=aad), aad=aad)


def key_id_of(envelope: bytes) -> str:
    """Return the id of the key that sealed the envelope, or raise CannotOpen when it is no envelope."""
    return _parts(envelope).key_id


def is_current(envelope: bytes) -> bool:
    """Return whether the newest key sealed the envelope."""
    return key_id_of(envelope) == newest_key_id()


def newest_key_id() -> str:
    """Return the id of the key that seals now."""
    return _ring().newest


def current_header() -> bytes:
    """Return how an envelope begins that the newest key sealed."""
    return _header(newest_key_id())


def _header(key_id: str) -> bytes:
    return bytes((VERSION, len(key_id))) + key_id.encode("ascii")


def check_keys(setting: str) -> None:
    """Raise ImproperlyConfigured, saying what to do, when SSI_CODE_KEYS is not a list of usable keys."""
    _keyring(setting)


def aad_for(model_label: str, pk: object, field: str) -> str:
    """Return the place that a sealed value belongs to, such as "incidents.answer/code/17".

    Neither a model's label nor a field's name can hold "/", so two places never share a text.
    """
    if pk is None:
        raise ValueError("A value can be sealed only for a row whose key is known.")
    return f"{model_label}/{field}/{pk}"


def _bound(header: bytes, aad: str) -> bytes:
    if not aad:
        raise ValueError("A sealed value is bound to its place: `aad` must not be empty.")
    return header + aad.encode("utf-8")


def _parts(envelope: bytes) -> _Envelope:
    data = bytes(envelope)  # PostgreSQL's driver hands over a memoryview
    if len(data) < 2 or data[0] != VERSION:  # noqa: PLR2004 - version and length
        raise CannotOpen
    end = 2 + data[1]
    if len(data) < end + NONCE_BYTES + TAG_BYTES:
        raise CannotOpen
    key_id = data[2:end].decode("ascii", errors="replace")
    if not _KEY_ID.fullmatch(key_id):
        raise CannotOpen
    return _Envelope(data[:end], key_id, data[end : end + NONCE_BYTES], data[end + NONCE_BYTES :])


def _ring() -> _Keyring:
    """Return the keys as they are now; a file that cannot be used just now leaves those from before in force."""
    if not settings.SSI_CODE_KEYS_FILE:
        return _keyring(settings.SSI_CODE_KEYS)
    file = Path(settings.SSI_CODE_KEYS_FILE)
    try:
        found = file.stat()
        return _ring_of_file(file, (found.st_mtime_ns, found.st_size, found.st_ino))
    except (OSError, UnicodeDecodeError, ImproperlyConfigured) as unusable:
        log.error("SSI_CODE_KEYS_FILE cannot be used, the keys from before are kept: %s", unusable)
        return _last_good[file] if file in _last_good else _keyring(settings.SSI_CODE_KEYS)


_last_good: dict[Path, _Keyring] = {}


@lru_cache(maxsize=4)
def _ring_of_file(file: Path, _version: tuple[int, int, int]) -> _Keyring:
    """Return the keys in a file, read once for each version of it."""
    _last_good[file] = _keyring(file.read_text("utf-8").strip())
    return _last_good[file]


@lru_cache(maxsize=4)  # keyed by the text itself, so that a changed setting is a new keyring
def _keyring(setting: str) -> _Keyring:
    keys: dict[str, AESGCM] = {}
    seen: set[bytes] = set()
    for number, entry in enumerate(setting.split(","), start=1):
        key_id, colon, encoded = entry.strip().partition(":")
        if not colon or not _KEY_ID.fullmatch(key_id):
            _refuse(number, "is not written as id:base64, the id being 1 to 32 letters, digits, dots or dashes")
        secret = _decoded(encoded, number)
        if key_id in keys:
            _refuse(number, "has the same id as an earlier one; give every key its own")
        if secret in seen:
            _refuse(number, "has the same bytes as an earlier one; make a new key")
        seen.add(secret)
        keys[key_id] = AESGCM(secret)
    return _Keyring(next(iter(keys)), keys)


def _decoded(encoded: str, number: int) -> bytes:
    try:
        secret = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        _refuse(
            number,
            f"is not the base64 of {KEY_BYTES} bytes; make one with `openssl rand -base64 {KEY_BYTES}`",
        )
    return secret


def _refuse(number: int, problem: str) -> NoReturn:
    """Refuse a key by its place in the list: even what stands before the colon may be a key typed wrongly."""
    raise ImproperlyConfigured(f"Key {number} of SSI_CODE_KEYS {problem}.") from None
