"""SECMP0125 case by case: every status, both generations, everybody, the switch on and off, by all ways in."""

import itertools
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from inventory.actions.corrections import one
from inventory.actions.service_requests.update_inventory import update_inventory
from inventory.duis.messages import Deletion, DetailsUpdate, InventoryUpdate, RequestId
from inventory.models import CorrectionRow, Device
from inventory.models.choices import TYPE_2, DeviceType, EsmeVariant, SmiStatus
from inventory.rules_of_details import (
    CorrectionRefused,
    NoVariant,
    Rule,
    Standing,
    refusal_of,
    rule_for_deletion,
    rule_for_details,
    rule_for_variant,
)
from ssi.access.actor import Actor
from ssi.access.roles import UserRole
from ssi.accounts.models import Person
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.factories.corrections import checked, meter_of
from tests.factories.inventory import DeviceModelFactory
from tests.personas import actor_of

STATUSES = list(SmiStatus)
WHO = ("notifying", "responsible", "both", "neither")
ALLOWED_AFTER = {SmiStatus.WHITELISTED, SmiStatus.INSTALLED_NOT_COMMISSIONED, SmiStatus.COMMISSIONED}


@dataclass(frozen=True)
class Case:
    """A row of the table, and whether the ESME Variant may be corrected."""

    status: SmiStatus
    is_smets1: bool
    who: str
    mp125: bool

    @property
    def may(self) -> bool:
        if self.status == SmiStatus.PENDING:
            return self.who in {"notifying", "both"}
        return (
            self.mp125
            and self.status in ALLOWED_AFTER
            and not self.is_smets1
            and self.who in {"responsible", "both"}
        )

    @property
    def standing(self) -> Standing:
        return Standing(
            device_type=DeviceType.ESME,
            smi_status=self.status,
            is_smets1=self.is_smets1,
            is_joined=False,
            is_notifying_party=self.who in {"notifying", "both"},
            is_responsible=self.who in {"responsible", "both"},
        )


CASES = [
    Case(*each)
    for each in itertools.product(STATUSES, (False, True), WHO, (True, False))  # the whole table
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_for_the_esme_variant(case: Case) -> None:
    refusal = refusal_of(lambda: rule_for_variant(case.standing, mp125=case.mp125))
    assert (refusal is None) is case.may
    if refusal is not None:
        assert refusal.code in {"E4", "E5"}
        assert refusal.source == "SECMP0125"
        assert refusal.rule
        assert refusal.way_out


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_other_detail_and_deletion_keep_the_old_rule(case: Case) -> None:
    old = case.status == SmiStatus.PENDING and case.who in {"notifying", "both"}
    assert (refusal_of(lambda: rule_for_details(case.standing)) is None) is old
    assert (refusal_of(lambda: rule_for_deletion(case.standing)) is None) is old


@pytest.mark.parametrize("device_type", [each for each in DeviceType if each != DeviceType.ESME])
def test_only_an_esme_has_a_variant(device_type: DeviceType) -> None:
    status = None if device_type in TYPE_2 else SmiStatus.PENDING
    standing = Standing(device_type, status, False, False, True, True)
    with pytest.raises(NoVariant):
        rule_for_variant(standing, mp125=True)


@pytest.mark.parametrize("device_type", [DeviceType.CHF, DeviceType.GPF])
def test_a_hub_is_not_deleted(device_type: DeviceType) -> None:
    refusal = refusal_of(
        lambda: rule_for_deletion(Standing(device_type, SmiStatus.PENDING, False, False, True, True))
    )
    assert refusal is not None
    assert refusal.code == "E11"


@pytest.mark.parametrize("is_joined", [True, False])
def test_a_type_2_device_counts_as_pending_until_a_hub_names_it(is_joined: bool) -> None:
    standing = Standing(DeviceType.IHD, None, False, is_joined, True, False)
    assert (refusal_of(lambda: rule_for_details(standing)) is None) is not is_joined


# --- The same table by all ways in -------------------------------------------------------------------------------


def device_for(case: Case, us: Eui64, other: Eui64) -> Device:
    smets = "SMETS V1.2" if case.is_smets1 else "SMETS V4.2"
    return meter_of(
        us if case.who in {"responsible", "both"} else other,
        case.status,
        notified_by_id=us if case.who in {"notifying", "both"} else other,
        device_model=DeviceModelFactory.create(smets_version=smets),
    )


def by_message(device: Device, us: Actor, change: Any = None) -> str:
    """Return the rule that refused Service Request 8.4, "" if it was applied."""
    assert us.user_id
    message = InventoryUpdate(
        request_id=RequestId(us.user_id, device.pk, 1000),
        command_variant=8,
        device_id=device.pk,
        change=change or DetailsUpdate(esme_variant=EsmeVariant.BD),
    )
    try:
        with transaction.atomic():
            update_inventory(message, by=Actor.system(), at=timezone.now())
    except CorrectionRefused as refusal:
        return refusal.rule
    return ""


def by_screen(device: Device, us: Actor) -> str:
    try:
        one.correct(device.pk, DetailsUpdate(esme_variant=EsmeVariant.BD), by=us)
    except CorrectionRefused as refusal:
        return refusal.rule
    return ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mp125", [True, False])
def test_message_screen_and_file_agree_case_by_case(gina: Person, ivan: Person, mp125: bool) -> None:
    us, other = actor_of(gina, "IS"), actor_of(ivan).user_id
    assert us.user_id
    assert other
    cases = [case for case in CASES if case.mp125 is mp125]
    with override_settings(MP125=mp125):
        devices = [device_for(case, us.user_id, other) for case in cases]
        batch = checked(us, *((device.pk, EsmeVariant.BD) for device in devices))
        rows = CorrectionRow.objects.filter(batch=batch).order_by("line")
        for case, device, row in zip(cases, devices, rows, strict=True):
            screen = by_screen(device, us)
            assert (screen == "") is case.may, case
            assert row.finding == screen, case
            assert bool(row.rule) is case.may, case
            Device.objects.filter(pk=device.pk).update(esme_variant=EsmeVariant.A)
            assert by_message(device, us) == screen, case
            device.refresh_from_db()
            assert (device.esme_variant == EsmeVariant.BD) is case.may


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["manufacturer", "model", "smets_version", "firmware_version"])
@pytest.mark.parametrize("status", [SmiStatus.PENDING, SmiStatus.COMMISSIONED])
def test_other_details_are_the_notifying_partys_while_pending(
    gina: Person, ivan: Person, field: str, status: SmiStatus
) -> None:
    us, them = actor_of(gina, "IS"), actor_of(ivan)
    device = meter_of(us.user_id, status, notified_by_id=us.user_id)
    changed: dict[str, Any] = {field: "00AB"}
    wanted = DetailsUpdate(**changed)

    assert by_message(device, them, wanted) == (
        "only_the_notifying_party" if status == SmiStatus.PENDING else "only_while_pending"
    )
    assert by_message(device, us, wanted) == ("" if status == SmiStatus.PENDING else "only_while_pending")
    device.refresh_from_db()
    assert (getattr(device.device_model, field) == "00AB") is (status == SmiStatus.PENDING)


@pytest.mark.django_db
def test_a_wish_is_granted_whole_or_refused_whole(gina: Person) -> None:
    """The Responsible Supplier may correct the variant, and not the model that stands beside it."""
    us = actor_of(gina, "IS")
    device = meter_of(us.user_id)

    assert by_message(device, us, DetailsUpdate(model="X", esme_variant=EsmeVariant.BD)) == "only_while_pending"
    device.refresh_from_db()
    assert device.esme_variant == EsmeVariant.A


@pytest.mark.django_db
def test_where_nobody_is_known_messages_pass_and_people_do_not(gina: Person) -> None:
    us = actor_of(gina, "IS")
    device = meter_of(None, notified_by=None)

    assert by_screen(device, us) == "only_the_responsible_supplier"
    assert by_message(device, us) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(UserRole))
def test_where_nobody_is_known_only_suppliers_correct_the_variant(gina: Person, role: UserRole) -> None:
    us = actor_of(gina, "IS")
    device = meter_of(None, notified_by=None)
    sender = replace(us, user_id=UserIdFactory.create(user_roles=[role]).eui)

    refused = "" if role in {UserRole.IS, UserRole.ES, UserRole.GS} else "only_the_responsible_supplier"
    assert by_message(device, sender) == refused


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [Deletion(), DetailsUpdate(model="0002"), DetailsUpdate(esme_variant=EsmeVariant.BD)]
)
def test_a_pending_device_of_an_unknown_notifying_party_is_nobodys(gina: Person, change: Any) -> None:
    us = actor_of(gina, "IS")
    device = meter_of(us.user_id, SmiStatus.PENDING, notified_by=None)

    assert by_message(device, us, change) == "only_the_notifying_party"
    assert Device.objects.filter(pk=device.pk).exists()


@pytest.mark.django_db
def test_the_deletion_of_a_pending_device(gina: Person, ivan: Person) -> None:
    us, them = actor_of(gina, "IS"), actor_of(ivan)
    device = meter_of(None, SmiStatus.PENDING, notified_by_id=us.user_id)

    assert by_message(device, them, Deletion()) == "only_the_notifying_party"
    assert by_message(device, us, Deletion()) == ""
    assert not Device.objects.filter(pk=device.pk).exists()


def test_rules_are_named_in_words() -> None:
    assert all(rule.words for rule in Rule)
