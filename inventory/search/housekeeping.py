"""Finding what housekeeping will remove: by type and month, for one party or for all."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

from inventory import holds
from inventory.durations import (
    Duration,
    Durations,
    add_months,
    default_of,
    due_before,
    removal_date,
    removed_types,
)
from inventory.models import Device, HousekeepingRule
from inventory.models.choices import DeviceType, SmiStatus
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.accounts.search import successors
from ssi.eui64 import Eui64
from ssi.patience import patience
from ssi.refusals import Refusal
from ssi.web.pages import PAGE_SIZE, Page, page_of

MONTHS_AHEAD: Final = 12
EXPORT_CHUNK: Final = 500
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Before any device was Pending."""

_DEVICES_KEY = ("status_since", "device_id")


class CountTakesTooLong(Refusal):
    """So many devices are Pending that counting them takes longer than people wait."""

    suggestion = "Choose one party under Housekeeping, so that its devices alone are counted, or try again later."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


def durations_in_force() -> dict[DeviceType, Duration]:
    """Return for how long devices of each of the eight types may be Pending; one query."""
    told = {
        DeviceType(rule.device_type): Duration(rule.months, rule.is_excluded)
        for rule in HousekeepingRule.objects.all()
    }
    return {each: told.get(each, default_of(each)) for each in DeviceType}


# --- Whose devices -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of devices that a User ID pre-notified: itself, or whoever took its business over."""

    user_id: Eui64
    party_id: int
    party_name: str


def told_for() -> Mapping[Eui64, Told]:
    """Return for every User ID who is told of its devices; two queries over small tables."""
    taken_over = successors()
    users = {each.eui: each for each in UserId.objects.select_related("party")}
    holders = {eui: taken_over[eui].user_id if eui in taken_over else user for eui, user in users.items()}
    return {eui: Told(each.eui, each.party_id, each.party.name) for eui, each in holders.items()}


def user_ids_of(party_id: int) -> list[Eui64]:
    """Return the User IDs whose devices are a party's: its own, and those whose business it took over."""
    return sorted(eui for eui, told in told_for().items() if told.party_id == party_id)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose devices somebody looks at: one party's, or everybody's where both are None."""

    party_id: int | None
    user_ids: Sequence[Eui64] | None


def scope_of(actor: Actor, party_id: int | None = None) -> Scope:
    """Return whose devices `actor` sees: DCC's staff the chosen party's or everybody's, all others their own."""
    if not actor.is_dcc:
        party_id = actor.user.party_id
    return Scope(party_id, None if party_id is None else user_ids_of(party_id))


# --- What will be removed ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """Devices of a type that became Pending in this time (not at its end) are removed in `month_date`'s month."""

    month_date: date
    device_type: DeviceType
    from_at: datetime
    until_at: datetime


@dataclass(slots=True)
class Count:
    """How many devices, and how many of them are held as things stand."""

    devices: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will be removed in each of the coming months, by type; what is overdue counts in the first."""

    months: Sequence[date]
    types: Sequence[DeviceType]
    counts: Mapping[tuple[date, DeviceType], Count]


def months_ahead(today: date) -> list[date]:
    """Return the first days of the months of the forecast: from the next run's month on."""
    first = next_run_date(today).replace(day=1)
    return [add_months(first, number) for number in range(MONTHS_AHEAD)]


def next_run_date(today: date) -> date:
    """Return the day of the next nightly run: today's is over when people look."""
    return today + timedelta(days=1)


def spans_of(durations: Durations, today: date) -> list[Span]:
    """Return the spans of every type and month of the forecast."""
    months = months_ahead(today)
    return [
        _span(month, device_type, duration.months, is_first=month == months[0])
        for device_type, duration in removed_types(durations).items()
        for month in months
    ]


def _span(month: date, device_type: DeviceType, duration: int, *, is_first: bool) -> Span:
    last_run_before = month - timedelta(days=1)
    last_run = add_months(month, 1) - timedelta(days=1)
    from_at = LONG_AGO if is_first else due_before(last_run_before, duration)
    return Span(month, device_type, from_at, due_before(last_run, duration))


_SPANS = """
WITH span AS (
    SELECT * FROM unnest(%(numbers)s::integer[], %(types)s::smallint[], %(from_at)s::timestamptz[],
        %(until_at)s::timestamptz[]) AS span(number, device_type, from_at, until_at)
)
"""

# A probe of the index of Pending devices for each span: no more is read than is counted.
_COUNTED = """
SELECT span.number, counted.devices FROM span CROSS JOIN LATERAL (
    SELECT count(*) AS devices FROM inventory_device
    WHERE smi_status = %(pending)s AND device_type = span.device_type
        AND status_since >= span.from_at AND status_since < span.until_at {whose}
) counted
"""

_HELD = """
SELECT span.number, count(*) FROM ({held}) AS held(device_id)
JOIN inventory_device ON inventory_device.device_id = held.device_id AND smi_status = %(pending)s
JOIN span ON span.device_type = inventory_device.device_type
    AND status_since >= span.from_at AND status_since < span.until_at {whose}
GROUP BY span.number
"""


def forecast(scope: Scope, *, today: date) -> Forecast:
    """Return what will be removed of the devices in `scope`; three queries. Raises CountTakesTooLong."""
    spans = spans_of(durations_in_force(), today)
    types = list(dict.fromkeys(span.device_type for span in spans))
    found = counted(spans, scope)
    counts = {(span.month_date, span.device_type): count for span, count in zip(spans, found, strict=True)}
    return Forecast(months_ahead(today), types, counts)


def counted(spans: Sequence[Span], scope: Scope) -> list[Count]:
    """Return how many devices each span has, in their order; two queries. Raises CountTakesTooLong.

    Each is a probe of the index, but all parties' Pending devices may be millions.
    """
    counts = [Count() for _ in spans]
    facts = _facts_of(spans, scope.user_ids)
    whose = "" if scope.user_ids is None else "AND notified_by_id = ANY(%(users)s::bigint[])"
    held, values = _held_in_sql()
    with patience(CountTakesTooLong), connection.cursor() as cursor:
        cursor.execute(_SPANS + _COUNTED.format(whose=whose), facts)
        for number, devices in cursor.fetchall():
            counts[number].devices = devices
        cursor.execute(_SPANS + _HELD.format(whose=whose, held=held), facts | values)
        for number, devices in cursor.fetchall():
            counts[number].held = devices
    return counts


def _held_in_sql() -> tuple[str, dict[str, Any]]:
    """Return the query of the ids of held devices, and its values by name."""
    statement, values = holds.held_ids().query.sql_with_params()
    named = {f"held_{number}": value for number, value in enumerate(values)}
    return statement % tuple(f"%({name})s" for name in named), named


def _facts_of(spans: Sequence[Span], user_ids: Collection[Eui64] | None) -> dict[str, Any]:
    return {
        "numbers": list(range(len(spans))),
        "types": [int(span.device_type) for span in spans],
        "from_at": [span.from_at for span in spans],
        "until_at": [span.until_at for span in spans],
        "pending": int(SmiStatus.PENDING),
        "users": [each.as_bigint for each in user_ids or ()],
    }


# --- The devices of a month --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Coming:
    """A device that will be removed: on which day at the earliest, and why it is held, if it is."""

    device: Device
    day: date
    held_because: str


@dataclass(frozen=True, slots=True)
class Month:
    """One page of a month's devices of a type, the longest Pending first; `counts` are those of each type."""

    span: Span
    counts: Mapping[DeviceType, int]
    page: Page[Device]
    coming: Sequence[Coming]


def month_of(
    spans: Sequence[Span], scope: Scope, *, today: date, device_type: DeviceType | None = None, cursor: str = ""
) -> Month:
    """Return a page of a month, given by its spans: of the type asked for, else of the first that has devices.

    Raises CountTakesTooLong, CursorUnknown.
    """
    counts = {span.device_type: count.devices for span, count in zip(spans, counted(spans, scope), strict=True)}
    some = next((span for span in spans if counts[span.device_type]), spans[0])
    span = next((span for span in spans if span.device_type == device_type), some)
    page = page_of(_devices_in(span, scope), key=_DEVICES_KEY, cursor=cursor, size=PAGE_SIZE)
    return Month(span, counts, page, _coming(page.rows, durations_in_force()[span.device_type].months, today))


def every_coming(spans: Sequence[Span], scope: Scope, *, today: date) -> Iterator[Coming]:
    """Yield the devices of spans, fetched page after page as they are asked for."""
    durations = durations_in_force()
    for span in spans:
        devices, cursor = _devices_in(span, scope), ""
        while True:
            page = page_of(devices, key=_DEVICES_KEY, cursor=cursor, size=EXPORT_CHUNK)
            yield from _coming(page.rows, durations[span.device_type].months, today)
            if page.next_cursor is None:
                break
            cursor = page.next_cursor


def _devices_in(span: Span, scope: Scope) -> QuerySet[Device]:
    devices = Device.objects.select_related("device_model", "notified_by__party").filter(
        smi_status=SmiStatus.PENDING,
        device_type=span.device_type,
        status_since__gte=span.from_at,
        status_since__lt=span.until_at,
    )
    return devices if scope.user_ids is None else devices.filter(notified_by__in=scope.user_ids)


def _coming(devices: Sequence[Device], months: int, today: date) -> list[Coming]:
    reasons = holds.reasons_among([each.device_id for each in devices])
    soonest = next_run_date(today)
    return [
        Coming(
            each,
            max(removal_date(each.status_since or LONG_AGO, months), soonest),
            reasons.get(each.device_id, ""),
        )
        for each in devices
    ]


# --- What a run would do -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Due:
    """Devices of a type and party that a run would remove, but for those held. `party` is "" where unknown."""

    device_type: DeviceType
    party: str
    count: Count = field(default_factory=Count)


_DUE = """
SELECT span.device_type, due.notified_by_id, due.devices FROM span CROSS JOIN LATERAL (
    SELECT notified_by_id, count(*) AS devices FROM inventory_device
    WHERE smi_status = %(pending)s AND device_type = span.device_type AND status_since < span.until_at
    GROUP BY notified_by_id
) due
"""

_DUE_BUT_HELD = """
SELECT span.device_type, notified_by_id, count(*) FROM ({held}) AS held(device_id)
JOIN inventory_device ON inventory_device.device_id = held.device_id AND smi_status = %(pending)s
JOIN span ON span.device_type = inventory_device.device_type AND status_since < span.until_at
GROUP BY span.device_type, notified_by_id
"""


def due_by(run_date: date) -> list[Due]:
    """Return what the run of a day would remove, by type and party; five queries, and nothing changed."""
    durations = removed_types(durations_in_force())
    spans = [
        Span(run_date, device_type, LONG_AGO, due_before(run_date, duration.months))
        for device_type, duration in durations.items()
    ]
    told, found = told_for(), dict[tuple[DeviceType, str], Due]()
    for statement, counts_held in ((_DUE, False), (_DUE_BUT_HELD, True)):
        for device_type, user_id, devices in _rows(statement, spans):
            whose = told.get(Eui64(user_id)) if user_id is not None else None
            key = (DeviceType(device_type), whose.party_name if whose else "")
            count = found.setdefault(key, Due(*key)).count
            count.devices += 0 if counts_held else devices
            count.held += devices if counts_held else 0
    return [found[key] for key in sorted(found)]


def _rows(statement: str, spans: Sequence[Span]) -> list[tuple[Any, ...]]:
    held, values = _held_in_sql()
    with connection.cursor() as cursor:
        cursor.execute(_SPANS + statement.format(held=held), _facts_of(spans, None) | values)
        return list(cursor.fetchall())
