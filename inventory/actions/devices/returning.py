"""A device that left the inventory comes back: its history goes on where it ended."""

from collections.abc import Collection
from typing import Any, Final

from django.db import connection

from inventory.actions.devices.removing import BECAUSE
from inventory.models.choices import Removal, SmiStatus
from ssi.eui64 import Eui64

# A run of housekeeping, which removes devices by the million, leaves the last step of none of their histories:
# nobody sees the history of a device that is not there. Runs of an earlier version did write it.
_LAST_STEPS: Final = """
INSERT INTO inventory_devicestatuschange (device_id, at, from_status, to_status, because)
SELECT device_id, removed_at, %(pending)s, NULL, %(because)s FROM inventory_removeddevice gone
WHERE device_id = ANY(%(ids)s::bigint[]) AND run_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM inventory_devicestatuschange step
    WHERE step.device_id = gone.device_id AND step.at = gone.removed_at AND step.to_status IS NULL
)
"""


def tell_where_they_were(device_ids: Collection[Eui64]) -> None:
    """Write for devices that have just come into the inventory when housekeeping had removed them; one statement.

    A removal more than a year ago is known no more (`inventory/retention.py`).
    """
    facts: dict[str, Any] = {
        "ids": [each.as_bigint for each in device_ids],
        "pending": int(SmiStatus.PENDING),
        "because": BECAUSE[Removal.HOUSEKEEPING],
    }
    if device_ids:
        with connection.cursor() as cursor:
            cursor.execute(_LAST_STEPS, facts)
