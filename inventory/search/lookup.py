"""Looking up a pasted or sent list of identifiers: one query for the meter points, and one for all the devices."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Generic, TypeVar

from django.db.models import F, Q

from inventory.models import Device, MeterPoint
from inventory.recognise import Kind, Recognised, SeveralRecognised, recognise
from inventory.search.related import METER_POINTS, AnyOf, Related, bigints
from inventory.search.removed import Removed, removed_among
from ssi.eui64 import Eui64, canonical_bigint
from ssi.refusals import Refusal

MOST_IDENTIFIERS: Final = 50_000
_BETWEEN: Final = re.compile(r"[\n\r\t,;|]+")


class TooManyIdentifiers(Refusal):
    """There are {given:,} identifiers, and this takes {most:,} at once."""

    suggestion = "Look them up in several goes."
    field = "identifiers"


class NotADevice(Refusal):
    """This is an incident reference, not a device or meter point."""

    suggestion = "Search for it by itself in the search box."


@dataclass(frozen=True, slots=True)
class Invalid:
    """An identifier that is none, what is wrong with it and what to do."""

    value: str
    message: str
    suggestion: str


T = TypeVar("T")


@dataclass(slots=True)
class SortedOut(Generic[T]):
    """What became of a list of identifiers, in the order they were given, each device once.

    `removed` are those of `not_found` that were in the inventory within the last year, as they were given.
    """

    given: int = 0
    found: list[T] = field(default_factory=list)
    not_found: list[str] = field(default_factory=list)
    invalid: list[Invalid] = field(default_factory=list)
    removed: dict[str, Removed] = field(default_factory=dict)


Lookup = SortedOut[Device]
"""What the screen shows of a list of identifiers."""


def identifiers_in(pasted: str) -> list[str]:
    """Return the identifiers of a pasted text: one a line, or between commas, semicolons, bars, tabs or blanks."""
    found: list[str] = []
    for part in _BETWEEN.split(pasted):
        if not part.strip():
            continue
        try:
            recognise(part)
        except SeveralRecognised:
            found += part.split()
        except Refusal:
            found.append(part.strip())
        else:
            found.append(part.strip())
    return found


def look_up(identifiers: Sequence[str], *, most: int = MOST_IDENTIFIERS) -> Lookup:
    """Return which identifiers are devices in the inventory, each with what belongs to it."""
    return sort_out(identifiers, _devices, most=most)


def sort_out(
    identifiers: Sequence[str],
    fetch: Callable[[Collection[int]], Mapping[int, T]],
    *,
    most: int = MOST_IDENTIFIERS,
) -> SortedOut[T]:
    """Return which identifiers are devices in the inventory; an MPxN gives every device associated with it.

    The same identifier twice counts once. `fetch` returns the devices there are of some Device IDs, by their
    column's values, in whatever form is wanted. Raises TooManyIdentifiers.
    """
    if len(identifiers) > most:
        raise TooManyIdentifiers(given=len(identifiers), most=most)
    answer = SortedOut[T](given=len(identifiers))
    wanted = _recognise_all(identifiers, answer.invalid)
    by_mpxn = _by_mpxn([value for value in wanted.values() if isinstance(value, str)])
    keys = {value: (value,) if isinstance(value, int) else by_mpxn.get(value, ()) for value in wanted.values()}
    there = fetch(dict.fromkeys(chain.from_iterable(keys.values())))
    found: dict[int, T] = {}
    for given, value in wanted.items():
        devices = [key for key in keys[value] if key in there]
        if not devices:
            answer.not_found.append(given)
        for key in devices:
            found[key] = there[key]
    answer.found = list(found.values())
    answer.removed = _removed_of({given: wanted[given] for given in answer.not_found})
    return answer


def _devices(device_ids: Collection[int]) -> dict[int, Device]:
    if not device_ids:
        return {}
    there = list(Device.objects.filter(AnyOf(F("device_id"), bigints(device_ids))))
    return {device.pk.as_bigint: device for device in Related().attach(there)}


def _removed_of(not_found: Mapping[str, int | str]) -> dict[str, Removed]:
    ids = {given: Eui64(value) for given, value in not_found.items() if isinstance(value, int)}
    removed = removed_among(list(ids.values()))
    return {given: removed[device_id] for given, device_id in ids.items() if device_id in removed}


def _recognise_all(identifiers: Iterable[str], invalid: list[Invalid]) -> dict[str, int | str]:
    """Return what each identifier names, each thing once: a Device ID's column value, or an MPxN.

    What names nothing goes into `invalid`.
    """
    wanted: dict[str, int | str] = {}
    known: set[int | str] = set()
    for given in dict.fromkeys(identifiers):
        value: int | str | None = canonical_bigint(given)  # by far the most, so not the long way round
        if value is None:
            try:
                value = _value_of(recognise(given))
            except Refusal as refusal:
                invalid.append(Invalid(given, refusal.message, refusal.way_out))
                continue
        if value not in known:
            known.add(value)
            wanted[given] = value
    return wanted


def _value_of(recognised: Recognised) -> int | str:
    if recognised.kind is Kind.INCIDENT:
        raise NotADevice
    return recognised.value.as_bigint if isinstance(recognised.value, Eui64) else recognised.value


def _by_mpxn(mpxns: Sequence[str]) -> Mapping[str, Sequence[int]]:
    """Return the Device IDs at each meter point, in their order, by their column's values; two queries at most."""
    if not mpxns:
        return {}
    points = dict(MeterPoint.objects.filter(AnyOf(F("mpxn"), list(mpxns))).values_list("pk", "mpxn"))
    if not points:
        return {}
    keys = bigints(points)
    there = Device.objects.filter(
        Q(AnyOf(F("import_meter_point"), keys))
        | Q(AnyOf(F("secondary_import_meter_point"), keys))
        | Q(AnyOf(F("export_meter_point"), keys))
    ).order_by("device_id")
    found: dict[str, list[int]] = defaultdict(list)
    for device_id, *at in there.values_list("device_id", *METER_POINTS):
        for point in set(at) & points.keys():
            found[points[point]].append(device_id.as_bigint)
    return found
