"""Import registration data from the command line."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.actions import registrations
from inventory.actions.registrations import Finding, Summary
from ssi.access.actor import Actor

ROWS_A_SIGN = 1_000_000
WORDS = {"added": "added", "changed": "changed", "cancelled": "taken back", "unchanged": "there already"}


class Command(BaseCommand):
    """Prints one JSON line for each finding on standard output, and a summary on standard error."""

    help = (
        "Imports registration data from a CSV file in UTF-8: docs/reference/registration-data.md has its columns. "
        "A file with anything wrong in it is rejected whole: one line of JSON for each finding on standard output "
        "(line, field, message, suggestion), and a summary on standard error. Exit status 0 when the file was "
        "applied, also when everything was there already; 1 when it was rejected or could not be opened."
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
                summary = registrations.import_file(
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
            raise CommandError(_rejected(summary))
        self.stderr.write(_applied(summary, is_rehearsal=options["dry_run"]), self.style.NOTICE)

    def _tell(self, finding: Finding) -> None:
        self.stdout.write(json.dumps(asdict(finding), ensure_ascii=False))

    def _progress(self, rows: int) -> None:
        if rows % ROWS_A_SIGN == 0:
            self.stderr.write(f"{rows:,} rows read", self.style.NOTICE)


def _applied(summary: Summary, *, is_rehearsal: bool) -> str:
    counts = ", ".join(f"{summary.outcomes[outcome]:,} {words}" for outcome, words in WORDS.items())
    rehearsal = " This was a dry run: nothing was changed." if is_rehearsal else ""
    return f"{_rows(summary)}: {counts}.{rehearsal}"


def _rejected(summary: Summary) -> str:
    findings = "1 finding" if summary.findings == 1 else f"{summary.findings:,} findings"
    return (
        f"Rejected whole, nothing was changed: {findings}. Correct the lines named above and send the file again."
    )


def _rows(summary: Summary) -> str:
    return "1 row" if summary.rows == 1 else f"{summary.rows:,} rows"
