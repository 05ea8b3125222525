"""Who may correct which detail of a device, and when: the rules of DUIS 8.4 before and after SECMP0125.

The old rule: the notifying party corrects any detail, or deletes the device, while it is Pending. SECMP0125
(switch MP125) adds one allowance: the Responsible Supplier corrects the ESME Variant while the device is
Whitelisted, InstalledNotCommissioned or Commissioned, SMETS2+ only. Pure: what is to be known of a device comes
as `Standing`. Service Request 8.4, the correction form and files of corrections all ask here;
`inventory/actions/corrections` says the same in SQL for many devices, and tests hold the two against each other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from inventory.duis.refusals import DuisRefusal
from inventory.models.choices import COMMS_HUB_PARTS, TYPE_2, DeviceType, SmiStatus

S125: Final = "SECMP0125"


class Rule(StrEnum):
    """A rule that allows a correction; the value is kept with rows and history."""

    NOTIFYING_PARTY = "notifying_party"
    RESPONSIBLE_SUPPLIER = "responsible_supplier"

    @property
    def words(self) -> str:
        """Return the rule as a page names it."""
        return _WORDS[self]

    @property
    def short(self) -> str:
        """Return the rule for a narrow column."""
        return _SHORT[self]


_WORDS: Final = {
    Rule.NOTIFYING_PARTY: "Notifying party, while the device is Pending (DUIS 8.4)",
    Rule.RESPONSIBLE_SUPPLIER: "Responsible Supplier, ESME Variant of a SMETS2+ device in use (SECMP0125)",
}

_SHORT: Final = {
    Rule.NOTIFYING_PARTY: "Notifying party, Pending",
    Rule.RESPONSIBLE_SUPPLIER: "Responsible Supplier (SECMP0125)",
}

VARIANT_STATUSES: Final = (
    SmiStatus.WHITELISTED,
    SmiStatus.INSTALLED_NOT_COMMISSIONED,
    SmiStatus.COMMISSIONED,
)
"""In which the Responsible Supplier corrects the ESME Variant. Source: SECMP0125."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules ask of a device, and of who would correct it.

    `is_joined` tells that a hub's device log names it: a Type 2 Device has no SMI Status, and stands as if it were
    Pending until then (ours). `is_notifying_party` and `is_responsible` are about the User ID that asks, or one it
    has taken over.
    """

    device_type: DeviceType
    smi_status: SmiStatus | None
    is_smets1: bool
    is_joined: bool
    is_notifying_party: bool
    is_responsible: bool

    @property
    def is_pending(self) -> bool:
        """Tell whether it is Pending, or stands as if it were."""
        if self.device_type in TYPE_2:
            return not self.is_joined
        return self.smi_status == SmiStatus.PENDING

    @property
    def status(self) -> str:
        """Return its status for a sentence."""
        if self.smi_status is None:
            return "already in a Communications Hub's device log"
        return self.smi_status.duis


class CorrectionRefused(DuisRefusal):
    """This may not be corrected."""

    rule: ClassVar[str]
    """The rule that stands in the way, by a key of its own."""
    source = S125


class OnlyWhilePending(CorrectionRefused):
    """Only a Pending device may be changed so, and this one is {status}."""

    code = "E5"
    rule = "only_while_pending"
    suggestion = (
        "Manufacturer and model of such a device are corrected by DCC: ask for it with “Correct details” on the "
        "device's page. A new firmware version or association is told by its own Service Request."
    )


class OnlyTheNotifyingParty(CorrectionRefused):
    """While a device is Pending, only the party that pre-notified it may correct or delete it."""

    code = "E4"
    rule = "only_the_notifying_party"
    suggestion = (
        "Ask the notifying party, which the device's page names. Where it names none, raise an incident with DCC."
    )


class OnlyTheResponsibleSupplier(CorrectionRefused):
    """Only its Responsible Supplier may correct the ESME Variant of a device that is {status}."""

    code = "E4"
    rule = "only_the_responsible_supplier"
    suggestion = "If you have gained the meter point, wait until registration data say so."


class OnlySmets2(CorrectionRefused):
    """The ESME Variant of a SMETS1 device may be corrected only while it is Pending, and this one is {status}."""

    code = "E5"
    rule = "only_smets2"
    suggestion = "SECMP0125 is about SMETS2+ devices alone. Raise an incident with DCC about this device."


class VariantNotInThisStatus(CorrectionRefused):
    """The ESME Variant cannot be corrected while the device is {status}."""

    code = "E5"
    rule = "variant_not_in_this_status"
    suggestion = (
        "It can while the device is Pending, Whitelisted, InstalledNotCommissioned or Commissioned. "
        "Look the device up to see its status."
    )


class NoVariant(CorrectionRefused):
    """A {device_type} has no ESME Variant."""

    code = "SSI-VARIANT"
    rule = "no_variant"
    suggestion = "Check the Device ID: only an ESME has an ESME Variant."


class HubIsNotDeleted(CorrectionRefused):
    """A {device_type} is part of a Communications Hub, which is not deleted by Service Request 8.4."""

    code = "E11"
    rule = "hub_is_not_deleted"
    suggestion = "DCC keeps Communications Hubs itself. Raise an incident if this one should go."


def rule_for_details(standing: Standing) -> Rule:
    """Return the rule by which manufacturer, model, SMETS version and firmware version may be corrected.

    Raises OnlyWhilePending or OnlyTheNotifyingParty. SECMP0125 leaves these to the old rule.
    """
    if not standing.is_pending:
        raise OnlyWhilePending(status=standing.status)
    if not standing.is_notifying_party:
        raise OnlyTheNotifyingParty
    return Rule.NOTIFYING_PARTY


def rule_for_deletion(standing: Standing) -> Rule:
    """Return the rule by which the device may be deleted. Raises HubIsNotDeleted and as `rule_for_details`."""
    if standing.device_type in COMMS_HUB_PARTS:
        raise HubIsNotDeleted(device_type=standing.device_type.duis)
    return rule_for_details(standing)


def rule_for_variant(standing: Standing, *, mp125: bool) -> Rule:
    """Return the rule by which the ESME Variant may be corrected; `mp125` is the switch.

    Raises NoVariant, or one of the refusals above: the status is asked before who it is (E5 before E4).
    """
    if standing.device_type != DeviceType.ESME:
        raise NoVariant(device_type=standing.device_type.duis)
    if standing.is_pending or not mp125:
        return rule_for_details(standing)
    if standing.smi_status not in VARIANT_STATUSES:
        raise VariantNotInThisStatus(status=standing.status)
    if standing.is_smets1:
        raise OnlySmets2(status=standing.status)
    if not standing.is_responsible:
        raise OnlyTheResponsibleSupplier(status=standing.status)
    return Rule.RESPONSIBLE_SUPPLIER


class NoManualProcess(CorrectionRefused):
    """A Pending device needs no manual process: its notifying party corrects it."""

    code = "E5"
    rule = "no_manual_process"
    suggestion = "The notifying party corrects it with “Correct details” on the device's page, or with 8.4."


class NoLongerInUse(CorrectionRefused):
    """A device that is {status} is not corrected any more."""

    code = "E5"
    rule = "no_longer_in_use"
    suggestion = "Nothing needs to be done: it serves no home. Raise an incident if its status is wrong."
    source = f"{S125}; ours"


class ManualProcessIsForItsSupplier(CorrectionRefused):
    """Only the Responsible Supplier of a device, or its notifying party, may ask DCC to correct it."""

    code = "E4"
    rule = "manual_process_is_for_its_supplier"
    suggestion = "Ask the supplier of the home, or raise an incident with DCC."


def may_ask_the_desk(standing: Standing) -> None:
    """Pass if DCC may be asked to correct manufacturer and model by its manual process.

    Raises NoManualProcess, NoLongerInUse or ManualProcessIsForItsSupplier. Source: SECMP0125; who may ask, and
    that a Decommissioned or Withdrawn device stays as it is, is ours.
    """
    if standing.is_pending:
        raise NoManualProcess
    if standing.smi_status in {SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN}:
        raise NoLongerInUse(status=standing.status)
    if not (standing.is_responsible or standing.is_notifying_party):
        raise ManualProcessIsForItsSupplier


def refusal_of(rule: Callable[[], object]) -> CorrectionRefused | None:
    """Return why `rule` refuses, None if it allows."""
    try:
        rule()
    except CorrectionRefused as refusal:
        return refusal
    return None
