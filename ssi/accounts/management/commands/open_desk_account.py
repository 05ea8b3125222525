"""Open an account of the DCC service desk: the way into a portal that nobody can sign in to yet."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from ssi.access.actor import Actor
from ssi.accounts.actions import people
from ssi.refusals import Refusal


class Command(BaseCommand):
    """The desk opens every other account on its pages; this opens the desk's first."""

    help = "Opens an account of the DCC service desk and e-mails its owner a link to set a password."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address and the person's name."""
        parser.add_argument("email", help="the person's e-mail address")
        parser.add_argument("name", help="the person's name, in quotes")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the account."""
        email, name = options["email"].strip(), options["name"].strip()
        try:
            validate_email(email)
            people.open_account(email=email, name=name, party=None, by=Actor.system())
        except ValidationError as wrong:
            raise CommandError(f"{email!r} is not an e-mail address. Write it like dana@dcc.example.") from wrong
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"A link to set a password is on its way to {email}.")
