"""Fill an empty portal with the demo estate."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from ssi.web import demo


class Command(BaseCommand):
    """Load what every app's `demo.py` contributes, all or nothing; a second run changes nothing."""

    help = "Fills an empty portal with the demo estate; changes nothing where it is already there."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load floor by floor and say what was made."""
        if not settings.SSI_DEMO:
            raise CommandError("SSI_DEMO is 0, so this copy wants no demo estate. Set SSI_DEMO=1 to have it.")
        with transaction.atomic():
            made = demo.load()
        self.stderr.write("Demo estate: " + ("; ".join(made) if made else "already there") + ".")
