"""The people the other tests rely on."""

import pytest

from ssi.access.components import Component
from ssi.access.roles import UserRole
from ssi.accounts.models import Person
from ssi.audit import log
from ssi.audit.models import AuditEvent
from tests.personas import actor_of


def test_gina_acts_as_import_supplier_unless_told_otherwise(gina: Person) -> None:
    assert actor_of(gina).user_role is UserRole.IS
    assert actor_of(gina, "GS").user_role is UserRole.GS
    assert actor_of(gina).may(Component.INSTALL_CODE_REQUEST_RAISE)


def test_two_people_of_one_party_share_its_user_id(gina: Person, vera: Person) -> None:
    assert gina.party == vera.party
    assert actor_of(gina).user_id == actor_of(vera).user_id
    assert not actor_of(vera).may(Component.INSTALL_CODE_REQUEST_RAISE)


def test_dana_is_the_desk(dana: Person) -> None:
    assert actor_of(dana).may(Component.SERVICE_DESK)


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_gone_before_the_next(turn: int, gina: Person) -> None:
    assert AuditEvent.objects.count() == 0
    log.record("test.done", by=actor_of(gina), about=gina)
    assert AuditEvent.objects.get().id == 1
