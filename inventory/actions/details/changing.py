"""Changing details of one device: the row, the history of each detail, and its meter points.

Every change of a detail of a single device goes through `change_details`. Thousands at once, as by a file of
corrections, are set-based statements that write the same history (`inventory/actions/corrections`).
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from inventory.actions.devices.moving import METER_POINTS, points_of
from inventory.actions.meter_points.service_status import refresh_service_status
from inventory.models import Device, DeviceDetailChange
from inventory.models.choices import Detail
from ssi.eui64 import Eui64

COLUMNS: Final[Mapping[str, Detail]] = MappingProxyType(
    {
        "esme_variant": Detail.ESME_VARIANT,
        "device_model": Detail.DEVICE_MODEL,
        "import_meter_point": Detail.IMPORT_METER_POINT,
        "secondary_import_meter_point": Detail.SECONDARY_IMPORT_METER_POINT,
        "export_meter_point": Detail.EXPORT_METER_POINT,
    }
)
"""The fields of a device that are its details, with what the history calls each."""

_COLUMNS: Final = {name: name if name == "esme_variant" else f"{name}_id" for name in COLUMNS}
"""Under which name a device holds the number or key of each."""


def change_details(
    device: Device,
    *,
    at: datetime,
    because: str,
    told_by: Eui64 | None,
    **new: object,
) -> list[Detail]:
    """Set details of a device locked by the caller, in the caller's transaction; return those that changed.

    `new` are fields named in `COLUMNS` with what they shall hold: a DeviceModel, MeterPoints (or None), an ESME
    Variant. What really changed is saved, with a row of history each: `because` of which rule or Service Request,
    told by which User ID. The DCC Service Status of all meter points touched is brought up to date.
    """
    before, points = _details(device), points_of(device)
    for name, value in new.items():
        if name not in COLUMNS:
            raise TypeError(f"{name} is no detail of a device.")
        setattr(device, name, value)
    after = _details(device)
    changed = [name for name in COLUMNS if after[name] != before[name]]
    if not changed:
        return []
    device.save(update_fields=changed)
    DeviceDetailChange.objects.bulk_create(
        DeviceDetailChange(
            at=at,
            device_id=device.device_id,
            told_by=told_by,
            before=before[name],
            after=after[name],
            field=COLUMNS[name],
            because=because,
        )
        for name in changed
    )
    if not {f"{name}_id" for name in changed}.isdisjoint(METER_POINTS):
        refresh_service_status(points | points_of(device), at=at, because=because)
    return [COLUMNS[name] for name in changed]


def _details(device: Device) -> dict[str, int | None]:
    """Return what the device's details are, by field, as the history keeps them: keys and numbers."""
    return {name: getattr(device, column) for name, column in _COLUMNS.items()}
