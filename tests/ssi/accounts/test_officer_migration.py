"""Who held ARO or SRO before the register was kept stands in it after the upgrade, and nobody is lost."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from ssi.accounts.actions import officers
from ssi.accounts.models import Officer, Person, RoleGrant
from ssi.accounts.models.officers import Capacity, Standing
from tests.factories.accounts import RoleGrantFactory
from tests.personas import actor_of

pytestmark = pytest.mark.django_db
BEFORE, AFTER = ("accounts", "0003_officers"), ("accounts", "0004_officers_before_the_register")
migration = import_module(f"ssi.accounts.migrations.{AFTER[1]}")


def upgrade() -> None:
    """Do what the migration does, with the models as they were when it was written."""
    state = MigrationExecutor(connection).loader.project_state(BEFORE)
    migration.enter_old_grants(state.apps, None)


def waiting(person: Person, job_type_role: str = "ARO") -> RoleGrant:
    acting_for = RoleGrant.objects.filter(person=person)[0].acting_for
    return RoleGrantFactory.create(
        person=person, acting_for=acting_for, job_type_role=job_type_role, confirmed_at=None
    )


def test_confirmed_grants_are_in_the_register_and_go_on(aroha: Person, sunil: Person, gina: Person) -> None:
    upgrade()
    entries = {officer.email: officer for officer in Officer.objects.all()}
    assert entries.keys() == {aroha.email, sunil.email}
    officer = entries[sunil.email]
    assert (officer.standing, officer.nominated_as, officer.job_type_role) == ("confirmed", "before", "SRO")
    assert (officer.nominated_by, officer.person, officer.party) == ("desk@dcc.example", sunil, sunil.party)
    assert officer.reference != entries[aroha.email].reference
    assert officer.grant is not None
    assert actor_of(sunil).job_type_roles == {"SRO"}


def test_grant_that_waited_waits_on_and_is_confirmed(vera: Person, dana: Person) -> None:
    grant = waiting(vera)
    upgrade()
    officer = Officer.objects.get()
    assert (officer.standing, officer.grant, officer.nominated_as) == (Standing.NOMINATED, grant, Capacity.BEFORE)
    officers.confirm(reference=officer.reference, by=actor_of(dana))
    grant.refresh_from_db()
    assert grant.confirmed_by == "dana@dcc.example"
    assert actor_of(vera).job_type_roles == {"ARO", "VIEW"}
    assert RoleGrant.objects.filter(person=vera, job_type_role="ARO").count() == 1


def test_grant_that_waited_is_refused_for_good(vera: Person, dana: Person) -> None:
    grant = waiting(vera, "SRO")
    upgrade()
    officers.refuse(reference=Officer.objects.get().reference, answer="Not an SRO of yours.", by=actor_of(dana))
    grant.refresh_from_db()
    assert (grant.confirmed_at, grant.ended_by) == (None, "dana@dcc.example")


def test_what_has_ended_is_left_alone_and_nothing_is_entered_twice(aroha: Person, vera: Person) -> None:
    RoleGrantFactory.create(
        person=vera,
        acting_for=RoleGrant.objects.get(person=vera).acting_for,
        job_type_role="ARO",
        ended_at=timezone.now(),
    )
    upgrade()
    upgrade()
    assert [officer.email for officer in Officer.objects.all()] == [aroha.email]
