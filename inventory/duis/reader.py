"""From bytes to a message: first the envelope, which says whom to answer, then what is in it."""

import re
import sys
from dataclasses import dataclass, field, replace
from decimal import Decimal
from io import BytesIO
from typing import BinaryIO, Final, cast

from django.utils import timezone

from inventory.duis.fields import DSIG, SR, Fields, against
from inventory.duis.headers import SRV, Header, read_request_id
from inventory.duis.limits import Limits
from inventory.duis.messages import Message, Request
from inventory.duis.refusals import NotDuis, NotHandledYet, VariantMismatch, VersionNotRead
from inventory.duis.requests import REQUESTS
from inventory.duis.requests.commands import read_signed_pre_command
from inventory.duis.responses import read_response
from inventory.duis.safe_xml import Node, parse
from inventory.duis.signatures import verified
from inventory.duis.srv import Srv
from inventory.duis.trust import Trust

_VARIANTS: Final = (("Header",), ("Body", "ResponseMessage"), ("Body", "SMETS1ResponseMessage"))
_ROOTS: Final = frozenset({"Request", "Response", "SMETS1SignedResponse", "S1SPAlert"})
_VERSION: Final = re.compile(r"\+?[0-9]{1,3}(?:\.[0-9]{1,6})?", re.ASCII)
_MAJOR: Final = 5
_NEWEST: Final = Decimal("5.4")
SIGNED_PRE_COMMAND: Final = "SignedPreCommand"
CRITICAL: Final = frozenset({Srv.COMMISSION_DEVICE, Srv.JOIN_CRITICAL, Srv.UNJOIN_CRITICAL, Srv.ACTIVATE_FIRMWARE})
"""What is sent twice: to get a pre-command, and with the pre-command signed."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A DUIS message whose body has not been read: as much as an answer needs.

    `request_id` and `srv` are "" where the message has none or they are not well-formed. `data` is the message as
    it came, kept only where its signature is to be verified: `trust` says whose are good.
    """

    root: Node = field(repr=False)
    request_id: str
    srv: str
    data: bytes = field(default=b"", repr=False)
    trust: Trust | None = field(default=None, repr=False)

    @property
    def is_request(self) -> bool:
        """Tell a Service Request from a response or alert."""
        return self.root.name == "Request"

    @property
    def is_signed_pre_command(self) -> bool:
        """Tell the second half of a Critical request from its first, also where the rest cannot be read."""
        bodies = [child for child in self.root.children if (child.namespace, child.name) == (SR, "Body")]
        return self.is_request and any(
            (child.namespace, child.name) == (SR, SIGNED_PRE_COMMAND) for body in bodies for child in body.children
        )

    @property
    def is_newer(self) -> bool:
        """Tell whether a later DUIS 5 than the newest known here wrote it."""
        return Decimal(self.root.attributes["schemaVersion"].strip()) > _NEWEST


def read_envelope(stream: BinaryIO, limits: Limits, trust: Trust | None = None) -> Envelope:
    """Read a whole message as XML and look who it is from; raises Unreadable if it is not DUIS at all.

    With `trust`, `read_message` refuses what none of its certificates signed.
    """
    if trust is None:
        return _envelope_of(parse(stream, limits))
    copy = _Copying(stream)
    return replace(_envelope_of(parse(cast("BinaryIO", copy), limits)), data=bytes(copy.taken), trust=trust)


class _Copying:
    """A stream that keeps what was read from it; the limits end the reading."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.taken = bytearray()

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        chunk = self.stream.read(size)
        self.taken += chunk
        return chunk


def _envelope_of(root: Node) -> Envelope:
    if not root.namespace:
        raise NotDuis(problem="its outermost element is in no namespace")
    if root.namespace != SR:
        raise NotDuis(problem="its outermost element is in another namespace")
    if root.name not in _ROOTS:
        raise NotDuis(problem="its outermost element is none of DUIS's messages")
    request_id = _glimpse(root, "Header", "RequestID")
    srv = next(filter(None, (_glimpse(root, *path, "ServiceReferenceVariant") for path in _VARIANTS)), "")
    return Envelope(
        root=root,
        request_id=request_id if read_request_id(request_id) else "",
        srv=srv if SRV.fullmatch(srv) else "",
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
    """Return what the message says; raises DuisRefusal with the reason it cannot be applied.

    Where signatures are verified, what it says is read once more, from the bytes that were signed.
    """
    message = _read(envelope)
    if envelope.trust is None:
        return message
    originator = message.request_id.originator if isinstance(message, Request) else None
    signed = verified(envelope.data, envelope.trust, originator=originator, at=timezone.now())
    unlimited = Limits(total_bytes=sys.maxsize)  # canonical form may be longer; what it holds was in bounds
    return _read(_envelope_of(parse(BytesIO(signed), unlimited)))


def _read(envelope: Envelope) -> Message:
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
    body = message.node("Body")
    if body.text.strip():
        raise against("Body has text between its elements", "Remove that text.")
    if len(body.children) != 1 or body.children[0].namespace != SR:
        raise VariantMismatch(srv=envelope.srv, problem=f"its body is not one {known}")
    (asked,) = body.children
    if asked.name == SIGNED_PRE_COMMAND and envelope.srv in CRITICAL:
        return read_signed_pre_command(header, asked, envelope.is_newer)
    if asked.name != known:
        raise VariantMismatch(srv=envelope.srv, problem=f"its body is not one {known}")
    return read(header, asked, envelope.is_newer)


def _parts(envelope: Envelope) -> Fields:
    """Return Header and Body. A signature comes last; whether it is right is looked at elsewhere."""
    root = envelope.root
    signatures = [each for each in root.children if (each.namespace, each.name) == (DSIG, "Signature")]
    if len(signatures) > 1:
        raise against(f"Signature comes twice in {root.name}", "Give it once.")
    if signatures and root.children[-1] is not signatures[0]:
        raise against(f"Signature does not come last in {root.name}", "Put it behind Body.")
    unsigned = Node(root.namespace, root.name, root.attributes, text=root.text)
    unsigned.children = root.children[: len(root.children) - len(signatures)]
    return Fields(unsigned, ("Header", "Body"), is_newer=envelope.is_newer)


def _read_response(envelope: Envelope) -> Message:
    if envelope.root.name != "Response":
        raise NotHandledYet(what=f"A message of the kind {envelope.root.name}")
    message = _parts(envelope)
    return read_response(message.node("Header"), message.node("Body"), is_newer=envelope.is_newer)
