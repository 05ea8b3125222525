"""Parties and their User IDs: the DCC service desk registers what the Smart Energy Code's register says."""

from collections.abc import Collection
from datetime import date
from http import HTTPStatus

from django.db import IntegrityError, transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.access.roles import UserRole
from ssi.accounts.actions.ending import end_sessions_and_tokens
from ssi.accounts.models import Party, Person, UserId, UserIdRole
from ssi.audit import log
from ssi.eui64 import Eui64
from ssi.refusals import Refusal


class PartyNameTaken(Refusal):
    """A party named {name} is registered already."""

    suggestion = "Open that one, or give the name as the register of Parties writes it."
    field = "name"
    status = HTTPStatus.CONFLICT


class LeavingDateAhead(Refusal):
    """{day} has not come yet, and leaving takes all access away at once."""

    suggestion = "Come back on that day, or give today or an earlier day."
    field = "left_date"


class PartyHasLeft(Refusal):
    """{party} has left the market."""

    suggestion = "If that is a mistake, clear the day it left first."
    status = HTTPStatus.CONFLICT
    source = "SEC M8: a Party that has ceased to be one"


class UserIdTaken(Refusal):
    """The User ID {eui} is registered already, for {party}."""

    suggestion = "A User ID belongs to one party: check the sixteen digits."
    field = "eui"
    status = HTTPStatus.CONFLICT
    source = "SEC App AH: a User ID is tied to one Party"


class NoUserRole(Refusal):
    """A User ID acts in at least one User Role, and none was chosen."""

    suggestion = "Choose the roles in which the party has completed User Entry."
    field = "user_roles"
    source = "SEC App AH: a User ID is tied to one or more User Roles"


def register_party(*, name: str, by: Actor) -> Party:
    """Register a party. Raises PartyNameTaken."""
    by.require(Component.SERVICE_DESK)
    try:
        with transaction.atomic():
            party = Party.objects.create(name=name)
            log.record("party.registered", by=by, about=party)
    except IntegrityError as taken:
        raise PartyNameTaken(name=name) from taken
    return party


@transaction.atomic
def rename_party(*, party_id: int, name: str, by: Actor) -> Party:
    """Give a party its new name; the audit log keeps the old one. Raises PartyNameTaken."""
    by.require(Component.SERVICE_DESK)
    party = Party.objects.select_for_update(no_key=True).get(pk=party_id)
    old, party.name = party.name, name
    # Recorded first: a new name takes the row from everyone whose raising waits, behind the log, for that row.
    log.record("party.renamed", by=by, about=party, old_name=old)
    try:
        with transaction.atomic():
            party.save(update_fields=["name"])
    except IntegrityError as taken:
        raise PartyNameTaken(name=name) from taken
    return party


@transaction.atomic
def mark_left(*, party_id: int, left_date: date, by: Actor) -> Party:
    """Record that a party left the market: its people keep their accounts and reach nothing any more.

    Their sessions and tokens end at once.

    Raises PartyHasLeft if that is recorded already, LeavingDateAhead.
    """
    by.require(Component.SERVICE_DESK)
    party = Party.objects.select_for_update(no_key=True).get(pk=party_id)
    if party.left_date is not None:
        raise PartyHasLeft(party=party.name)
    if left_date > timezone.localdate():
        raise LeavingDateAhead(day=f"{left_date:%d %B %Y}")
    party.left_date = left_date
    party.save(update_fields=["left_date"])
    end_sessions_and_tokens(Person.objects.filter(party=party), by=by)
    log.record("party.left", by=by, about=party, left_date=left_date.isoformat())
    return party


@transaction.atomic
def mark_returned(*, party_id: int, by: Actor) -> Party:
    """Take back that a party left: what its people held counts again."""
    by.require(Component.SERVICE_DESK)
    party = Party.objects.select_for_update(no_key=True).get(pk=party_id)
    if party.left_date is None:
        return party
    was, party.left_date = party.left_date, None
    party.save(update_fields=["left_date"])
    log.record("party.returned", by=by, about=party, left_date_was=was.isoformat())
    return party


@transaction.atomic
def set_requests_per_day(*, party_id: int, requests_per_day: int | None, by: Actor) -> Party:
    """Give a party a daily quota of requests of its own, or with None the one that everybody has; 0 stops it."""
    by.require(Component.SERVICE_DESK)
    party = Party.objects.select_for_update(no_key=True).get(pk=party_id)
    if party.requests_per_day == requests_per_day:
        return party
    was, party.requests_per_day = party.requests_per_day, requests_per_day
    party.save(update_fields=["requests_per_day"])
    log.record(
        "party.quota_changed",
        by=by,
        about=party,
        requests_per_day=_quota_in_words(requests_per_day),
        requests_per_day_was=_quota_in_words(was),
    )
    return party


def _quota_in_words(requests_per_day: int | None) -> int | str:
    return "as everybody" if requests_per_day is None else requests_per_day


@transaction.atomic
def add_user_id(
    *, party_id: int, eui: Eui64, user_roles: Collection[UserRole], by: Actor, descriptor: str = ""
) -> UserId:
    """Register a User ID of a party in one or more User Roles.

    `descriptor` is the Service User Descriptor, at most 30 characters.
    Raises UserIdTaken, NoUserRole, PartyHasLeft.
    """
    by.require(Component.SERVICE_DESK)
    if not user_roles:
        raise NoUserRole
    party = Party.objects.select_for_update(no_key=True).get(pk=party_id)
    if party.left_date is not None:
        raise PartyHasLeft(party=party.name)
    try:
        with transaction.atomic():
            user_id = UserId.objects.create(eui=eui, party=party, descriptor=descriptor)
    except IntegrityError as taken:
        holder = Party.objects.get(user_ids__eui=eui)
        raise UserIdTaken(eui=eui, party=holder.name) from taken
    _register_roles(user_id, user_roles)
    log.record(
        "user_id.registered",
        by=by,
        about=user_id,
        party=party.name,
        roles=_named(user_roles),
        descriptor=descriptor,
    )
    return user_id


@transaction.atomic
def change_user_id(*, eui: Eui64, user_roles: Collection[UserRole], descriptor: str, by: Actor) -> UserId:
    """Change the User Roles and the Service User Descriptor of a User ID. Raises NoUserRole.

    Who acts in a role that is taken away acts in it no more from the next click on.
    """
    by.require(Component.SERVICE_DESK)
    if not user_roles:
        raise NoUserRole
    user_id = UserId.objects.select_for_update(no_key=True).get(eui=eui)
    before = {UserRole(role) for role in user_id.roles.values_list("user_role", flat=True)}
    if before == set(user_roles) and user_id.descriptor == descriptor:
        return user_id
    user_id.roles.exclude(user_role__in=user_roles).delete()
    _register_roles(user_id, set(user_roles) - before)
    user_id.descriptor = descriptor
    user_id.save(update_fields=["descriptor"])
    log.record(
        "user_id.changed",
        by=by,
        about=user_id,
        roles=_named(user_roles),
        roles_before=_named(before),
        descriptor=descriptor,
    )
    return user_id


def _register_roles(user_id: UserId, user_roles: Collection[UserRole]) -> None:
    UserIdRole.objects.bulk_create(UserIdRole(held_by=user_id, user_role=role) for role in user_roles)


def _named(user_roles: Collection[UserRole]) -> list[str]:
    return [role.value for role in UserRole if role in user_roles]
