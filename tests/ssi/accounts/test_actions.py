"""The desk's actions: only the desk, one winner of two, and nothing half done."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.roles import JobTypeRole, UserRole
from ssi.accounts.actions import grants, parties, people, tokens
from ssi.accounts.actions.parties import PartyHasLeft, PartyNameTaken
from ssi.accounts.models import Party, Person, RoleGrant, UserId
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.refusals import NotAllowed, NotInThisState, Refusal
from tests.factories.accounts import PartyFactory, RoleGrantFactory
from tests.personas import actor_of

FREE = Eui64.parse("90-B3-D5-1F-3E-00-00-01")
TODAY = timezone.localdate()

DESK_ACTIONS: list[Callable[[Actor, RoleGrant], object]] = [
    lambda by, grant: parties.register_party(name="Tern", by=by),
    lambda by, grant: parties.rename_party(party_id=grant.person.party_id or 0, name="Tern", by=by),
    lambda by, grant: parties.mark_left(party_id=grant.person.party_id or 0, left_date=TODAY, by=by),
    lambda by, grant: parties.mark_returned(party_id=grant.person.party_id or 0, by=by),
    lambda by, grant: parties.add_user_id(
        party_id=grant.person.party_id or 0, eui=FREE, user_roles=[UserRole.IS], by=by
    ),
    lambda by, grant: parties.change_user_id(
        eui=grant.acting_for_id, user_roles=[UserRole.ED], descriptor="", by=by
    ),
    lambda by, grant: people.open_account(email="x@y.example", name="X", party=None, by=by),
    lambda by, grant: people.correct_name(person_id=grant.person_id, name="X", by=by),
    lambda by, grant: people.close_account(person_id=grant.person_id, by=by),
    lambda by, grant: people.reopen_account(person_id=grant.person_id, by=by),
    lambda by, grant: people.send_password_link(person_id=grant.person_id, by=by),
    lambda by, grant: grants.grant_role(
        person_id=grant.person_id, eui=grant.acting_for_id, job_type_role=JobTypeRole.SEC, by=by
    ),
    lambda by, grant: grants.end_grant(grant_id=grant.pk, by=by),
    lambda by, grant: tokens.end_token(token_id=1, by=by),
]


@pytest.mark.django_db
@pytest.mark.parametrize("act", DESK_ACTIONS)
@pytest.mark.parametrize("persona", ["adam", "sunil"])
def test_only_the_desk(
    act: Callable[[Actor, RoleGrant], object], persona: str, vera: Person, request: pytest.FixtureRequest
) -> None:
    grant = RoleGrantFactory.create(
        person=vera,
        acting_for=RoleGrant.objects.get(person=vera).acting_for,
        job_type_role="ARO",
        confirmed_at=None,
    )
    by = actor_of(request.getfixturevalue(persona))
    tables = (Party, UserId, Person, RoleGrant)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    with pytest.raises(NotAllowed):
        act(by, grant)
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_party_that_left_takes_no_new_user_id_and_no_new_grant(gina: Person, dana: Person) -> None:
    desk, user_id = actor_of(dana), RoleGrant.objects.filter(person=gina)[0].acting_for_id
    parties.mark_left(party_id=gina.party_id or 0, left_date=TODAY, by=desk)
    with pytest.raises(PartyHasLeft):
        parties.add_user_id(party_id=gina.party_id or 0, eui=FREE, user_roles=[UserRole.IS], by=desk)
    with pytest.raises(PartyHasLeft):
        grants.grant_role(person_id=gina.pk, eui=user_id, job_type_role=JobTypeRole.SEC, by=desk)
    with pytest.raises(PartyHasLeft):
        parties.mark_left(party_id=gina.party_id or 0, left_date=TODAY, by=desk)


@pytest.mark.django_db
def test_role_that_ended_can_be_granted_again(gina: Person, dana: Person) -> None:
    desk, grant = actor_of(dana), RoleGrant.objects.filter(person=gina)[0]
    grants.end_grant(grant_id=grant.pk, by=desk)
    again = grants.grant_role(
        person_id=gina.pk, eui=grant.acting_for_id, job_type_role=JobTypeRole(grant.job_type_role), by=desk
    )
    assert again.pk != grant.pk


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins(vera: Person, dana: Person) -> None:
    grant = RoleGrant.objects.get(person=vera)
    desk = actor_of(dana)
    refusals = at_once(lambda: grants.end_grant(grant_id=grant.pk, by=desk))
    assert [type(refusal) for refusal in refusals] == [NotInThisState]
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_parties_of_one_name_one_is_registered(dana: Person) -> None:
    desk = actor_of(dana)
    refusals = at_once(lambda: parties.register_party(name="Tern", by=desk))
    assert [type(refusal) for refusal in refusals] == [PartyNameTaken]
    assert Party.objects.filter(name="Tern").count() == 1
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_grants_of_one_role_one_is_made(vera: Person, dana: Person) -> None:
    desk, user_id = actor_of(dana), RoleGrant.objects.get(person=vera).acting_for_id
    refusals = at_once(
        lambda: grants.grant_role(person_id=vera.pk, eui=user_id, job_type_role=JobTypeRole.OPS, by=desk)
    )
    assert [type(refusal) for refusal in refusals] == [grants.AlreadyGranted]
    assert RoleGrant.objects.filter(person=vera, job_type_role="OPS").count() == 1


@pytest.mark.django_db
def test_taken_user_id_says_whose_it_is(gina: Person, dana: Person) -> None:
    eui = RoleGrant.objects.filter(person=gina)[0].acting_for_id
    party = PartyFactory.create()
    with pytest.raises(parties.UserIdTaken, match="for Northlight Energy"):
        parties.add_user_id(party_id=party.pk, eui=eui, user_roles=[UserRole.IS], by=actor_of(dana))
    assert UserId.objects.get(pk=eui).party == gina.party


def at_once(act: Callable[[], object]) -> list[Refusal]:
    """Do it twice at the same moment on two connections, and return the refusals."""
    refusals: list[Refusal] = []
    start = Barrier(2)

    def run() -> None:
        try:
            start.wait()
            act()
        except Refusal as refusal:
            refusals.append(refusal)
        finally:
            connection.close()

    both = [Thread(target=run) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    return refusals
