"""Import SM WAN coverage from the command line."""

from typing import Any, BinaryIO

from inventory.actions import coverage
from inventory.actions.coverage import Summary
from inventory.management.import_command import ImportCommand, counted
from ssi.access.actor import Actor


class Command(ImportCommand):
    """What DCC expects of the SM WAN at each place."""

    help = (
        "Imports SM WAN coverage from a CSV file in UTF-8, a full set that takes the place of the one before: "
        "docs/reference/wan-coverage.md has its columns. A file with anything wrong in it is rejected whole: one "
        "line of JSON for each finding on standard output (line, field, message, suggestion), and a summary on "
        "standard error. Exit status 0 when the file was applied, also when it was there already; 1 when it was "
        "rejected or could not be opened."
    )

    def bring_in(self, file: BinaryIO, *, name: str, options: dict[str, Any]) -> Summary:
        """Import a full set of coverage."""
        return coverage.import_file(
            file,
            name=name,
            by=Actor.system(),
            is_rehearsal=options["dry_run"],
            tell=self.tell,
            progress=self.progress,
        )

    def applied(self, summary: Summary) -> str:
        """Say how many rows took the place of how many."""
        rows = counted(summary.rows, "row", "rows")
        if summary.was_there:
            return f"{rows}: this set is there already, nothing was changed."
        return f"{rows}, in the place of {summary.former_rows:,}."
