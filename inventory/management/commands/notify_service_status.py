"""Tell registration systems of DCC Service Statuses, from the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from inventory.actions.meter_points import notify_service_status
from inventory.models.choices import Fuel
from inventory.service_status_files import name_of
from ssi.access.actor import Actor

FUELS = {fuel.name.lower(): fuel for fuel in Fuel}


class Command(BaseCommand):
    """Prints one line for each file made, and a summary on standard error."""

    help = (
        "Makes the files that tell each MPAS, and Xoserve, which DCC Service Status meter points have come to "
        "since the last ones, at most 20,000 a file, and marks what they tell as notified. The portal does so "
        "every night. The files are on the page DCC Service Status; docs/reference/service-status-files.md has "
        "their layout. N is told where MP077_ELECTRICITY and MP077_GAS are on, and waits otherwise."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--fuel` and `--dry-run`."""
        parser.add_argument("--fuel", choices=sorted(FUELS), help="electricity or gas alone")
        parser.add_argument(
            "--dry-run", action="store_true", help="say which files there would be, and change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, and say so."""
        files = notify_service_status(
            by=Actor.system(),
            at=timezone.now(),
            fuels=[FUELS[options["fuel"]]] if options["fuel"] else tuple(Fuel),
            is_rehearsal=options["dry_run"],
        )
        for file in files:
            self.stdout.write(f"{name_of(file)} rows={file.rows} sha256={file.sha256}")
        rows, rehearsal = sum(file.rows for file in files), " This was a dry run." if options["dry_run"] else ""
        self.stderr.write(f"{len(files)} files, {rows:,} meter points.{rehearsal}", self.style.NOTICE)
