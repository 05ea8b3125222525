"""Fill the portal with a believable estate of a given size."""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ssi.refusals import Refusal
from ssi.web import synthetic
from ssi.web.progress import in_words
from ssi.web.synthetic import Order


class Command(BaseCommand):
    """Prints how far it is on standard error, and at the end what was made."""

    help = (
        "Fills the portal with a believable estate of invented homes, devices and companies, for measuring. The "
        "same seed on the same day makes the same estate. All or nothing. "
        "See docs/how-to/load-a-synthetic-estate.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size, the seed and the day."""
        parser.add_argument("--devices", type=_number, required=True, metavar="N", help="how many devices")
        parser.add_argument(
            "--incidents", type=_number, default=0, metavar="M", help="how many incidents (default: none)"
        )
        parser.add_argument("--seed", type=int, default=1, help="which estate of that size (default: %(default)s)")
        parser.add_argument(
            "--as-of", type=_day, default=None, metavar="DATE", help="the day it ends on (default: today)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it and say what was made."""
        order = Order(
            devices=options["devices"],
            incidents=options["incidents"],
            seed=options["seed"],
            as_of=options["as_of"] or timezone.localdate(),
        )
        begun = timezone.now()
        try:
            made = synthetic.load(order, cast("TextIO", self.stderr._out))  # the wrapper ends every line
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        took = (timezone.now() - begun).total_seconds()
        self.stderr.write(f"Synthetic estate: {'; '.join(made)}. It took {in_words(took)}.", self.style.NOTICE)


def _number(text: str) -> int:
    """Return a whole number, which may be written with commas or underscores: 20_000_000."""
    try:
        return int(text.replace(",", "").replace("_", ""))
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a whole number; write 20000000 or 20_000_000") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a day; write it as 2026-11-22") from None
