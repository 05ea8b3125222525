"""How SM WAN coverage reads on a screen and in a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from inventory.models import WanCoverage
from inventory.models.choices import CspRegion, Likelihood
from inventory.post_codes import spaced
from inventory.search.coverage import MOST_ROWS, Answer, technology_in_words

CSV_HEADER = (
    "CSP region",
    "Postcode",
    "Address identifier",
    "UPRN",
    "Coverage available",
    "Coverage anticipated",
    "WAN technology",
    "WAN technology as shown",
    "Likelihood of a connection",
    "Auxiliary equipment required",
    "Additional information",
)


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One region's answer as the table shows it."""

    row: WanCoverage

    @property
    def region(self) -> str:
        """Return the region as the data have it."""
        return CspRegion(self.row.csp_region).duis

    @property
    def where(self) -> str:
        """Return the premises and postcode, or the UPRN."""
        address = ", ".join(filter(None, [self.row.address_identifier, spaced(self.row.post_code)]))
        return address or f"UPRN {self.row.uprn}"

    @property
    def uprn(self) -> str:
        """Return the UPRN beside an address, "" where there is none."""
        return f"UPRN {self.row.uprn}" if self.row.uprn and self.row.post_code else ""

    @property
    def is_answered(self) -> bool:
        """Tell whether the region's provider gave an answer."""
        return self.row.is_available is not None

    @property
    def available(self) -> str:
        """Return whether there is coverage, in a word."""
        return _yes_or_no(self.row.is_available)

    @property
    def anticipated_date(self) -> date | None:
        """Return when coverage is expected."""
        return self.row.anticipated_date

    @property
    def technology(self) -> str:
        """Return the technology as it is shown."""
        return technology_in_words(self.row.technology)

    @property
    def likelihood(self) -> str:
        """Return how likely a connection is."""
        return _likelihood(self.row)


@dataclass(frozen=True, slots=True)
class CoveragePage:
    """The answer for a place."""

    answer: Answer

    @property
    def rows(self) -> list[CoverageRow]:
        """Return the regions' answers."""
        return [CoverageRow(row) for row in self.answer.rows]

    @property
    def most(self) -> int:
        """Return how many rows are shown at most."""
        return MOST_ROWS


def csv_rows(answer: Answer) -> Iterator[list[object]]:
    """Yield an answer as lines of a CSV file: the technology as sent and as shown, at the end as of when."""
    for row in answer.rows:
        yield [
            CspRegion(row.csp_region).duis,
            spaced(row.post_code),
            row.address_identifier,
            row.uprn,
            _yes_or_no(row.is_available),
            row.anticipated_date,
            row.technology,
            technology_in_words(row.technology),
            _likelihood(row),
            row.auxiliary_equipment,
            row.additional_information,
        ]
    if answer.as_of:
        yield [f"As of {timezone.localtime(answer.as_of):%Y-%m-%d %H:%M} (London)"]


def _yes_or_no(value: bool | None) -> str:
    return {True: "Yes", False: "No", None: ""}[value]


def _likelihood(row: WanCoverage) -> str:
    return Likelihood(row.likelihood).duis if row.likelihood else ""
