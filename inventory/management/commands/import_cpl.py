"""Import the Central Products List from the command line."""

from typing import Any, BinaryIO

from django.core.management.base import CommandParser

from inventory.actions.products.consequences import Consequences, Touched
from inventory.actions.products.importing import UNCHANGED, Summary, import_file
from inventory.management.import_command import ImportCommand, counted
from inventory.models.choices import CplStep
from ssi.access.actor import Actor

WORDS = {**{step.label: step.label for step in CplStep}, UNCHANGED: "there already"}


class Command(ImportCommand):
    """Which products may be installed, and which devices follow."""

    rehearsal_help = "check and count everything, with the devices that would follow, and change nothing"
    help = (
        "Imports the Central Products List from a CSV file; docs/reference/central-products-list.md has its "
        "columns. It is a full list: an entry that is not in it is removed, and a worker suspends devices of its "
        "model. A file with anything wrong in it is rejected whole: one line of JSON for each finding on standard "
        "output (line, field, message, suggestion), and a summary on standard error. Exit status 0 when the file "
        "was applied, also when everything was there already; 1 when it was rejected or could not be opened."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--remove-many` as well."""
        super().add_arguments(parser)
        parser.add_argument(
            "--remove-many", action="store_true", help="more than half of the entries shall really be removed"
        )

    def bring_in(self, file: BinaryIO, *, name: str, options: dict[str, Any]) -> Summary:
        """Import a full list, and say which devices follow."""
        summary = import_file(
            file,
            name=name,
            by=Actor.system(),
            is_rehearsal=options["dry_run"],
            remove_many=options["remove_many"],
            tell=self.tell,
        )
        if summary.consequences is not None:
            self._say_what_follows(summary.consequences)
        return summary

    def applied(self, summary: Summary) -> str:
        """Say how many entries were added, changed, removed, restored and there already."""
        counts = ", ".join(f"{summary.outcomes[outcome]:,} {words}" for outcome, words in WORDS.items())
        return f"{counted(summary.rows, 'entry', 'entries')}: {counts}."

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
    devices = counted(touched.devices, "device", "devices")
    return f"{devices} at {counted(touched.meter_points, 'meter point', 'meter points')}"
