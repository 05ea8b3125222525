"""What the answer to Service Request 12.1 carries."""

from dataclasses import dataclass
from datetime import date

from inventory.duis.messages import CoverageQuery
from inventory.models.choices import CspRegion, Likelihood


@dataclass(frozen=True, slots=True)
class RegionCoverage:
    """What one region's provider says to a CoverageQuery: a response code, and with success what to expect.

    `technology` is sent as it came, even a single space; "" is sent as a space, since DUIS wants a character
    (DP106). Without `is_available` nothing but the code is sent.
    """

    csp_region: CspRegion
    response_code: str
    is_available: bool | None = None
    anticipated_date: date | None = None
    technology: str = ""
    likelihood: Likelihood | None = None
    auxiliary_equipment: str = ""
    additional_information: str = ""


@dataclass(frozen=True, slots=True)
class CoverageAnswer:
    """The answer to a CoverageQuery: what each region's provider says, at least one."""

    query: CoverageQuery
    regions: tuple[RegionCoverage, ...]
