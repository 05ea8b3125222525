"""Open an account for DCC's feed: the program that brings DUIS messages."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from ssi.access.actor import Actor
from ssi.accounts.actions import people
from ssi.refusals import Refusal


class Command(BaseCommand):
    """The account never signs in; `api_token` makes the token that its program sends."""

    help = "Opens an account for DCC's feed, which brings DUIS messages by token and does nothing else."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address under which the audit log knows the feed."""
        parser.add_argument("email", help="the address of whoever looks after the feed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the account."""
        email = options["email"].strip()
        try:
            validate_email(email)
            people.open_feed_account(email=email, by=Actor.system())
        except ValidationError as wrong:
            raise CommandError(f"{email!r} is not an e-mail address. Write it like feed@dcc.example.") from wrong
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"The account is open. Make its token with: manage.py api_token {email}")
