"""Apply DUIS messages to the inventory from the command line."""

import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.actions import service_requests
from inventory.duis.answers import Verdict
from inventory.duis.files import sources
from ssi.access.actor import Actor


class Command(BaseCommand):
    """Prints one JSON line for each message on standard output, and a summary on standard error."""

    help = (
        "Applies DUIS messages to the inventory: files, or folders with all files and folders in them, by name. "
        "Prints one line of JSON for each message, and a summary on standard error. Exit status 0 when every "
        "message got an answer (a refusal is an answer), 1 when a file could not be read as DUIS at all."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take paths and `--dry-run`."""
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a file or folder; - for standard input")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="give the same answers, and change nothing. It locks what it would change until it ends",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer each message as soon as it is read, so that the next program in a pipe need not wait."""
        tally: Counter[Verdict] = Counter()
        answers = service_requests.answer_all(
            sources(options["paths"]), by=Actor.system(), is_rehearsal=options["dry_run"]
        )
        for file, answer in answers:
            self.stdout.write(json.dumps(answer.line(file)))
            self.stdout.flush()
            tally[answer.verdict] += 1
        self.stderr.write(_summary(tally, is_rehearsal=options["dry_run"]), self.style.NOTICE)
        unreadable = tally[Verdict.UNREADABLE]
        if unreadable:
            raise CommandError(f"{unreadable} of these could not be read as DUIS; their lines say why.")


def _summary(tally: Counter[Verdict], *, is_rehearsal: bool) -> str:
    total = tally.total()
    counts = ", ".join(f"{tally[verdict]} {verdict}" for verdict in Verdict)
    rehearsal = " This was a dry run: nothing was changed." if is_rehearsal else ""
    return f"{total} message{'' if total == 1 else 's'}: {counts}.{rehearsal}"
