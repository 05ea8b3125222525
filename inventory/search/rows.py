"""Very many devices as plain rows: what a program is told of 50,000 of them, without a model for each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import ExpressionWrapper, F, Field, TextField
from django.db.models.functions import Cast

from inventory.models import Device, DeviceModel, MeterPoint
from inventory.search.related import METER_POINTS, AnyOf, bigints
from ssi.accounts.models import UserId

COLUMNS: Final = (
    "device_id",
    "device_type",
    "smi_status",
    "status_since",
    "device_model_id",
    "esme_variant",
    "notified_by_id",
    "notified_at",
    *METER_POINTS,
    "comms_hub_id",
    "csp_region",
)
"""What a row holds: EUI-64s as their columns' numbers, moments as PostgreSQL writes them in UTC."""

_NUMBERS: Final = ("device_id", "notified_by_id", "comms_hub_id")
_MOMENTS: Final = ("status_since", "notified_at")
IMPORTS: Final = COLUMNS.index(METER_POINTS[0])
"""Where in a row the key of the import meter point stands; the two others follow it."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class DeviceRows:
    """Devices as rows of `COLUMNS`, and by its key what belongs to them: a meter point is a row of its own."""

    rows: Sequence[Row]
    models: Mapping[int, DeviceModel]
    users: Mapping[int, UserId]
    points: Mapping[int, Row]


def rows_of(device_ids: Collection[int], *, of_points: Sequence[str]) -> DeviceRows:
    """Return those devices there are, in four queries; of a meter point key, MPxN and the fields `of_points`."""
    if not device_ids:
        return DeviceRows([], {}, {}, {})
    there = Device.objects.filter(AnyOf(F("device_id"), bigints(device_ids)))
    rows = list(there.values_list(*map(_plain, COLUMNS)))
    keys = {key for row in rows for key in row[IMPORTS : IMPORTS + len(METER_POINTS)]} - {None}
    points = MeterPoint.objects.filter(AnyOf(F("id"), bigints(keys))) if keys else MeterPoint.objects.none()
    return DeviceRows(
        rows,
        DeviceModel.objects.in_bulk(_values("device_model_id", rows)),
        {user.eui.as_bigint: user for user in _users(_values("notified_by_id", rows))},
        {point[0]: point for point in points.values_list("pk", "mpxn", *of_points)},
    )


def _plain(name: str) -> Any:
    """Return a column with nothing made of it by Python: 50,000 values each take longer to make than to find."""
    if name in _NUMBERS:
        return ExpressionWrapper(F(name), output_field=Field())
    return Cast(F(name), TextField()) if name in _MOMENTS else name


def _values(name: str, rows: Iterable[Row]) -> set[Any]:
    place = COLUMNS.index(name)
    return {row[place] for row in rows} - {None}


def _users(numbers: Collection[int]) -> Iterable[UserId]:
    return UserId.objects.select_related("party").filter(AnyOf(F("eui"), bigints(numbers))) if numbers else ()
