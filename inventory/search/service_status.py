"""Reading the DCC Service Status of meter points: what waits to be told, the files that told it, and history.

For DCC's staff alone: every page of it belongs to FC19; no User's page, answer or export reads it (MP077 3.1.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Window
from django.db.models.functions import FirstValue

from inventory.meter_points import parse_typed
from inventory.models import MeterPoint, ServiceStatusChange, ServiceStatusFile
from inventory.models.choices import DccServiceStatus, Fuel
from inventory.models.meter_points import MPAN_LENGTH
from ssi.refusals import Refusal
from ssi.web.pages import Page, page_of

GAS: Final = "gas"
"""The recipient of all files of gas: Xoserve."""
MOST_COUNTED: Final = 100_000
LONGEST_HISTORY: Final = 200

RECIPIENT: Final = f"CASE WHEN length(point.mpxn) = {MPAN_LENGTH} THEN left(point.mpxn, 2) ELSE '{GAS}' END"
"""SQL: who is told of the meter point `point`; of an MPAN the MPAS of its distributor ID."""
FUEL: Final = f"CASE WHEN length(point.mpxn) = {MPAN_LENGTH} THEN {Fuel.ELECTRICITY} ELSE {Fuel.GAS} END"
"""SQL: the fuel of the meter point `point`."""

# What waits is what happened since the last file, so that the limit is for a portal that was never told to notify.
_WAITING: Final = f"""
SELECT {FUEL}, {RECIPIENT}, count(*) FILTER (WHERE to_status = {DccServiceStatus.ACTIVE}),
    count(*) FILTER (WHERE to_status = {DccServiceStatus.NOT_ACTIVE})
FROM (
    SELECT meter_point_id, to_status FROM inventory_servicestatuschange
    WHERE file_id IS NULL ORDER BY id LIMIT {MOST_COUNTED}
) AS waiting JOIN inventory_meterpoint point ON point.id = waiting.meter_point_id
GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608 - numbers of ours


class MeterPointNotKnown(Refusal):
    """The inventory knows no meter point {mpxn}."""

    suggestion = "Check the number. A meter point is known once a device or a registration names it."
    status = HTTPStatus.NOT_FOUND
    field = "mpxn"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many changes wait to be told to one recipient; the N wait for their switch if `are_n_held`."""

    fuel: Fuel
    recipient: str
    to_active: int
    to_not_active: int

    @property
    def are_n_held(self) -> bool:
        """Tell whether the recipients of this fuel are not told of N yet."""
        return self.to_not_active > 0 and not tells_not_active(self.fuel)


def tells_not_active(fuel: Fuel) -> bool:
    """Tell whether the recipients of a fuel can receive N: switches MP077_ELECTRICITY and MP077_GAS."""
    return settings.MP077_ELECTRICITY if fuel is Fuel.ELECTRICITY else settings.MP077_GAS


def waiting() -> list[Waiting]:
    """Return how many changes wait by recipient, the oldest `MOST_COUNTED` of them."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return [Waiting(Fuel(fuel), recipient, *counts) for fuel, recipient, *counts in cursor.fetchall()]


def files_page(*, cursor: str = "") -> Page[ServiceStatusFile]:
    """Return a page of the files, the newest first."""
    return page_of(ServiceStatusFile.objects.all(), key=("-id",), cursor=cursor)


def file_of(recipient: str, number: int) -> ServiceStatusFile | None:
    """Return a recipient's file by its number."""
    return ServiceStatusFile.objects.filter(recipient=recipient, number=number).first()


def lines_of(file: ServiceStatusFile) -> Sequence[ServiceStatusChange]:
    """Return what a file tells, by MPxN: of each meter point the last of the changes that it closes.

    A meter point that came back to where its first change started from is not told again.
    """
    told_before = Window(FirstValue("from_status"), partition_by="meter_point", order_by="id")
    changes = (
        ServiceStatusChange.objects.filter(file=file)
        .annotate(told_before=told_before)
        .order_by("meter_point", "-id")
        .distinct("meter_point")
        .select_related("meter_point")
    )
    news = [change for change in changes if change.to_status != change.told_before]
    return sorted(news, key=lambda change: change.meter_point.mpxn)


@dataclass(frozen=True, slots=True)
class History:
    """A meter point with the changes of its DCC Service Status, the newest first."""

    meter_point: MeterPoint
    changes: Sequence[ServiceStatusChange]


def history_of(typed: str) -> History:
    """Return the history of the meter point somebody typed. Raises NotAMeterPoint and MeterPointNotKnown."""
    mpxn = parse_typed(typed).digits
    point = MeterPoint.objects.filter(mpxn=mpxn).first()
    if point is None:
        raise MeterPointNotKnown(mpxn=mpxn)
    changes = ServiceStatusChange.objects.filter(meter_point=point).select_related("file")
    return History(point, list(changes.order_by("-at", "-id")[:LONGEST_HISTORY]))
