"""Parts that several requests and answers share: names' lengths, ESME Variant, meter points, UPRN and address."""

from typing import Final

from inventory.duis.fields import Fields
from inventory.duis.refusals import VariantRule
from inventory.models.choices import EsmeVariant

LONGEST_NAME: Final = 30
LONGEST_FIRMWARE: Final = 8
LONGEST_SMETS: Final = 20
MPAN: Final = 13
LAST_UPRN: Final = 10**12 - 1
SHORTEST_POST_CODE: Final = 6
LONGEST_POST_CODE: Final = 8


def read_variant(fields: Fields) -> EsmeVariant | None:
    """Return the ESME Variant, if the element is there; raises VariantRule for one that DUIS does not know."""
    text = fields.text_if_any("ESMEVariant", longest=LONGEST_NAME)
    try:
        return EsmeVariant.of(text) if text else None
    except ValueError:
        raise VariantRule(problem="DUIS 5.4 does not know it") from None


def read_mpxns(fields: Fields) -> tuple[str, str, str]:
    """Return import MPxN, secondary import MPAN and export MPAN. Only their lengths are checked."""
    return (
        fields.text_if_any("ImportMPxN", longest=MPAN),
        fields.text_if_any("SecondaryImportMPAN", longest=MPAN, shortest=MPAN),
        fields.text_if_any("ExportMPAN", longest=MPAN, shortest=MPAN),
    )


def read_uprn(fields: Fields) -> int:
    """Return the UPRN: up to twelve digits."""
    return fields.number("UPRN", lowest=1, highest=LAST_UPRN)


def read_address(fields: Fields, name: str, *, is_newer: bool) -> tuple[str, str]:
    """Return post code and address identifier of an element.

    No more than their lengths is checked: published messages hold post codes that no town has.
    """
    address = Fields(fields.node(name), ("PostCode", "AddressIdentifier"), is_newer=is_newer)
    return (
        address.text("PostCode", longest=LONGEST_POST_CODE, shortest=SHORTEST_POST_CODE),
        address.text("AddressIdentifier", longest=LONGEST_NAME, shortest=0),
    )
