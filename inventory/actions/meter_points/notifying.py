"""Telling registration systems which DCC Service Status meter points have come to, in files, and marking it told.

A few statements, however many meter points there are, and one file after the other for its bytes. Each point is
told once with the last status it came to, and all its changes up to then are marked with the file, in the same
transaction: no change is told twice, and none is lost. A point that came back to the status last told has no row:
its changes are marked with the next file of its recipient that has any, and wait until there is one. The first
change of a point in a file starts from what was told last, so that files tell it by themselves. Source: MP077 PIA
3.1.1 (domain 8.1).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from inventory.models import ServiceStatusFile
from inventory.models.choices import DccServiceStatus, Fuel
from inventory.search.service_status import FUEL, RECIPIENT, lines_of, tells_not_active
from inventory.service_status_files import MOST_ROWS, content_of, digest_of
from ssi.access.actor import Actor
from ssi.audit import log

NOTIFIED: Final = "service_status.notified"

_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('DCC Service Status'))"

# A change to A is told even if an N that came later must wait for its switch: so it was before MP077.
_STAGE: Final = f"""
DROP TABLE IF EXISTS pg_temp.told_service_status;
CREATE TEMPORARY TABLE told_service_status ON COMMIT DROP AS
SELECT fuel, recipient, meter_point_id, change_id, is_news,
    CASE WHEN is_news THEN (row_number() OVER (PARTITION BY recipient, is_news ORDER BY mpxn) - 1) / %(most)s
        ELSE 0 END AS part
FROM (
    SELECT DISTINCT ON (change.meter_point_id) change.meter_point_id, change.id AS change_id, point.mpxn,
        change.to_status IS DISTINCT FROM change.told_before AS is_news, {RECIPIENT} AS recipient, {FUEL} AS fuel
    FROM (
        SELECT id, meter_point_id, to_status,
            first_value(from_status) OVER (PARTITION BY meter_point_id ORDER BY id) AS told_before
        FROM inventory_servicestatuschange WHERE file_id IS NULL
    ) AS change JOIN inventory_meterpoint point ON point.id = change.meter_point_id
    WHERE {FUEL} = ANY(%(fuels)s)
        AND (change.to_status = {DccServiceStatus.ACTIVE} OR {FUEL} = ANY(%(all_told)s))
    ORDER BY change.meter_point_id, change.id DESC
) AS latest;
ANALYZE told_service_status
"""  # noqa: S608 - numbers of ours

_FILES: Final = """
INSERT INTO inventory_servicestatusfile (fuel, recipient, number, made_at, rows, sha256)
SELECT told.fuel, told.recipient, told.part + 1 + coalesce((
        SELECT max(before.number) FROM inventory_servicestatusfile before
        WHERE before.fuel = told.fuel AND before.recipient = told.recipient
    ), 0), %(at)s, count(*), ''
FROM told_service_status told WHERE told.is_news GROUP BY told.fuel, told.recipient, told.part
ORDER BY told.fuel, told.recipient, told.part
RETURNING id
"""

_MARK: Final = """
WITH made AS (
    SELECT id, recipient, row_number() OVER (PARTITION BY recipient ORDER BY number) - 1 AS part
    FROM inventory_servicestatusfile WHERE id = ANY(%(files)s)
)
UPDATE inventory_servicestatuschange change SET file_id = made.id
FROM told_service_status told JOIN made ON made.recipient = told.recipient AND made.part = told.part
WHERE change.meter_point_id = told.meter_point_id AND change.id <= told.change_id AND change.file_id IS NULL
"""


def notify_service_status(
    *, by: Actor, at: datetime, fuels: Collection[Fuel] = tuple(Fuel), is_rehearsal: bool = False
) -> list[ServiceStatusFile]:
    """Make the files of what waits to be told of these fuels, and mark it; return them, none if nothing waits.

    One run at a time: a second one waits, and tells what came since. With `is_rehearsal` the files are made,
    counted and thrown away.
    """
    facts: dict[str, Any] = {
        "most": MOST_ROWS,
        "fuels": [int(fuel) for fuel in fuels],
        "all_told": [int(fuel) for fuel in Fuel if tells_not_active(fuel)],
        "at": at,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
        cursor.execute(_STAGE, facts)
        cursor.execute(_FILES, facts)
        keys = [key for (key,) in cursor.fetchall()]
        cursor.execute(_MARK, facts | {"files": keys})
        files = list(ServiceStatusFile.objects.filter(pk__in=keys).order_by("fuel", "recipient", "number"))
        for file in files:
            file.sha256 = digest_of(content_of(file, lines_of(file)))
            file.save(update_fields=["sha256"])
        details = [{"rows": file.rows, "sha256": file.sha256} for file in files]
        log.record_many(NOTIFIED, by=by, about=files, details=details)
        if is_rehearsal:
            transaction.set_rollback(True)
    return files
