"""Taking devices out of the inventory: one statement for any number, with what is kept of each afterwards.

Every row of a device that leaves goes through here; whether it may leave is the caller's to decide.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection

from inventory.actions.meter_points.service_status import refresh_service_status
from inventory.models import HousekeepingRun
from inventory.models.choices import DeviceType, Removal
from ssi.db import array_of
from ssi.eui64 import Eui64

BECAUSE: Final = {Removal.HOUSEKEEPING: "removed by housekeeping", Removal.DELETED: "removed by 8.4"}
"""What the status history and the meter points' history say of it."""

# In one order, so that two who remove many wait for each other and do not lock each other out.
_LOCK: Final = """
WITH locked AS (
    SELECT ctid FROM inventory_device WHERE device_id = ANY(%(ids)s::bigint[]) ORDER BY device_id FOR UPDATE
)
SELECT array_agg(ctid)::text FROM locked
"""

# A Type 2 Device has no status, and so no status history.
_LAST_STEPS: Final = """
, told AS (
    INSERT INTO inventory_devicestatuschange (device_id, at, from_status, to_status, because, told_by)
    SELECT device_id, %(at)s, smi_status, NULL, %(because)s, CASE WHEN %(is_told)s THEN notified_by_id END
    FROM gone WHERE smi_status IS NOT NULL
)
"""

_REMOVE: Final = """
WITH gone AS (
    DELETE FROM inventory_device
    WHERE ctid = ANY((SELECT %(places)s::tid[])::tid[]) AND device_id <> ALL(%(but)s::bigint[])
    RETURNING device_id, notified_by_id, notified_at, status_since, device_model_id, device_type, smi_status,
        import_meter_point_id, secondary_import_meter_point_id, export_meter_point_id
), kept AS (
    INSERT INTO inventory_removeddevice (device_id, notified_by, notified_at, status_since, removed_at,
        device_model_id, run_id, device_type, how, pending_months)
    SELECT device_id, notified_by_id, notified_at, status_since, %(at)s, device_model_id, %(run)s, device_type,
        %(how)s, CASE WHEN notified_by_id IS NOT NULL AND notified_by_id <> ALL(%(taken_over)s::bigint[])
            THEN %(months)s::smallint END
    FROM gone
) {last_steps}
SELECT notified_by_id, count(*),
    array_agg(device_id) FILTER (WHERE device_type = %(hub)s),
    array_agg(device_id) FILTER (WHERE notified_by_id = ANY(%(taken_over)s::bigint[])),
    array_agg(import_meter_point_id) FILTER (WHERE import_meter_point_id IS NOT NULL),
    array_agg(secondary_import_meter_point_id) FILTER (WHERE secondary_import_meter_point_id IS NOT NULL),
    array_agg(export_meter_point_id) FILTER (WHERE export_meter_point_id IS NOT NULL)
FROM gone GROUP BY notified_by_id
"""

_LEAVE_HUBS: Final = """
UPDATE inventory_device SET comms_hub_id = NULL
WHERE comms_hub_id = ANY(%(hubs)s) AND comms_hub_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class ByRun:
    """Of which run of housekeeping a removal is, and for how many months the devices might be Pending.

    The notifying party is told by the row that is kept, but for User IDs in `taken_over`: who took over from them
    is told, by an entry of its own.
    """

    run: HousekeepingRun
    months: int
    taken_over: Collection[Eui64] = ()


@dataclass(slots=True)
class Gone:
    """How many devices left, by notifying User ID, and which ones where that was taken over; all as numbers."""

    by_user: dict[int | None, int] = field(default_factory=dict)
    taken_over: dict[int, list[int]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """Return how many devices left."""
        return sum(self.by_user.values())


def remove_devices(ids: Sequence[Eui64], *, at: datetime, how: Removal) -> int:
    """Take the devices with these ids out of the inventory, in the caller's transaction; return how many went.

    Each leaves a RemovedDevice row and the last row of its status history. What a hub served knows no hub
    afterwards, and the DCC Service Status of meter points is brought up to date. Ids not there are passed over.
    """
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"ids": array_of([each.as_bigint for each in ids])})
        (places,) = cursor.fetchone()
    return remove_locked(places, at=at, how=how).number if places else 0


def remove_locked(
    places: str, *, at: datetime, how: Removal, but: Collection[Eui64] = (), by: ByRun | None = None
) -> Gone:
    """Do as `remove_devices` with devices whose rows the caller has locked for update in this transaction.

    `places` are their rows' `ctid`s as they were locked, an array's text: nobody else moves a locked row, and no
    index finds many as quickly. That holds while devices are one table, not partitions. Those in `but` stay. The
    status history of a run's devices is not ended here; `returning.py` does, should they come back.
    """
    taken_over = [each.as_bigint for each in by.taken_over] if by else []
    facts: dict[str, Any] = {
        "places": places,
        "but": [each.as_bigint for each in but],
        "at": at,
        "how": int(how),
        "run": by.run.pk if by else None,
        "months": by.months if by else None,
        "taken_over": taken_over,
        "because": BECAUSE[how],
        "is_told": how == Removal.DELETED,
        "hub": int(DeviceType.CHF),
    }
    gone, hubs, touched = Gone(), list[int](), set[int]()
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE.format(last_steps="" if by else _LAST_STEPS), facts)
        for user_id, number, of_hubs, of_taken_over, *points in cursor.fetchall():
            gone.by_user[user_id] = number
            if of_taken_over:
                gone.taken_over[user_id] = of_taken_over
            hubs += of_hubs or ()
            touched.update(point for each in points for point in each or ())
        if hubs:
            cursor.execute(_LEAVE_HUBS, {"hubs": hubs})
    refresh_service_status(touched, at=at, because=BECAUSE[how])
    return gone
