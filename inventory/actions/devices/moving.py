"""Moving one device to another SMI Status: the state machine, the row, its history, and its meter points.

Every status change of a single device goes through `move_device`. Thousands at once, as when a product leaves the
Central Products List, are set-based statements that take the allowed statuses from `sources_of`.
"""

from datetime import datetime
from typing import Final

from inventory.actions.meter_points.service_status import refresh_service_status
from inventory.models import Device, DeviceStatusChange
from inventory.models.choices import SmiStatus
from ssi.access.actor import Actor
from ssi.eui64 import Eui64
from ssi.workflow import declared_moves, require_move

METER_POINTS: Final = ("import_meter_point_id", "secondary_import_meter_point_id", "export_meter_point_id")
_MOVED: Final = ("smi_status", "status_since", "commissioned_date", "comms_hub")


def sources_of(verb: str) -> frozenset[SmiStatus]:
    """Return the statuses from which the move `verb` of a device is declared, for statements over many rows."""
    return frozenset(SmiStatus(int(str(each.source))) for each in declared_moves(getattr(Device, verb)))


def points_of(device: Device) -> set[int]:
    """Return the keys of the meter points the device is associated with."""
    return {getattr(device, name) for name in METER_POINTS} - {None}


def move_device(
    device: Device,
    verb: str,
    *,
    by: Actor,
    at: datetime,
    because: str,
    told_by: Eui64 | None,
    also: tuple[str, ...] = (),
    **facts: object,
) -> None:
    """Make the transition `verb` on a device locked by the caller, in the caller's transaction.

    Saves what it changed, with the fields named in `also` that the caller set before; writes the status history
    with `because` (an SRV with what it asked, an alert code, or words of ours) and the User ID that told of it;
    brings the DCC Service Status of its meter points up to date. `at` may have been taken before the lock was
    got: a step is never dated before the one it follows. Raises NotAllowed or NotInThisState.
    """
    at = max(at, device.status_since or at)
    transition = getattr(device, verb)
    require_move(transition, by=by)
    before, points = device.smi_status, points_of(device)
    transition(at=at, **facts)
    device.save(update_fields=sorted({*_MOVED, *also}))
    DeviceStatusChange.objects.create(
        device_id=device.device_id,
        at=at,
        from_status=before,
        to_status=device.smi_status,
        because=because,
        told_by=told_by,
    )
    refresh_service_status(points | points_of(device), at=at, because=because)
