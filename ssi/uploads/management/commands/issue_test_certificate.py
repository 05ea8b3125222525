"""Issue a File Signing Certificate of a test authority, or revoke one."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from ssi.eui64 import Eui64
from ssi.refusals import Refusal
from ssi.uploads import authority_folders, issuing


class Command(BaseCommand):
    """Issue an officer's certificate from a folder that `make_test_ca` made."""

    help = "Issues a File Signing Certificate of a test authority for an officer, or revokes one."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the authority's folder, whose certificate it is to be, and where to write it."""
        parser.add_argument("folder", type=Path, help="the folder that make_test_ca wrote")
        parser.add_argument("--email", default="", help="the officer's e-mail address, as in the portal")
        parser.add_argument("--user-id", default="", help="the User ID, such as 90-B3-D5-1F-30-03-00-00")
        parser.add_argument("--days", type=int, default=365, help="for how many days it is valid")
        parser.add_argument("--out", type=Path, help="where to write NAME.pem and NAME.key; else by the address")
        parser.add_argument("--revoke", type=Path, help="revoke this certificate instead of issuing one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Issue or revoke, and say what was written."""
        try:
            self._revoke(options) if options["revoke"] else self._issue(options)
        except (Refusal, FileExistsError) as refusal:
            raise CommandError(str(refusal)) from None

    def _issue(self, options: dict[str, Any]) -> None:
        try:
            validate_email(options["email"])
        except ValidationError:
            raise CommandError("Give the officer's e-mail address: --email aroha@northlight.example.") from None
        if not 1 <= options["days"] <= authority_folders.MOST_DAYS:
            raise CommandError(f"Give 1 to {authority_folders.MOST_DAYS} days.")
        issued = issuing.officer(
            email=options["email"],
            user_id=Eui64.parse(options["user_id"]),
            by=authority_folders.issuer_of(options["folder"]),
            ends=timedelta(days=options["days"]),
            name=options["email"],
        )
        out: Path = options["out"] or Path(options["email"].partition("@")[0])
        certificate, key = out.with_suffix(".pem"), out.with_suffix(".key")
        if certificate.exists():
            raise CommandError(f"{certificate} is there already; nothing is written over. Choose another --out.")
        authority_folders.write_key(key, issued)
        certificate.write_bytes(issued.pem)
        self.stdout.write(f"Issued {certificate}, with its private key in {key}.")

    def _revoke(self, options: dict[str, Any]) -> None:
        try:
            certificate = x509.load_pem_x509_certificate(options["revoke"].read_bytes())
        except (OSError, ValueError):
            raise CommandError(f"{options['revoke']} holds no certificate that can be read.") from None
        authority_folders.revoke(options["folder"], certificate, ends=timedelta(days=options["days"]))
        self.stdout.write(f"Revoked: {options['folder'] / 'issuer.crl'} lists it now.")
