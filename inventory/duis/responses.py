"""Reads what comes back: responses to Service Requests, device alerts and DCC alerts."""

from typing import Final

from inventory.duis.alerts import read_dcc_alert, read_device_alert
from inventory.duis.fields import Fields
from inventory.duis.headers import ResponseHeader, variant_in
from inventory.duis.inventory_answers import read_inventory
from inventory.duis.messages import DccAlert, DeviceAlert, InventoryAnswer, ServiceResponse
from inventory.duis.refusals import NoInventory, NotHandledYet, ResponseIdMismatch, VariantMismatch
from inventory.duis.safe_xml import Node
from inventory.duis.srv import Srv

_KINDS: Final = ("ResponseMessage", "DeviceAlertMessage", "DCCAlertMessage", "SMETS1ResponseMessage")
_INVENTORY: Final = "DSPInventory"
_FUTURE_DATED: Final = "FutureDatedDeviceAlertMessage"
_NOT_FROM_DEVICE: Final = frozenset({"PreCommand", "LocalCommand"})
_PAYLOADS: Final = (
    "CINMessage",
    _INVENTORY,
    "DSPOptIn",
    "DSPSchedulesRead",
    "DSPScheduledMessage",
    "DSPScheduleID",
    "DSPUpdateFirmwareWarning",
    "DSPUpdatePPMIDFirmwareWarning",
    "DSPWANMatrix",
    _FUTURE_DATED,
    "GBCSPayload",
    "LocalCommand",
    "PreCommand",
)
"""What a response may carry. Source: DUIS 5.4 schema, ResponseMessage."""

Answered = InventoryAnswer | ServiceResponse | DeviceAlert | DccAlert


def read_response(header_node: Node, body_node: Node, *, is_newer: bool) -> Answered:
    """Return what a Response says; raises DuisRefusal."""
    body = Fields(body_node, _KINDS, is_newer=is_newer)
    kind = body.one_of(_KINDS)
    header = ResponseHeader.read(header_node, is_newer=is_newer)
    if kind == "DeviceAlertMessage":
        return read_device_alert(header, body.node(kind), is_newer)
    if kind == "DCCAlertMessage":
        return read_dcc_alert(header, body.node(kind), is_newer)
    _require_mirrored(header)
    if kind == "SMETS1ResponseMessage":
        return _read_smets1(header, body.node(kind), is_newer=is_newer)
    return _read_message(header, body.node(kind), is_newer=is_newer)


def _require_mirrored(header: ResponseHeader) -> None:
    """Where both ids are there, pass if ResponseID is the RequestID the other way round."""
    asked, answered = header.request_id, header.response_id
    if asked is None or answered is None:
        return
    if (answered.originator, answered.target, answered.counter) != (asked.target, asked.originator, asked.counter):
        raise ResponseIdMismatch


def _read_message(header: ResponseHeader, node: Node, *, is_newer: bool) -> InventoryAnswer | ServiceResponse:
    fields = Fields(node, ("ServiceReference", "ServiceReferenceVariant", *_PAYLOADS), is_newer=is_newer)
    srv = variant_in(fields)
    payload = fields.one_of(_PAYLOADS) if any(map(fields.has, _PAYLOADS)) else ""
    if srv == Srv.READ_INVENTORY:
        return _read_inventory(header, fields, payload, is_newer=is_newer)
    if payload == _INVENTORY:
        raise VariantMismatch(srv=srv, problem=f"its body is a {_INVENTORY}, the answer to 8.2")
    if payload == _FUTURE_DATED:
        raise NotHandledYet(what="A response about a command with an execution date")
    return _response(header, srv, is_pre_command=payload in _NOT_FROM_DEVICE)


def _read_inventory(header: ResponseHeader, fields: Fields, payload: str, *, is_newer: bool) -> InventoryAnswer:
    if payload not in {"", _INVENTORY}:
        raise VariantMismatch(srv=Srv.READ_INVENTORY, problem=f"its body is not one {_INVENTORY}")
    if not payload or not header.response_code.startswith("I"):
        raise NoInventory(response_code=header.response_code)
    return read_inventory(fields.node(_INVENTORY), is_newer=is_newer)


def _read_smets1(header: ResponseHeader, node: Node, *, is_newer: bool) -> ServiceResponse:
    """Return the response of a SMETS1 device: its code, for what it says is signed by its provider."""
    fields = Fields(
        node,
        (
            "ServiceReference",
            "ServiceReferenceVariant",
            "DSPScheduleID",
            "ThrottledAlertSequenceId",
            "ThrottledAlertCount",
            "SMETS1SignedResponse",
        ),
        is_newer=is_newer,
    )
    fields.node("SMETS1SignedResponse")
    if header.request_id is None:
        raise NotHandledYet(what="A message of a SMETS1 device that answers no Service Request")
    has_variant = fields.has("ServiceReferenceVariant") or fields.has("ServiceReference")
    return _response(header, variant_in(fields) if has_variant else "")


def _response(header: ResponseHeader, srv: str, *, is_pre_command: bool = False) -> ServiceResponse:
    return ServiceResponse(
        request_id=header.required_request_id(),
        response_code=header.response_code,
        responded_at=header.responded_at,
        srv=srv,
        is_pre_command=is_pre_command,
    )
