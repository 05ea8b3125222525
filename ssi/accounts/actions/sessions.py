"""Signing in and out, and what a signed-in person does about themselves; the checks are django-allauth's."""

from dataclasses import dataclass, replace
from typing import ClassVar

from django.db import transaction

from ssi.access.actor import Actor
from ssi.accounts.acting import Choice, actor_for, choices_of
from ssi.accounts.models import Person
from ssi.audit import log
from ssi.refusals import NotAllowed

LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address that somebody tried to sign in with; perhaps nobody's, and of any length."""

    email: str
    audit_name: ClassVar[str] = "person"

    @property
    def audit_ref(self) -> str:
        """Return the address as it was typed, as far as an address can reach."""
        return self.email[:LONGEST_ADDRESS]


class ChoiceNotHeld(NotAllowed):
    """You do not act for that User ID in that User Role."""

    suggestion = (
        "Choose one of those at the top of the page. To act for another, ask your SSI Administration User."
    )
    source = "SEC App AH: a person acts under User IDs of their own Party"


def signed_in(*, person: Person) -> None:
    """Record that `person` gave the right password and a session began."""
    log.record("person.signed_in", by=_as_themselves(person), about=person)


def signed_out(*, person: Person) -> None:
    """Record that `person` ended their session."""
    log.record("person.signed_out", by=_as_themselves(person), about=person)


def sign_in_failed(*, email: str) -> None:
    """Record that somebody gave a wrong password, or an address that no account has."""
    log.record("person.sign_in_failed", by=Actor(), about=Address(email))


@transaction.atomic
def set_password(*, person: Person, password: str) -> None:
    """Set the password that `person` chose. Every other session of theirs ends with its next click."""
    person.set_password(password)
    person.save(update_fields=["password"])
    log.record("person.password_set", by=_as_themselves(person), about=person)


@transaction.atomic
def switch(*, person: Person, acting_as: str, by: Actor) -> Choice:
    """Let `person` act as the choice that `acting_as` names. Raises ChoiceNotHeld."""
    choice = next((each for each in choices_of(person) if each.value == acting_as), None)
    if choice is None:
        raise ChoiceNotHeld
    log.record("person.acting_as", by=by, about=person, acting_as=choice.value)
    return choice


def _as_themselves(person: Person) -> Actor:
    actor = actor_for(person, None)
    return replace(actor, party_name=person.party.name) if person.party else actor
