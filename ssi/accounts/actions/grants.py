"""Job Type Roles of people: granted and ended. A grant is never deleted.

ARO and SRO are granted by the register of officers alone (`officers.py`).
"""

from http import HTTPStatus
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.access.roles import CONFIRMED_BY_DCC, JobTypeRole
from ssi.accounts.actions.ending import end_sessions_and_tokens
from ssi.accounts.actions.parties import PartyHasLeft
from ssi.accounts.actions.people import AccountClosed
from ssi.accounts.models import Officer, Person, RoleGrant, UserId
from ssi.accounts.models.officers import OPEN
from ssi.audit import log
from ssi.eui64 import Eui64
from ssi.refusals import NotInThisState, Refusal


class UserIdOfAnotherParty(Refusal):
    """{person} works for {party}, and {user_id} is not one of its User IDs."""

    suggestion = "Choose a User ID of the person's own party."
    field = "acting_for"
    source = "SEC App AH: accounts are for User Personnel of the Party"


class DccStaffHoldNoGrants(Refusal):
    """{person} is DCC staff, who act for no User ID."""

    suggestion = "Open an account of the party for whoever shall act for it."
    field = "person"
    status = HTTPStatus.CONFLICT


class FeedHoldsNoGrants(Refusal):
    """{person} is the account of DCC's feed, which acts for no User ID."""

    suggestion = "Open an account of the party for whoever shall act for it."
    field = "person"
    status = HTTPStatus.CONFLICT


class AlreadyGranted(Refusal):
    """{person} holds {job_type_role} for {user_id} already."""

    suggestion = "There is nothing to do."
    field = "job_type_role"
    status = HTTPStatus.CONFLICT


class OfficersAreRegistered(Refusal):
    """{job_type_role} is not granted like other Job Type Roles: who holds it stands in DCC's register."""

    suggestion = "Under “Responsible officers” register an SRO; AROs are nominated by an SRO and confirmed there."
    field = "job_type_role"
    source = "DP108"


class InTheRegister(Refusal):
    """{job_type_role} of {person} stands in the register of officers, as {reference}."""

    suggestion = "Open {reference} under “Responsible officers” and end or refuse it there."
    status = HTTPStatus.CONFLICT
    source = "DP108"


@transaction.atomic
def grant_role(*, person_id: int, eui: Eui64, job_type_role: JobTypeRole, by: Actor) -> RoleGrant:
    """Give a person a Job Type Role for a User ID of their party. ARO and SRO are not for this way.

    Raises OfficersAreRegistered, DccStaffHoldNoGrants, FeedHoldsNoGrants, AccountClosed, UserIdOfAnotherParty,
    PartyHasLeft, AlreadyGranted.
    """
    by.require(Component.SERVICE_DESK)
    if job_type_role in CONFIRMED_BY_DCC:
        raise OfficersAreRegistered(job_type_role=job_type_role.value)
    person = locked_person(person_id)
    user_id = UserId.objects.select_related("party").get(eui=eui)
    refuse_unfit(person, user_id)
    return _granted(person, user_id, job_type_role, by=by)


def grant_officer(*, person: Person, user_id: UserId, job_type_role: JobTypeRole, by: Actor) -> RoleGrant:
    """Give a locked person ARO or SRO, confirmed: for the register of officers, which asked who may.

    Raises as `grant_role` does.
    """
    refuse_unfit(person, user_id)
    return _granted(person, user_id, job_type_role, by=by, confirmed_at=timezone.now(), confirmed_by=_name_of(by))


def confirm_old(*, grant_id: int, by: Actor) -> RoleGrant:
    """Confirm a grant of ARO or SRO that waited from before the register was kept, for the register alone.

    The caller has locked its person's row. Raises NotInThisState when it is ended or confirmed already.
    """
    grant = _locked(grant_id)
    if grant.ended_at is not None or grant.confirmed_at is not None:
        raise NotInThisState(what="the grant", state="ended" if grant.ended_at else "confirmed already")
    grant.confirmed_at, grant.confirmed_by = timezone.now(), _name_of(by)
    grant.save(update_fields=["confirmed_at", "confirmed_by"])
    log.record("role_grant.confirmed", by=by, about=grant, granted_by=grant.granted_by)
    return grant


@transaction.atomic
def end_grant(*, grant_id: int, by: Actor) -> RoleGrant:
    """Take a Job Type Role away. The person's sessions and tokens end at once, whatever roles are left.

    Raises InTheRegister for an officer's; NotInThisState when it is ended already.
    """
    by.require(Component.SERVICE_DESK)
    found = RoleGrant.objects.get(pk=grant_id)
    officer = Officer.objects.filter(grant=found, standing__in=OPEN).first()
    if officer is not None:
        raise InTheRegister(job_type_role=officer.job_type_role, person=officer.name, reference=officer.reference)
    locked_person(found.person_id)
    return take_away(grant_id=grant_id, by=by)


def take_away(*, grant_id: int, by: Actor) -> RoleGrant:
    """End a grant, and with it the sessions and tokens of its person, whose row the caller has locked.

    Raises NotInThisState.
    """
    grant = _locked(grant_id)
    if grant.ended_at is not None:
        raise NotInThisState(what="the grant", state="ended already")
    grant.ended_at = timezone.now()
    grant.ended_by = _name_of(by)
    grant.save(update_fields=["ended_at", "ended_by"])
    end_sessions_and_tokens(Person.objects.filter(pk=grant.person_id), by=by)
    log.record("role_grant.ended", by=by, about=grant)
    return grant


def locked_person(person_id: int) -> Person:
    """Return a person with the row locked: always before the grants, so that no two wait for each other."""
    people = Person.objects.select_related("party").select_for_update(of=("self",), no_key=True)
    return people.get(pk=person_id)


def refuse_unfit(person: Person, user_id: UserId) -> None:
    """Raise the refusal that says why `person` may hold nothing for `user_id`, if so."""
    if person.is_dcc_staff:
        raise DccStaffHoldNoGrants(person=person.name)
    if person.is_feed:
        raise FeedHoldsNoGrants(person=person.email)
    if not person.is_active:
        raise AccountClosed(email=person.email)
    if user_id.party_id != person.party_id:
        raise UserIdOfAnotherParty(person=person.name, party=person.party, user_id=user_id.eui)
    if user_id.party.left_date is not None:
        raise PartyHasLeft(party=user_id.party.name)


def _granted(
    person: Person, user_id: UserId, job_type_role: JobTypeRole, *, by: Actor, **confirmed: Any
) -> RoleGrant:
    try:
        with transaction.atomic():
            grant = RoleGrant.objects.create(
                person=person,
                acting_for=user_id,
                job_type_role=job_type_role,
                granted_by=_name_of(by),
                **confirmed,
            )
    except IntegrityError as held:
        raise AlreadyGranted(person=person.name, job_type_role=job_type_role.value, user_id=user_id.eui) from held
    log.record("role_grant.granted", by=by, about=grant)
    return grant


def _locked(grant_id: int) -> RoleGrant:
    return RoleGrant.objects.select_related("person").select_for_update(of=("self",), no_key=True).get(pk=grant_id)


def _name_of(by: Actor) -> str:
    return by.person_email or by.person_name
