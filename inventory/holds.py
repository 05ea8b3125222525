"""What keeps a Pending device in the inventory although its time is over: each app answers for its own things.

The inventory knows nothing of incidents. Whoever has something open about devices adds a hold in the app's
`holds.py`, and whoever opens such a thing calls `keep` first, in the same transaction: the devices then stay
until its commit, and housekeeping, which passes over what is locked, finds the thing afterwards.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from typing import Any, Final

from django.db import connection
from django.db.models import F, QuerySet, Value
from django.utils import timezone

from inventory.models import AwaitedResponse, ManualCorrection
from inventory.search.related import AnyOf
from ssi.db import array_of
from ssi.eui64 import Eui64


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason for which devices are held; `rows` gives rows with a `device_id`, as many as there are open ones.

    `reason` ends the sentence "Held: …" and is read by the device's notifying party.
    """

    reason: str
    rows: Callable[[], QuerySet[Any]]


class _Given(AnyOf):
    """As `AnyOf`, of the thousands in `_GIVEN`: the planner does not look at each, which takes it longest."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]  # a list is bound
        """Return the comparison; `rhs` is not looked at."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY((SELECT ids FROM given)::bigint[])", list(params)  # noqa: S608 - a column of ours


# Read once, however many holds are asked about it.
_GIVEN: Final = "WITH given AS MATERIALIZED (SELECT %s::bigint[] AS ids) "


AWAITED_FOR: Final = timedelta(days=30)
"""A response that has not come for so long is not waited for any more (ours)."""

_holds: list[Hold] = []

KEEPING: Final = "FOR KEY SHARE OF inventory_device"
"""Ends a query of devices that are to stay until the caller's transaction ends, as `keep` has them do."""

# Nobody can then delete them, nor housekeeping take them; moves of their status go on.
_KEEP: Final = """
SELECT device_id FROM inventory_device WHERE device_id = ANY(%s::bigint[]) ORDER BY device_id FOR KEY SHARE
"""


def add(hold: Hold) -> None:
    """Let a hold count; called once per app when the portal starts."""
    _holds.append(hold)


def keep(device_ids: Collection[Eui64]) -> frozenset[Eui64]:
    """Let devices stay until the caller's transaction ends; return those that are in the inventory."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [[each.as_bigint for each in device_ids]])
        return frozenset(Eui64(number) for (number,) in cursor.fetchall())


def reasons_among(device_ids: Sequence[Eui64]) -> dict[Eui64, str]:
    """Return the devices that are held now, with the reason; one query."""
    return reasons_in(array_of(each.as_bigint for each in device_ids)) if device_ids else {}


def reasons_in(numbers: str) -> dict[Eui64, str]:
    """Do as `reasons_among` with devices given as an array's text."""
    first, *more = [
        hold.rows().order_by().filter(_Given(F("device_id"), None)).values_list("device_id", Value(number))
        for number, hold in enumerate(_holds)
    ]
    statement, values = first.union(*more, all=True).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN + statement, [numbers, *values])
        found = sorted(cursor.fetchall(), key=lambda each: -each[1])
    return {Eui64(device): _holds[number].reason for device, number in found}


def held_ids() -> QuerySet[Any]:
    """Return the ids of all devices that are held, for `filter(pk__in=…)`."""
    held = [hold.rows().order_by().values("device_id") for hold in _holds]
    return reduce(lambda some, more: some.union(more), held)


def _open_corrections() -> QuerySet[Any]:
    return ManualCorrection.objects.filter(state__in=["asked", "proposed"])


def _awaited_responses() -> QuerySet[Any]:
    return AwaitedResponse.objects.filter(answered_at__isnull=True, sent_at__gte=timezone.now() - AWAITED_FOR)


add(Hold("DCC has an open request to correct its details", _open_corrections))
add(Hold("a Service Request to it awaits its response", _awaited_responses))
