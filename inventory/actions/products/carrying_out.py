"""Devices follow the Central Products List: suspended when their product leaves it, restored when it is back.

Set-based, in batches that commit: after a kill at any moment whoever comes next goes on where the last commit
ended, for what is done no longer fits the batch. Imports are carried out one after the other, and each step looks
at the list as it is now, so a product that left and came back before the worker ran suspends nobody.
Source: MP105 (removal suspends every device of the model, restoration returns it); alerts N28, N29 (domain 4.13).
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from inventory.actions.devices.moving import sources_of
from inventory.actions.meter_points.service_status import refresh_service_status
from inventory.actions.products.matching import TOUCHED, facts
from inventory.models import CplImport
from inventory.models.choices import SmiStatus, TrailKind
from inventory.models.devices import LONDON
from inventory.search.responsible import responsible_facts, responsible_suppliers
from ssi.access.actor import Actor
from ssi.audit import log

BATCH: Final = 5_000
RUN_SECONDS: Final = 120.0
ONE_AT_A_TIME: Final = 8_700_903
"""Key of the advisory lock: two workers would see each other's devices half way."""

REMOVED: Final = "CPL removal"
RESTORED: Final = "CPL restoration"
"""What the status history says of it."""


@dataclass(frozen=True, slots=True)
class _Way:
    """What becomes of devices in one direction: from which statuses, why, and what their suppliers are told.

    `only` narrows the devices, in SQL.
    """

    sources: tuple[SmiStatus, ...]
    because: str
    alert: str
    detail: str
    suggestion: str
    column: str
    only: str = ""


_SUSPENDING: Final = _Way(
    tuple(sorted(sources_of("suspend"))),
    REMOVED,
    "N28",
    "The device is Suspended: its Device Model was removed from the Central Products List.",
    "Install firmware that is on the list, or wait until the entry is restored.",
    "devices_suspended",
)
_RESTORING: Final = _Way(
    (SmiStatus.SUSPENDED,),
    RESTORED,
    "N29",
    "The device is no longer Suspended: its Device Model is on the Central Products List again.",
    "",
    "devices_restored",
    """AND NOT EXISTS (
        SELECT FROM inventory_devicestatuschange change
        WHERE change.device_id = device.device_id AND change.at = device.status_since
            AND change.to_status = %(suspended)s AND change.because <> %(removed)s
    )""",  # whoever suspended it for another reason, such as its certificates, restores it
)

_NEXT_MODEL: Final = f"""
SELECT model_id, is_listed FROM ({TOUCHED}) AS touched
WHERE is_of_this_import AND model_id >= %(model)s ORDER BY model_id LIMIT 1
"""  # noqa: S608 - nothing typed is in it

# Locked in one order, like all who lock many; what moved meanwhile falls out under the lock.
_BATCH: Final = """
SELECT device_id FROM inventory_device device
WHERE device_model_id = %(model)s AND smi_status = ANY(%(sources)s)
    AND (%(device)s::bigint IS NULL OR device_id > %(device)s) {only}
ORDER BY device_id LIMIT %(batch)s FOR NO KEY UPDATE
"""

_BEFORE: Final = {
    _SUSPENDING.alert: "SELECT device_id, smi_status AS before, %(suspended)s::smallint AS after"
    " FROM inventory_device WHERE device_id = ANY(%(ids)s::bigint[])",
    # Where no history tells (the inventory was told of it as Suspended), a commissioned date does.
    _RESTORING.alert: """
    SELECT device.device_id, device.smi_status AS before, CASE
        WHEN step.from_status = ANY(%(returns)s) THEN step.from_status
        WHEN device.commissioned_date IS NULL THEN %(installed)s
        ELSE %(commissioned)s
    END::smallint AS after
    FROM inventory_device device
    LEFT JOIN LATERAL (
        SELECT from_status FROM inventory_devicestatuschange change
        WHERE change.device_id = device.device_id AND change.at = device.status_since
            AND change.to_status = %(suspended)s
        ORDER BY change.id DESC LIMIT 1
    ) AS step ON true
    WHERE device.device_id = ANY(%(ids)s::bigint[])
    """,
}

_MOVE: Final = """
WITH was AS ({before}), moved AS (
    UPDATE inventory_device device SET smi_status = was.after, status_since = %(at)s
    FROM was WHERE was.device_id = device.device_id
    RETURNING device.device_id, device.import_meter_point_id, device.secondary_import_meter_point_id,
        device.export_meter_point_id
), kept AS (
    INSERT INTO inventory_devicestatuschange (device_id, at, from_status, to_status, because, told_by)
    SELECT device_id, %(at)s, before, after, %(because)s, NULL FROM was ORDER BY device_id
)
SELECT DISTINCT point.id FROM moved CROSS JOIN LATERAL (VALUES
    (import_meter_point_id), (secondary_import_meter_point_id), (export_meter_point_id)
) AS point (id) WHERE point.id IS NOT NULL
"""

_TELL: Final = f"""
INSERT INTO inventory_audittrailentry (at, user_id, device_id, kind, srv, code, detail, suggestion)
SELECT %(at)s, responsible.user_id, responsible.device_id, %(kind)s, '', %(alert)s, %(detail)s, %(suggestion)s
FROM {responsible_suppliers("(SELECT unnest(%(ids)s::bigint[]) AS device_id)")} AS responsible
ORDER BY responsible.device_id, responsible.user_id
"""  # noqa: S608 - nothing typed is in it


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a pass is: the Device Model, and the last Device ID of it that was dealt with."""

    model: int = 0
    device: int | None = None


def carry_out(import_id: int, *, seconds: float = RUN_SECONDS) -> bool:
    """Carry out an import, and those before it, until all is done or the time is up; tell whether more is left.

    May run twice at once, and be killed at any moment. Call it outside any transaction.
    """
    end = time.monotonic() + seconds
    while (waiting := _first_waiting()) is not None and waiting <= import_id:
        place: _Place | None = _Place()
        while place is not None:
            with transaction.atomic(durable=True):
                if not _is_ours():
                    return False
                place = _step(waiting, place)
            if time.monotonic() > end:
                return True
    return False


def carry_out_here(cpl_import: CplImport) -> None:
    """Carry out an import inside the caller's transaction: for the demo estate, which is loaded whole."""
    place: _Place | None = _Place()
    while place is not None:
        place = _step(cpl_import.pk, place)


def imports_to_do() -> list[int]:
    """Return the keys of the imports whose devices did not follow yet, the oldest first."""
    return list(CplImport.objects.filter(carried_out_at=None).order_by("id").values_list("pk", flat=True))


def _first_waiting() -> int | None:
    return next(iter(imports_to_do()), None)


def _is_ours() -> bool:
    """Take the lock for this transaction; False where another worker is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        return bool(cursor.fetchone()[0])


def _step(import_id: int, place: _Place) -> _Place | None:
    """Move the next devices in the caller's transaction; return where to go on, None when all is done."""
    cpl_import = CplImport.objects.select_for_update().filter(pk=import_id, carried_out_at=None).first()
    if cpl_import is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_MODEL, facts(cpl_import=import_id, model=place.model))
        found = cursor.fetchone()
    if found is None:
        _finish(cpl_import)
        return None
    model, is_listed = found
    if model != place.model:
        place = _Place(model)
    last = _move(cpl_import, place, _RESTORING if is_listed else _SUSPENDING)
    return _Place(model + 1) if last is None else _Place(model, last)


def _move(cpl_import: CplImport, place: _Place, way: _Way) -> int | None:
    """Move a batch of one model's devices; return the last Device ID, None if there was none left."""
    with connection.cursor() as cursor:
        cursor.execute(_BATCH.format(only=way.only), _facts_of_batch(way, place))
        ids = [device_id for (device_id,) in cursor.fetchall()]
        if not ids:
            return None
        at = timezone.now()
        cursor.execute(_MOVE.format(before=_BEFORE[way.alert]), _facts_of(way, ids, at))
        points = [point for (point,) in cursor.fetchall()]
        cursor.execute(_TELL, _facts_of(way, ids, at) | responsible_facts(at.astimezone(LONDON).date()))
    refresh_service_status(points, at=at, because=way.because)
    CplImport.objects.filter(pk=cpl_import.pk).update(**{way.column: F(way.column) + len(ids)})
    return int(ids[-1])


def _facts_of_batch(way: _Way, place: _Place) -> dict[str, Any]:
    return {
        "model": place.model,
        "device": place.device,
        "sources": list(way.sources),
        "batch": BATCH,
        "suspended": SmiStatus.SUSPENDED,
        "removed": REMOVED,
    }


def _facts_of(way: _Way, ids: list[int], at: datetime) -> dict[str, Any]:
    return {
        "ids": ids,
        "at": at,
        "because": way.because,
        "alert": way.alert,
        "detail": way.detail,
        "suggestion": way.suggestion,
        "kind": TrailKind.DCC_ALERT,
        "suspended": SmiStatus.SUSPENDED,
        "installed": SmiStatus.INSTALLED_NOT_COMMISSIONED,
        "commissioned": SmiStatus.COMMISSIONED,
        "returns": sorted(sources_of("suspend")),
    }


def _finish(cpl_import: CplImport) -> None:
    cpl_import.carried_out_at = timezone.now()
    cpl_import.save(update_fields=["carried_out_at"])
    log.record(
        "products.carried_out",
        by=Actor.system(),
        about=cpl_import,
        devices_suspended=cpl_import.devices_suspended,
        devices_restored=cpl_import.devices_restored,
    )
