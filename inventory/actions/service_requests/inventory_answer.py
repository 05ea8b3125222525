"""A response to Service Request 8.2: what the DCC's own inventory holds seeds ours.

Devices already here are left as they are: our own messages know more of them. Who pre-notified a seeded device,
and since when it has its status, no such answer tells.
"""

from collections.abc import Sequence
from datetime import datetime

from inventory.actions.devices.interning import device_models, insert_new, meter_points
from inventory.actions.devices.moving import points_of
from inventory.actions.meter_points.service_status import refresh_service_status
from inventory.actions.service_requests.applied import SUCCESS, Applied, Event
from inventory.duis.messages import InventoryAnswer, InventoryEntry, ModelFacts
from inventory.duis.srv import Srv
from inventory.models import Device, DeviceModel, DeviceStatusChange, MeterPoint
from inventory.models.choices import METERS


def seed_inventory(answer: InventoryAnswer, *, at: datetime) -> Applied:
    """Enter the devices that are not in the inventory yet, with every field the answer has for them."""
    entries = sorted(answer.devices, key=lambda entry: entry.device_id)
    models = device_models([entry.model for entry in entries])
    points = meter_points(mpxn for entry in entries for mpxn in _mpxns(entry))
    new = insert_new([_device(entry, models[entry.model], points) for entry in entries])
    new_ids = {each.device_id for each in new}
    seeded = [entry for entry in entries if entry.device_id in new_ids]
    _complete_models(seeded, models)
    _complete_addresses(seeded, points)
    _write_history(new, at=at)
    touched = {point for each in new if each.device_type in METERS for point in points_of(each)}
    refresh_service_status(touched, at=at, because=Srv.READ_INVENTORY)
    return Applied(SUCCESS, _in_words(seeded, entries), tuple(Event("device.seeded", each) for each in new))


def _mpxns(entry: InventoryEntry) -> tuple[str, str, str]:
    return entry.import_mpxn, entry.secondary_import_mpan, entry.export_mpan


def _device(entry: InventoryEntry, model: DeviceModel, points: dict[str, MeterPoint]) -> Device:
    return Device(
        device_id=entry.device_id,
        import_meter_point=points.get(entry.import_mpxn),
        secondary_import_meter_point=points.get(entry.secondary_import_mpan),
        export_meter_point=points.get(entry.export_mpan),
        device_model=model,
        commissioned_date=entry.commissioned_date,
        device_type=entry.model.device_type,
        smi_status=entry.smi_status,
        esme_variant=entry.esme_variant,
        csp_region=entry.csp_region,
        connectivity=entry.connectivity,
        s1sp=entry.s1sp or None,
    )


def _complete_models(entries: Sequence[InventoryEntry], models: dict[ModelFacts, DeviceModel]) -> None:
    """Fill what a Device Model's row does not know yet; what it knows stays."""
    for entry in sorted(entries, key=lambda entry: models[entry.model].pk):
        told = {
            "gbcs_version": entry.gbcs_version,
            "han_variant": entry.han_variant,
            "firmware_status": entry.firmware_status,
            "cpl_status": entry.cpl_status,
        }
        for name, value in told.items():
            if value and not getattr(models[entry.model], name):
                unknown = "" if isinstance(value, str) else None
                DeviceModel.objects.filter(pk=models[entry.model].pk, **{name: unknown}).update(**{name: value})


def _complete_addresses(entries: Sequence[InventoryEntry], points: dict[str, MeterPoint]) -> None:
    """Give a meter point its address, unless it has one."""
    pairs = [(points[mpxn], entry) for entry in entries for mpxn in _mpxns(entry) if mpxn]
    for point, entry in sorted(pairs, key=lambda pair: pair[0].pk):
        if entry.uprn and point.uprn is None:
            MeterPoint.objects.filter(pk=point.pk, uprn__isnull=True).update(uprn=entry.uprn)
        if entry.post_code and not point.post_code:
            MeterPoint.objects.filter(pk=point.pk, post_code="").update(
                post_code=entry.post_code, address_identifier=entry.address_identifier
            )


def _write_history(devices: Sequence[Device], *, at: datetime) -> None:
    DeviceStatusChange.objects.bulk_create(
        DeviceStatusChange(device_id=each.device_id, at=at, to_status=each.smi_status, because=Srv.READ_INVENTORY)
        for each in devices
        if not each.is_type_2
    )


def _in_words(seeded: Sequence[InventoryEntry], given: Sequence[InventoryEntry]) -> str:
    there = len(given) - len(seeded)
    homeless = sum(1 for each in seeded if (each.uprn or each.post_code) and not any(_mpxns(each)))
    sentences = [f"{_devices(len(seeded))} entered the inventory."]
    if there:
        sentences.append(f"{_devices(there)} already there, left unchanged.")
    if homeless:
        sentences.append(f"The address of {_devices(homeless)} without a meter point was not kept.")
    return " ".join(sentences)


def _devices(count: int) -> str:
    return f"{count} device" if count == 1 else f"{count} devices"
