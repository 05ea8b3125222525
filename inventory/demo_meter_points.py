"""What the demo's meter points have been through: DCC Service Statuses with their files, registrations, coverage.

Worked out from the devices and their histories by a few statements, so it agrees with them.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from inventory.actions.meter_points import notify_service_status
from inventory.models import CoverageImport, WanCoverage
from inventory.models.choices import (
    METERS,
    CspRegion,
    DccServiceStatus,
    DeviceType,
    Likelihood,
    RegistrationKind,
    SmiStatus,
)
from ssi.access.actor import Actor
from ssi.accounts.demo_accounts import BRIGHTGRID, HARBOURLINE, NORTHLIGHT, PENNINE
from ssi.eui64 import Eui64

FILES_DAYS_AGO: Final = (60, 2)
"""When files were made; what changed since the last waits for tonight's."""
NETWORK: Final = ("16", "17")
"""Distributor IDs of the demo's network operator."""
ONE_IN_SO_MANY_SWITCHES: Final = 30
SWITCH_IN_DAYS: Final = 21

_CHANGES: Final = """
INSERT INTO inventory_servicestatuschange (at, meter_point_id, from_status, to_status, because)
SELECT step.at, part.point, CASE WHEN step.to_status = %(decommissioned)s THEN %(active)s END,
    CASE WHEN step.to_status = %(decommissioned)s THEN %(not_active)s ELSE %(active)s END, step.because
FROM inventory_device meter
JOIN inventory_devicestatuschange step ON step.device_id = meter.device_id
CROSS JOIN LATERAL (VALUES (meter.import_meter_point_id), (meter.export_meter_point_id)) AS part (point)
WHERE meter.device_type = ANY(%(meters)s) AND part.point IS NOT NULL
    AND step.to_status IN (%(commissioned)s, %(decommissioned)s)
    AND (step.to_status = %(commissioned)s OR meter.commissioned_date IS NOT NULL)
    AND step.at > %(after)s AND step.at <= %(until)s
    AND NOT EXISTS (
        SELECT FROM inventory_devicestatuschange earlier WHERE earlier.device_id = step.device_id
            AND earlier.to_status = step.to_status AND (earlier.at, earlier.id) < (step.at, step.id)
    )
ORDER BY step.at, part.point
"""

_STATUSES: Final = """
UPDATE inventory_meterpoint point SET dcc_service_status = latest.to_status
FROM (
    SELECT DISTINCT ON (meter_point_id) meter_point_id, to_status
    FROM inventory_servicestatuschange ORDER BY meter_point_id, id DESC
) AS latest
WHERE latest.meter_point_id = point.id
"""

_NETWORK_OPERATOR: Final = """
INSERT INTO inventory_registration (meter_point_id, kind, user_id, from_date)
SELECT id, %(distributor)s, %(pennine)s, %(today)s - 3000 FROM inventory_meterpoint
WHERE length(mpxn) = 13 AND left(mpxn, 2) = ANY(%(network)s) ORDER BY id
"""

# One home in so many of a supplier has agreed to change to another: the last day of one, the first of the next.
_SWITCHES: Final = """
WITH ending AS (
    UPDATE inventory_registration running SET to_date = %(today)s + %(days)s - 1
    WHERE running.kind = %(import)s AND running.user_id = %(from)s AND running.to_date IS NULL
        AND running.meter_point_id %% %(one_in)s = 0
    RETURNING running.meter_point_id, running.kind
)
INSERT INTO inventory_registration (meter_point_id, kind, user_id, from_date)
SELECT meter_point_id, kind, %(to)s, %(today)s + %(days)s FROM ending ORDER BY meter_point_id
"""

_COVERAGE: Final = """
INSERT INTO inventory_wancoverage (csp_region, post_code, address_identifier, uprn, is_available, anticipated_date,
    technology, likelihood, auxiliary_equipment, additional_information)
SELECT region, replace(post_code, ' ', ''),
    CASE WHEN lot %% 10 = 0 THEN address_identifier ELSE '' END, CASE WHEN lot %% 10 = 0 THEN uprn END,
    lot %% 17 <> 0, CASE WHEN lot %% 17 = 0 THEN %(today)s + 40 + lot %% 300 END,
    CASE WHEN lot %% 17 = 0 THEN ' ' WHEN region = %(north)s THEN 'LRR' ELSE 'Cellular' END,
    CASE WHEN lot %% 17 = 0 THEN %(low)s WHEN lot %% 5 = 0 THEN %(medium)s ELSE %(high)s END,
    CASE WHEN lot %% 23 = 0 THEN 'External aerial' ELSE '' END,
    CASE WHEN lot %% 17 = 0 THEN 'A mast is planned for this area' ELSE '' END
FROM (
    SELECT DISTINCT ON (point.post_code) point.post_code, point.address_identifier, point.uprn,
        point.id::int AS lot, hub.csp_region AS region
    FROM inventory_device meter
    JOIN inventory_device hub ON hub.device_id = meter.comms_hub_id
    JOIN inventory_meterpoint point ON point.id = meter.import_meter_point_id
    WHERE meter.device_type = %(esme)s AND hub.csp_region IS NOT NULL AND point.post_code <> ''
    ORDER BY point.post_code, point.id
) AS place
ORDER BY post_code
"""


def load(now: datetime) -> str:
    """Give the meter points that were just loaded their story; return words for the terminal."""
    _tell_service_statuses(now)
    _register(now)
    return f"{_cover(now):,} places with SM WAN coverage"


def _tell_service_statuses(now: datetime) -> None:
    facts = {
        "commissioned": SmiStatus.COMMISSIONED,
        "decommissioned": SmiStatus.DECOMMISSIONED,
        "active": DccServiceStatus.ACTIVE,
        "not_active": DccServiceStatus.NOT_ACTIVE,
        "meters": sorted(METERS),
    }
    after = datetime.min.replace(tzinfo=now.tzinfo, year=2000)
    for days_ago in (*FILES_DAYS_AGO, 0):
        until = now - timedelta(days=days_ago)
        _run(_CHANGES, facts | {"after": after, "until": until})
        if days_ago:
            notify_service_status(by=Actor.system(), at=until)
        after = until
    _run(_STATUSES)


def _register(now: datetime) -> None:
    facts: dict[str, Any] = {
        "today": timezone.localdate(now),
        "distributor": RegistrationKind.ELECTRICITY_DISTRIBUTOR,
        "pennine": Eui64.parse(PENNINE.user_id).as_bigint,
        "network": list(NETWORK),
        "import": RegistrationKind.IMPORT_SUPPLIER,
        "days": SWITCH_IN_DAYS,
        "one_in": ONE_IN_SO_MANY_SWITCHES,
    }
    _run(_NETWORK_OPERATOR, facts)
    for leaving, joining in ((BRIGHTGRID, HARBOURLINE), (NORTHLIGHT, BRIGHTGRID)):
        users = {
            name: Eui64.parse(party.user_id).as_bigint for name, party in (("from", leaving), ("to", joining))
        }
        _run(_SWITCHES, facts | users)


def _cover(now: datetime) -> int:
    facts = {
        "today": timezone.localdate(now),
        "north": CspRegion.NORTH,
        "high": Likelihood.HIGH,
        "medium": Likelihood.MEDIUM,
        "low": Likelihood.LOW,
        "esme": DeviceType.ESME,
    }
    _run(_COVERAGE, facts)
    rows = WanCoverage.objects.count()
    CoverageImport.objects.create(
        at=now - timedelta(days=5), name="sm-wan-coverage.csv", sha256=sha256(b"the demo's").hexdigest(), rows=rows
    )
    return rows


def _run(statement: str, facts: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts or {})
