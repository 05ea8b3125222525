"""Check raisers' claims against registration data now, instead of at night."""

from typing import Any

from django.core.management.base import BaseCommand

from incidents.actions import responsibility
from incidents.models.choices import Responsibility

SAID = (Responsibility.CONFIRMED, Responsibility.CONTRADICTED, Responsibility.UNCHECKED)


class Command(BaseCommand):
    """Does what the clock does each night; for use after registration data were imported."""

    help = (
        "Checks the claims of the last days' requests against registration data, and alerts the service desk to "
        "parties that ask for far more codes than they gain meter points. The clock does the same each night."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and say how many verdicts changed."""
        done = responsibility.check_all()
        changed = ", ".join(f"{done.changed[each.value]:,} {each.value}" for each in SAID)
        self.stdout.write(f"Changed: {changed}. New alerts: {done.alerts:,}.")
