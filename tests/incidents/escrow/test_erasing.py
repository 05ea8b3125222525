"""A code that nobody can need any more is erased, and no other."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from incidents.actions.escrow import erasing
from incidents.actions.escrow.erasing import erase_unneeded
from incidents.models import EscrowedCode
from incidents.retention import RULES
from inventory.models import Device, SealedInstallCode
from inventory.models.choices import SmiStatus
from ssi.accounts.models import Party, Person, UserId
from ssi.audit.models import AuditEvent
from ssi.retention import sweep
from tests.incidents.escrow.depositing import deposited
from tests.personas import actor_of

pytestmark = pytest.mark.django_db

Change = Callable[[EscrowedCode, Person], object]


def status(held: EscrowedCode, smi_status: SmiStatus) -> None:
    Device.objects.filter(pk=held.device_id).update(smi_status=smi_status)


UNNEEDED: dict[str, tuple[str, Change]] = {
    "commissioned": ("device_needs_none", lambda held, _: status(held, SmiStatus.COMMISSIONED)),
    "decommissioned": ("device_needs_none", lambda held, _: status(held, SmiStatus.DECOMMISSIONED)),
    "removed": ("device_left_inventory", lambda held, _: Device.objects.filter(pk=held.device_id).delete()),
    "pre-notified anew": (
        "pre_notified_by_another",
        lambda held, other: Device.objects.filter(pk=held.device_id).update(notified_by=actor_of(other).user_id),
    ),
    "left": (
        "depositor_left",
        lambda held, _: Party.objects.filter(pk=held.deposited_by.party_id).update(left_date=date(2026, 1, 31)),
    ),
    "old": (
        "kept_long_enough",
        lambda held, _: EscrowedCode.objects.filter(pk=held.pk).update(
            deposited_at=timezone.now() - timedelta(days=731)
        ),
    ),
}


@pytest.mark.parametrize("why", UNNEEDED)
def test_what_is_unneeded_is_erased(why: str, ivan: Person, rhea: Person) -> None:
    held = deposited(ivan)
    others = deposited(rhea)
    because, change = UNNEEDED[why]
    change(held, rhea)
    assert erase_unneeded(timezone.now()) == 1
    held.refresh_from_db()
    assert held.code_id is None
    assert held.withdrawn_at is not None
    assert SealedInstallCode.objects.get().pk == others.code_id
    assert AuditEvent.objects.get(event="escrowed_code.erased").detail == {"because": because}


@pytest.mark.parametrize("smi_status", [SmiStatus.WHITELISTED, SmiStatus.SUSPENDED])
def test_what_may_still_be_needed_stays(smi_status: SmiStatus, ivan: Person) -> None:
    held = deposited(ivan)
    status(held, smi_status)
    EscrowedCode.objects.filter(pk=held.pk).update(deposited_at=timezone.now() - timedelta(days=729))
    assert erase_unneeded(timezone.now()) == 0
    assert UserId.objects.filter(pk=held.deposited_by_id).exists()


def test_many_are_erased_in_chunks(ivan: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "CHUNK", 2)
    for _ in range(5):
        status(deposited(ivan), SmiStatus.COMMISSIONED)
    assert erase_unneeded(timezone.now()) == 5
    assert not SealedInstallCode.objects.exists()


def test_what_was_withdrawn_is_forgotten_after_a_year(ivan: Person) -> None:
    old, recent, held = (deposited(ivan) for _ in range(3))
    for each, days in ((old, 366), (recent, 364)):
        ago = timezone.now() - timedelta(days=days)
        EscrowedCode.objects.filter(pk=each.pk).update(withdrawn_at=ago, code=None)
    assert "codes taken out of escrow" in {rule.name for rule in RULES}
    sweep()
    assert set(EscrowedCode.objects.all()) == {recent, held}
