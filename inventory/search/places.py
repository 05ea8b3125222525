"""Finding devices by where they are: UPRN, or postcode and premises.

Where a meter point is is personal data, so one finds by it what one may see of it, and nothing else. Source: SEC
H8.16; DUIS 8.2.
"""

from collections.abc import Sequence
from typing import Final

from django.db.models import F, Q, QuerySet

from inventory.models import Device, MeterPoint
from inventory.post_codes import compact, spaced
from inventory.search.coverage import Place
from inventory.search.personal_data import PersonalData
from inventory.search.related import AnyOf, Related
from ssi.access.actor import Actor

MOST_POINTS: Final = 1_000
MOST_DEVICES: Final = 200


def devices_at(place: Place, actor: Actor) -> Sequence[Device]:
    """Return the devices at the meter points of a place whose address `actor` may see, at most `MOST_DEVICES`.

    Premises are a house's number, its name, or the address identifier in full; a constant number of queries.
    """
    there = list(_points_at(place).values_list("pk", "address_identifier")[:MOST_POINTS])
    keys = [key for key, identifier in there if _is_meant(identifier, place.premises)]
    seen = PersonalData.of_points(keys, actor)
    keys = [key for key in keys if seen.shows(key)]
    devices = Device.objects.filter(
        Q(AnyOf(F("import_meter_point"), keys))
        | Q(AnyOf(F("secondary_import_meter_point"), keys))
        | Q(AnyOf(F("export_meter_point"), keys))
    )
    return Related().attach(list(devices.order_by("device_id")[:MOST_DEVICES]))


def _points_at(place: Place) -> QuerySet[MeterPoint]:
    if place.uprn:
        return MeterPoint.objects.filter(uprn=place.uprn)
    written = {place.post_code, spaced(place.post_code), compact(place.post_code)}
    return MeterPoint.objects.filter(post_code__in=sorted(written)).exclude(post_code="")


def _is_meant(identifier: str, premises: str) -> bool:
    """Tell whether an address identifier is of the premises somebody typed: all of it, or its first words."""
    if not premises:
        return True
    kept, typed = " ".join(identifier.split()).casefold(), premises.casefold()
    return kept == typed or kept.startswith((f"{typed} ", f"{typed},"))
