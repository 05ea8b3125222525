"""Import the Central Products List from the command line."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.actions.products.consequences import Consequences, Touched
from inventory.actions.products.importing import UNCHANGED, Summary, import_file
from inventory.actions.registrations.findings import Finding
from inventory.models.choices import CplStep
from ssi.access.actor import Actor

WORDS = {**{step.label: step.label for step in CplStep}, UNCHANGED: "there already"}


class Command(BaseCommand):
    """Prints one JSON line for each finding on standard output, and a summary on standard error."""

    help = (
        "Imports the Central Products List from a CSV file; docs/reference/central-products-list.md has its "
        "columns. It is a full list: an entry that is not in it is removed, and a worker suspends devices of its "
        "model. A file with anything wrong in it is rejected whole: one line of JSON for each finding on standard "
        "output (line, field, message, suggestion), and a summary on standard error. Exit status 0 when the file "
        "was applied, also when everything was there already; 1 when it was rejected or could not be opened."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, `--dry-run` and `--remove-many`."""
        parser.add_argument("file", metavar="FILE.csv", type=Path)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="check and count everything, with the devices that would follow, and change nothing",
        )
        parser.add_argument(
            "--remove-many", action="store_true", help="more than half of the entries shall really be removed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import it, telling each finding as it is found."""
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                summary = import_file(
                    file,
                    name=path.name,
                    by=Actor.system(),
                    is_rehearsal=options["dry_run"],
                    remove_many=options["remove_many"],
                    tell=self._tell,
                )
        except OSError as trouble:
            raise CommandError(
                f"{path} cannot be opened: {trouble.strerror}. Check the name and the rights."
            ) from None
        if summary.consequences is not None:
            self._say_what_follows(summary.consequences)
        if summary.is_refused:
            raise CommandError(_rejected(summary))
        self.stderr.write(_applied(summary, is_rehearsal=options["dry_run"]), self.style.NOTICE)

    def _tell(self, finding: Finding) -> None:
        self.stdout.write(json.dumps(asdict(finding), ensure_ascii=False))

    def _say_what_follows(self, consequences: Consequences) -> None:
        for entry, touched in consequences.by_entry:
            verb = "restore" if entry.removed_date is None else "suspend"
            self.stderr.write(f"{entry} ({entry.smets_version}): {verb} {_counted(touched)}.")
        self.stderr.write(
            f"In all: suspend {_counted(consequences.suspended)}; restore {_counted(consequences.restored)}. "
            f"MPAS take 20,000 updates a file: the meter points of those suspended would fill "
            f"{consequences.suspended.files:,}.",
            self.style.NOTICE,
        )


def _counted(touched: Touched) -> str:
    devices = "1 device" if touched.devices == 1 else f"{touched.devices:,} devices"
    points = "1 meter point" if touched.meter_points == 1 else f"{touched.meter_points:,} meter points"
    return f"{devices} at {points}"


def _applied(summary: Summary, *, is_rehearsal: bool) -> str:
    counts = ", ".join(f"{summary.outcomes[outcome]:,} {words}" for outcome, words in WORDS.items())
    rehearsal = " This was a dry run: nothing was changed." if is_rehearsal else ""
    rows = "1 entry" if summary.rows == 1 else f"{summary.rows:,} entries"
    return f"{rows}: {counts}.{rehearsal}"


def _rejected(summary: Summary) -> str:
    findings = "1 finding" if summary.findings == 1 else f"{summary.findings:,} findings"
    return (
        f"Rejected whole, nothing was changed: {findings}. Correct the lines named above and send the file again."
    )
