"""For which User ID and in which User Role a person acts, and the choices they have."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from ssi.access.actor import Actor
from ssi.access.roles import JobTypeRole, UserRole
from ssi.accounts.models import Party, Person, RoleGrant
from ssi.eui64 import Eui64
from ssi.prepared import Prepared, Slot


@dataclass(frozen=True, slots=True)
class Choice:
    """One User ID in one User Role that a person may act for, with their Job Type Roles there."""

    user_id: Eui64
    user_role: UserRole
    party_id: int
    party_name: str
    descriptor: str
    job_type_roles: frozenset[JobTypeRole]

    @property
    def value(self) -> str:
        """Return the choice as it stands in a form, a session or the Acting-As header."""
        return f"{self.user_id}/{self.user_role}"

    @property
    def label(self) -> str:
        """Return the choice as a person reads it."""
        return f"{self.party_name} as {self.user_role} ({self.descriptor or self.user_id})"


_HELD: Final = Prepared(
    lambda: (
        RoleGrant.objects.in_force()
        .filter(person=Slot("person", Person._meta.get_field("id")), acting_for__roles__user_role__isnull=False)
        .values_list(
            "acting_for_id",
            "acting_for__roles__user_role",
            "acting_for__party_id",
            "acting_for__party__name",
            "acting_for__descriptor",
            "job_type_role",
        )
    )
)


def choices_of(person: Person) -> list[Choice]:
    """Return what `person` may act for, in a stable order; one query. DCC's staff act for no User ID."""
    held: dict[tuple[Eui64, str, int, str, str], set[JobTypeRole]] = defaultdict(set)
    for user_id, user_role, party_id, party_name, descriptor, job_type_role in _HELD(person=person.pk):
        held[user_id, user_role, party_id, party_name, descriptor].add(JobTypeRole(job_type_role))
    order = list(UserRole)
    choices = [
        Choice(user_id, UserRole(user_role), party_id, party_name, descriptor, frozenset(roles))
        for (user_id, user_role, party_id, party_name, descriptor), roles in held.items()
    ]
    return sorted(choices, key=lambda choice: (choice.party_name, order.index(choice.user_role), choice.user_id))


def default_choice(choices: list[Choice]) -> Choice | None:
    """Return the first choice: Import Supplier before Gas Supplier, as DUIS lists the roles."""
    return choices[0] if choices else None


def chosen(choices: list[Choice], value: str | None) -> Choice | None:
    """Return the choice that `value` names, else the default one; a value one no longer holds is forgotten."""
    return next((choice for choice in choices if choice.value == value), default_choice(choices))


def actor_for(person: Person, choice: Choice | None, *, via: str = "screen", may_reveal: bool = False) -> Actor:
    """Return the actor that `person` is under `choice`; `may_reveal` if a secret may be read just now.

    Whoever holds no role, or none any more, still belongs to a party: the audit log says to which.
    """
    own = person.party.name if choice is None and person.party is not None else "DCC"
    return Actor(
        person_id=person.pk,
        person_name=person.name,
        person_email=person.email,
        party_id=choice.party_id if choice else person.party_id,
        party_name=choice.party_name if choice else own,
        user_id=choice.user_id if choice else None,
        user_role=choice.user_role if choice else None,
        job_type_roles=choice.job_type_roles if choice else frozenset(),
        is_dcc=person.is_dcc_staff,
        is_feed=person.is_feed,
        may_reveal=may_reveal,
        via=via,
    )


def actor_later(person_id: int, party: Party, user_id: Eui64, user_role: str, *, via: str) -> Actor:
    """Return on whose behalf work is done that was asked for earlier, with the rights they have now.

    None of them are left if they were taken away since, or the account was closed.
    """
    person = Person.objects.filter(pk=person_id).first()
    choices = choices_of(person) if person is not None and person.is_active else []
    held = [each for each in choices if (each.user_id, each.user_role) == (user_id, user_role)]
    return Actor(
        person_id=person_id,
        person_name=person.name if person else "",
        person_email=person.email if person else "",
        party_id=party.pk,
        party_name=party.name,
        user_id=user_id,
        user_role=UserRole(user_role),
        job_type_roles=held[0].job_type_roles if held else frozenset(),
        via=via,
    )
