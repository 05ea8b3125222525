"""Finding a product in the Central Products List: by the hash of its image, or by firmware for many models."""

from collections.abc import Collection, Mapping
from typing import Final

from django.conf import settings
from django.db import connection

from inventory.actions.devices.interning import device_models
from inventory.duis.messages import ModelFacts
from inventory.generations import Generation, generation_of
from inventory.models import CplEntry, Device, DeviceModel
from inventory.models.choices import DeviceType

# One row for each listed entry of the firmware that is of a model's type, manufacturer and model.
_OF_FIRMWARE: Final = """
SELECT model.id, entry.smets_version
FROM inventory_devicemodel model
JOIN inventory_cplentry entry
    ON entry.device_type = model.device_type
    AND entry.manufacturer = upper(model.manufacturer)
    AND entry.model_identifier || entry.hardware_version = upper(model.model)
WHERE model.id = ANY(%(models)s::bigint[]) AND entry.firmware_version = upper(%(firmware)s)
    AND entry.removed_date IS NULL
"""


def model_by_image_hash(device: Device, image_hash: str) -> DeviceModel | None:
    """Return the Device Model that a device becomes with the firmware of this hash, new or not; None if unknown.

    The hash (SHA-256 in hexadecimal) is looked for among the entries of the device's type, manufacturer and model.
    One that is listed comes before a removed one; with MP202, where one firmware is listed in several SMETS
    versions, that of the device's generation is taken.
    """
    model = device.device_model
    found = [
        each
        for each in CplEntry.objects.filter(
            image_hash=image_hash.upper(),
            device_type=device.device_type,
            manufacturer=model.manufacturer.upper(),
        )
        if each.model == model.model.upper() and each.image_hash
    ]
    if not found:
        return None
    generation = generation_of(model.smets_version) if settings.MP202 else None
    found.sort(
        key=lambda each: (
            each.removed_date is None,
            generation_of(each.smets_version) is generation,
            each.added_date,
            each.pk,
        )
    )
    entry = found[-1]
    facts = ModelFacts(
        DeviceType(device.device_type),
        model.manufacturer,
        model.model,
        entry.firmware_version,
        entry.smets_version,
    )
    return device_models([facts])[facts]


def is_any_listed(device_types: Collection[DeviceType]) -> bool:
    """Tell whether the list has any entry of these types; if not, it cannot tell what firmware is for what."""
    return CplEntry.objects.filter(device_type__in=device_types, removed_date=None).exists()


def generations_of_firmware(
    firmware_version: str, models: Collection[int]
) -> Mapping[int, set[Generation | None]]:
    """Return, by the key of those Device Models that the firmware is listed for, in which generations it is."""
    found: dict[int, set[Generation | None]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_FIRMWARE, {"models": list(models), "firmware": firmware_version})
        for key, smets_version in cursor.fetchall():
            found.setdefault(key, set()).add(generation_of(smets_version))
    return found
