"""The list of devices as lines of a CSV file, a million and more of them, made by PostgreSQL."""

from collections.abc import Iterator
from typing import Final

from inventory.models import Device
from inventory.models.choices import DeviceType, SmiStatus
from inventory.search.listing import Filters, SearchTooBroad, first_of, matching
from ssi.web.copied import copied, eui, minute, text, word

_SHOWN: Final = (
    "device_id",
    "device_type",
    "smi_status",
    "status_since",
    "device_model_id",
    "notified_by_id",
    "import_meter_point_id",
    "secondary_import_meter_point_id",
    "export_meter_point_id",
    "comms_hub_id",
)


def _mpxn(column: str) -> str:
    """Return SQL of a meter point's MPxN: a probe of its key for devices that have one, and none for others."""
    probe = f"SELECT {text('mpxn')} FROM inventory_meterpoint WHERE id = {column}"  # noqa: S608 - a name of ours
    return f"CASE WHEN {column} IS NOT NULL THEN ({probe}) END"


# Small tables come first, their cells written once a block: a block has many devices of each model and User. The
# other cells are written of what is sorted already (OFFSET 0 keeps PostgreSQL from sorting them, too).
_LINES: Final = f"""
WITH model AS MATERIALIZED (
    SELECT id, {text("manufacturer")} AS manufacturer, {text("model")} AS model,
        {text("firmware_version")} AS firmware_version
    FROM inventory_devicemodel
), notifier AS MATERIALIZED (
    SELECT user_id.eui, {eui("user_id.eui")} AS user_id, {text("party.name")} AS party
    FROM accounts_userid user_id JOIN accounts_party party ON party.id = user_id.party_id
)
SELECT {eui("device_id")}, {word("device_type", DeviceType)}, {word("smi_status", SmiStatus)},
    {minute("status_since")}, manufacturer, model, firmware_version, user_id, party,
    {_mpxn("import_meter_point_id")}, {_mpxn("secondary_import_meter_point_id")},
    {_mpxn("export_meter_point_id")}, {eui("comms_hub_id")}
FROM (
    SELECT device.*, model.manufacturer, model.model, model.firmware_version, notifier.user_id, notifier.party
    FROM ({{rows}}) device
    JOIN model ON model.id = device.device_model_id
    LEFT JOIN notifier ON notifier.eui = device.notified_by_id
    ORDER BY device_id
    OFFSET 0
) line
ORDER BY device_id
"""  # noqa: S608 - the names above


def device_lines(filters: Filters, *, at_most: int, more: str) -> Iterator[bytes]:
    """Return the devices that fit as lines, what Python would write of each, in the order of their Device IDs.

    The line `more` ends a file of which `at_most` devices are not all. The first lines are fetched at once, so
    that SearchTooBroad comes before anything was sent to anybody. They begin at the first device that fits: one
    maker's lie together, with millions of others before them.
    """
    first = first_of(filters)
    devices = matching(filters).filter(pk__gte=first.pk) if first else Device.objects.none()
    return copied(devices.values(*_SHOWN), _LINES, at_most=at_most, more=more, too_broad=SearchTooBroad)
