"""Taking devices out of the inventory: one statement for any number, with what is kept of each afterwards.

Every row of a device that leaves goes through `remove_devices`; whether it may leave is the caller's to decide.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection

from inventory.actions.meter_points.service_status import refresh_service_status
from inventory.models import HousekeepingRun
from inventory.models.choices import DeviceType, Removal
from ssi.eui64 import Eui64

BECAUSE: Final = {Removal.HOUSEKEEPING: "removed by housekeeping", Removal.DELETED: "removed by 8.4"}
"""What the status history and the meter points' history say of it."""

# In one order, so that two who remove many wait for each other and do not lock each other out.
_LOCK: Final = (
    "SELECT FROM inventory_device WHERE device_id = ANY(%(ids)s::bigint[]) ORDER BY device_id FOR UPDATE"
)

# A Type 2 Device has no status, and so no status history.
_REMOVE: Final = """
WITH gone AS (
    DELETE FROM inventory_device WHERE device_id = ANY(%(ids)s::bigint[])
    RETURNING device_id, notified_by_id, notified_at, status_since, device_model_id, device_type, smi_status,
        import_meter_point_id, secondary_import_meter_point_id, export_meter_point_id
), kept AS (
    INSERT INTO inventory_removeddevice
        (device_id, notified_by, notified_at, status_since, removed_at, device_model_id, run_id, device_type, how)
    SELECT device_id, notified_by_id, notified_at, status_since, %(at)s, device_model_id, %(run)s, device_type,
        %(how)s
    FROM gone
), told AS (
    INSERT INTO inventory_devicestatuschange (device_id, at, from_status, to_status, because, told_by)
    SELECT device_id, %(at)s, smi_status, NULL, %(because)s,
        CASE WHEN %(is_told)s THEN notified_by_id END
    FROM gone WHERE smi_status IS NOT NULL
)
SELECT count(*),
    array_agg(device_id) FILTER (WHERE device_type = %(hub)s),
    array_agg(import_meter_point_id) FILTER (WHERE import_meter_point_id IS NOT NULL),
    array_agg(secondary_import_meter_point_id) FILTER (WHERE secondary_import_meter_point_id IS NOT NULL),
    array_agg(export_meter_point_id) FILTER (WHERE export_meter_point_id IS NOT NULL)
FROM gone
"""

_LEAVE_HUBS: Final = """
UPDATE inventory_device SET comms_hub_id = NULL
WHERE comms_hub_id = ANY(%(hubs)s) AND comms_hub_id IS NOT NULL
"""


def remove_devices(ids: Sequence[Eui64], *, at: datetime, how: Removal, run: HousekeepingRun | None = None) -> int:
    """Take the devices with these ids out of the inventory, in the caller's transaction; return how many went.

    Each leaves a RemovedDevice row and the last row of its status history. What a hub served knows no hub
    afterwards, and the DCC Service Status of meter points is brought up to date. Ids not there are passed over.
    """
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"ids": _array_of(ids)})
    return remove_locked(ids, at=at, how=how, run=run)


def remove_locked(ids: Sequence[Eui64], *, at: datetime, how: Removal, run: HousekeepingRun | None = None) -> int:
    """Do as `remove_devices` with devices, at least one, whose rows the caller has locked for update."""
    facts: dict[str, Any] = {
        "ids": _array_of(ids),
        "at": at,
        "how": int(how),
        "run": run.pk if run else None,
        "because": BECAUSE[how],
        "is_told": how == Removal.DELETED,
        "hub": int(DeviceType.CHF),
    }
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE, facts)
        removed, hubs, *points = cursor.fetchone()
        if hubs:
            cursor.execute(_LEAVE_HUBS, {"hubs": hubs})
    touched = {point for each in points for point in each or ()}
    refresh_service_status(touched, at=at, because=BECAUSE[how])
    return int(removed)


def _array_of(ids: Sequence[Eui64]) -> str:
    """Return the ids as PostgreSQL writes an array, which psycopg would make of them one by one."""
    return f"{{{','.join([str(each.as_bigint) for each in ids])}}}"
