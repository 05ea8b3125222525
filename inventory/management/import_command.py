"""What the commands that import a file have in common: how they are called, and how they tell what is wrong."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.actions.registrations.findings import Finding

ROWS_A_SIGN = 1_000_000


class Imported(Protocol):
    """What an import did, or would do."""

    rows: int
    findings: int

    @property
    def is_refused(self) -> bool:
        """Tell whether the file was rejected whole."""


class ImportCommand(BaseCommand):
    """Prints one JSON line for each finding on standard output, and a summary on standard error.

    A command gives `bring_in`, which calls its action, and `applied`, which says what that did.
    """

    rehearsal_help = "check and count everything, and change nothing"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and `--dry-run`."""
        parser.add_argument("file", metavar="FILE.csv", type=Path)
        parser.add_argument("--dry-run", action="store_true", help=self.rehearsal_help)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import it, telling each finding as it is found."""
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                summary = self.bring_in(file, name=path.name, options=options)
        except OSError as trouble:
            raise CommandError(
                f"{path} cannot be opened: {trouble.strerror}. Check the name and the rights."
            ) from None
        if summary.is_refused:
            findings = "1 finding" if summary.findings == 1 else f"{summary.findings:,} findings"
            raise CommandError(
                f"Rejected whole, nothing was changed: {findings}. "
                "Correct the lines named above and send the file again."
            )
        rehearsal = " This was a dry run: nothing was changed." if options["dry_run"] else ""
        self.stderr.write(f"{self.applied(summary)}{rehearsal}", self.style.NOTICE)

    def bring_in(self, file: BinaryIO, *, name: str, options: dict[str, Any]) -> Any:
        """Call the action, which tells its findings through `tell`; return what it did, an `Imported`."""
        raise NotImplementedError

    def applied(self, summary: Any) -> str:
        """Return a sentence of what was done, or would be."""
        raise NotImplementedError

    def tell(self, finding: Finding) -> None:
        """Print a finding."""
        self.stdout.write(json.dumps(asdict(finding), ensure_ascii=False))

    def progress(self, rows: int) -> None:
        """Say now and then how many rows were read."""
        if rows % ROWS_A_SIGN == 0:
            self.stderr.write(f"{rows:,} rows read", self.style.NOTICE)


def counted(rows: int, one: str, many: str) -> str:
    """Return "1 row" or "2,000 rows"."""
    return f"1 {one}" if rows == 1 else f"{rows:,} {many}"
