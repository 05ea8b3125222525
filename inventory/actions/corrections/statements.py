"""Checking, applying and reverting files of corrections in SQL, some ten thousand rows a statement.

`_JUDGED` says the rules of `inventory/rules_of_details.py` once more, in the same order, for many devices at once;
tests hold the two against each other, case by case.
"""

from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from inventory.actions.corrections.findings import KEPT
from inventory.models import CorrectionBatch
from inventory.models.choices import CspRegion, Detail, DeviceType, RegistrationKind, SmiStatus
from inventory.rules_of_details import VARIANT_STATUSES, Rule
from inventory.search.responsible import responsible_facts, responsible_suppliers
from inventory.search.standing import smets1_models, stands_for

FIND_CHUNK: Final = """
SELECT max(line) FROM (
    SELECT line FROM inventory_correctionrow WHERE batch_id = %(batch)s AND line > %(after)s
    ORDER BY line LIMIT %(rows)s
) chunk
"""

# Of lines that wish the same the first counts; where they wish different things, nobody knows which is right.
MARK_DOUBLES: Final = """
WITH numbered AS (
    SELECT id, row_number() OVER (PARTITION BY device_id ORDER BY line) AS time,
        min(wanted) OVER whole <> max(wanted) OVER whole AS differs
    FROM inventory_correctionrow WHERE batch_id = %(batch)s AND finding = ''
    WINDOW whole AS (PARTITION BY device_id)
), marked AS (
    UPDATE inventory_correctionrow row
    SET finding = CASE WHEN numbered.differs THEN 'contradicts_itself' ELSE 'stands_twice' END
    FROM numbered WHERE row.id = numbered.id AND (numbered.differs OR numbered.time > 1)
    RETURNING row.finding
)
SELECT finding, count(*) FROM marked GROUP BY finding
"""

_GIVEN: Final = """
given AS MATERIALIZED (
    SELECT id, device_id, current, wanted, rule FROM inventory_correctionrow
    WHERE batch_id = %(batch)s AND line > %(after)s AND line <= %(upto)s AND finding = ''
)
"""

# Each device is asked of by itself, so a chunk takes as long beside a hundred million others as beside none; a
# join would read them all as soon as the planner takes the chunk for large. Most stand at a meter point where the
# sender is the registered Import Supplier, which one probe tells; else all is asked that makes a supplier so.
_RESPONSIBLE: Final = f"""coalesce((
    SELECT true FROM inventory_registration registration
    WHERE registration.meter_point_id = device.import_meter_point_id
        AND registration.kind = %(import_supplier)s AND registration.user_id = ANY(%(stands_for)s::bigint[])
        AND registration.from_date <= %(responsible_on)s
        AND (registration.to_date >= %(responsible_on)s OR registration.to_date IS NULL)
    LIMIT 1
), (
    SELECT true FROM {responsible_suppliers("(SELECT device.device_id)")} AS supplier
    WHERE supplier.user_id = %(user)s LIMIT 1
), false)"""  # noqa: S608 - nothing typed is in it

# What the rules say of a row: the rule's key as `holds`, or the key of what stands in its way as `against`.
_JUDGED: Final = f"""
CASE WHEN device.smi_status = %(pending)s OR NOT %(mp125)s
    THEN %(notifying)s ELSE %(responsible)s END AS holds,
CASE
    WHEN device.device_id IS NULL THEN 'not_in_the_inventory'
    WHEN device.device_type <> %(esme)s THEN 'no_variant'
    WHEN {{first}} THEN {{finding}}
    WHEN device.smi_status = %(pending)s OR NOT %(mp125)s THEN CASE
        WHEN device.smi_status <> %(pending)s THEN 'only_while_pending'
        WHEN (device.notified_by_id = ANY(%(stands_for)s::bigint[])) IS NOT TRUE THEN 'only_the_notifying_party'
        ELSE '' END
    WHEN NOT device.smi_status = ANY(%(statuses)s) THEN 'variant_not_in_this_status'
    WHEN device.device_model_id = ANY(%(smets1)s::bigint[]) OR device.csp_region = %(smets1_region)s
        OR device.s1sp <> '' THEN 'only_smets2'
    WHEN NOT {_RESPONSIBLE} THEN 'only_the_responsible_supplier'
    ELSE '' END AS against
"""

_DEVICES: Final = """
FROM given LEFT JOIN LATERAL (
    SELECT * FROM inventory_device WHERE device_id = given.device_id LIMIT 1
) device ON true
"""

_OF_CHUNK: Final = "row.batch_id = %(batch)s AND row.line > %(after)s AND row.line <= %(upto)s"

CHECK: Final = f"""
WITH {_GIVEN}, judged AS MATERIALIZED (
    SELECT given.id, device.esme_variant, device.smi_status,
    {_JUDGED.format(first="device.esme_variant = given.wanted", finding="'already_so'")} {_DEVICES}
), checked AS (
    UPDATE inventory_correctionrow row SET current = judged.esme_variant, smi_status = judged.smi_status,
        rule = CASE WHEN judged.against = '' THEN judged.holds ELSE '' END, finding = judged.against
    FROM judged WHERE row.id = judged.id AND {_OF_CHUNK}
    RETURNING row.finding
)
SELECT finding, count(*) FROM checked GROUP BY finding
"""  # noqa: S608 - nothing typed is in it

# Locked first, in the order of their Device IDs, so that two files of the same devices wait for each other.
LOCK: Final = f"""
WITH {_GIVEN}
SELECT FROM (SELECT device_id FROM given ORDER BY device_id) wanted CROSS JOIN LATERAL (
    SELECT FROM inventory_device device WHERE device.device_id = wanted.device_id FOR NO KEY UPDATE
) locked
"""  # noqa: S608 - nothing typed is in it

_CHANGE: Final = """
), changed AS (
    UPDATE inventory_device device SET esme_variant = judged.after FROM judged
    WHERE device.device_id = judged.device_id AND judged.finding = ''
    RETURNING device.device_id, judged.before, judged.after, judged.rule
), kept AS (
    INSERT INTO inventory_devicedetailchange (at, device_id, told_by, before, after, batch_id, field, because)
    SELECT %(at)s, device_id, %(user)s, before, after, %(batch)s, %(field)s, {because} FROM changed
), refused AS (
    UPDATE inventory_correctionrow row SET finding = judged.finding FROM judged
    WHERE row.id = judged.id AND judged.finding <> '' AND {chunk}
    RETURNING row.finding
)
SELECT '', count(*) FROM changed UNION ALL SELECT finding, count(*) FROM refused GROUP BY finding
"""

APPLY: Final = f"""
WITH {_GIVEN}, ruled AS MATERIALIZED (
    SELECT given.*, {
    _JUDGED.format(first="device.esme_variant IS DISTINCT FROM given.current", finding="'changed_since_the_check'")
} {_DEVICES}
), judged AS (
    SELECT id, device_id, current AS before, wanted AS after, rule,
        CASE WHEN against = '' AND holds <> rule THEN 'rule_no_longer_holds' ELSE against END AS finding
    FROM ruled
{_CHANGE.format(because="'file: ' || rule", chunk=_OF_CHUNK)}
"""  # noqa: S608 - nothing typed is in it

_LATEST: Final = """
device.esme_variant IS DISTINCT FROM given.wanted OR (
    SELECT change.batch_id FROM inventory_devicedetailchange change
    WHERE change.device_id = given.device_id AND change.field = %(field)s
    ORDER BY change.at DESC, change.id DESC LIMIT 1
) IS DISTINCT FROM %(batch)s
"""

REVERT: Final = f"""
WITH {_GIVEN}, ruled AS MATERIALIZED (
    SELECT given.*, {_JUDGED.format(first=_LATEST, finding="'changed_afterwards'")} {_DEVICES}
), judged AS (
    SELECT id, device_id, wanted AS before, current AS after, rule,
        CASE WHEN against = '' THEN '' ELSE %(kept)s || against END AS finding
    FROM ruled
{_CHANGE.format(because="'file reverted: ' || rule", chunk=_OF_CHUNK)}
"""  # noqa: S608 - nothing typed is in it

REFUSE_REST: Final = """
UPDATE inventory_correctionrow SET finding = %(no_longer)s
WHERE batch_id = %(batch)s AND line > %(after)s AND finding = ''
"""


def facts_of(batch: CorrectionBatch) -> dict[str, Any]:
    """Return the parameters of the statements for a batch now; a few queries."""
    return {
        **responsible_facts(timezone.localdate()),
        "batch": batch.pk,
        "user": batch.user_id_id.as_bigint,
        "stands_for": [each.as_bigint for each in stands_for(batch.user_id_id)],
        "smets1": list(smets1_models()),
        "smets1_region": int(CspRegion.SMETS1),
        "mp125": settings.MP125,
        "pending": int(SmiStatus.PENDING),
        "statuses": [int(each) for each in VARIANT_STATUSES],
        "esme": int(DeviceType.ESME),
        "import_supplier": int(RegistrationKind.IMPORT_SUPPLIER),
        "notifying": Rule.NOTIFYING_PARTY.value,
        "responsible": Rule.RESPONSIBLE_SUPPLIER.value,
        "field": int(Detail.ESME_VARIANT),
        "at": timezone.now(),
        "kept": KEPT,
    }
