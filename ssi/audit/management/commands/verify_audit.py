"""Check the audit chain from the first event."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ssi.audit import log


class Command(BaseCommand):
    """Exit 1 and name the first broken event when the chain does not hold."""

    help = "Checks the audit chain from the first event; exit 1 and the first broken event when it does not hold."

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, and print what a person can compare with what they wrote down last time."""
        verdict = log.verify()
        if verdict.broken_id is not None:
            raise CommandError(
                f"The audit chain is broken at event {verdict.broken_id}. "
                "Keep the database as it is and call the security team: that event, or one before it, was changed."
            )
        self.stdout.write(f"The audit chain holds: {verdict.events} events, head {verdict.head or 'none'}.")
