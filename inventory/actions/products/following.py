"""MP202: the SMETS version of a PPMID follows its Communications Hub when it is pre-whitelisted.

One firmware of a dual-mode PPMID stands on the Central Products List twice, as SMETS1 and as SMETS2+. Which of the
two a device is depends on the hub it joins, whatever was pre-notified. Source: MP202 Modification Report (S202).
"""

from datetime import datetime
from typing import Final

from django.conf import settings

from inventory.actions.details.changing import change_details
from inventory.actions.devices.interning import device_models
from inventory.duis.messages import ModelFacts
from inventory.generations import Generation, generation_of, generation_of_hub
from inventory.models import CplEntry, Device
from inventory.models.choices import DeviceType
from inventory.models.device_models import DeviceModel
from ssi.eui64 import Eui64

BECAUSE: Final = "8.11 Add: follows its hub (MP202)"


def follow_hub(device: Device, hub: Device, *, at: datetime, told_by: Eui64 | None) -> str:
    """Make a PPMID, locked by the caller, of the generation of the hub it joins; return a sentence, or "".

    Its Device Model becomes the row of the same manufacturer, model and firmware in the hub's generation: with the
    version of that row of the Central Products List, else with "SMETS1" or "SMETS2+" (ours). Nothing happens with
    the switch MP202 off, to other devices, or where the generation is the hub's already.
    """
    if not settings.MP202 or device.device_type != DeviceType.PPMID:
        return ""
    wanted = generation_of_hub(hub)
    model = device.device_model
    if generation_of(model.smets_version) is wanted:
        return ""
    version = _listed_version(model, wanted) or wanted.value
    facts = ModelFacts(
        DeviceType.PPMID, model.manufacturer, model.model, model.firmware_version, smets_version=version
    )
    change_details(device, at=at, because=BECAUSE, told_by=told_by, device_model=device_models([facts])[facts])
    return f"Its SMETS version follows the Communications Hub: {version} (MP202)."


def _listed_version(model: DeviceModel, wanted: Generation) -> str:
    """Return the SMETS version of the product's entry in the wanted generation, "" if there is none.

    An entry that is listed comes before a removed one, then the newest. Entries are written in capitals, Device
    Models as their messages have them.
    """
    entries = CplEntry.objects.filter(
        device_type=model.device_type,
        manufacturer=model.manufacturer.upper(),
        firmware_version=model.firmware_version.upper(),
    )
    fitting = [
        each
        for each in entries
        if each.model == model.model.upper() and generation_of(each.smets_version) is wanted
    ]
    fitting.sort(key=lambda each: (each.removed_date is None, each.added_date, each.smets_version))
    return fitting[-1].smets_version if fitting else ""
