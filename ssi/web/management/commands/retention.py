"""Delete what the retention rules no longer keep."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ssi import retention


class Command(BaseCommand):
    """Apply every app's retention rules now, or say what they would do."""

    help = "Deletes our own old records by the rules of each app's retention.py; the clock does so every night."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --simulate."""
        parser.add_argument("--simulate", action="store_true", help="say what would go, and change nothing")

    def handle(self, *args: Any, simulate: bool, **options: Any) -> None:
        """Sweep, and print a line for each rule."""
        verb = "would be deleted" if simulate else "deleted"
        for swept in retention.sweep(simulate=simulate):
            self.stdout.write(f"{swept.rows:>9,} {swept.rule.name} {verb} (kept {_in_words(swept.rule)})")


def _in_words(rule: retention.Rule) -> str:
    days = rule.keep.days
    return f"{days} days after {rule.since}" if days else f"until {rule.since}"
