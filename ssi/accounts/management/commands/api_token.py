"""Print a new API token of an account, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ssi.access.actor import Actor
from ssi.accounts.actions import tokens
from ssi.accounts.models import Person
from ssi.refusals import Refusal


class Command(BaseCommand):
    """The token stands alone on standard output, so that a script can take it."""

    help = (
        "Prints a new API token of the account, once, and nothing else on standard output. "
        "Only with --reveal may it read install codes; it then works for 24 hours."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the account's address and whether the token may reveal."""
        parser.add_argument("email", help="the account's e-mail address")
        parser.add_argument("--reveal", action="store_true", help="let it read install codes, for 24 hours")

    def handle(self, *args: Any, **options: Any) -> None:
        """Issue the token."""
        try:
            person = Person.objects.get_by_natural_key(options["email"].strip())
            token = tokens.issue(person=person, can_reveal=options["reveal"], by=Actor.system())
        except Person.DoesNotExist as unknown:
            raise CommandError(
                f"No account has the address {options['email']}. "
                "Check the spelling, or have the DCC service desk open one on its pages under /admin/."
            ) from unknown
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(token)
