"""Counting the estate anew: one GROUP BY for everybody and for notifying parties, one join with registrations.

The new counts are made beside the old ones and take their place in the same transaction: a page shows the one or
the other, never a mixture. What is worked out on the way stands in tables that end with the transaction; they are
not temporary ones, which parallel workers could not read. Source: ours, for RSMI_001 to RSMI_003.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from django.db import connection, transaction
from django.utils import timezone

from inventory.models import RollUp
from inventory.models.choices import METERS, DeviceType, RegistrationKind, Whose
from ssi.accounts.search import successors

log = structlog.get_logger(__name__)

DEVICES: Final = "devices"
"""The name of this roll-up."""

ONE_AT_A_TIME: Final = 8_700_921
"""Key of the advisory lock under which a run counts; another that comes meanwhile has nothing to do."""

_MEMORY: Final = "256MB"

_BY_NOTIFYING_PARTY: Final = """
CREATE UNLOGGED TABLE counted_by_notifying_party AS
SELECT notified_by_id AS user_id, device_type, smi_status, device_model_id, count(*) AS devices
FROM inventory_device GROUP BY notified_by_id, device_type, smi_status, device_model_id
"""

# A meter with one meter point has one supplier of it at a time; those few with more may have the same one twice.
_SUPPLIED: Final = """
CREATE UNLOGGED TABLE supplied_meter AS
SELECT meter.comms_hub_id, meter.device_type, meter.smi_status, meter.device_model_id,
    coalesce(heir.user_id, supplier.user_id) AS user_id
FROM inventory_device meter
JOIN inventory_registration supplier ON supplier.meter_point_id = meter.import_meter_point_id
LEFT JOIN unnest(%(taken_over)s::bigint[], %(heirs)s::bigint[]) AS heir (of_user_id, user_id)
    ON heir.of_user_id = supplier.user_id
WHERE meter.device_type = ANY(%(meters)s) AND meter.import_meter_point_id IS NOT NULL
    AND meter.secondary_import_meter_point_id IS NULL AND meter.export_meter_point_id IS NULL
    AND supplier.kind = ANY(%(import_kinds)s)
    AND supplier.from_date <= %(today)s AND (supplier.to_date >= %(today)s OR supplier.to_date IS NULL)
UNION ALL
SELECT comms_hub_id, device_type, smi_status, device_model_id, user_id FROM (
    SELECT DISTINCT meter.device_id, meter.comms_hub_id, meter.device_type, meter.smi_status,
        meter.device_model_id, coalesce(heir.user_id, supplier.user_id) AS user_id
    FROM inventory_device meter
    CROSS JOIN LATERAL (VALUES
        (meter.import_meter_point_id, false), (meter.secondary_import_meter_point_id, false),
        (meter.export_meter_point_id, true)
    ) AS point (id, is_export)
    JOIN inventory_registration supplier ON supplier.meter_point_id = point.id
        AND (supplier.kind = %(export)s) = point.is_export
    LEFT JOIN unnest(%(taken_over)s::bigint[], %(heirs)s::bigint[]) AS heir (of_user_id, user_id)
        ON heir.of_user_id = supplier.user_id
    WHERE meter.device_type = ANY(%(meters)s)
        AND (meter.secondary_import_meter_point_id IS NOT NULL OR meter.export_meter_point_id IS NOT NULL)
        AND (supplier.kind = ANY(%(import_kinds)s) OR supplier.kind = %(export)s)
        AND supplier.from_date <= %(today)s AND (supplier.to_date >= %(today)s OR supplier.to_date IS NULL)
) AS once
"""

_HOMES: Final = """
CREATE UNLOGGED TABLE supplied_home AS
SELECT comms_hub_id, user_id,
    bool_or(device_type = %(esme)s) AS electricity, bool_or(device_type = %(gsme)s) AS gas
FROM supplied_meter WHERE comms_hub_id IS NOT NULL GROUP BY comms_hub_id, user_id
"""

# The meters of suppliers, then what else is in their homes, then the meters of network operators.
_AT_METER_POINTS: Final = """
CREATE UNLOGGED TABLE counted_at_meter_points AS
SELECT user_id, device_type, smi_status, device_model_id, count(*) AS devices
FROM supplied_meter GROUP BY user_id, device_type, smi_status, device_model_id
UNION ALL
SELECT home.user_id, device.device_type, device.smi_status, device.device_model_id, count(*)
FROM inventory_device device
JOIN supplied_home home ON home.comms_hub_id
    = CASE device.device_type WHEN %(chf)s THEN device.device_id ELSE device.comms_hub_id END
WHERE NOT device.device_type = ANY(%(meters)s)
    AND CASE device.device_type WHEN %(hcalcs)s THEN home.electricity WHEN %(gpf)s THEN home.gas ELSE true END
GROUP BY home.user_id, device.device_type, device.smi_status, device.device_model_id
UNION ALL
SELECT operator.user_id, meter.device_type, meter.smi_status, meter.device_model_id, count(*)
FROM inventory_device meter
JOIN inventory_registration operator ON operator.meter_point_id = meter.import_meter_point_id
WHERE meter.device_type = ANY(%(meters)s) AND operator.kind = ANY(%(network_kinds)s)
    AND operator.from_date <= %(today)s AND (operator.to_date >= %(today)s OR operator.to_date IS NULL)
GROUP BY operator.user_id, meter.device_type, meter.smi_status, meter.device_model_id
"""

_TAKE_THEIR_PLACE: Final = """
INSERT INTO inventory_devicecount (whose, user_id, device_type, smi_status, device_model_id, devices)
SELECT %(everybody)s, NULL, device_type, smi_status, device_model_id, sum(devices)
FROM counted_by_notifying_party GROUP BY device_type, smi_status, device_model_id
UNION ALL
SELECT %(notified)s, user_id, device_type, smi_status, device_model_id, devices
FROM counted_by_notifying_party WHERE user_id IS NOT NULL
UNION ALL
SELECT %(responsible)s, user_id, device_type, smi_status, device_model_id, sum(devices)
FROM counted_at_meter_points GROUP BY user_id, device_type, smi_status, device_model_id
"""

_DROP: Final = """
DROP TABLE counted_by_notifying_party, supplied_meter, supplied_home, counted_at_meter_points
"""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A refresh that was done: as of when, and how many counts there are now."""

    at: datetime
    counts: int


def refresh_device_counts(now: datetime | None = None) -> Refreshed | None:
    """Count all devices anew; None where another run is at it. May be killed at any time: the old counts stay."""
    at = now or timezone.now()
    with transaction.atomic():
        if not _alone():
            log.info("device_counts_busy")
            return None
        facts = _facts(at)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('work_mem', %s, true)", [_MEMORY])
            cursor.execute(_BY_NOTIFYING_PARTY)
            cursor.execute(_SUPPLIED, facts)
            cursor.execute(_HOMES, facts)
            cursor.execute("ANALYZE supplied_home")
            cursor.execute(_AT_METER_POINTS, facts)
            cursor.execute("DELETE FROM inventory_devicecount")
            cursor.execute(_TAKE_THEIR_PLACE, facts)
            counts = cursor.rowcount
            cursor.execute(_DROP)
        RollUp.objects.update_or_create(name=DEVICES, defaults={"refreshed_at": at})
    log.info("device_counts_refreshed", counts=counts)
    return Refreshed(at, counts)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        return bool(cursor.fetchone()[0])


def _facts(at: datetime) -> dict[str, Any]:
    today = timezone.localdate(at)
    heirs = successors(today)
    return {
        "today": today,
        "taken_over": [user_id.as_bigint for user_id in heirs],
        "heirs": [heir.user_id.eui.as_bigint for heir in heirs.values()],
        "meters": [each.value for each in sorted(METERS)],
        "import_kinds": [RegistrationKind.IMPORT_SUPPLIER.value, RegistrationKind.GAS_SUPPLIER.value],
        "export": RegistrationKind.EXPORT_SUPPLIER.value,
        "network_kinds": [
            RegistrationKind.ELECTRICITY_DISTRIBUTOR.value,
            RegistrationKind.GAS_TRANSPORTER.value,
        ],
        "chf": DeviceType.CHF.value,
        "gpf": DeviceType.GPF.value,
        "hcalcs": DeviceType.HCALCS.value,
        "esme": DeviceType.ESME.value,
        "gsme": DeviceType.GSME.value,
        "everybody": Whose.EVERYBODY.value,
        "notified": Whose.NOTIFIED.value,
        "responsible": Whose.RESPONSIBLE.value,
    }
