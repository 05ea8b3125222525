"""Codes in escrow for tests, deposited by people's own actions."""

from collections.abc import Sequence
from typing import Any

from incidents.actions.escrow.depositing import deposit
from incidents.actions.escrow.ruling import choose_rule
from incidents.actions.install_code_requests import raise_one
from incidents.models import EscrowedCode, InstallCodeRequest
from incidents.models.choices import ReleaseRule
from inventory.models import Device
from ssi.accounts.models import Person
from tests.factories.incidents import CODE_WITH_CRC, device_of
from tests.personas import actor_of


def deposited(by: Person, code: str = CODE_WITH_CRC, device: Device | None = None, **facts: Any) -> EscrowedCode:
    """Return a code just deposited for a device of `by`'s User ID, a new one unless given."""
    device = device or device_of(by, **facts)
    return deposit(device_id=device.device_id, install_code=code, by=actor_of(by))


def ruled(by: Person, rule: ReleaseRule) -> None:
    """Choose a rule for `by`'s User ID."""
    choose_rule(rule=rule, understood=True, by=actor_of(by))


def asked_for(deposits: Sequence[EscrowedCode], by: Person) -> list[InstallCodeRequest]:
    """Raise a request of `by` for the device of each deposit."""
    return [raise_one(device_id=each.device_id, by=actor_of(by)) for each in deposits]
