"""Correcting details of one device, as Service Request 8.4 and the correction form ask for it.

The rules are in `inventory/rules_of_details.py`; a wish for several details is granted whole or refused whole.
"""

from datetime import datetime

from django.conf import settings

from inventory.actions.details.changing import change_details
from inventory.actions.devices.interning import device_models
from inventory.duis.messages import DetailsUpdate, ModelFacts
from inventory.duis.refusals import DuisRefusal
from inventory.models import Device, DeviceModel
from inventory.models.choices import Detail, DeviceType
from inventory.rules_of_details import Rule, Standing, rule_for_details, rule_for_variant
from ssi.eui64 import Eui64


class NothingGiven(DuisRefusal):
    """No detail to be corrected is given."""

    code = "SSI-NOTHING-GIVEN"
    suggestion = "Give what the device should carry: manufacturer, model, versions or ESME Variant."
    source = "DUIS 8.4: UpdateDeviceDetails, all of whose elements are optional; ours"


def correct_details(
    device: Device, wanted: DetailsUpdate, standing: Standing, *, at: datetime, by_way_of: str, told_by: Eui64
) -> list[Detail]:
    """Correct a device locked by the caller, in the caller's transaction; return the details that changed.

    `by_way_of` is the Service Request Variant, or "screen"; the history keeps it with the rule. Raises
    NothingGiven and what the rules refuse.
    """
    facts = _model_facts(device, wanted)
    if facts is None and wanted.esme_variant is None:
        raise NothingGiven
    rule = _rule_for(wanted, standing, is_about_model=facts is not None)
    model = {} if facts is None else {"device_model": _interned(facts)}
    variant = {} if wanted.esme_variant is None else {"esme_variant": int(wanted.esme_variant)}
    because = f"{by_way_of}: {rule}"
    return change_details(device, at=at, because=because, told_by=told_by, **model, **variant)


def _rule_for(wanted: DetailsUpdate, standing: Standing, *, is_about_model: bool) -> Rule:
    rules = [rule_for_details(standing)] if is_about_model else []
    if wanted.esme_variant is not None:
        rules.append(rule_for_variant(standing, mp125=settings.MP125))
    return rules[0]


def _model_facts(device: Device, wanted: DetailsUpdate) -> ModelFacts | None:
    """Return the facts of the Device Model wanted, None where nothing is said of it."""
    given = (wanted.manufacturer, wanted.model, wanted.firmware_version, wanted.smets_version)
    if all(each is None for each in given):
        return None
    now = device.device_model
    held = (now.manufacturer, now.model, now.firmware_version, now.smets_version)
    manufacturer, model, firmware_version, smets_version = (
        before if each is None else each for each, before in zip(given, held, strict=True)
    )
    return ModelFacts(DeviceType(device.device_type), manufacturer, model, firmware_version, smets_version)


def _interned(facts: ModelFacts) -> DeviceModel:
    return device_models([facts])[facts]
