"""Looking up a pasted or sent list of identifiers: one query for the Device IDs and one for the meter points."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import F, Q

from inventory.models import Device, MeterPoint
from inventory.recognise import Kind, Recognised, SeveralRecognised, recognise
from inventory.search.related import METER_POINTS, AnyOf, Related
from inventory.search.removed import Removed, removed_among
from ssi.eui64 import Eui64
from ssi.refusals import Refusal

MOST_IDENTIFIERS: Final = 50_000
_BETWEEN: Final = re.compile(r"[\n\r\t,;|]+")
_DEVICE_ID: Final = re.compile(r"[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){7}", re.ASCII)


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


@dataclass(slots=True)
class Lookup:
    """What became of a list of identifiers, in the order they were given, each device once.

    `removed` are those of `not_found` that were in the inventory within the last year, as they were given.
    """

    given: int = 0
    found: list[Device] = field(default_factory=list)
    not_found: list[str] = field(default_factory=list)
    invalid: list[Invalid] = field(default_factory=list)
    removed: dict[str, Removed] = field(default_factory=dict)


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
    """Return which identifiers are devices in the inventory; an MPxN gives every device associated with it.

    The same identifier twice counts once. Raises TooManyIdentifiers.
    """
    if len(identifiers) > most:
        raise TooManyIdentifiers(given=len(identifiers), most=most)
    answer = Lookup(given=len(identifiers))
    wanted = _recognise_all(identifiers, answer)
    values, related = [each.value for each in wanted.values()], Related()
    by_id = _by_device_id([value for value in values if isinstance(value, Eui64)], related)
    by_mpxn = _by_mpxn([value for value in values if isinstance(value, str)], related)
    seen: set[Eui64] = set()
    for given, each in wanted.items():
        devices = by_id.get(each.value, []) if isinstance(each.value, Eui64) else by_mpxn.get(each.value, [])
        if not devices:
            answer.not_found.append(given)
        for device in devices:
            if device.pk not in seen:
                seen.add(device.pk)
                answer.found.append(device)
    answer.removed = _removed_of(answer.not_found, wanted)
    return answer


def _removed_of(not_found: Iterable[str], wanted: Mapping[str, Recognised]) -> dict[str, Removed]:
    ids = {given: wanted[given].value for given in not_found}
    removed = removed_among([each for each in ids.values() if isinstance(each, Eui64)])
    return {given: removed[value] for given, value in ids.items() if isinstance(value, Eui64) and value in removed}


def _recognise_all(identifiers: Iterable[str], answer: Lookup) -> dict[str, Recognised]:
    """Return what each identifier names, each thing once; what names nothing goes into `answer.invalid`."""
    wanted: dict[str, Recognised] = {}
    known: set[Eui64 | str] = set()
    for given in dict.fromkeys(identifiers):
        try:
            each = _recognise_quickly(given)
        except Refusal as refusal:
            answer.invalid.append(Invalid(given, refusal.message, refusal.way_out))
            continue
        if each.value not in known:
            known.add(each.value)
            wanted[given] = each
    return wanted


def _recognise_quickly(text: str) -> Recognised:
    """Recognise; Device IDs as DUIS writes them, by far the most, without taking the long way round."""
    if _DEVICE_ID.fullmatch(text):
        return Recognised(Kind.DEVICE_ID, Eui64.parse(text))
    recognised = recognise(text)
    if recognised.kind is Kind.INCIDENT:
        raise NotADevice
    return recognised


def _by_device_id(device_ids: Iterable[Eui64], related: Related) -> dict[Eui64, list[Device]]:
    numbers = [device_id.as_bigint for device_id in device_ids]
    if not numbers:
        return {}
    there = list(Device.objects.filter(AnyOf(F("device_id"), numbers)))
    return {device.pk: [device] for device in related.attach(there)}


def _by_mpxn(mpxns: Sequence[str], related: Related) -> dict[str, list[Device]]:
    if not mpxns:
        return {}
    points = dict(MeterPoint.objects.filter(AnyOf(F("mpxn"), list(mpxns))).values_list("pk", "mpxn"))
    if not points:
        return {}
    keys = list(points)
    there = Device.objects.filter(
        Q(AnyOf(F("import_meter_point"), keys))
        | Q(AnyOf(F("secondary_import_meter_point"), keys))
        | Q(AnyOf(F("export_meter_point"), keys))
    )
    found: dict[str, list[Device]] = defaultdict(list)
    for device in related.attach(list(there.order_by("device_id"))):
        for point in {getattr(device, name) for name in METER_POINTS} & points.keys():
            found[points[point]].append(device)
    return found
