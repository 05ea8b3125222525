"""The register of officers: DCC registers SROs, an SRO nominates AROs and DCC confirms them, and either ends.

What the register says and what the Job Type Role grants move together, in one transaction. Source: DP108.
"""

from collections.abc import Collection
from http import HTTPStatus

from django.db import IntegrityError, transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.access.roles import JobTypeRole
from ssi.accounts import emails_of_officers as emails
from ssi.accounts.actions import grants, people
from ssi.accounts.actions.parties import PartyHasLeft
from ssi.accounts.actions.people import AccountClosed
from ssi.accounts.models import Officer, Person, RoleGrant, UserId
from ssi.accounts.models.officers import OPEN, Capacity, EndedBecause
from ssi.audit import log
from ssi.eui64 import Eui64
from ssi.refusals import Refusal
from ssi.workflow import perform, require_move

NOMINATE_SROS = (Capacity.DIRECTOR, Capacity.COMPANY_SECRETARY, Capacity.CISO)


class OfficerUnknown(Refusal):
    """There is no entry {reference} in the register of officers that you may see."""

    suggestion = "Check the reference, or open the list of responsible officers."
    status = HTTPStatus.NOT_FOUND


class NobodyNominatesThemselves(Refusal):
    """You cannot nominate yourself as Authorised Responsible Officer."""

    suggestion = "Another Senior Responsible Officer of your company can nominate you."
    field = "email"
    source = "DP108, ours: two people stand behind every ARO before DCC looks"


class NotYourUserId(Refusal):
    """{user_id} is not a User ID of your company."""

    suggestion = "Choose from those listed."
    field = "user_ids"


class AlreadyInTheRegister(Refusal):
    """{email} is nominated or registered as {job_type_role} for {user_id} already."""

    suggestion = "Look at the list of responsible officers. A nomination can be withdrawn and made anew."
    field = "email"
    status = HTTPStatus.CONFLICT


class CannotNominateSros(Refusal):
    """A Senior Responsible Officer is nominated by a Director, the Company Secretary or the CISO."""

    suggestion = "Ask the party who of these nominates the person, and record it."
    field = "nominated_as"
    source = "DP108"


class AddressOfAnother(Refusal):
    """The account {email} does not belong to {party}."""

    suggestion = "Refuse the nomination, and ask the party for the person's address with them."
    field = "email"
    status = HTTPStatus.CONFLICT
    source = "SEC App AH: accounts are for User Personnel of the Party"


class ReasonMissing(Refusal):
    """The party reads why a nomination is refused, and no reason was given."""

    suggestion = "Write a sentence that helps them to nominate the right person."
    field = "answer"


@transaction.atomic
def register_sro(
    *, eui: Eui64, email: str, name: str, nominated_by: str, nominated_as: Capacity, by: Actor, tell: bool = True
) -> Officer:
    """Enter an SRO of a User ID's party into the register: from now on the person acts as one.

    `nominated_by` is who of the party asked for it. Opens the account if there is none, with a link to set the
    password. Without `tell` nobody is written to.
    Raises CannotNominateSros, PartyHasLeft, AlreadyInTheRegister, AddressOfAnother, AccountClosed.
    """
    by.require(Component.SERVICE_DESK)
    if nominated_as not in NOMINATE_SROS:
        raise CannotNominateSros
    user_id = UserId.objects.select_related("party").get(eui=eui)
    _refuse_who_left(user_id)
    officer = _entered(user_id, email=email, name=name, nominated_by=nominated_by, nominated_as=nominated_as)
    facts = {"nominated_by": nominated_by, "as": nominated_as.label, "user_id": str(eui)}
    return _confirmed(officer, by=by, tell=tell, nominated=facts)


@transaction.atomic
def nominate_aro(
    *, user_ids: Collection[Eui64], email: str, name: str, by: Actor, tell: bool = True
) -> list[Officer]:
    """Nominate somebody as ARO for User IDs of one's own party, an entry each; DCC is asked to confirm them.

    Whether anybody has an account under that address is neither looked at nor told: an SRO would learn who works
    with others. DCC looks when it confirms. Raises NobodyNominatesThemselves, NotYourUserId, AlreadyInTheRegister.
    """
    theirs = _nominable(user_ids, email, by)
    entries = [
        _entered(each, email=email, name=name, nominated_by=_name_of(by), nominated_as=Capacity.SRO)
        for each in theirs
    ]
    for officer in entries:
        if tell:
            emails.nominated(officer)
        log.record("officer.nominated", by=by, about=officer, user_id=str(officer.acting_for_id))
    return entries


def check_nomination(*, user_ids: Collection[Eui64], email: str, by: Actor) -> list[UserId]:
    """Refuse what `nominate_aro` would, before anything is done; return the User IDs."""
    theirs = _nominable(user_ids, email, by)
    there = Officer.objects.filter(
        acting_for__in=theirs, job_type_role=JobTypeRole.ARO, email=_plain(email), standing__in=OPEN
    ).first()
    if there is not None:
        raise AlreadyInTheRegister(
            email=there.email, job_type_role=there.job_type_role, user_id=there.acting_for_id
        )
    return theirs


@transaction.atomic
def confirm(*, reference: str, by: Actor, tell: bool = True) -> Officer:
    """Confirm a nomination: from now on the person, whose account is opened if there is none, acts as ARO.

    Raises OfficerUnknown, NotInThisState, PartyHasLeft, AddressOfAnother, AccountClosed.
    """
    by.require(Component.SERVICE_DESK)
    officer = _locked(reference, by)
    require_move(officer.confirm, by=by)
    _refuse_who_left(officer.acting_for)
    return _confirmed(officer, by=by, tell=tell)


@transaction.atomic
def refuse(*, reference: str, answer: str, by: Actor) -> Officer:
    """Refuse a nomination; the party reads `answer`. Raises OfficerUnknown, NotInThisState, ReasonMissing."""
    by.require(Component.SERVICE_DESK)
    officer = _locked(reference, by)
    require_move(officer.refuse, by=by)
    if not answer.strip():
        raise ReasonMissing
    _end_grant_of(officer, by)
    emails.refused(officer)
    perform(
        officer.refuse,
        by=by,
        event="officer.refused",
        answer=answer.strip(),
        who=_name_of(by),
        at=timezone.now(),
    )
    return officer


@transaction.atomic
def withdraw(*, reference: str, by: Actor) -> Officer:
    """Take a nomination back before DCC has answered. Raises OfficerUnknown, NotAllowed, NotInThisState."""
    by.require(Component.ARO_NOMINATION)
    officer = _locked(reference, by)
    require_move(officer.withdraw, by=by)
    _end_grant_of(officer, by)
    emails.withdrawn(officer)
    perform(officer.withdraw, by=by, event="officer.withdrawn", who=_name_of(by), at=timezone.now())
    return officer


@transaction.atomic
def end(*, reference: str, because: EndedBecause, by: Actor) -> Officer:
    """End an officer's role, an ARO's by an SRO of the party, any by the desk; sessions and tokens end with it.

    Raises OfficerUnknown, NotAllowed, NotInThisState.
    """
    by.require(Component.ARO_NOMINATION, Component.SERVICE_DESK)
    officer = _locked(reference, by)
    require_move(officer.end, by=by)
    _end_grant_of(officer, by)
    emails.ended(officer)
    perform(officer.end, by=by, event="officer.ended", because=because, who=_name_of(by), at=timezone.now())
    return officer


def _nominable(user_ids: Collection[Eui64], email: str, by: Actor) -> list[UserId]:
    """Return the User IDs, if `by` may nominate that address for them."""
    by.require(Component.ARO_NOMINATION)
    if by.person_email and _plain(email) == by.person_email.lower():
        raise NobodyNominatesThemselves
    own = UserId.objects.current().select_related("party").order_by("eui")
    if not by.is_system:
        own = own.filter(party=by.party_id)
    found = list(own.filter(eui__in=user_ids))
    foreign = set(user_ids) - {each.eui for each in found}
    if foreign or not found:
        raise NotYourUserId(user_id=min(foreign) if foreign else "None")
    return found


def _entered(user_id: UserId, *, email: str, name: str, nominated_by: str, nominated_as: Capacity) -> Officer:
    """Write an entry; of two for the same person, User ID and Job Type Role the database lets one stand."""
    job_type_role = JobTypeRole.ARO if nominated_as == Capacity.SRO else JobTypeRole.SRO
    try:
        with transaction.atomic():
            return Officer.objects.create(
                job_type_role=job_type_role,
                party=user_id.party,
                acting_for=user_id,
                email=_plain(email),
                name=name.strip(),
                nominated_by=nominated_by.strip(),
                nominated_as=nominated_as,
            )
    except IntegrityError as there:
        raise AlreadyInTheRegister(
            email=_plain(email), job_type_role=job_type_role.value, user_id=user_id.eui
        ) from there


def _confirmed(officer: Officer, *, by: Actor, tell: bool, nominated: dict[str, str] | None = None) -> Officer:
    """Open the account if there is none, make the grant count, and move the entry; tell whom it concerns."""
    person = _account_for(officer, by, invite=tell)
    grant = _grant_for(officer, person, by)
    if nominated is not None:
        log.record("officer.nominated", by=by, about=officer, **nominated)
    perform(
        officer.confirm,
        by=by,
        event="officer.confirmed",
        person=person,
        grant=grant,
        who=_name_of(by),
        at=timezone.now(),
    )
    if tell:
        emails.confirmed(officer)
    return officer


def _account_for(officer: Officer, by: Actor, *, invite: bool) -> Person:
    """Return the officer's account with its row locked, opened if there is none. Raises AddressOfAnother."""
    found = Person.objects.filter(email=officer.email).values_list("pk", flat=True).first()
    if found is None:
        return people.open_account(
            email=officer.email, name=officer.name, party=officer.party, by=by, invite=invite
        )
    person = grants.locked_person(found)
    if person.party_id != officer.party_id:
        raise AddressOfAnother(email=person.email, party=officer.party.name)
    if not person.is_active:
        raise AccountClosed(email=person.email)
    return person


def _grant_for(officer: Officer, person: Person, by: Actor) -> RoleGrant:
    """Return the confirmed grant; one that waited from before the register was kept is confirmed."""
    if officer.grant is None:
        role = JobTypeRole(officer.job_type_role)
        return grants.grant_officer(person=person, user_id=officer.acting_for, job_type_role=role, by=by)
    return grants.confirm_old(grant_id=officer.grant.pk, by=by)


def _end_grant_of(officer: Officer, by: Actor) -> None:
    if officer.grant is not None:
        grants.locked_person(officer.grant.person_id)
        grants.take_away(grant_id=officer.grant.pk, by=by)


def _refuse_who_left(user_id: UserId) -> None:
    if user_id.party.left_date is not None:
        raise PartyHasLeft(party=user_id.party.name)


def _locked(reference: str, by: Actor) -> Officer:
    found = (
        Officer.objects.visible_to(by)
        .select_related("party", "acting_for__party", "grant", "person")
        .select_for_update(of=("self",), no_key=True)
        .filter(reference=reference)
        .first()
    )
    if found is None:
        raise OfficerUnknown(reference=reference)
    return found


def _plain(email: str) -> str:
    return email.strip().lower()


def _name_of(by: Actor) -> str:
    return by.person_email or by.person_name
