"""What a new list means for devices and meter points, counted before anything happens to them.

MPAS take at most 20,000 updates in a file, which is why the meter points touched are counted in such files (STAB
MP105; domain 11). Suspension itself tells MPAS nothing: a suspended meter still carries its meter point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from inventory.actions.devices.moving import sources_of
from inventory.actions.products.matching import TOUCHED, facts
from inventory.models import CplEntry, CplImport
from inventory.models.choices import SmiStatus

MPAS_LIMIT: Final = 20_000

_COUNT: Final = f"""
WITH touched AS ({TOUCHED}), model AS (
    SELECT model_id, entry_id FROM touched WHERE is_of_this_import AND is_listed = %(listed)s
)
SELECT model.entry_id, count(DISTINCT device.device_id), count(DISTINCT point.id)
FROM model
JOIN inventory_device device
    ON device.device_model_id = model.model_id AND device.smi_status = ANY(%(statuses)s)
LEFT JOIN LATERAL (VALUES
    (device.import_meter_point_id), (device.secondary_import_meter_point_id), (device.export_meter_point_id)
) AS point (id) ON point.id IS NOT NULL
GROUP BY GROUPING SETS ((model.entry_id), ())
ORDER BY 1
"""  # noqa: S608 - nothing typed is in it


@dataclass(frozen=True, slots=True)
class Touched:
    """How many devices and meter points something touches."""

    devices: int = 0
    meter_points: int = 0

    @property
    def files(self) -> int:
        """Return in how many files of the MPAS limit so many meter points are told."""
        return -(-self.meter_points // MPAS_LIMIT)


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows from an import: for each entry, and in all; what several entries touch counts once in all."""

    by_entry: Sequence[tuple[CplEntry, Touched]]
    suspended: Touched
    restored: Touched


def consequences_of(cpl_import: CplImport) -> Consequences:
    """Count the devices that will follow an import which is written, in the caller's transaction."""
    suspended, restored = _counted(cpl_import, listed=False), _counted(cpl_import, listed=True)
    entries = CplEntry.objects.in_bulk([key for key in {**suspended, **restored} if key is not None])
    by_entry = [
        (entries[key], touched)
        for counted in (suspended, restored)
        for key, touched in counted.items()
        if key is not None
    ]
    return Consequences(by_entry, suspended.get(None, Touched()), restored.get(None, Touched()))


def _counted(cpl_import: CplImport, *, listed: bool) -> dict[int | None, Touched]:
    """Return what is touched by entry, and in all under None."""
    verb_sources = [SmiStatus.SUSPENDED] if listed else sorted(sources_of("suspend"))
    given = facts(cpl_import=cpl_import.pk, listed=listed, statuses=verb_sources)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, given)
        return {key: Touched(devices, points) for key, devices, points in cursor.fetchall()}
