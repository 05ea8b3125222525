"""The table of Service Requests: what it says, and the suspended rule with its exemptions."""

import pytest

from inventory.actions.service_requests.answering import HANDLERS
from inventory.duis.srv import Srv
from inventory.models.choices import DeviceType, SmiStatus
from inventory.rules import RULES, Owed, WhenSuspended, takes_in_status, takes_while_suspended
from ssi.access.roles import UserRole

ALL_SEVEN = {"IS", "ES", "GS", "ED", "GT", "RSA", "OU"}

ROLES_AND_VARIANTS = {
    "8.1.1": ({"IS", "GS"}, {4, 5, 6, 7}),
    "8.2": (ALL_SEVEN, {8}),
    "8.3": ({"IS", "GS"}, {8}),
    "8.4": (ALL_SEVEN, {8}),
    "8.7.1": ({"IS", "GS"}, {4, 5, 6, 7}),
    "8.7.2": ({"IS", "GS", "OU"}, {1, 2, 3}),
    "8.8.1": ({"IS", "GS"}, {4, 5, 6, 7}),
    "8.8.2": ({"IS", "GS", "OU"}, {1, 2, 3}),
    "8.11": ({"IS", "GS", "OU"}, {1, 2, 3}),
    "8.12.1": ({"IS", "GS"}, {1, 2, 3}),
    "8.12.2": ({"IS", "GS"}, {1, 2, 3}),
    "8.14.1": ({"IS", "GS"}, {8}),
    "8.14.2": ({"IS", "GS"}, {8}),
    "8.14.3": ({"IS", "GS"}, {8}),
    "8.14.4": ({"IS", "GS"}, {8}),
    "11.1": ({"IS", "GS"}, {8}),
    "11.2": (ALL_SEVEN, {1, 2, 3}),
    "11.3": ({"IS", "GS"}, {4, 5, 6, 7}),
    "11.4": ({"IS", "GS"}, {8}),
    "12.1": (ALL_SEVEN, {8}),
    "12.2": (ALL_SEVEN, {8}),
}


def test_every_service_request_has_its_rule() -> None:
    assert set(RULES) == set(Srv) == set(ROLES_AND_VARIANTS)


def test_every_rule_has_a_handler() -> None:
    assert set(HANDLERS) == set(RULES)


@pytest.mark.parametrize("srv", ROLES_AND_VARIANTS)
def test_roles_and_command_variants(srv: str) -> None:
    roles, variants = ROLES_AND_VARIANTS[srv]
    assert {str(UserRole(role)) for role in RULES[srv].roles} == roles
    assert RULES[srv].command_variants == variants
    assert RULES[srv].is_to_device is (8 not in variants)
    assert RULES[srv].is_critical is (4 in variants)


SUSPENDED = {
    "8.1.1": False,  # critical, and AC 4.12 refuses a suspended meter all the same
    "8.7.1": True,
    "8.7.2": False,
    "8.8.1": True,
    "8.8.2": False,
    "8.11": False,
    "8.12.1": False,
    "8.12.2": False,
    "11.2": True,
    "11.3": True,
}


@pytest.mark.parametrize("srv", SUSPENDED)
def test_what_a_suspended_device_takes_with_mp105(srv: str) -> None:
    rule = RULES[srv]
    device_type = DeviceType.ESME if DeviceType.ESME in rule.device_types else min(rule.device_types)
    assert takes_in_status(rule, device_type, SmiStatus.SUSPENDED, mp105=True) is SUSPENDED[srv]


@pytest.mark.parametrize(
    ("device_type", "mp105", "passes"),
    [
        (DeviceType.ESME, True, True),
        (DeviceType.GSME, True, True),
        (DeviceType.CHF, True, False),
        (DeviceType.ESME, False, False),
        (DeviceType.GSME, False, False),
    ],
)
def test_11_2_passes_for_suspended_meters_with_mp105_alone(
    device_type: DeviceType, mp105: bool, passes: bool
) -> None:
    assert takes_while_suspended(RULES["11.2"], device_type, mp105=mp105) is passes


@pytest.mark.parametrize("mp105", [True, False])
def test_the_switch_is_about_11_2_alone(mp105: bool) -> None:
    for srv, rule in RULES.items():
        if srv != "11.2":
            passes = rule.when_suspended is not WhenSuspended.REFUSED
            assert takes_while_suspended(rule, DeviceType.ESME, mp105=mp105) is passes


def test_11_1_is_exempt_and_11_4_is_not() -> None:
    assert takes_while_suspended(RULES["11.1"], DeviceType.ESME, mp105=False)
    assert not takes_while_suspended(RULES["11.4"], DeviceType.PPMID, mp105=True)


def test_what_the_dcc_carries_out_itself_is_held_up_by_no_suspension() -> None:
    assert takes_in_status(RULES["8.3"], DeviceType.ESME, SmiStatus.SUSPENDED, mp105=False)


def test_no_status_hinders_a_type_2_device() -> None:
    assert all(takes_in_status(rule, DeviceType.IHD, None, mp105=False) for rule in RULES.values())


def test_a_device_that_is_gone_takes_no_request() -> None:
    for rule in RULES.values():
        if rule.is_to_device:
            for status in (SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN):
                assert not takes_in_status(rule, min(rule.device_types), status, mp105=True)


def test_whose_device_it_must_be() -> None:
    home = {"8.11", "8.12.1", "8.12.2", "8.14.1", "8.14.2", "8.14.3", "8.14.4"}
    assert {srv for srv, rule in RULES.items() if rule.owed is Owed.SUPPLIER_OF_THE_HOME} == home
    own = {"8.1.1", "8.3", "8.7.1", "8.7.2", "8.8.1", "8.8.2", "11.2", "11.3"}
    assert {srv for srv, rule in RULES.items() if rule.owed is Owed.SUPPLIER} == own
