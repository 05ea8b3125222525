"""Service Request 12.1, Request WAN Matrix, answered from the coverage that DCC imported.

The regions are those of the data: none is worked out from who runs which (domain 0.1, T2). A region whose provider
gave no answer is left out: what DUIS's codes for that mean is not known (E120101 to E120103).
"""

from datetime import datetime

from inventory.actions.service_requests.applied import SUCCESS, Applied
from inventory.duis.coverage_answers import CoverageAnswer, RegionCoverage
from inventory.duis.messages import CoverageQuery
from inventory.duis.refusals import DuisRefusal
from inventory.models import WanCoverage
from inventory.models.choices import CspRegion, Likelihood
from inventory.post_codes import compact
from inventory.search.coverage import Place, coverage_at
from ssi.access.actor import Actor


class NotAPostCode(DuisRefusal):
    """PostCode is not a postcode of Great Britain."""

    code = "SSI-NO-POSTCODE"
    suggestion = "Give it like NL1 4QX, or ask by UPRN."
    source = "ours: what E120101 to E120103 mean is not known"


class NoCoverageKnown(DuisRefusal):
    """Nothing is known of the SM WAN's coverage at this place."""

    code = "SSI-NO-COVERAGE"
    suggestion = "Check UPRN or PartialAddress; an AddressIdentifier may be left empty to ask for the postcode."
    source = "ours: what E120101 to E120103 mean is not known"


def request_wan_matrix(message: CoverageQuery, *, by: Actor, at: datetime) -> Applied:
    """Answer with what each region's provider says of the place. Raises DuisRefusal."""
    place = _place_of(message)
    rows = [row for row in coverage_at(place).rows if row.is_available is not None]
    if not place.uprn and not place.premises:
        rows = [row for row in rows if not row.address_identifier]
    if not rows:
        raise NoCoverageKnown
    regions = tuple(_region(row) for row in sorted(rows, key=lambda row: (row.csp_region, row.pk)))
    return Applied(
        SUCCESS,
        f"{len(regions)} region{' answers' if len(regions) == 1 else 's answer'} for this place.",
        payload=CoverageAnswer(message, regions),
    )


def _place_of(message: CoverageQuery) -> Place:
    if message.uprn is not None:
        return Place(uprn=message.uprn)
    post_code = compact(message.post_code)
    if not post_code:
        raise NotAPostCode
    return Place(post_code=post_code, premises=" ".join(message.address_identifier.split()))


def _region(row: WanCoverage) -> RegionCoverage:
    return RegionCoverage(
        csp_region=CspRegion(row.csp_region),
        response_code=SUCCESS,
        is_available=row.is_available,
        anticipated_date=row.anticipated_date,
        technology=row.technology,
        likelihood=Likelihood(row.likelihood) if row.likelihood else None,
        auxiliary_equipment=row.auxiliary_equipment,
        additional_information=row.additional_information,
    )
