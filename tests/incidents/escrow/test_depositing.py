"""Depositing codes, choosing the rule, and taking codes back."""

import pytest

from incidents.actions.escrow.depositing import (
    AlreadyInEscrow,
    DeviceStatusPermitsNoDeposit,
    NotPreNotifiedByYou,
    deposit,
)
from incidents.actions.escrow.ruling import RuleNotConfirmed, choose_rule
from incidents.actions.escrow.withdrawing import NothingInEscrow, withdraw
from incidents.actions.install_code_requests.raising import DeviceHasNoSupplierHeldCode, DeviceNotInInventory
from incidents.models import EscrowedCode, EscrowRule
from incidents.models.choices import ReleaseRule
from incidents.search import escrow as search
from inventory.install_code import InstallCodeCheckDigitsDoNotMatch, InstallCodeNeededTwice
from inventory.models import SealedInstallCode
from inventory.models.choices import DeviceType, SmiStatus
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.refusals import NotAllowed
from tests.factories.incidents import CODE, CODE_WITH_CRC, MISTYPED, OTHER_CODE_WITH_CRC, device_of
from tests.incidents.escrow.depositing import deposited, ruled
from tests.personas import actor_of

pytestmark = pytest.mark.django_db


class TestDepositing:
    def test_seals_the_code_and_says_so_in_the_audit_log(self, ivan: Person) -> None:
        held = deposited(ivan)
        sealed = SealedInstallCode.objects.get()
        assert sealed.take().hex == CODE
        assert CODE.encode() not in bytes(sealed.envelope)
        assert bytes.fromhex(CODE) not in bytes(sealed.envelope)
        event = AuditEvent.objects.get(event="escrowed_code.deposited")
        assert (event.reference, event.party_name) == (str(held.device_id), "Brightgrid Supply")
        assert CODE not in str(event.detail)

    def test_checks_the_code_like_an_answer(self, ivan: Person) -> None:
        device_id, by = device_of(ivan).device_id, actor_of(ivan)
        with pytest.raises(InstallCodeCheckDigitsDoNotMatch):
            deposit(device_id=device_id, install_code=MISTYPED, by=by)
        with pytest.raises(InstallCodeNeededTwice):
            deposit(device_id=device_id, install_code=CODE, by=by)
        deposit(device_id=device_id, install_code=CODE, install_code_again=CODE, by=by)
        assert EscrowedCode.objects.count() == SealedInstallCode.objects.count() == 1

    def test_takes_only_what_one_would_be_asked_for(self, ivan: Person, rhea: Person) -> None:
        by = actor_of(ivan)

        def refused(refusal: type[Exception], device_id: Eui64) -> None:
            with pytest.raises(refusal):
                deposit(device_id=device_id, install_code=CODE_WITH_CRC, by=by)

        refused(DeviceNotInInventory, Eui64.parse("00-DB-12-00-00-00-00-01"))
        refused(NotPreNotifiedByYou, device_of(rhea).device_id)
        refused(DeviceStatusPermitsNoDeposit, device_of(ivan, smi_status=SmiStatus.COMMISSIONED).device_id)
        refused(DeviceHasNoSupplierHeldCode, device_of(ivan, device_type=DeviceType.IHD).device_id)
        refused(DeviceHasNoSupplierHeldCode, device_of(ivan, device_type=DeviceType.CHF).device_id)
        assert not EscrowedCode.objects.exists()
        assert not SealedInstallCode.objects.exists()

    def test_keeps_one_code_a_device(self, ivan: Person) -> None:
        held = deposited(ivan)
        with pytest.raises(AlreadyInEscrow):
            deposit(device_id=held.device_id, install_code=OTHER_CODE_WITH_CRC, by=actor_of(ivan))
        assert SealedInstallCode.objects.count() == 1

    def test_is_for_those_who_answer(self, ivan: Person, vera: Person, dana: Person) -> None:
        device_id = device_of(ivan).device_id
        for who in (vera, dana):
            with pytest.raises(NotAllowed):
                deposit(device_id=device_id, install_code=CODE_WITH_CRC, by=actor_of(who))


class TestTheRule:
    def test_is_never_until_one_is_chosen(self, ivan: Person) -> None:
        assert search.rule_of(actor_of(ivan)) == ReleaseRule.NEVER

    def test_is_changed_with_a_statement_and_an_event(self, ivan: Person, rhea: Person) -> None:
        with pytest.raises(RuleNotConfirmed):
            choose_rule(rule=ReleaseRule.AT_ONCE, understood=False, by=actor_of(ivan))
        ruled(ivan, ReleaseRule.AT_ONCE)
        ruled(ivan, ReleaseRule.AT_ONCE)
        event = AuditEvent.objects.get(event="escrow_rule.changed")
        assert event.detail == {"before": "never", "rule": "at_once"}
        assert event.reference == str(actor_of(ivan).user_id)
        assert search.rule_of(actor_of(ivan)) == ReleaseRule.AT_ONCE
        assert search.rule_of(actor_of(rhea)) == ReleaseRule.NEVER

    def test_is_not_for_readers(self, vera: Person) -> None:
        with pytest.raises(NotAllowed):
            choose_rule(rule=ReleaseRule.AT_ONCE, understood=True, by=actor_of(vera))
        assert not EscrowRule.objects.exists()


class TestWithdrawing:
    def test_erases_the_sealed_codes_at_once(self, ivan: Person) -> None:
        first, second, kept = (deposited(ivan) for _ in range(3))
        assert withdraw(device_ids=[first.device_id, second.device_id], by=actor_of(ivan)) == 2
        assert SealedInstallCode.objects.get().pk == kept.code_id
        assert list(search.deposits_of(actor_of(ivan))) == [kept]
        assert AuditEvent.objects.filter(event="escrowed_code.withdrawn").count() == 2

    def test_reaches_nobody_elses(self, ivan: Person, rhea: Person, dana: Person) -> None:
        held = deposited(ivan)
        with pytest.raises(NothingInEscrow):
            withdraw(device_ids=[held.device_id], by=actor_of(rhea))
        with pytest.raises(NotAllowed):
            withdraw(device_ids=[held.device_id], by=actor_of(dana))
        assert SealedInstallCode.objects.count() == 1

    def test_leaves_room_for_another_code(self, ivan: Person) -> None:
        held = deposited(ivan)
        withdraw(device_ids=[held.device_id], by=actor_of(ivan))
        deposit(device_id=held.device_id, install_code=OTHER_CODE_WITH_CRC, by=actor_of(ivan))
        assert EscrowedCode.objects.count() == 2
        with pytest.raises(NothingInEscrow):
            withdraw(device_ids=[Eui64.parse("00-DB-12-00-00-00-00-01")], by=actor_of(ivan))


def test_nobody_else_sees_deposits(ivan: Person, rhea: Person, dana: Person) -> None:
    held = deposited(ivan)
    for who in (rhea, dana):
        assert not EscrowedCode.objects.visible_to(actor_of(who)).exists()
        assert search.of_device(held.device_id, by=actor_of(who)) is None
    assert search.of_device(held.device_id, by=actor_of(ivan)) == held
