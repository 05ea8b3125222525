"""Seal every install code anew with the newest key, while the portal runs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory.actions import install_codes
from inventory.actions.install_codes import Rotation
from ssi.access.actor import Actor

WHEN = (
    "may be taken out of the list once every web, worker and beat process uses a list that begins with {newest}, "
    "and this command, run again, still finds nothing to do."
)


class Command(BaseCommand):
    """Prints how far it is on standard error, and what came of it on standard output."""

    help = (
        "Seals every install code anew with the first key of SSI_CODE_KEYS. The portal goes on working meanwhile. "
        "May be stopped and run again. Exit status 0 when no older key is needed any more, else 1. See "
        "docs/how-to/rotate-code-keys.md for what to do before and after."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, and say which keys are still needed."""
        rotation = install_codes.rotate(by=Actor.system(), say=self._say)
        self.stdout.write(f"Sealed anew with {rotation.newest}: {rotation.sealed:,}.")
        for key, codes in rotation.remaining.items():
            self.stdout.write(f"Still sealed with {key}: {codes:,}.")
        if rotation.is_complete:
            self.stdout.write(f"Every other key {WHEN.format(newest=rotation.newest)}")
            return
        raise CommandError(_what_now(rotation))

    def _say(self, done: int, total: int) -> None:
        self.stderr.write(f"{done:,} of {total:,} codes")


def _what_now(rotation: Rotation) -> str:
    """Return why codes remain and what to do about it."""
    if rotation.unopened:
        return (
            f"{rotation.unopened:,} could not be opened: put the key that sealed them back into the list and run "
            "this again. Nothing was changed in them. Keep every older key."
        )
    return "Codes were sealed with an older key meanwhile: restart what still uses it, and run this again."
