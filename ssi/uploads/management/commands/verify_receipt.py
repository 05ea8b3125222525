"""Verify a receipt of the portal off line: no database is asked, and nothing is sent anywhere."""

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ssi.uploads import receipt_keys
from ssi.uploads.receipt_keys import NotVerified
from ssi.uploads.receipts import FORMAT, VERSION
from ssi.uploads.signature_files import BLOCK
from ssi.uploads.strict_json import NotStrict, strict_object

LARGEST = 1_000_000
"""Bytes of a receipt; the portal's have two thousand."""


class Command(BaseCommand):
    """Say whether the portal signed a receipt as it stands, and whether a file is the one it is about."""

    help = "Verifies a receipt off line. The exit status is 0 where it is genuine, else 1."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the receipt, and optionally the file and the key."""
        parser.add_argument("receipt", type=Path, help="the receipt as the portal gave it, in JSON")
        parser.add_argument("--file", type=Path, help="the signed file that the receipt is about")
        parser.add_argument("--key", type=Path, help="the portal's public key, as PEM; else this copy's own")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify what was given, and say it in sentences."""
        try:
            receipt = _receipt(options["receipt"])
            receipt_keys.require_genuine(receipt, receipt_keys.public_key(_key(options["key"])))
            self.stdout.write(_told(receipt))
            if options["file"] is not None:
                _require_file(receipt, options["file"])
                self.stdout.write(f"{options['file'].name} is the very file that the receipt is about.")
        except NotVerified as failed:
            raise CommandError(f"Not verified. {failed}") from None


def _receipt(path: Path) -> dict[str, Any]:
    data = _read(path)
    try:
        receipt = strict_object(data)
    except NotStrict as wrong:
        raise NotVerified(f"{path.name} is no receipt: {wrong}.") from None
    if (receipt.get("format"), receipt.get("version")) != (FORMAT, VERSION):
        raise NotVerified(f"{path.name} is no receipt of format {FORMAT} {VERSION}.")
    return receipt


def _key(path: Path | None) -> bytes:
    if path is not None:
        return _read(path)
    if pem := receipt_keys.public_key_pem():
        return pem.encode("ascii")
    raise NotVerified("There is no key to verify it with. Give the portal's public key: --key PUBLIC.pem.")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise NotVerified(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(data) > LARGEST:
        raise NotVerified(f"{path.name} is too large.")
    return data


def _told(receipt: dict[str, Any]) -> str:
    """Return what a genuine receipt says, in a sentence."""
    return (
        f"Genuine: signed by {receipt.get('portal')} on {receipt.get('issued_at')}. "
        f"It says that upload {receipt.get('reference')} ({receipt.get('kind')}) of {receipt.get('party')}, "
        f"{receipt.get('user_id')}, received on {receipt.get('received_at')}, "
        f"was then in the state: {receipt.get('state_in_words')}."
    )


def _require_file(receipt: dict[str, Any], path: Path) -> None:
    """Raise NotVerified unless the file has the size and the hash that the receipt names."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise NotVerified(f"{path} cannot be read: {error.strerror or error}.") from None
    about = receipt.get("file")
    if not isinstance(about, dict) or (about.get("sha256"), about.get("bytes")) != (digest.hexdigest(), size):
        raise NotVerified(
            f"The receipt is genuine, but about another file: {path.name} has {size:,} bytes "
            f"and the SHA-256 {digest.hexdigest()}."
        )
