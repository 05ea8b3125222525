"""What can be wrong with a file of SM WAN coverage, besides what any file in CSV can have."""

from inventory.actions.registrations.findings import NotADate, NotReadable, WrongColumns, WrongNumberOfValues
from ssi.refusals import Refusal


class NothingInIt(Refusal):
    """The file has no row that can be taken."""

    suggestion = "Send the full set: what the file does not have is not known any more afterwards."


class RegionUnknown(Refusal):
    """There is no such CSP region in DUIS."""

    suggestion = "Write North, Central, South, 4G North, 4G Central, 4G South, Unknown or SMETS1."
    source = "DUIS schema: CSPRegion"
    field = "csp_region"


class NotAPostCode(Refusal):
    """This is not a postcode of Great Britain."""

    suggestion = "Write it like NL1 4QX; the space may be left out."
    field = "post_code"


class NotAUprn(Refusal):
    """This is not a UPRN."""

    suggestion = "Write its 1 to 12 digits."
    source = "DUIS schema: UPRN"
    field = "uprn"


class NoPlace(Refusal):
    """The line names no place."""

    suggestion = "Give a postcode, a UPRN or both."
    field = "post_code"


class AddressWithoutPostCode(Refusal):
    """The line has an address identifier, and no postcode."""

    suggestion = "Give the postcode as well: the identifier is looked for within it."
    field = "address_identifier"


class NeitherTrueNorFalse(Refusal):
    """This is neither true nor false."""

    suggestion = "Write true or false; leave it empty together with `connectivity_likelihood`."
    field = "coverage_availability"


class LikelihoodUnknown(Refusal):
    """There is no such likelihood of a connection."""

    suggestion = "Write High, Medium or Low; leave it empty together with `coverage_availability`."
    source = "DUIS schema: ConnectivityLikelihood"
    field = "connectivity_likelihood"


class HalfAnAnswer(Refusal):
    """The line has one of availability and likelihood, and not the other."""

    suggestion = "Give both, or neither where the region's provider gave no answer."
    source = "DUIS schema: DSPWANMatrixResponse has both or neither"
    field = "connectivity_likelihood"


class TooLong(Refusal):
    """This has more than {longest} characters."""

    suggestion = "Shorten it."
    source = "DUIS schema: DSPWANMatrixResponse"


class PlaceGivenTwice(Refusal):
    """This region's answer for this place stands in line {first} already."""

    suggestion = "Leave one of the two lines out."
    field = "csp_region"


REFUSALS: tuple[type[Refusal], ...] = (
    NotReadable,
    WrongColumns,
    WrongNumberOfValues,
    NothingInIt,
    RegionUnknown,
    NotAPostCode,
    NotAUprn,
    NoPlace,
    AddressWithoutPostCode,
    NeitherTrueNorFalse,
    LikelihoodUnknown,
    HalfAnAnswer,
    NotADate,
    TooLong,
    PlaceGivenTwice,
)
"""In the order of the reference page."""
