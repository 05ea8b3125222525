"""Finds or writes the rows that many devices share, safely beside others who do the same.

Rows are written in the order of their keys and by INSERT … ON CONFLICT DO NOTHING, so two writers of the same rows
wait for each other and never in a circle.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import reduce
from operator import or_

from django.db import IntegrityError, transaction
from django.db.models import Q

from inventory.actions.devices.returning import tell_where_they_were
from inventory.actions.products.matching import update_device_models
from inventory.duis.messages import ModelFacts
from inventory.models import Device, DeviceModel, MeterPoint


def device_models(facts: Collection[ModelFacts]) -> dict[ModelFacts, DeviceModel]:
    """Return the Device Model row of each; new ones take their status from the Central Products List."""
    found = _models_found(facts)
    missing = sorted(set(facts) - set(found), key=_model_key)
    if missing:
        DeviceModel.objects.bulk_create(
            [
                DeviceModel(
                    device_type=each.device_type,
                    manufacturer=each.manufacturer,
                    model=each.model,
                    firmware_version=each.firmware_version,
                    smets_version=each.smets_version,
                )
                for each in missing
            ],
            ignore_conflicts=True,
        )
        written = _models_found(missing)
        if update_device_models([row.pk for row in written.values()]):
            written = _models_found(missing)
        found |= written
    return found


def _model_key(facts: ModelFacts) -> tuple[int, str, str, str, str]:
    return (
        int(facts.device_type),
        facts.manufacturer,
        facts.model,
        facts.firmware_version,
        facts.smets_version,
    )


def _models_found(facts: Iterable[ModelFacts]) -> dict[ModelFacts, DeviceModel]:
    by_key = {_model_key(each): each for each in facts}
    conditions = (
        Q(device_type=key[0], manufacturer=key[1], model=key[2], firmware_version=key[3], smets_version=key[4])
        for key in by_key
    )
    rows = DeviceModel.objects.filter(reduce(or_, conditions))
    return {
        by_key[row.device_type, row.manufacturer, row.model, row.firmware_version, row.smets_version]: row
        for row in rows
    }


def meter_points(mpxns: Iterable[str]) -> dict[str, MeterPoint]:
    """Return the meter point row of each MPxN, new or not; "" is none."""
    wanted = {mpxn for mpxn in mpxns if mpxn}
    if not wanted:
        return {}
    found = {row.mpxn: row for row in MeterPoint.objects.filter(mpxn__in=wanted)}
    missing = sorted(wanted - set(found))
    if missing:
        MeterPoint.objects.bulk_create([MeterPoint(mpxn=mpxn) for mpxn in missing], ignore_conflicts=True)
        found |= {row.mpxn: row for row in MeterPoint.objects.filter(mpxn__in=missing)}
    return found


def insert_new(devices: Sequence[Device]) -> list[Device]:
    """Insert those devices that are not in the inventory yet, and return them; others are left as they are.

    A device that another transaction is writing is waited for. The history of one that was removed goes on.
    """
    while True:
        there = set(Device.objects.filter(pk__in=[each.pk for each in devices]).values_list("pk", flat=True))
        new = sorted((each for each in devices if each.pk not in there), key=lambda each: each.device_id)
        try:
            with transaction.atomic():
                Device.objects.bulk_create(new)
        except IntegrityError:
            now_there = Device.objects.filter(pk__in=[each.pk for each in new])
            if not now_there.exists():
                raise
            continue
        tell_where_they_were([each.device_id for each in new])
        return new
