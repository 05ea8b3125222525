"""Job Type Roles of people: granted, confirmed where DCC must, and ended. A grant is never deleted."""

from http import HTTPStatus

from django.db import IntegrityError, transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.access.roles import CONFIRMED_BY_DCC, JobTypeRole
from ssi.accounts.actions.parties import PartyHasLeft
from ssi.accounts.actions.people import AccountClosed
from ssi.accounts.models import Person, RoleGrant, UserId
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

    suggestion = "There is nothing to do, unless the grant still waits for confirmation."
    field = "job_type_role"
    status = HTTPStatus.CONFLICT


class NeedsNoConfirmation(Refusal):
    """{job_type_role} counts without DCC's confirmation."""

    suggestion = "Only ARO and SRO are matched against DCC's register."
    status = HTTPStatus.CONFLICT
    source = "DP108"


@transaction.atomic
def grant_role(*, person_id: int, eui: Eui64, job_type_role: JobTypeRole, by: Actor) -> RoleGrant:
    """Give a person a Job Type Role for a User ID of their party; ARO and SRO then await `confirm_grant`.

    Raises DccStaffHoldNoGrants, AccountClosed, UserIdOfAnotherParty, PartyHasLeft, AlreadyGranted.
    """
    by.require(Component.SERVICE_DESK)
    person = Person.objects.select_related("party").select_for_update(of=("self",), no_key=True).get(pk=person_id)
    user_id = UserId.objects.select_related("party").get(eui=eui)
    _refuse_unfit(person, user_id)
    try:
        with transaction.atomic():
            grant = RoleGrant.objects.create(
                person=person,
                acting_for=user_id,
                job_type_role=job_type_role,
                granted_by=by.person_email or by.person_name,
            )
    except IntegrityError as held:
        raise AlreadyGranted(person=person.name, job_type_role=job_type_role.value, user_id=eui) from held
    log.record("role_grant.granted", by=by, about=grant, awaits_confirmation=grant.needs_confirmation)
    return grant


@transaction.atomic
def confirm_grant(*, grant_id: int, by: Actor) -> RoleGrant:
    """Confirm that the person stands in DCC's ARO and SRO register: from now on the grant counts.

    Raises NeedsNoConfirmation; NotInThisState when it is confirmed or ended already.
    """
    by.require(Component.SERVICE_DESK)
    grant = _locked(grant_id)
    if grant.job_type_role not in CONFIRMED_BY_DCC:
        raise NeedsNoConfirmation(job_type_role=grant.job_type_role)
    if grant.ended_at is not None or grant.confirmed_at is not None:
        raise NotInThisState(what="the grant", state="ended" if grant.ended_at else "confirmed already")
    grant.confirmed_at = timezone.now()
    grant.confirmed_by = by.person_email or by.person_name
    grant.save(update_fields=["confirmed_at", "confirmed_by"])
    log.record("role_grant.confirmed", by=by, about=grant, granted_by=grant.granted_by)
    return grant


@transaction.atomic
def end_grant(*, grant_id: int, by: Actor) -> RoleGrant:
    """Take a Job Type Role away, from the next click on. Raises NotInThisState when it is ended already."""
    by.require(Component.SERVICE_DESK)
    grant = _locked(grant_id)
    if grant.ended_at is not None:
        raise NotInThisState(what="the grant", state="ended already")
    grant.ended_at = timezone.now()
    grant.ended_by = by.person_email or by.person_name
    grant.save(update_fields=["ended_at", "ended_by"])
    log.record("role_grant.ended", by=by, about=grant)
    return grant


def _locked(grant_id: int) -> RoleGrant:
    return RoleGrant.objects.select_related("person").select_for_update(of=("self",), no_key=True).get(pk=grant_id)


def _refuse_unfit(person: Person, user_id: UserId) -> None:
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
