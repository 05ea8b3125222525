"""The demo's parties, User IDs and people, made by the same actions as the DCC service desk's."""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.roles import CONFIRMED_BY_DCC, JobTypeRole
from ssi.accounts.acting import actor_for, choices_of, default_choice
from ssi.accounts.actions import grants, officers, parties, people, successions
from ssi.accounts.demo_accounts import (
    DEMO_ACCOUNTS,
    DEMO_EMAILS,
    DEMO_FEED,
    DEMO_NOMINEE,
    DEMO_PARTIES,
    DEMO_PASSWORD,
    DEMO_SROS_NOMINATED_BY,
    DemoAccount,
    DemoParty,
)
from ssi.accounts.models import Officer, Party, Person
from ssi.accounts.models.officers import Capacity
from ssi.accounts.models.succession import TakenOverBecause
from ssi.eui64 import Eui64

LEFT_AGO = timedelta(days=75)


@transaction.atomic
def load() -> str:
    """Make the parties and people that are missing; return a phrase for the terminal, "" if none were."""
    by = Actor.system()
    there = set(Party.objects.values_list("name", flat=True))
    new_parties = [demo for demo in DEMO_PARTIES if demo.name not in there]
    for demo in new_parties:
        _register(demo, by)
    known = set(Person.objects.filter(email__in=[*DEMO_EMAILS, DEMO_FEED.email]).values_list("email", flat=True))
    new_people = [account for account in (*DEMO_ACCOUNTS, DEMO_FEED) if account.email not in known]
    for account in new_people:
        _open(account, by)
    _register_officers(new_people, by)
    # One hash for all: a dozen slow ones would hold up the first start.
    Person.objects.filter(email__in=[account.email for account in new_people]).update(
        password=make_password(DEMO_PASSWORD)
    )
    if not new_parties and not new_people:
        return ""
    return f"{len(new_parties)} parties and {len(new_people)} accounts"


def _register(demo: DemoParty, by: Actor) -> None:
    party = parties.register_party(name=demo.name, by=by)
    parties.add_user_id(
        party_id=party.pk,
        eui=Eui64.parse(demo.user_id),
        user_roles=demo.user_roles,
        descriptor=demo.descriptor,
        by=by,
    )
    left_date = timezone.localdate() - LEFT_AGO
    if demo.has_left:
        parties.mark_left(party_id=party.pk, left_date=left_date, by=by)
    if demo.taken_over_by is not None:
        successions.enter(
            eui=Eui64.parse(demo.user_id),
            successor=Eui64.parse(demo.taken_over_by.user_id),
            from_date=left_date,
            because=TakenOverBecause.SUPPLIER_OF_LAST_RESORT,
            by=by,
        )


def _open(account: DemoAccount, by: Actor) -> None:
    if account.is_feed:
        people.open_feed_account(email=account.email, by=by)
        return
    party = Party.objects.get(name=account.party.name) if account.party else None
    person = people.open_account(email=account.email, name=account.name, party=party, invite=False, by=by)
    if account.party is None:
        return
    for job_type_role in (role for role in account.job_type_roles if role not in CONFIRMED_BY_DCC):
        grants.grant_role(
            person_id=person.pk, eui=Eui64.parse(account.party.user_id), job_type_role=job_type_role, by=by
        )


def _register_officers(accounts: Sequence[DemoAccount], by: Actor) -> None:
    """Enter SROs and AROs into the register, SROs first; an ARO is nominated by the party's SRO if it has one."""
    for account in accounts:
        if account.party is not None and JobTypeRole.SRO in account.job_type_roles:
            officers.register_sro(
                eui=Eui64.parse(account.party.user_id),
                email=account.email,
                name=account.name,
                nominated_by=DEMO_SROS_NOMINATED_BY,
                nominated_as=Capacity.DIRECTOR,
                by=by,
                tell=False,
            )
            _nominate(DEMO_NOMINEE, account.party)
    for account in accounts:
        if account.party is not None and JobTypeRole.ARO in account.job_type_roles:
            officer = _nominate((account.email, account.name), account.party)
            officers.confirm(reference=officer.reference, by=by, tell=False)


def _nominate(whom: tuple[str, str], party: DemoParty) -> Officer:
    email, name = whom
    eui = Eui64.parse(party.user_id)
    [officer] = officers.nominate_aro(user_ids=[eui], email=email, name=name, by=_sro_of(party), tell=False)
    return officer


def _sro_of(party: DemoParty) -> Actor:
    """Return the party's SRO, or the portal where the demo has none."""
    sro = Person.objects.filter(grants__job_type_role=JobTypeRole.SRO, party__name=party.name).first()
    return actor_for(sro, default_choice(choices_of(sro))) if sro else Actor.system()
