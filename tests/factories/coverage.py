"""Files of SM WAN coverage, and rows of it made straight in the table."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from inventory.actions.coverage.reading import COLUMNS
from inventory.models import WanCoverage
from inventory.models.choices import CspRegion, Likelihood


class WanCoverageFactory(DjangoModelFactory[WanCoverage]):
    """Good coverage of a whole postcode in the North."""

    class Meta:
        model = WanCoverage

    csp_region = CspRegion.NORTH
    post_code = "NL14QX"
    technology = "LRR"
    is_available = True
    likelihood = Likelihood.HIGH
    uprn: Any = None
    address_identifier = factory.LazyAttribute(lambda each: "")


GOOD = {
    "csp_region": "North",
    "post_code": "NL1 4QX",
    "coverage_availability": "true",
    "wan_technology": "LRR",
    "connectivity_likelihood": "High",
}
"""A row with nothing wrong; what it does not name is empty."""


def coverage_file(*rows: dict[str, str]) -> bytes:
    """Return a file with these rows, each on top of `GOOD`."""
    lines = [",".join(COLUMNS), *(",".join((GOOD | row).get(name, "") for name in COLUMNS) for row in rows)]
    return "".join(f"{line}\r\n" for line in lines).encode()
