"""Which Device Models an entry of the Central Products List is about, in SQL over two small tables.

Type, manufacturer, model with hardware version, and firmware version are the same, in capitals. With MP202 the
SMETS version is the same too, blanks aside; a Device Model whose version is unknown, or known as "SMETS1" or
"SMETS2+" alone, goes with every entry that this fits. A GPF goes with its hub's entry.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.db import connection, router
from psycopg.types.numeric import Int8

from inventory.generations import SMETS1_VERSION, Generation
from inventory.models import CplEntry
from inventory.models.choices import SUSPENDABLE, CplStep, DeviceType, ProductStatus
from ssi.prepared import prepared_cursor

_MATCHED: Final = """
SELECT model.id AS model_id, model.device_type, entry.id AS entry_id, entry.removed_date IS NULL AS is_listed,
    entry.status, entry.gbcs_version, entry.added_date, model.smets_version = entry.smets_version AS is_exact
FROM inventory_devicemodel model
JOIN inventory_cplentry entry
    ON entry.device_type = CASE model.device_type WHEN %(gpf)s THEN %(chf)s ELSE model.device_type END
    AND entry.manufacturer = upper(model.manufacturer)
    AND entry.model_identifier || entry.hardware_version = upper(model.model)
    AND entry.firmware_version = upper(model.firmware_version)
WHERE (NOT %(with_smets_version)s OR model.smets_version = ''
    OR upper(replace(model.smets_version, ' ', '')) = upper(replace(entry.smets_version, ' ', ''))
    OR model.smets_version = CASE
        WHEN upper(replace(entry.smets_version, ' ', '')) ~ %(smets1)s THEN %(s1)s ELSE %(s2)s END)
    AND {which}
"""
_WANTED: Final = _MATCHED.replace("{which}", "(%(only)s::bigint[] IS NULL OR model.id = ANY(%(only)s::bigint[]))")

# Of several entries the one listed speaks for the model, then the one of this very version, then the newest.
_FOLLOW: Final = f"""
WITH matched AS ({_WANTED}), speaking AS (
    SELECT DISTINCT ON (model_id) model_id, CASE WHEN is_listed THEN status ELSE %(withdrawn)s END AS status,
        gbcs_version
    FROM matched ORDER BY model_id, is_listed DESC, is_exact DESC, added_date DESC, entry_id DESC
)
UPDATE inventory_devicemodel model
SET cpl_status = speaking.status, firmware_status = speaking.status,
    gbcs_version = coalesce(nullif(speaking.gbcs_version, ''), model.gbcs_version)
FROM speaking
WHERE speaking.model_id = model.id AND (
    model.cpl_status IS DISTINCT FROM speaking.status OR model.firmware_status IS DISTINCT FROM speaking.status
    OR (speaking.gbcs_version <> '' AND speaking.gbcs_version <> model.gbcs_version)
)
"""  # noqa: S608 - nothing typed is in it

_ENTRY_COLUMNS: Final = [field.column for field in CplEntry._meta.concrete_fields]
_ENTRY_FIELDS: Final = [field.attname for field in CplEntry._meta.concrete_fields]
_OF_ONE_MODEL: Final = _MATCHED.replace("{which}", "model.id = %(model)s")  # so that one plan is good for all
_SPEAKING: Final = f"""
SELECT {", ".join(f"said.{name}" for name in _ENTRY_COLUMNS)}
FROM ({_OF_ONE_MODEL}) AS matched JOIN inventory_cplentry AS said ON said.id = matched.entry_id
ORDER BY matched.is_listed DESC, matched.is_exact DESC, matched.added_date DESC, matched.entry_id DESC LIMIT 1
"""  # noqa: S608 - nothing typed is in it

_MODELS_OF: Final = f"SELECT model_id FROM ({_WANTED}) AS matched WHERE entry_id = %(entry)s ORDER BY model_id"  # noqa: S608 - nothing typed is in it

TOUCHED: Final = f"""
SELECT DISTINCT matched.model_id, matched.entry_id,
    bool_or(matched.is_listed) OVER model AS is_listed,
    (change.step = %(removed)s) <> bool_or(matched.is_listed) OVER model AS is_of_this_import
FROM ({_WANTED}) AS matched
LEFT JOIN inventory_cplentrychange change
    ON change.entry_id = matched.entry_id AND change.cpl_import_id = %(cpl_import)s
    AND change.step = ANY(%(steps)s)
WHERE matched.device_type = ANY(%(suspendable)s)
WINDOW model AS (PARTITION BY matched.model_id)
"""  # noqa: S608 - nothing typed is in it
"""The Device Models that can be suspended, with the entries they match, and whether any of those is listed now.

`is_of_this_import` where this import brought them there: what a later one undid is left to that one. Parameters
are those of `facts`.
"""


def facts(**more: Any) -> dict[str, Any]:
    """Return the parameters of the statements of this module, and `more`."""
    return {
        "gpf": DeviceType.GPF,
        "chf": DeviceType.CHF,
        "with_smets_version": settings.MP202,
        "smets1": f"^(?:{SMETS1_VERSION.pattern})$",
        "s1": Generation.SMETS1.value,
        "s2": Generation.SMETS2.value,
        "withdrawn": ProductStatus.WITHDRAWN,
        "suspendable": sorted(SUSPENDABLE),
        "removed": CplStep.REMOVED,
        "only": None,
        "steps": [CplStep.ADDED, CplStep.REMOVED, CplStep.RESTORED],
        **more,
    }


def update_device_models(only: Sequence[int] | None = None) -> int:
    """Bring CPL status, firmware status and GBCS version of Device Models up to date; return how many changed.

    Of all of them, or of those with the keys in `only`. A model whose entry was removed reads Withdrawn; models
    that never had an entry stay as they are.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, facts(only=None if only is None else list(only)))
        return int(cursor.rowcount)


def entry_of_model(model: int) -> CplEntry | None:
    """Return the entry that speaks for the Device Model with this key, None where none ever was."""
    alias = router.db_for_read(CplEntry)
    with prepared_cursor(alias) as cursor:
        cursor.execute(_SPEAKING, facts(model=Int8(model)))
        found = cursor.fetchone()
        return None if found is None else CplEntry.from_db(alias, _ENTRY_FIELDS, found)


def models_of_entry(entry: int) -> list[int]:
    """Return the keys of the Device Models that the entry with this key is about."""
    with connection.cursor() as cursor:
        cursor.execute(_MODELS_OF, facts(entry=entry))
        return [int(model) for (model,) in cursor.fetchall()]
