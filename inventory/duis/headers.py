"""Reads the headers of Service Requests and of responses, and the ids in them."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from inventory.duis.fields import Fields, against
from inventory.duis.messages import RequestId
from inventory.duis.refusals import VariantMismatch
from inventory.duis.safe_xml import Node
from ssi.eui64 import Eui64

LONGEST_HEADER: Final = 80
SRV: Final = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2}){1,2}", re.ASCII)
RESPONSE_CODE: Final = re.compile(r"[IEW][0-9]{1,6}", re.ASCII)

_EUI: Final = r"[A-Fa-f0-9]{2}(?:-[A-Fa-f0-9]{2}){7}"
_REQUEST_ID: Final = re.compile(rf"({_EUI}):({_EUI}):(0|[1-9][0-9]{{0,19}})", re.ASCII)
_LAST_COUNTER: Final = 2**64 - 1
_LONGEST_CODE: Final = 20


def read_request_id(text: str) -> RequestId | None:
    """Return the three parts of a RequestID, or None if it is not originator:target:counter."""
    match = _REQUEST_ID.fullmatch(text)
    if not match or int(match.group(3)) > _LAST_COUNTER:
        return None
    return RequestId(Eui64.parse(match.group(1)), Eui64.parse(match.group(2)), int(match.group(3)))


def request_id_in(fields: Fields, name: str = "RequestID") -> RequestId:
    """Return the RequestID, or ResponseID, in an element; raises AgainstSchema if it is none."""
    request_id = read_request_id(fields.text(name, longest=LONGEST_HEADER))
    if request_id is None:
        parts = "target:originator:counter" if name == "ResponseID" else "originator:target:counter"
        raise against(
            f"{name} is not {parts}",
            "Give two EUI-64 and a counter up to 18446744073709551615, separated by colons.",
        )
    return request_id


def variant_in(fields: Fields) -> str:
    """Return the Service Reference Variant; raises VariantMismatch where the Service Reference is another's."""
    srv = fields.text("ServiceReferenceVariant", longest=LONGEST_HEADER)
    reference = fields.text("ServiceReference", longest=LONGEST_HEADER)
    if not SRV.fullmatch(srv):
        raise against("ServiceReferenceVariant is none of DUIS's form", "Give one, such as 12.2.")
    if srv != reference and not srv.startswith(f"{reference}."):
        raise VariantMismatch(srv=srv, problem="its ServiceReference is another")
    return srv


@dataclass(frozen=True, slots=True)
class Header:
    """A Service Request's header, its parts in agreement."""

    request_id: RequestId
    command_variant: int
    srv: str

    @classmethod
    def read(cls, node: Node, *, is_newer: bool) -> Self:
        """Read a header; raises AgainstSchema, or VariantMismatch where reference and variant disagree."""
        fields = Fields(
            node,
            (
                "RequestID",
                "FirstInSequence",
                "PrecedingServiceRequestID",
                "CommandVariant",
                "ServiceReference",
                "ServiceReferenceVariant",
            ),
            is_newer=is_newer,
        )
        request_id = request_id_in(fields)
        if fields.has("FirstInSequence"):
            fields.flag("FirstInSequence")
        if fields.has("PrecedingServiceRequestID"):
            request_id_in(fields, "PrecedingServiceRequestID")
        srv = variant_in(fields)
        return cls(request_id, fields.number("CommandVariant", lowest=1, highest=9), srv)


@dataclass(frozen=True, slots=True)
class ResponseHeader:
    """The header of a response or an alert. An alert has no RequestID; `response_id` begins with who sent it."""

    request_id: RequestId | None
    response_id: RequestId | None
    response_code: str
    responded_at: datetime

    @classmethod
    def read(cls, node: Node, *, is_newer: bool) -> Self:
        """Read a header; raises AgainstSchema."""
        fields = Fields(node, ("RequestID", "ResponseID", "ResponseCode", "ResponseDateTime"), is_newer=is_newer)
        request_id = request_id_in(fields) if fields.has("RequestID") else None
        response_id = request_id_in(fields, "ResponseID") if fields.has("ResponseID") else None
        response_code = fields.text("ResponseCode", longest=_LONGEST_CODE)
        if not RESPONSE_CODE.fullmatch(response_code):
            raise against("ResponseCode is none of DUIS's form", "Give one, such as I0.")
        return cls(request_id, response_id, response_code, fields.moment("ResponseDateTime"))

    def required_request_id(self) -> RequestId:
        """Return the RequestID; raises AgainstSchema where there is none."""
        if self.request_id is None:
            raise against("RequestID is missing from Header", "Add the RequestID of what this answers.")
        return self.request_id
