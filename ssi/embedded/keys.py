"""The secrets of a copy that runs on its own: made once, kept in its data folder, for its owner only."""

import base64
import json
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from ssi.embedded.locks import Lock
from ssi.refusals import Refusal

NAMES = ("SSI_SECRET_KEY", "SSI_CODE_KEYS")
"""What no copy runs without; where the environment gives both, it is a deployment, and nothing is made for it."""

_RECEIPT_KEY = "SSI_RECEIPT_KEY"


class BrokenSecrets(Refusal):
    """The secrets in {file} cannot be read: {why}."""

    suggestion = (
        "Restore the file from a copy. Without it the install codes in this data folder stay sealed for "
        "ever; if nothing in it is worth keeping, remove the whole data folder."
    )


def keys_of(data_dir: Path) -> dict[str, str]:
    """Return the data folder's secrets as environment variables; make them when it has none.

    Raises:
        BrokenSecrets: the file is there and is not what we wrote.

    """
    file = data_dir / "secrets.json"
    if not file.exists():
        made = {"SSI_SECRET_KEY": secrets.token_urlsafe(50), "SSI_CODE_KEYS": _new_code_key()}
        _write_once(file, made | {_RECEIPT_KEY: _new_receipt_key()})
    if not _read(file).get(_RECEIPT_KEY):
        _complete(file)
    kept = _read(file)
    return {name: str(kept[name]) for name in (*NAMES, _RECEIPT_KEY)}


def _read(file: Path) -> dict[str, str]:
    """Return what the file holds; raises BrokenSecrets where it lacks what every release wrote."""
    try:
        kept = json.loads(file.read_text())
        return dict(kept) | {name: str(kept[name]) for name in NAMES}
    except (OSError, ValueError, KeyError, TypeError) as broken:
        raise BrokenSecrets(file=file, why=broken) from broken


def _complete(file: Path) -> None:
    """Add to an earlier release's file what it did not have; two processes at once add one and the same."""
    with Lock(file.with_name(f"{file.name}.lock")) as lock:
        lock.take(wait=True)
        kept = _read(file)
        if not kept.get(_RECEIPT_KEY):
            _draft(file, kept | {_RECEIPT_KEY: _new_receipt_key()}).replace(file)


def _new_code_key() -> str:
    return "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()


def _new_receipt_key() -> str:
    """Return a private key on P-256 as one line: the base64 of its PKCS #8."""
    key = ec.generate_private_key(ec.SECP256R1())
    return base64.b64encode(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()


def _write_once(file: Path, content: dict[str, str]) -> None:
    """Write a file whole or not at all, and never over one that another process made meanwhile."""
    draft = _draft(file, content)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _draft(file: Path, content: dict[str, str]) -> Path:
    """Return a file beside, with the content, safe on disk and for its owner only."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(content, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    return draft
