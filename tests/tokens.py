"""What a test's program sends to call the API as somebody."""

from ssi.access.actor import Actor
from ssi.accounts.actions import tokens
from ssi.accounts.models import Person


def bearer(person: Person, *, can_reveal: bool = False) -> dict[str, str]:
    """Return the headers that carry a new token of `person`."""
    token = tokens.issue(person=person, can_reveal=can_reveal, by=Actor.system())
    return {"Authorization": f"Bearer {token}"}
