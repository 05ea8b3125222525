"""Import registration data from the command line."""

from typing import Any, BinaryIO

from inventory.actions import registrations
from inventory.actions.registrations import Summary
from inventory.management.import_command import ImportCommand, counted
from ssi.access.actor import Actor

WORDS = {"added": "added", "changed": "changed", "cancelled": "taken back", "unchanged": "there already"}


class Command(ImportCommand):
    """Who is registered for each meter point, from when to when."""

    help = (
        "Imports registration data from a CSV file in UTF-8: docs/reference/registration-data.md has its columns. "
        "A file with anything wrong in it is rejected whole: one line of JSON for each finding on standard output "
        "(line, field, message, suggestion), and a summary on standard error. Exit status 0 when the file was "
        "applied, also when everything was there already; 1 when it was rejected or could not be opened."
    )

    def bring_in(self, file: BinaryIO, *, name: str, options: dict[str, Any]) -> Summary:
        """Import registration data."""
        return registrations.import_file(
            file,
            name=name,
            by=Actor.system(),
            is_rehearsal=options["dry_run"],
            tell=self.tell,
            progress=self.progress,
        )

    def applied(self, summary: Summary) -> str:
        """Say how many were added, changed, taken back and there already."""
        counts = ", ".join(f"{summary.outcomes[outcome]:,} {words}" for outcome, words in WORDS.items())
        return f"{counted(summary.rows, 'row', 'rows')}: {counts}."
