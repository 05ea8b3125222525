"""The reports RSMI_001 to RSMI_003: devices by status, and by firmware or model, from the kept counts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import connection

from inventory.models import RollUp
from inventory.models.choices import DeviceType, Whose
from ssi.eui64 import Eui64

DEVICE_COUNTS: Final = "devices"


class DeviceReport(StrEnum):
    """A report of devices, by the name DCC's Users know it under."""

    BY_STATUS = "RSMI_001"
    BY_FIRMWARE = "RSMI_002"
    BY_MODEL = "RSMI_003"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Over which devices a report counts; `user_id` is None for everybody's."""

    whose: Whose = Whose.EVERYBODY
    user_id: Eui64 | None = None
    device_type: DeviceType | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """How many devices of one kind stand in each SMI Status, None for Type 2 Devices, which have none.

    `product` is "" in the report by status alone; else the firmware version or the model, which may be "" too.
    """

    device_type: DeviceType
    manufacturer: str
    product: str
    by_status: Mapping[int | None, int]

    @property
    def devices(self) -> int:
        """Return how many devices there are in all."""
        return sum(self.by_status.values())


_NAMED: Final = {
    DeviceReport.BY_STATUS: "'', ''",
    DeviceReport.BY_FIRMWARE: "model.manufacturer, model.firmware_version",
    DeviceReport.BY_MODEL: "model.manufacturer, model.model",
}

_COUNTED: Final = """
SELECT counted.device_type, {named}, counted.smi_status, sum(counted.devices)::bigint
FROM inventory_devicecount counted JOIN inventory_devicemodel model ON model.id = counted.device_model_id
WHERE counted.whose = %(whose)s AND {whom}
    AND (counted.device_type = %(device_type)s OR %(device_type)s IS NULL)
GROUP BY 1, 2, 3, 4
"""


def refreshed_at() -> datetime | None:
    """Return the moment that the counts stand for, None before they were made for the first time."""
    return RollUp.objects.filter(name=DEVICE_COUNTS).values_list("refreshed_at", flat=True).first()


def counted(report: DeviceReport, chosen: Chosen) -> Sequence[Line]:
    """Return the lines of a report, the most devices first; one query over some thousand counts."""
    whom = "counted.user_id IS NULL" if chosen.user_id is None else "counted.user_id = %(user_id)s"
    facts = {
        "whose": chosen.whose.value,
        "user_id": chosen.user_id.as_bigint if chosen.user_id else None,
        "device_type": chosen.device_type.value if chosen.device_type else None,
    }
    found: dict[tuple[int, str, str], dict[int | None, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.format(named=_NAMED[report], whom=whom), facts)
        for device_type, manufacturer, product, status, devices in cursor.fetchall():
            found[device_type, manufacturer, product][status] = devices
    lines = [Line(DeviceType(key[0]), key[1], key[2], by_status) for key, by_status in found.items()]
    return sorted(lines, key=lambda each: (-each.devices, each.device_type, each.manufacturer, each.product))
