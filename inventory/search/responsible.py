"""The Responsible Supplier of devices: who is registered for their meter points, for one device or for many.

Of an ESME or HCALCS it is the Import Supplier of the home's MPANs and the Export Supplier of its export MPAN; of
a GSME or GPF the Gas Supplier; of a hub, PPMID, IHD or CAD every Import and Gas Supplier of the home's meters. A
meter has its own meter points; all other devices take those of the meters behind the same hub as well.

Where nobody is registered there on that day, the notifying party is taken for it, and where that is unknown too,
nobody is named. A User ID that was taken over stands beside its successor. Source: SEC Section A (Responsible
Supplier); SECMP0125; the rest is ours (docs/adr/0017).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from psycopg.types.numeric import Int8

from inventory.models import Device
from inventory.models.choices import METERS, DeviceType, RegistrationKind
from ssi.accounts import search as accounts
from ssi.accounts.search import Successor
from ssi.eui64 import Eui64
from ssi.prepared import prepared_cursor

_ELECTRICITY: Final = (DeviceType.ESME, DeviceType.HCALCS)

# Whose meter points count, then who is registered there, then who stands in where nobody is. Every join is on
# whole columns, so that PostgreSQL hashes or merges them for many devices, and takes the indexes for few.
_SUPPLIERS: Final = """(
WITH asked AS (
    SELECT device.device_id, device.device_type, device.notified_by_id, device.import_meter_point_id,
        device.secondary_import_meter_point_id, device.export_meter_point_id,
        CASE WHEN device.device_type = {chf} THEN device.device_id
             WHEN NOT device.device_type = ANY(ARRAY[{meters}]) THEN device.comms_hub_id END AS home
    FROM {devices} AS wanted JOIN inventory_device device ON device.device_id = wanted.device_id
), carrier AS (
    SELECT device_id, device_type, import_meter_point_id, secondary_import_meter_point_id, export_meter_point_id
    FROM asked
    UNION ALL
    SELECT asked.device_id, asked.device_type, meter.import_meter_point_id,
        meter.secondary_import_meter_point_id, meter.export_meter_point_id
    FROM asked JOIN inventory_device meter ON meter.comms_hub_id = asked.home
    WHERE CASE asked.device_type WHEN {hcalcs} THEN meter.device_type = {esme}
        WHEN {gpf} THEN meter.device_type = {gsme} ELSE meter.device_type = ANY(ARRAY[{meters}]) END
), point AS (
    SELECT carrier.device_id, part.id, part.is_export
    FROM carrier CROSS JOIN LATERAL (VALUES
        (import_meter_point_id, false), (secondary_import_meter_point_id, false),
        (CASE WHEN device_type = ANY(ARRAY[{electricity}]) THEN export_meter_point_id END, true)
    ) AS part (id, is_export)
    WHERE part.id IS NOT NULL
), registered AS (
    SELECT DISTINCT point.device_id, registration.user_id
    FROM point JOIN inventory_registration registration ON registration.meter_point_id = point.id
    WHERE registration.kind = ANY(ARRAY[{supplies}]) AND (registration.kind = {export}) = point.is_export
        AND (registration.from_date <= %(responsible_on)s OR %(responsible_soon)s)
        AND (registration.to_date >= %(responsible_on)s OR registration.to_date IS NULL)
), named AS (
    SELECT device_id, user_id, true AS is_registered FROM registered
    UNION ALL
    SELECT asked.device_id, asked.notified_by_id, false
    FROM asked LEFT JOIN registered ON registered.device_id = asked.device_id
    WHERE registered.device_id IS NULL AND asked.notified_by_id IS NOT NULL
)
SELECT device_id, user_id, is_registered FROM named
UNION
SELECT named.device_id, taken_over.successor, named.is_registered
FROM named JOIN unnest(%(taken_over)s::bigint[], %(successors)s::bigint[]) AS taken_over (user_id, successor)
    ON taken_over.user_id = named.user_id
)"""


def responsible_suppliers(devices: str) -> str:
    """Return SQL in brackets that stands after FROM or JOIN: `device_id, user_id, is_registered` of many devices.

    `devices` is SQL too, never anything a person typed: a table, or a SELECT in brackets, with a bigint column
    `device_id`; ANALYZE a table filled just before. Give its parameters by `responsible_facts`. A device may have
    several rows, one for each User ID, or none; `is_registered` is false where the notifying party stands in.
    """
    return _SUPPLIERS.format(
        devices=devices,
        chf=int(DeviceType.CHF),
        gpf=int(DeviceType.GPF),
        hcalcs=int(DeviceType.HCALCS),
        esme=int(DeviceType.ESME),
        gsme=int(DeviceType.GSME),
        meters=_numbers(METERS),
        electricity=_numbers(_ELECTRICITY),
        supplies=_numbers(SUPPLIES),
        export=int(RegistrationKind.EXPORT_SUPPLIER),
    )


SUPPLIES: Final = (
    RegistrationKind.IMPORT_SUPPLIER,
    RegistrationKind.EXPORT_SUPPLIER,
    RegistrationKind.GAS_SUPPLIER,
)
"""The registrations that make a Responsible Supplier; network operators are none."""


def responsible_facts(
    on: date, *, future: bool = False, taken_over: Mapping[Eui64, Successor] | None = None
) -> dict[str, Any]:
    """Return the parameters of `responsible_suppliers` for a day; `future` takes agreed registrations as well.

    `taken_over` is what `successors` says of that day, where the caller knows it already.
    """
    heirs = accounts.successors(on) if taken_over is None else taken_over
    return {
        "responsible_on": on,
        "responsible_soon": future,
        "taken_over": [user_id.as_bigint for user_id in heirs],
        "successors": [each.user_id.eui.as_bigint for each in heirs.values()],
    }


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who is responsible for a device: User IDs with their parties' names, and whether they are registered."""

    parties: Mapping[Eui64, str]
    is_registered: bool

    @property
    def user_ids(self) -> frozenset[Eui64]:
        """Return their User IDs."""
        return frozenset(self.parties)


def responsible_user_ids(device: Device, on: date, *, future: bool = False) -> frozenset[Eui64]:
    """Return the User IDs of the Responsible Suppliers of `device`, as it is on record, on a day of London.

    Empty where nobody is registered and the notifying party is unknown: then nobody is refused for not being it.
    """
    return responsible_for(device, on, future=future).user_ids


def responsible_for(
    device: Device, on: date, *, future: bool = False, taken_over: Mapping[Eui64, Successor] | None = None
) -> Responsible:
    """Return `responsible_user_ids` with how they come to be it; two queries, one where `taken_over` is known."""
    facts = responsible_facts(on, future=future, taken_over=taken_over)
    with prepared_cursor() as cursor:
        cursor.execute(_ONE, {"device": Int8(device.pk.as_bigint)} | facts)
        found = cursor.fetchall()
    return Responsible({Eui64(user_id): name for user_id, name, _ in found}, any(each for *_, each in found))


def _numbers(choices: Any) -> str:
    return ", ".join(str(int(each)) for each in sorted(choices))


_ONE: Final = f"""
SELECT responsible.user_id, coalesce(party.name, ''), responsible.is_registered
FROM {responsible_suppliers("(SELECT %(device)s::bigint AS device_id)")} AS responsible
LEFT JOIN accounts_userid AS named ON named.eui = responsible.user_id
LEFT JOIN accounts_party AS party ON party.id = named.party_id
"""  # noqa: S608 - nothing typed is in it
