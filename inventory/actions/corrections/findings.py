"""Why a line of a file of corrections is not applied: refusals, kept with the row by their keys."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from inventory.install_code import NoteHoldsInstallCode
from inventory.models import CorrectionRow
from inventory.models.choices import SmiStatus
from inventory.rules_of_details import (
    CorrectionRefused,
    NoVariant,
    OnlySmets2,
    OnlyTheNotifyingParty,
    OnlyTheResponsibleSupplier,
    OnlyWhilePending,
    VariantNotInThisStatus,
)
from ssi.eui64 import NotAnEui64
from ssi.refusals import Refusal
from ssi.web.sheets import SpoiltBySpreadsheet


class VariantUnknown(Refusal):
    """This is none of the 25 ESME Variants of DUIS 5.4."""

    suggestion = "Give one of them in letters, such as A, BD or ADEF."
    source = "DUIS 5.4 schema: ESMEVariant"


class VariantMissing(Refusal):
    """This line gives no ESME Variant."""

    suggestion = "Give the right one in the second column, such as A or AD."


class NotInTheInventory(Refusal):
    """There is no such device in the Smart Metering Inventory."""

    suggestion = "Check the Device ID. A device that was removed cannot be corrected."


class StandsTwice(Refusal):
    """The device stands on an earlier line of this file already; the first one counts."""

    suggestion = "Nothing needs to be done: both lines ask for the same."


class ContradictsItself(Refusal):
    """This file gives the device different ESME Variants on different lines, so none of them is applied."""

    suggestion = "Find out which one is right, and send the device once, in a new file."


class AlreadySo(Refusal):
    """The device carries this ESME Variant already."""

    suggestion = "Nothing needs to be done."


class ChangedSinceTheCheck(Refusal):
    """The device's ESME Variant was changed by others after this file was checked."""

    suggestion = "Look the device up. If it is still wrong, send it in a new file."
    source = "Exactly what was previewed is applied"


class RuleNoLongerHolds(Refusal):
    """The rule that allowed this when the file was checked no longer holds: the device moved to another status."""

    suggestion = "Send the device in a new file; it is then checked by the rule that holds now."
    source = "Exactly what was previewed is applied"


class ChangedAfterwards(Refusal):
    """The device's ESME Variant was changed again after this file was applied, so it was not put back."""

    suggestion = "Look the device up. If it is wrong now, correct it anew."
    source = "A file is reverted only where nothing changed since"


class MayNoLonger(Refusal):
    """Whoever sent this file may no longer make corrections, so the rest was left as it is."""

    suggestion = "Ask a colleague who may do it to send the rest again."
    source = "SSI design 3: rights are looked up when the work is done"


_OURS: Final[Mapping[str, type[Refusal]]] = MappingProxyType(
    {
        "not_a_device_id": NotAnEui64,
        "spoilt_by_spreadsheet": SpoiltBySpreadsheet,
        "holds_install_code": NoteHoldsInstallCode,
        "variant_unknown": VariantUnknown,
        "variant_missing": VariantMissing,
        "not_in_the_inventory": NotInTheInventory,
        "stands_twice": StandsTwice,
        "contradicts_itself": ContradictsItself,
        "already_so": AlreadySo,
        "changed_since_the_check": ChangedSinceTheCheck,
        "rule_no_longer_holds": RuleNoLongerHolds,
        "changed_afterwards": ChangedAfterwards,
        "may_no_longer": MayNoLonger,
    }
)

_RULES: Final[tuple[type[CorrectionRefused], ...]] = (
    NoVariant,
    OnlySmets2,
    OnlyTheNotifyingParty,
    OnlyTheResponsibleSupplier,
    OnlyWhilePending,
    VariantNotInThisStatus,
)

FINDINGS: Final[Mapping[str, type[Refusal]]] = MappingProxyType({**_OURS, **{each.rule: each for each in _RULES}})

_KEYS: Final = {refusal: key for key, refusal in FINDINGS.items()}

KEPT: Final = "kept_"
"""Before the key of what kept a row from being put back: it was applied, and still is."""

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "not_a_device_id": "Not a Device ID",
        "spoilt_by_spreadsheet": "Spoilt by a spreadsheet",
        "holds_install_code": "Holds an install code",
        "variant_unknown": "No ESME Variant of DUIS",
        "variant_missing": "No ESME Variant given",
        "not_in_the_inventory": "Not in the inventory",
        "stands_twice": "Given twice",
        "contradicts_itself": "Given with different variants",
        "already_so": "Carries it already",
        "changed_since_the_check": "Changed since the check",
        "rule_no_longer_holds": "Rule no longer holds",
        "changed_afterwards": "Changed afterwards",
        "may_no_longer": "Sender may no longer",
        "no_variant": "Not an ESME",
        "only_smets2": "SMETS1, and not Pending",
        "only_the_notifying_party": "Only the notifying party may",
        "only_the_responsible_supplier": "Only the Responsible Supplier may",
        "only_while_pending": "No longer Pending",
        "variant_not_in_this_status": "Not in this SMI Status",
    }
)
"""Each finding in a few words, for counts."""


def name_of(key: str) -> str:
    """Return a finding in a few words."""
    name = NAMES[key.removeprefix(KEPT)]
    return f"Not put back: {name[0].lower()}{name[1:]}" if key.startswith(KEPT) else name


def key_of(refusal: type[Refusal]) -> str:
    """Return under which key a row keeps a refusal."""
    return _KEYS[refusal]


def sentence(row: CorrectionRow) -> tuple[str, str]:
    """Return what speaks against a row and what to do about it; nothing twice if nothing does."""
    if not row.finding:
        return "", ""
    status = SmiStatus(row.smi_status).duis if row.smi_status else "without a status"
    facts = {"status": status, "device_type": "device of this type", "problem": "see what was given"}
    refusal = FINDINGS[row.finding.removeprefix(KEPT)](**facts)
    return refusal.message, refusal.way_out
