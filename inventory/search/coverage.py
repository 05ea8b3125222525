"""Looking up what DCC expects of the SM WAN at a place, by postcode or UPRN."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from inventory.models import CoverageImport, WanCoverage
from inventory.post_codes import compact, spaced, uprn
from ssi.refusals import Refusal

MOST_ROWS = 500
UNKNOWN = "Unknown"


class NoSuchPlace(Refusal):
    """This is neither a postcode of Great Britain nor a UPRN."""

    suggestion = "Give a postcode such as NL1 4QX, or a UPRN of 1 to 12 digits."
    field = "place"


@dataclass(frozen=True, slots=True)
class Place:
    """What was asked for: a UPRN, or a postcode (in capitals without spaces) with premises in it, "" for all."""

    uprn: int | None = None
    post_code: str = ""
    premises: str = ""

    def __str__(self) -> str:
        return (
            f"UPRN {self.uprn}" if self.uprn else ", ".join(filter(None, [self.premises, spaced(self.post_code)]))
        )

    @classmethod
    def typed(cls, text: str, premises: str = "") -> "Place":
        """Return the place that somebody typed, told apart by its shape. Raises NoSuchPlace."""
        number = uprn(text)
        if number is not None:
            return cls(uprn=number)
        post_code = compact(text)
        if not post_code:
            raise NoSuchPlace
        return cls(post_code=post_code, premises=" ".join(premises.split()))


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a place: rows by premises and region; `as_of` is None while nothing was imported."""

    place: Place
    rows: Sequence[WanCoverage]
    is_cut: bool
    as_of: datetime | None


def coverage_at(place: Place) -> Answer:
    """Return what is known of `place`, in two queries.

    Where a region's provider says nothing of the premises, what it says of the whole postcode stands for it.
    """
    found = list(_rows_at(place)[: MOST_ROWS + 1])
    if place.premises:
        told = {row.csp_region for row in found if row.address_identifier}
        found = [row for row in found if row.address_identifier or row.csp_region not in told]
    return Answer(place, found[:MOST_ROWS], len(found) > MOST_ROWS, as_of())


def _rows_at(place: Place) -> QuerySet[WanCoverage]:
    if place.uprn:
        where = Q(uprn=place.uprn)
    elif place.premises:
        where = Q(post_code=place.post_code) & (
            Q(address_identifier__iexact=place.premises) | Q(address_identifier="")
        )
    else:
        where = Q(post_code=place.post_code)
    return WanCoverage.objects.filter(where).order_by("address_identifier", "uprn", "csp_region", "id")


def as_of() -> datetime | None:
    """Return when the set of coverage that is looked at was imported; None where none ever was."""
    return CoverageImport.objects.order_by("-id").values_list("at", flat=True).first()


def technology_in_words(technology: str) -> str:
    """Return a WAN technology as it is shown: a blank or a single space as "Unknown" while MP106 is on (DP106)."""
    return UNKNOWN if settings.MP106 and not technology.strip() else technology
