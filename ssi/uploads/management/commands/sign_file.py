"""Sign a file as an Authorised Responsible Officer does; no database is asked, and nothing is sent anywhere."""

from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ssi.certificates import is_on_p256
from ssi.uploads import signature_files
from ssi.uploads.signature_files import LONGEST_CHAIN, SUFFIX


class Command(BaseCommand):
    """Write the signature file of a file beside it."""

    help = "Signs a file: writes FILE.sig beside it, to be uploaded with it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, the certificate, its key and the authorities in between."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--certificate", type=Path, required=True, help="the File Signing Certificate, as PEM")
        parser.add_argument("--key", type=Path, required=True, help="its private key, as PEM without a password")
        parser.add_argument(
            "--chain", type=Path, action="append", default=[], help="authorities between it and the root, as PEM"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Sign, and say where the signature is."""
        (certificate,) = _certificates(options["certificate"], most=1)
        key = _key(options["key"])
        if not is_on_p256(certificate) or key.public_key() != certificate.public_key():
            raise CommandError("The key does not belong to the certificate, or is not on the curve P-256.")
        chain = [each for path in options["chain"] for each in _certificates(path, most=LONGEST_CHAIN)]
        if len(chain) > LONGEST_CHAIN:
            raise CommandError(f"The chain has {len(chain)} certificates; {LONGEST_CHAIN} are the most.")
        file: Path = options["file"]
        out = file.with_name(f"{file.name}{SUFFIX}")
        try:
            with file.open("rb") as content:
                made = signature_files.made(content, certificate, key, chain)
            out.write_bytes(made)
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror or error}.") from None
        self.stdout.write(f"Signed: {out}. Upload it together with {file.name}, which must not change any more.")


def _certificates(path: Path, *, most: int) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        raise CommandError(f"{path} holds no certificate that can be read.") from None
    if len(found) > most:
        raise CommandError(f"{path} holds {len(found)} certificates; {most} is the most.")
    return found


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except TypeError:
        raise CommandError(f"{path} is protected by a password; see docs/how-to/sign-a-file.md.") from None
    except (OSError, ValueError, UnsupportedAlgorithm):
        raise CommandError(f"{path} holds no private key that can be read.") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CommandError(f"{path} holds a key that is not on the curve P-256.")
    return key
