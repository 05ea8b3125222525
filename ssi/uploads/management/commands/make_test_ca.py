"""Make a certification authority to try signed files out with."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ssi.uploads import authority_folders


class Command(BaseCommand):
    """Write a root, an issuer under it and their revocation lists into a new folder, fit to be SSI_FILE_TRUST."""

    help = "Makes a root, an issuer under it and their revocation lists, to try signed files out with."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder, and for how long all of it is to be valid."""
        parser.add_argument("folder", type=Path, help="a folder that is empty or not there yet")
        parser.add_argument("--days", type=int, default=365, help="for how many days all of it is valid")
        parser.add_argument(
            "--not-for-trust",
            action="store_true",
            help="make it although this copy is no demo: I shall not put it where this portal looks",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, and say what to do with it."""
        folder: Path = options["folder"]
        if not settings.SSI_DEMO and not options["not_for_trust"]:
            raise CommandError(
                "This copy is no demo (SSI_DEMO is 0). Whoever has the key of an authority that it trusts can set "
                "anybody's thresholds. Add --not-for-trust if this one stays out of SSI_FILE_TRUST."
            )
        if not settings.SSI_DEMO and folder.resolve() == Path(settings.SSI_FILE_TRUST).resolve():
            raise CommandError("That is the folder SSI_FILE_TRUST of a portal that is no demo. Choose another.")
        if not 1 <= options["days"] <= authority_folders.MOST_DAYS:
            raise CommandError(f"Give 1 to {authority_folders.MOST_DAYS} days.")
        if folder.exists() and any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty. Choose another folder: nothing is written over.")
        authority_folders.make(folder, ends=timedelta(days=options["days"]))
        self.stdout.write(
            f"Made in {folder}: root.pem, issuer.pem, root.crl, issuer.crl (the trust folder), and in "
            f"{folder / authority_folders.KEYS} the keys of both, which belong to nobody but you."
        )
        self.stdout.write(
            f"To have a copy trust it: SSI_FILE_TRUST={folder.resolve()}. "
            "Next: manage.py issue_test_certificate, see docs/how-to/sign-a-file.md."
        )
