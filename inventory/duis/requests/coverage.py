"""Reads Service Request 12.1: what connection to the SM WAN can be expected at a location."""

from typing import Final

from inventory.duis.fields import Fields
from inventory.duis.headers import Header
from inventory.duis.messages import CoverageQuery
from inventory.duis.requests.parts import read_address, read_uprn
from inventory.duis.safe_xml import Node

_KEYS: Final = ("UPRN", "PartialAddress")


def read_coverage_query(header: Header, node: Node, is_newer: bool) -> CoverageQuery:
    """Return what a RequestWANMatrix asks, by UPRN or by address; raises AgainstSchema."""
    fields = Fields(node, _KEYS, is_newer=is_newer)
    if fields.one_of(_KEYS) == "UPRN":
        return CoverageQuery(header.request_id, header.command_variant, uprn=read_uprn(fields))
    post_code, address_identifier = read_address(fields, "PartialAddress", is_newer=is_newer)
    return CoverageQuery(
        header.request_id,
        header.command_variant,
        post_code=post_code,
        address_identifier=address_identifier,
    )
