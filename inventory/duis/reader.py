"""From bytes to a message: first the envelope, which says whom to answer, then what is in it."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO, Final

from inventory.duis.fields import DSIG, SR, Fields, against
from inventory.duis.inventory_answers import read_inventory
from inventory.duis.limits import Limits
from inventory.duis.messages import Message, Srv
from inventory.duis.refusals import NoInventory, NotDuis, NotHandledYet, VariantMismatch, VersionNotRead
from inventory.duis.requests import REQUESTS, Header, read_request_id
from inventory.duis.safe_xml import Node, parse

_ROOTS: Final = frozenset({"Request", "Response", "SMETS1SignedResponse", "S1SPAlert"})
_SRV: Final = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2}){1,2}", re.ASCII)
_VERSION: Final = re.compile(r"\+?[0-9]{1,3}(?:\.[0-9]{1,6})?", re.ASCII)
_MAJOR: Final = 5
_NEWEST: Final = Decimal("5.4")
_RESPONSE_CODE: Final = re.compile(r"[IEW][0-9]{1,6}", re.ASCII)
_ALERT_CODE: Final = re.compile(r"[A-Z0-9]{1,4}", re.ASCII)
_LONGEST_CODE: Final = 20


@dataclass(frozen=True, slots=True)
class Envelope:
    """A DUIS message whose body has not been read: as much as an answer needs.

    `request_id` and `srv` are "" where the message has none or they are not well-formed.
    """

    root: Node = field(repr=False)
    request_id: str
    srv: str

    @property
    def is_request(self) -> bool:
        """Tell a Service Request from a response or alert."""
        return self.root.name == "Request"

    @property
    def is_newer(self) -> bool:
        """Tell whether a later DUIS 5 than the newest known here wrote it."""
        return Decimal(self.root.attributes["schemaVersion"].strip()) > _NEWEST


def read_envelope(stream: BinaryIO, limits: Limits) -> Envelope:
    """Read a whole message as XML and look who it is from; raises Unreadable if it is not DUIS at all."""
    root = parse(stream, limits)
    if not root.namespace:
        raise NotDuis(problem="its outermost element is in no namespace")
    if root.namespace != SR:
        raise NotDuis(problem="its outermost element is in another namespace")
    if root.name not in _ROOTS:
        raise NotDuis(problem="its outermost element is none of DUIS's messages")
    request_id = _glimpse(root, "Header", "RequestID")
    srv = _glimpse(root, "Header", "ServiceReferenceVariant") or _glimpse(
        root, "Body", "ResponseMessage", "ServiceReferenceVariant"
    )
    return Envelope(
        root=root,
        request_id=request_id if read_request_id(request_id) else "",
        srv=srv if _SRV.fullmatch(srv) else "",
    )


def _glimpse(node: Node, *path: str) -> str:
    """Return the text at a path of element names, "" if there is none."""
    for name in path:
        found = next((child for child in node.children if child.namespace == SR and child.name == name), None)
        if found is None:
            return ""
        node = found
    return node.text.strip()


def read_message(envelope: Envelope) -> Message:
    """Return what the message says; raises DuisRefusal with the reason it cannot be applied."""
    version = envelope.root.attributes.get("schemaVersion", "").strip()
    if not _VERSION.fullmatch(version) or int(Decimal(version)) != _MAJOR:
        raise VersionNotRead
    if envelope.is_request:
        return _read_request(envelope)
    return _read_response(envelope)


def _read_request(envelope: Envelope) -> Message:
    if not envelope.srv:
        raise against(
            "its header has no ServiceReferenceVariant, or none of DUIS's form", "Give one, such as 12.2."
        )
    if envelope.srv not in REQUESTS:
        raise NotHandledYet(what=f"Service Request {envelope.srv}")
    known, read = REQUESTS[envelope.srv]
    message = _parts(envelope)
    header = Header.read(message.node("Header"), is_newer=envelope.is_newer)
    bodies = message.node("Body").children
    if len(bodies) != 1 or bodies[0].namespace != SR or bodies[0].name != known:
        raise VariantMismatch(srv=envelope.srv, problem=f"its body is not one {known}")
    return read(header, bodies[0], envelope.is_newer)


def _parts(envelope: Envelope) -> Fields:
    """Return Header and Body. The signature is not looked at: the feed comes from the DCC's own systems."""
    root = envelope.root
    unsigned = Node(root.namespace, root.name, root.attributes, text=root.text)
    unsigned.children = [each for each in root.children if (each.namespace, each.name) != (DSIG, "Signature")]
    return Fields(unsigned, ("Header", "Body"), is_newer=envelope.is_newer)


def _read_response(envelope: Envelope) -> Message:
    if envelope.root.name != "Response":
        raise NotHandledYet(what=f"A message of the kind {envelope.root.name}")
    message = _parts(envelope)
    body = message.node("Body")
    if envelope.srv != Srv.READ_INVENTORY:
        raise NotHandledYet(what=_name_of(body, envelope.srv))
    header = Fields(
        message.node("Header"),
        ("RequestID", "ResponseID", "ResponseCode", "ResponseDateTime"),
        is_newer=envelope.is_newer,
    )
    response_code = header.text("ResponseCode", longest=_LONGEST_CODE)
    if not _RESPONSE_CODE.fullmatch(response_code):
        raise against("ResponseCode is none of DUIS's form", "Give one, such as I0.")
    inventory = _inventory_in(body, is_newer=envelope.is_newer)
    if inventory is None or not response_code.startswith("I"):
        raise NoInventory(response_code=response_code)
    return read_inventory(inventory, is_newer=envelope.is_newer)


def _name_of(body: Node, srv: str) -> str:
    """Name a response or alert that is not handled: by its SRV, or by the alert's own code."""
    if srv:
        return f"A response to Service Request {srv}"
    for element, code in (("DCCAlertMessage", "DCCAlertCode"), ("DeviceAlertMessage", "AlertCode")):
        text = _glimpse(body, element, code)
        if _ALERT_CODE.fullmatch(text):
            return f"A {'DCC' if element.startswith('DCC') else 'device'} alert {text}"
    return "A response without a Service Reference Variant"


def _inventory_in(body: Node, *, is_newer: bool) -> Node | None:
    response = Fields(body, ("ResponseMessage",), is_newer=is_newer).node("ResponseMessage")
    payload = [
        each for each in response.children if each.name not in ("ServiceReference", "ServiceReferenceVariant")
    ]
    if not payload:
        return None
    if len(payload) > 1 or payload[0].namespace != SR or payload[0].name != "DSPInventory":
        raise VariantMismatch(srv=Srv.READ_INVENTORY, problem="its body is not one DSPInventory")
    return payload[0]
