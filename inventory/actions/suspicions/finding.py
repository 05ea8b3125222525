"""Finding suspicions anew, each kind by one statement over the estate; what is new comes, what is over goes.

What stays as it is is not written again: a night in which little was put right writes little. Source: ours;
719,000 meters carry a wrong ESME Variant (SECMP0125).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from django.db import connection, transaction
from django.utils import timezone

from inventory.models import RollUp
from inventory.models.choices import METERS, DeviceType, EsmeVariant, SmiStatus, Suspect
from inventory.search.responsible import responsible_facts, responsible_suppliers

log = structlog.get_logger(__name__)

SUSPICIONS: Final = "suspicions"
"""The name of this roll-up."""

ONE_AT_A_TIME: Final = 8_700_922
"""Key of the advisory lock under which a run looks; another that comes meanwhile has nothing to do."""

MAJORITY: Final = 80
"""Per cent of a model's ESMEs that carry one variant, for the others to be suspected."""

FEWEST: Final = 50
"""Fewer ESMEs of a model say nothing about it."""

OVER: Final = (SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN)
"""What a device was before it went is no matter any more."""

_MEMORY: Final = "256MB"

_SUSPECTED: Final = """
CREATE TEMPORARY TABLE suspected (
    device_id bigint NOT NULL, kind smallint NOT NULL, current smallint, expected smallint
) ON COMMIT DROP
"""

# A model is the same whatever its firmware: what is inside a meter does not change by it.
_UNLIKE_ITS_MODEL: Final = """
WITH carried AS (
    SELECT device_model_id, esme_variant, count(*) AS devices FROM inventory_device
    WHERE device_type = %(esme)s AND esme_variant IS NOT NULL AND NOT smi_status = ANY(%(over)s)
    GROUP BY device_model_id, esme_variant
), shares AS (
    SELECT model.manufacturer, model.model, carried.esme_variant, sum(carried.devices) AS devices,
        sum(sum(carried.devices)) OVER (PARTITION BY model.manufacturer, model.model) AS of_all
    FROM carried JOIN inventory_devicemodel model ON model.id = carried.device_model_id
    GROUP BY model.manufacturer, model.model, carried.esme_variant
), usual AS (
    SELECT model.id AS device_model_id, shares.esme_variant
    FROM shares JOIN inventory_devicemodel model
        ON model.manufacturer = shares.manufacturer AND model.model = shares.model
    WHERE model.device_type = %(esme)s AND shares.of_all >= %(fewest)s
        AND shares.devices * 100 >= %(majority)s * shares.of_all
)
INSERT INTO suspected
SELECT device.device_id, %(unlike_its_model)s, device.esme_variant, usual.esme_variant
FROM usual JOIN inventory_device device ON device.device_model_id = usual.device_model_id
WHERE device.device_type = %(esme)s AND device.esme_variant <> usual.esme_variant
    AND NOT device.smi_status = ANY(%(over)s)
"""

_UNLIKE_ITS_HOME: Final = """
WITH home AS (
    SELECT DISTINCT comms_hub_id FROM inventory_device
    WHERE device_type = %(hcalcs)s AND comms_hub_id IS NOT NULL AND NOT smi_status = ANY(%(not_there)s)
), meter AS (
    SELECT device.device_id, device.comms_hub_id, device.esme_variant, device.smi_status
    FROM home JOIN inventory_device device ON device.comms_hub_id = home.comms_hub_id
    WHERE device.device_type = %(esme)s AND device.esme_variant IS NOT NULL
        AND NOT device.smi_status = ANY(%(not_there)s)
)
INSERT INTO suspected
SELECT meter.device_id, %(unlike_its_home)s, meter.esme_variant, switched.variant
FROM meter JOIN unnest(%(without_switch)s::smallint[], %(with_switch)s::smallint[]) AS switched (than, variant)
    ON switched.than = meter.esme_variant
WHERE NOT EXISTS (
    SELECT FROM meter other
    WHERE other.comms_hub_id = meter.comms_hub_id AND NOT other.esme_variant = ANY(%(without_switch)s)
)
"""

# Where several listed entries fit a model, they must agree to say anything about it.
_UNLIKE_THE_CPL: Final = """
WITH listed AS (
    SELECT model.id AS device_model_id, min(entry.esme_variant) AS variant
    FROM inventory_devicemodel model JOIN inventory_cplentry entry
        ON entry.device_type = model.device_type AND entry.manufacturer = upper(model.manufacturer)
        AND entry.model_identifier || entry.hardware_version = upper(model.model)
        AND entry.firmware_version = upper(model.firmware_version)
        AND upper(replace(entry.smets_version, ' ', '')) = upper(replace(model.smets_version, ' ', ''))
    WHERE model.device_type = %(esme)s AND entry.esme_variant IS NOT NULL AND entry.removed_date IS NULL
    GROUP BY model.id HAVING min(entry.esme_variant) = max(entry.esme_variant)
)
INSERT INTO suspected
SELECT device.device_id, %(unlike_the_cpl)s, device.esme_variant, listed.variant
FROM listed JOIN inventory_device device ON device.device_model_id = listed.device_model_id
WHERE device.device_type = %(esme)s AND device.esme_variant <> listed.variant
    AND NOT device.smi_status = ANY(%(over)s)
"""

_NO_METER_POINT: Final = """
INSERT INTO suspected
SELECT device_id, %(no_meter_point)s, esme_variant, NULL FROM inventory_device
WHERE device_type = ANY(%(meters)s) AND smi_status = %(commissioned)s AND import_meter_point_id IS NULL
    AND secondary_import_meter_point_id IS NULL AND export_meter_point_id IS NULL
"""

_FOUND: Final = f"""
CREATE TEMPORARY TABLE found_suspicion ON COMMIT DROP AS
SELECT suspected.*, device.notified_by_id AS user_id
FROM suspected JOIN inventory_device device ON device.device_id = suspected.device_id
WHERE device.smi_status = %(pending)s
UNION ALL
SELECT suspected.*, supplier.user_id
FROM suspected JOIN inventory_device device ON device.device_id = suspected.device_id
LEFT JOIN {responsible_suppliers("(SELECT DISTINCT device_id FROM suspected)")} AS supplier
    ON supplier.device_id = suspected.device_id
WHERE device.smi_status <> %(pending)s
"""  # noqa: S608 - nothing typed is in it

_IS_THE_SAME: Final = """
    kept.device_id = found.device_id AND kept.kind = found.kind
    AND kept.user_id IS NOT DISTINCT FROM found.user_id AND kept.current IS NOT DISTINCT FROM found.current
    AND kept.expected IS NOT DISTINCT FROM found.expected
"""

_GO: Final = f"""
DELETE FROM inventory_suspicion kept WHERE NOT EXISTS (SELECT FROM found_suspicion found WHERE {_IS_THE_SAME})
"""  # noqa: S608 - nothing typed is in it

_COME: Final = f"""
INSERT INTO inventory_suspicion (device_id, kind, current, expected, user_id)
SELECT device_id, kind, current, expected, user_id FROM found_suspicion found
WHERE NOT EXISTS (SELECT FROM inventory_suspicion kept WHERE {_IS_THE_SAME})
ORDER BY kind, device_id
"""  # noqa: S608 - nothing typed is in it


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A refresh that was done: as of when, how many suspicions are new, and how many are over."""

    at: datetime
    new: int
    over: int


def refresh_suspicions(now: datetime | None = None) -> Refreshed | None:
    """Look for suspicions anew; None where another run is at it. May be killed at any time: the old ones stay."""
    at = now or timezone.now()
    with transaction.atomic():
        if not _alone():
            log.info("suspicions_busy")
            return None
        facts = _facts(at)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('work_mem', %s, true)", [_MEMORY])
            cursor.execute(_SUSPECTED)
            for find in (_UNLIKE_ITS_MODEL, _UNLIKE_ITS_HOME, _UNLIKE_THE_CPL, _NO_METER_POINT):
                cursor.execute(find, facts)
            cursor.execute("ANALYZE suspected")
            cursor.execute(_FOUND, facts)
            cursor.execute("ANALYZE found_suspicion")
            cursor.execute(_GO)
            over = cursor.rowcount
            cursor.execute(_COME)
            new = cursor.rowcount
            cursor.execute("DROP TABLE suspected, found_suspicion")
        RollUp.objects.update_or_create(name=SUSPICIONS, defaults={"refreshed_at": at})
    log.info("suspicions_refreshed", new=new, over=over)
    return Refreshed(at, new, over)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        return bool(cursor.fetchone()[0])


def with_switch(variant: EsmeVariant) -> EsmeVariant:
    """Return the variant that is the same but for a load control switch (D), which a HCALCS is for."""
    element, rest = variant.duis[0], variant.duis[1:].lstrip("D")
    return EsmeVariant.of(f"{element}D{rest}")


def _facts(at: datetime) -> dict[str, Any]:
    without = [each for each in EsmeVariant if "D" not in each.duis]
    return {
        "esme": DeviceType.ESME.value,
        "hcalcs": DeviceType.HCALCS.value,
        "meters": [each.value for each in sorted(METERS)],
        "over": [each.value for each in OVER],
        "not_there": [SmiStatus.PENDING.value, *(each.value for each in OVER)],
        "pending": SmiStatus.PENDING.value,
        "commissioned": SmiStatus.COMMISSIONED.value,
        "fewest": FEWEST,
        "majority": MAJORITY,
        "without_switch": [each.value for each in without],
        "with_switch": [with_switch(each).value for each in without],
        "unlike_its_model": Suspect.UNLIKE_ITS_MODEL.value,
        "unlike_its_home": Suspect.UNLIKE_ITS_HOME.value,
        "unlike_the_cpl": Suspect.UNLIKE_THE_CPL.value,
        "no_meter_point": Suspect.NO_METER_POINT.value,
        **responsible_facts(timezone.localdate(at)),
    }
