"""Import SM WAN coverage from the command line."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.actions import coverage
from inventory.actions.coverage import Summary
from inventory.actions.registrations.findings import Finding
from ssi.access.actor import Actor

ROWS_A_SIGN = 1_000_000


class Command(BaseCommand):
    """Prints one JSON line for each finding on standard output, and a summary on standard error."""

    help = (
        "Imports SM WAN coverage from a CSV file in UTF-8, a full set that takes the place of the one before: "
        "docs/reference/wan-coverage.md has its columns. A file with anything wrong in it is rejected whole: one "
        "line of JSON for each finding on standard output (line, field, message, suggestion), and a summary on "
        "standard error. Exit status 0 when the file was applied, also when it was there already; 1 when it was "
        "rejected or could not be opened."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and `--dry-run`."""
        parser.add_argument("file", metavar="FILE.csv", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="check and count everything, and change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import it, telling each finding as it is found."""
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                summary = coverage.import_file(
                    file,
                    name=path.name,
                    by=Actor.system(),
                    is_rehearsal=options["dry_run"],
                    tell=self._tell,
                    progress=self._progress,
                )
        except OSError as trouble:
            raise CommandError(
                f"{path} cannot be opened: {trouble.strerror}. Check the name and the rights."
            ) from None
        if summary.is_refused:
            findings = "1 finding" if summary.findings == 1 else f"{summary.findings:,} findings"
            raise CommandError(
                f"Rejected whole, nothing was changed: {findings}. Correct the file and send it again."
            )
        self.stderr.write(_applied(summary, is_rehearsal=options["dry_run"]), self.style.NOTICE)

    def _tell(self, finding: Finding) -> None:
        self.stdout.write(json.dumps(asdict(finding), ensure_ascii=False))

    def _progress(self, rows: int) -> None:
        if rows % ROWS_A_SIGN == 0:
            self.stderr.write(f"{rows:,} rows read", self.style.NOTICE)


def _applied(summary: Summary, *, is_rehearsal: bool) -> str:
    rows = "1 row" if summary.rows == 1 else f"{summary.rows:,} rows"
    if summary.was_there:
        return f"{rows}: this set is there already, nothing was changed."
    rehearsal = " This was a dry run: nothing was changed." if is_rehearsal else ""
    return f"{rows}, in the place of {summary.former_rows:,}.{rehearsal}"
