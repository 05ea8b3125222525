"""What a test does with a person: sign in as them, or act as them."""

import time

from django.test import Client
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.acting import actor_for, choices_of, chosen
from ssi.accounts.middleware import ACTING_AS
from ssi.accounts.models import Person

LONG_AGO = 3600.0


def actor_of(person: Person, acting_as: str = "", *, via: str = "screen", may_reveal: bool = False) -> Actor:
    """Return the actor that `person` is, by default in their first choice.

    `acting_as` is "<User ID>/<User Role>", or just the User Role, such as "GS".
    """
    choices = choices_of(person)
    wanted = next((choice.value for choice in choices if choice.value.endswith(acting_as)), None)
    assert wanted or not acting_as, f"{person} cannot act as {acting_as}"
    return actor_for(person, chosen(choices, wanted), via=via, may_reveal=may_reveal)


def client_of(person: Person, acting_as: str = "", *, fresh: bool = True) -> Client:
    """Return a browser in which `person` is signed in; not `fresh`: too long ago to read a secret."""
    client = Client()
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() - (0 if fresh else LONG_AGO)}
    ]
    session["account_authentication_methods_user"] = str(person.pk)
    session["signed_in_at"] = timezone.now().isoformat()
    if acting_as:
        actor = actor_of(person, acting_as)
        session[ACTING_AS] = f"{actor.user_id}/{actor.user_role}"
    session.save()
    return client
