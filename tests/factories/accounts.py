"""Parties, User IDs, people and grants, made straight in the tables; the actions have tests of their own.

Call `PersonFactory.create(…)`, which mypy knows to give a Person; `PersonFactory(…)` is the same but untyped.
"""

from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from ssi.access.roles import CONFIRMED_BY_DCC, JobTypeRole, UserRole
from ssi.accounts.demo_accounts import DEMO_PASSWORD, DemoAccount, DemoParty
from ssi.accounts.models import Officer, Party, Person, RoleGrant, UserId, UserIdRole
from ssi.accounts.models.officers import Capacity, Standing
from ssi.eui64 import Eui64

FIRST_USER_ID = Eui64.parse("90-B3-D5-1F-3F-00-00-00")
"""Made-up User IDs count on from here, clear of the demo estate's."""


class PartyFactory(DjangoModelFactory[Party]):
    """A party in the market."""

    class Meta:
        model = Party
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda n: f"Invented Supply {n}")


class UserIdFactory(DjangoModelFactory[UserId]):
    """A User ID; `user_roles=[…]` are the User Roles it holds, a supplier's unless told otherwise."""

    class Meta:
        model = UserId
        django_get_or_create = ("eui",)
        skip_postgeneration_save = True

    eui = factory.Sequence(lambda n: Eui64(FIRST_USER_ID.as_bigint + n))
    party = factory.SubFactory(PartyFactory)
    descriptor = ""

    @factory.post_generation
    def user_roles(self: UserId, create: bool, extracted: list[UserRole] | None, **_: Any) -> None:
        """Register the User ID in its roles."""
        for user_role in extracted if extracted is not None else [UserRole.IS, UserRole.GS]:
            UserIdRole.objects.get_or_create(held_by=self, user_role=user_role)


class PersonFactory(DjangoModelFactory[Person]):
    """Somebody of a party, who may sign in with the demo password."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@invented.example")
    name = factory.Sequence(lambda n: f"Person {n}")
    party: Any = factory.SubFactory(PartyFactory)

    @classmethod
    def _create(cls, model_class: type[Person], *args: Any, **kwargs: Any) -> Person:
        password = kwargs.pop("password", DEMO_PASSWORD)
        return Person.objects.create_person(password=password, **kwargs)


class DccPersonFactory(PersonFactory):
    """Somebody at the DCC service desk."""

    party = None
    is_dcc_staff = True


class RoleGrantFactory(DjangoModelFactory[RoleGrant]):
    """A grant in force: ARO and SRO are confirmed unless `confirmed_at=None` is asked for."""

    class Meta:
        model = RoleGrant

    person = factory.SubFactory(PersonFactory)
    acting_for = factory.SubFactory(UserIdFactory, party=factory.SelfAttribute("..person.party"))
    job_type_role = JobTypeRole.OPS
    granted_by = "desk@dcc.example"
    confirmed_at = factory.LazyAttribute(
        lambda grant: timezone.now() if grant.job_type_role in CONFIRMED_BY_DCC else None
    )


class OfficerFactory(DjangoModelFactory[Officer]):
    """A nomination that awaits DCC; `officer_in_register` makes one that counts."""

    class Meta:
        model = Officer

    job_type_role = JobTypeRole.ARO
    acting_for = factory.SubFactory(UserIdFactory)
    party = factory.SelfAttribute("acting_for.party")
    email = factory.Sequence(lambda n: f"nominee{n}@invented.example")
    name = factory.Sequence(lambda n: f"Nominee {n}")
    nominated_by = "sro@invented.example"
    nominated_as = factory.LazyAttribute(
        lambda officer: Capacity.SRO if officer.job_type_role == JobTypeRole.ARO else Capacity.DIRECTOR
    )


def officer_in_register(person: Person) -> Officer:
    """Return the register's entry of a person's first confirmed grant of ARO or SRO."""
    grant = RoleGrant.objects.in_force().filter(person=person, job_type_role__in=CONFIRMED_BY_DCC)[0]
    return OfficerFactory.create(
        standing=Standing.CONFIRMED,
        job_type_role=JobTypeRole(grant.job_type_role),
        acting_for=grant.acting_for,
        email=person.email,
        name=person.name,
        person=person,
        grant=grant,
        decided_by="desk@dcc.example",
        decided_at=grant.confirmed_at,
    )


class FeedFactory(PersonFactory):
    """An account of DCC's feed."""

    party = None
    is_feed = True


def demo_user_id(demo: DemoParty) -> UserId:
    """Return the User ID of a party of the demo estate, made on first use."""
    party = PartyFactory.create(name=demo.name)
    return UserIdFactory.create(
        eui=Eui64.parse(demo.user_id), party=party, descriptor=demo.descriptor, user_roles=list(demo.user_roles)
    )


def demo_person(account: DemoAccount) -> Person:
    """Return a person of the demo estate with party, User ID, roles and grants."""
    if account.is_feed:
        return FeedFactory.create(email=account.email, name=account.name)
    if account.party is None:
        return DccPersonFactory.create(email=account.email, name=account.name)
    acting_for = demo_user_id(account.party)
    person = PersonFactory.create(email=account.email, name=account.name, party=acting_for.party)
    for job_type_role in account.job_type_roles:
        RoleGrantFactory.create(person=person, acting_for=acting_for, job_type_role=job_type_role)
    return person
