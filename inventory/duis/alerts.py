"""Reads device alerts and DCC alerts."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from inventory.duis.fields import SR, Fields, against
from inventory.duis.headers import ResponseHeader, request_id_in
from inventory.duis.messages import (
    AlertPayload,
    DccAlert,
    DeviceAlert,
    LogUpdateResult,
    OtherAlert,
    QuarantinedRequest,
    RequestId,
    StatusChange,
    StatusChangeEvent,
)
from inventory.duis.refusals import AlertCodeMismatch, AlertOfError
from inventory.duis.requests.parts import read_mpxns, read_variant
from inventory.duis.safe_xml import Node
from ssi.eui64 import Eui64
from ssi.uploads.models.choices import Breach

ALERT_CODES: Final = frozenset({"AD1", "N999", *(f"N{number}" for number in range(1, 66) if number != 32)})  # noqa: PLR2004
"""The codes of DCC alerts; there is no N32. Source: DUIS 5.4 schema."""

ALERT_OCTETS: Final = 2
MOST_ASSOCIATED: Final = 7

_THROTTLING: Final = ("ThrottledAlertSequenceId", "ThrottledAlertCount")
_LAST_UNSIGNED: Final = 2**32 - 1
_LONGEST_CODE: Final = 8
_ASSOCIATED: Final = "AssociatedType1Device"
_LOG_RESULT: Final = "UpdateHANDeviceLogResult"
LOG_RESULTS: Final = frozenset({"N24", "N25"})
"""The codes of the DCC alerts that tell how an 8.11 ended: it succeeded, it failed."""

_STATUS_CHANGE: Final = "DeviceStatusChangeEvent"
QUARANTINED: Final = "QuarantinedRequest"
BREACHES: Final[Mapping[str, Breach]] = MappingProxyType(
    {
        "ADUserThresholdBreach": Breach.USER_THRESHOLD,
        "ADDCCThresholdBreach": Breach.DCC_THRESHOLD,
        "ADAttributeLimitsBreach": Breach.ATTRIBUTE_LIMITS,
    }
)
"""Why a request was quarantined, by the elements of DUIS's QuarantinedRequest."""

LAST_EVENT_REF: Final = 10**20 - 1
"""QuarantineEventRef has up to 20 digits (DUIS 5.4 schema, ADBreach); a sign, which that allows, is refused."""

PAYLOADS: Final = (
    "PowerOutageEvent",
    _STATUS_CHANGE,
    "DSPScheduleRemoval",
    "CommandFailure",
    "FirmwareDistributionFailure",
    _LOG_RESULT,
    "ChangeOfSupplier",
    "DeviceLogRestored",
    "PPMIDAlert",
    "SecurityCredentialsUpdated",
    "PPMIDRemoval",
    QUARANTINED,
    "FirmwareVersionMismatch",
    "DualBandCHAlert",
    "S1SPAlertDSP",
    "SMETS1CHFirmwareNotification",
    "ALCSHCALCSConfigurationChange",
    "FirmwareUpgradeRequested",
    "CSPFirmwareDeliveryStatus",
    "CommsHubAlert",
    "ECoSAlert",
    "CommsHubFirmwareActivation",
    "CoSCertificateAlert",
    "DUISVersionMismatch",
)
"""What a DCC alert may carry. Source: DUIS 5.4 schema, DCCAlert."""

_REQUESTS: Final = (
    "RequestID",
    "CommandRequestID",
    "UpdateFirmwareRequestID",
    "ChangeOfSupplierServiceRequestID",
)
_DEVICES: Final = (
    "DeviceID",
    "TargetDeviceID",
    "PPMIDDeviceID",
    "ESMEDeviceID",
    "CHFDeviceID",
    "CommsHubDeviceID",
    "NewCHFDeviceID",
)
"""How payloads call the request and the device that they are about, the nearest to it first."""


def read_device_alert(header: ResponseHeader, node: Node, is_newer: bool) -> DeviceAlert:
    """Return a DeviceAlertMessage; raises AgainstSchema or AlertOfError. Who alerts whom stands in ResponseID."""
    _refuse_error(header)
    fields = Fields(node, ("AlertCode", *_THROTTLING, "GBCSPayload"), is_newer=is_newer)
    _check_throttling(fields)
    code = fields.hex("AlertCode", octets=ALERT_OCTETS)
    fields.node("GBCSPayload")
    if header.response_id is None:
        raise against("a device alert comes without ResponseID", "Add it: it begins with the device's ID.")
    return DeviceAlert(
        device_id=header.response_id.originator,
        recipient=header.response_id.target,
        code=code,
        alerted_at=header.responded_at,
        counter=header.response_id.counter,
    )


def read_dcc_alert(header: ResponseHeader, node: Node, is_newer: bool) -> DccAlert:
    """Return a DCCAlertMessage; raises AgainstSchema, AlertOfError or AlertCodeMismatch."""
    _refuse_error(header)
    fields = Fields(node, ("DCCAlertCode", *_THROTTLING, "DCCAlert"), is_newer=is_newer)
    _check_throttling(fields)
    code = fields.text("DCCAlertCode", longest=_LONGEST_CODE)
    if code not in ALERT_CODES:
        raise against("DCCAlertCode has a value that DUIS 5.4 does not know", "Give one, such as N24.")
    payload = _read_payload(Fields(fields.node("DCCAlert"), PAYLOADS, is_newer=is_newer), is_newer=is_newer)
    if isinstance(payload, LogUpdateResult) and code not in LOG_RESULTS:
        raise AlertCodeMismatch(code=code)
    response_id = header.response_id
    return DccAlert(
        code=code,
        alerted_at=header.responded_at,
        payload=payload,
        recipient=response_id.target if response_id else None,
        sender=response_id.originator if response_id else None,
        counter=response_id.counter if response_id else None,
    )


def _refuse_error(header: ResponseHeader) -> None:
    if header.response_code.startswith("E"):
        raise AlertOfError(response_code=header.response_code)


def _check_throttling(fields: Fields) -> None:
    for name in _THROTTLING:
        if fields.has(name):
            fields.number(name, lowest=0, highest=_LAST_UNSIGNED)


def _read_payload(alert: Fields, *, is_newer: bool) -> AlertPayload:
    name = alert.one_of(PAYLOADS)
    node = alert.node(name)
    if name == _LOG_RESULT:
        known = "UpdateHANDeviceLogServiceRequestID"
        return LogUpdateResult(request_id_in(Fields(node, (known,), is_newer=is_newer), known))
    if name == _STATUS_CHANGE:
        return _read_status_change(node, is_newer=is_newer)
    if name == QUARANTINED:
        return _read_quarantined(node, is_newer=is_newer)
    return OtherAlert(name, _request_named_in(node), _device_named_in(node))


def _read_quarantined(node: Node, *, is_newer: bool) -> QuarantinedRequest:
    why = Fields(node, tuple(BREACHES), is_newer=is_newer)
    name = why.one_of(tuple(BREACHES))
    breach = Fields(why.node(name), ("RequestID", "QuarantineEventRef"), is_newer=is_newer)
    return QuarantinedRequest(
        BREACHES[name],
        request_id_in(breach),
        breach.number("QuarantineEventRef", lowest=0, highest=LAST_EVENT_REF),
    )


def _read_status_change(node: Node, *, is_newer: bool) -> StatusChangeEvent:
    event = Fields(node, ("DeviceID", "DeviceStatusChange"), is_newer=is_newer)
    changes = tuple(StatusChange)
    change = Fields(event.node("DeviceStatusChange"), changes, is_newer=is_newer)
    what = StatusChange(change.one_of(changes))
    _check_change(what, change.node(what), is_newer=is_newer)
    return StatusChangeEvent(event.eui("DeviceID"), what)


def _check_change(what: StatusChange, node: Node, *, is_newer: bool) -> None:
    """Check what comes with a change of status; nothing of it is kept."""
    if what is StatusChange.IDENTITY:
        identity = Fields(node, ("MeterMPxNs", "ESMEVariant"), is_newer=is_newer)
        _check_meter_points(identity.node("MeterMPxNs"), is_newer=is_newer)
        read_variant(identity)
    elif what is StatusChange.DECOMMISSIONED:
        associated = [each for each in node.children if each.name == _ASSOCIATED]
        if len(associated) > MOST_ASSOCIATED:
            raise against(
                f"{what} has {len(associated)} associated devices", f"Give {MOST_ASSOCIATED} of them at most."
            )
        others = Node(node.namespace, node.name, {}, [each for each in node.children if each.name != _ASSOCIATED])
        meter = Fields(others, ("MeterDecommissionOrWithdrawal",), is_newer=is_newer)
        _check_meter_points(meter.node("MeterDecommissionOrWithdrawal"), is_newer=is_newer)
        for each in associated:
            Fields(each, ("DeviceID", "DeviceType"), is_newer=is_newer).eui("DeviceID")
    elif what is not StatusChange.RECOVERING:
        Fields(node, (), is_newer=is_newer)


def _check_meter_points(node: Node, *, is_newer: bool) -> None:
    fields = Fields(node, ("ImportMPxN", "SecondaryImportMPAN", "ExportMPAN"), is_newer=is_newer)
    fields.node("ImportMPxN")
    read_mpxns(fields)


def _request_named_in(payload: Node) -> RequestId | None:
    found = _first_named(payload, _REQUESTS)
    return None if found is None else request_id_in(found, found.name)


def _device_named_in(payload: Node) -> Eui64 | None:
    found = _first_named(payload, _DEVICES)
    return None if found is None else found.eui(found.name)


def _first_named(payload: Node, names: Sequence[str]) -> "_Alone | None":
    """Return the element that one of the names, by their order, has in a payload or in an element of it."""
    within = [*payload.children, *(below for each in payload.children for below in each.children)]
    for name in names:
        found = [each for each in within if each.namespace == SR and each.name == name]
        if len(found) > 1:
            raise against(f"{name} comes twice in {payload.name}", "Give it once.")
        if found:
            return _Alone(found[0])
    return None


class _Alone(Fields):
    """One element, read as if it were the only one of its parent."""

    def __init__(self, node: Node) -> None:
        super().__init__(Node(node.namespace, node.name, {}, [node]), (node.name,))
