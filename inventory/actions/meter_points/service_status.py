"""The DCC Service Status of meter points, brought up to date after anything happened to their meters.

A meter point is null until a Smart Meter was operated through the DCC. It becomes A when a Commissioned meter is
associated with it, and N when none is any more, except while another Smart Meter still carries it. A meter's other
statuses change nothing. Source: MP077 PIA 3.1.1 (domain 8.1).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.db import connection

from inventory.models.choices import METERS, DccServiceStatus, SmiStatus

GONE: Final = (SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN)
"""A meter of such a status is still on record at its meter point, and carries it no more."""

# Locked first, in one order, so that two meters of one meter point are judged one after the other.
_LOCK: Final = "SELECT FROM inventory_meterpoint WHERE id = ANY(%(points)s) ORDER BY id FOR NO KEY UPDATE"

_REFRESH: Final = """
WITH carried AS (
    SELECT point.id, point.dcc_service_status AS before,
        bool_or(meter.smi_status = %(commissioned)s) IS TRUE AS is_operated,
        bool_or(NOT meter.smi_status = ANY(%(gone)s)) IS TRUE AS is_carried
    FROM inventory_meterpoint point
    LEFT JOIN LATERAL (
        SELECT smi_status FROM inventory_device
        WHERE import_meter_point_id = point.id AND device_type = ANY(%(meters)s)
        UNION ALL
        SELECT smi_status FROM inventory_device
        WHERE secondary_import_meter_point_id = point.id AND device_type = ANY(%(meters)s)
        UNION ALL
        SELECT smi_status FROM inventory_device
        WHERE export_meter_point_id = point.id AND device_type = ANY(%(meters)s)
    ) AS meter ON true
    WHERE point.id = ANY(%(points)s)
    GROUP BY point.id, point.dcc_service_status
), decided AS (
    SELECT id, before, CASE
        WHEN is_operated THEN %(active)s
        WHEN before = %(active)s AND NOT is_carried THEN %(not_active)s
        ELSE before
    END AS after
    FROM carried
), changed AS (
    UPDATE inventory_meterpoint point SET dcc_service_status = decided.after
    FROM decided WHERE point.id = decided.id AND decided.after IS DISTINCT FROM decided.before
    RETURNING point.id, decided.before, decided.after
)
INSERT INTO inventory_servicestatuschange (at, meter_point_id, from_status, to_status, because)
SELECT %(at)s, id, before, after, %(because)s FROM changed ORDER BY id
"""


def refresh_service_status(points: Collection[int], *, at: datetime, because: str) -> int:
    """Bring the DCC Service Status of the meter points with these keys up to date; return how many changed.

    In the caller's transaction, after the meters were written. Each change becomes a row of its history that waits
    to be notified, `because` of what happened to the meter.
    """
    if not points:
        return 0
    facts: dict[str, Any] = {
        "points": sorted(points),
        "commissioned": SmiStatus.COMMISSIONED,
        "gone": list(GONE),
        "meters": sorted(METERS),
        "active": DccServiceStatus.ACTIVE,
        "not_active": DccServiceStatus.NOT_ACTIVE,
        "at": at,
        "because": because,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, facts)
        cursor.execute(_REFRESH, facts)
        return int(cursor.rowcount)
