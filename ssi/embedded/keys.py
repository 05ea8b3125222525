"""The secrets of a copy that runs on its own: made once, kept in its data folder, for its owner only."""

import base64
import json
import os
import secrets
from pathlib import Path

from ssi.refusals import Refusal

NAMES = ("SSI_SECRET_KEY", "SSI_CODE_KEYS")


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
        _write_once(file, {"SSI_SECRET_KEY": secrets.token_urlsafe(50), "SSI_CODE_KEYS": _new_code_key()})
    try:
        kept = json.loads(file.read_text())
        return {name: str(kept[name]) for name in NAMES}
    except (OSError, ValueError, KeyError, TypeError) as broken:
        raise BrokenSecrets(file=file, why=broken) from broken


def _new_code_key() -> str:
    return "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()


def _write_once(file: Path, content: dict[str, str]) -> None:
    """Write a file whole or not at all, and never over one that another process made meanwhile."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(content, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
