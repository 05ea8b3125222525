"""Files of ESME Variants are applied: N devices with their history, near one UPDATE and one INSERT … SELECT.

After each file the same is done bare over as many other devices, made alike, and the pair in the middle counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench.estate import estate
from bench.harness import Clock, Options, Pair, Result, at_most, expect, middle, timed
from inventory.actions.corrections import batches, engine
from inventory.actions.corrections.reading import NewRow
from inventory.models import CorrectionBatch, DeviceDetailChange, DeviceModel
from inventory.models.choices import Detail, DeviceType, EsmeVariant, RegistrationKind, SmiStatus
from ssi.access.actor import Actor
from ssi.eui64 import Eui64

TIMES_THE_FLOOR = 2.0
FILES = 5
FIRST_DEVICE_ID = Eui64.parse("1E-5D-00-00-00-00-00-00").as_bigint
FIRST_MPXN = 10**12
WRONG, RIGHT = EsmeVariant.A, EsmeVariant.BD

_POINTS = """
INSERT INTO inventory_meterpoint (mpxn, post_code, address_identifier)
SELECT (%(first_mpxn)s + n)::text, '', '' FROM generate_series(0, %(devices)s - 1) n
"""

_REGISTRATIONS = """
INSERT INTO inventory_registration (meter_point_id, user_id, from_date, kind)
SELECT point.id, %(user)s, current_date - 400, %(kind)s FROM generate_series(0, %(devices)s - 1) n
JOIN inventory_meterpoint point ON point.mpxn = (%(first_mpxn)s + n)::text ORDER BY point.id
"""

_DEVICES = """
INSERT INTO inventory_device (device_id, device_type, device_model_id, smi_status, esme_variant,
    notified_by_id, notified_at, status_since, import_meter_point_id)
SELECT %(first)s + n, %(esme)s, %(model)s, %(commissioned)s, %(wrong)s, %(user)s, now(), now(), point.id
FROM generate_series(0, %(devices)s - 1) n
JOIN inventory_meterpoint point ON point.mpxn = (%(first_mpxn)s + n)::text ORDER BY n
"""

_BARE_UPDATE = """
UPDATE inventory_device SET esme_variant = %(right)s
WHERE device_id >= %(first)s AND device_id < %(first)s + %(devices)s AND esme_variant = %(wrong)s
"""

_BARE_INSERT = """
INSERT INTO inventory_devicedetailchange (at, device_id, told_by, before, after, field, because)
SELECT %(at)s, device_id, %(user)s, %(wrong)s, %(right)s, %(field)s, 'floor' FROM inventory_device
WHERE device_id >= %(first)s AND device_id < %(first)s + %(devices)s ORDER BY device_id
"""


@dataclass(frozen=True, slots=True)
class Applied(Pair):
    """A file applied, and the bare statements; and how long it took to take the file in, and to check it."""

    taken: Clock
    checking: Clock


def run(options: Options) -> Iterator[Result]:
    """Check and apply files over so many devices."""
    each = max(1, options.variants // FILES)
    facts = _filled(2 * FILES * each, estate().actor)
    chosen = middle([_applied(FIRST_DEVICE_ID + 2 * number * each, each, facts) for number in range(FILES)])
    yield Result(
        "Apply corrections, against one UPDATE and one INSERT … SELECT",
        each,
        chosen.ours,
        chosen.bare,
        wanted=at_most(TIMES_THE_FLOOR),
    )
    yield Result("   take the file in (COPY)", each, chosen.taken)
    yield Result("   check it against rules and registrations", each, chosen.checking)


def _applied(first: int, devices: int, facts: dict[str, Any]) -> Applied:
    """Check and apply a file over so many devices; then do the same bare over the next."""
    by = estate().actor
    with timed() as taken:
        batch = _sent(first, devices, by)
    checking = _worked_off(batch)
    batches.apply(batch.reference, by=by)
    ours = _worked_off(batch)
    batch.refresh_from_db()
    expect("corrected", batch.done, devices)
    expect("kept", DeviceDetailChange.objects.filter(batch=batch).count(), devices)
    bare = _floor({**facts, "first": first + devices, "devices": devices})
    return Applied(ours, bare, taken, checking)


def _filled(devices: int, by: Actor) -> dict[str, Any]:
    """Make Commissioned meters with a wrong variant, each at a meter point where the sender is registered."""
    model = DeviceModel.objects.get_or_create(
        device_type=DeviceType.ESME,
        manufacturer="2F01",
        model="41A00104",
        firmware_version="00020311",
        smets_version="SMETS V4.2",
    )[0]
    facts: dict[str, Any] = {
        "first": FIRST_DEVICE_ID,
        "first_mpxn": FIRST_MPXN,
        "devices": devices,
        "user": by.user.user_id.as_bigint,
        "kind": int(RegistrationKind.IMPORT_SUPPLIER),
        "esme": int(DeviceType.ESME),
        "model": model.pk,
        "commissioned": int(SmiStatus.COMMISSIONED),
        "wrong": int(WRONG),
        "right": int(RIGHT),
        "field": int(Detail.ESME_VARIANT),
        "at": timezone.now(),
    }
    with connection.cursor() as cursor:
        for statement in (_POINTS, _REGISTRATIONS, _DEVICES):
            cursor.execute(statement, facts)
        for table in ("inventory_meterpoint", "inventory_registration", "inventory_device"):
            cursor.execute(f"VACUUM ANALYZE {table}")
    return facts


def _sent(first: int, devices: int, by: Actor) -> CorrectionBatch:
    rows = (NewRow(number + 1, first + number, int(RIGHT)) for number in range(devices))
    return batches.begin(rows, sha256=f"{first:064x}", file_name="bench.csv", by=by)


def _worked_off(batch: CorrectionBatch) -> Clock:
    with timed() as clock:
        while engine.carry_on(batch.pk):
            pass
    return clock


def _floor(facts: dict[str, Any]) -> Clock:
    """Return the time of the bare statements."""
    with timed() as clock, connection.cursor() as cursor, transaction.atomic():
        cursor.execute(_BARE_UPDATE, facts)
        expect("updated, bare", cursor.rowcount, facts["devices"])
        cursor.execute(_BARE_INSERT, facts)
    return clock
