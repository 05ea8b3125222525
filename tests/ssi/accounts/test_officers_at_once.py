"""Two at once in the register of officers: one wins, and the database lets nothing impossible stand."""

import pytest
from django.db import IntegrityError, transaction

from ssi.accounts.actions import officers
from ssi.accounts.models import Officer, Person, RoleGrant
from ssi.accounts.models.officers import Capacity, EndedBecause
from ssi.refusals import NotInThisState
from tests.factories.accounts import OfficerFactory, officer_in_register
from tests.personas import actor_of
from tests.ssi.accounts.registering import NEW, events, nominated, registered
from tests.ssi.accounts.test_actions import at_once


@pytest.mark.django_db(transaction=True)
def test_of_two_desks_that_confirm_one_does(sunil: Person, dana: Person) -> None:
    officer, desk = nominated(sunil), actor_of(dana)
    refusals = at_once(lambda: officers.confirm(reference=officer.reference, by=desk))
    assert [type(refusal) for refusal in refusals] == [NotInThisState]
    assert Person.objects.filter(email=NEW).count() == RoleGrant.objects.filter(person__email=NEW).count() == 1
    assert events().count("officer.confirmed") == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_nominations_of_one_person_one_stands(sunil: Person) -> None:
    refusals = at_once(lambda: nominated(sunil))
    assert [type(refusal) for refusal in refusals] == [officers.AlreadyInTheRegister]
    assert Officer.objects.count() == 1
    assert events() == ["officer.nominated"]


@pytest.mark.django_db(transaction=True)
def test_of_two_registrations_of_one_sro_one_stands(gina: Person, dana: Person) -> None:
    refusals = at_once(lambda: registered(dana, gina))
    assert [type(refusal) for refusal in refusals] == [officers.AlreadyInTheRegister]
    assert RoleGrant.objects.filter(job_type_role="SRO").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_end_a_role_one_does(aroha: Person, sunil: Person) -> None:
    entry, by = officer_in_register(aroha), actor_of(sunil)
    refusals = at_once(lambda: officers.end(reference=entry.reference, because=EndedBecause.LEFT, by=by))
    assert [type(refusal) for refusal in refusals] == [NotInThisState]
    assert events() == ["role_grant.ended", "officer.ended"]


def test_table_knows_who_nominates_whom(db: None) -> None:
    constraint = "sros_nominate_aros_and_directors_sros"
    for role, capacity in (("ARO", Capacity.DIRECTOR), ("SRO", Capacity.SRO)):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            OfficerFactory.create(job_type_role=role, nominated_as=capacity)
