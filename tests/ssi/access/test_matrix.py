"""The matrix: who reaches what, and that nobody is refused without a reason and a way out."""

from itertools import product

import pytest

from ssi.access.actor import Actor
from ssi.access.components import MATRIX, Component
from ssi.access.roles import CONFIRMED_BY_DCC, JobTypeRole, UserRole
from ssi.eui64 import Eui64
from ssi.refusals import NotAllowed

USER_ID = Eui64.parse("90-B3-D5-1F-30-03-00-00")
DESK = Actor(person_name="Dana", is_dcc=True)
NOBODY_YET = Actor(person_name="New")


def actor(user_role: UserRole, *job_type_roles: JobTypeRole) -> Actor:
    return Actor(user_id=USER_ID, party_id=1, user_role=user_role, job_type_roles=frozenset(job_type_roles))


@pytest.mark.parametrize("component", Component)
def test_both_roles_must_be_marked(component: Component) -> None:
    rule = MATRIX[component]
    for user_role, job_type_role in product(UserRole, JobTypeRole):
        expected = user_role in rule.user_roles and job_type_role in rule.job_type_roles
        assert actor(user_role, job_type_role).may(component) is expected
    assert DESK.may(component) is rule.dcc
    assert not NOBODY_YET.may(component)
    assert Actor.system().may(component)


@pytest.mark.parametrize("component", Component)
def test_every_answer_gives_a_reason_and_every_no_a_way_out(component: Component) -> None:
    everyone = [DESK, NOBODY_YET, *(actor(role, job) for role, job in product(UserRole, JobTypeRole))]
    for each in everyone:
        decision = each.decide(component)
        assert decision.why.endswith(".")
        assert decision.allowed or decision.way_out.endswith(".")


def test_every_component_has_a_rule() -> None:
    assert MATRIX.keys() == set(Component)


@pytest.mark.parametrize(
    ("component", "roles"),
    [
        (Component.ADT_SUBMISSION, {JobTypeRole.ARO}),
        (Component.EXIT_QUARANTINE_SUBMISSION, {JobTypeRole.ARO}),
        (Component.ARO_NOMINATION, {JobTypeRole.SRO}),
        (Component.ACCOUNT_ADMINISTRATION, {JobTypeRole.ADMIN}),
    ],
)
def test_what_protects_the_grid_is_for_one_role_alone(component: Component, roles: set[JobTypeRole]) -> None:
    assert component.rule.job_type_roles == roles


def test_only_suppliers_raise_and_anyone_answers() -> None:
    assert Component.INSTALL_CODE_REQUEST_RAISE.rule.user_roles == {UserRole.IS, UserRole.GS}
    assert Component.INSTALL_CODE_REQUEST_RESPOND.rule.user_roles == set(UserRole)
    assert not DESK.may(Component.INSTALL_CODE_REQUEST_RAISE)
    assert not DESK.may(Component.INSTALL_CODE_REQUEST_RESPOND)


@pytest.mark.parametrize("component", [Component.DCC_SERVICE_STATUS, Component.SERVICE_DESK])
def test_dccs_own_is_closed_to_every_user(component: Component) -> None:
    assert not any(actor(role, *JobTypeRole).may(component) for role in UserRole)


def test_refusal_names_the_role_one_lacks() -> None:
    with pytest.raises(NotAllowed) as refused:
        actor(UserRole.ED, JobTypeRole.OPS).require(Component.INSTALL_CODE_REQUEST_RAISE)
    assert "This needs the User Role IS, GS; you act as ED." in refused.value.message
    with pytest.raises(NotAllowed) as refused:
        actor(UserRole.IS, JobTypeRole.VIEW).require(Component.INSTALL_CODE_REQUEST_RAISE)
    assert "This needs the Job Type Role OPS or INST or SVCM; you hold VIEW." in refused.value.message
    assert "SSI Administration User" in refused.value.way_out


def test_aro_is_asked_for_at_the_desk_not_of_ones_administrator() -> None:
    way_out = actor(UserRole.IS, JobTypeRole.OPS).decide(Component.ADT_SUBMISSION).way_out
    assert "Senior Responsible Officer" in way_out
    assert {JobTypeRole.ARO, JobTypeRole.SRO} == CONFIRMED_BY_DCC


def test_one_of_several_components_is_enough() -> None:
    viewer = actor(UserRole.IS, JobTypeRole.VIEW)
    viewer.require(Component.INSTALL_CODE_REQUEST_RAISE, Component.INVENTORY_SEARCH)
    with pytest.raises(NotAllowed):
        viewer.require(Component.INSTALL_CODE_REQUEST_RAISE, Component.INCIDENTS)
