"""Reads the Service Requests that this version applies: 12.2 and 8.11."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from inventory.duis.fields import Fields, against
from inventory.duis.messages import (
    HanDeviceLogUpdate,
    LogChange,
    Message,
    ModelFacts,
    Prenotification,
    RequestId,
    Srv,
)
from inventory.duis.refusals import InstallCodeLength, VariantMismatch, VariantRule, WhitelistDetails
from inventory.duis.safe_xml import Node
from inventory.models.choices import DeviceType, EsmeVariant
from ssi.eui64 import Eui64

LONGEST_NAME: Final = 30
LONGEST_FIRMWARE: Final = 8
LONGEST_SMETS: Final = 20
MPAN: Final = 13
LONGEST_JOIN_SECONDS: Final = 3_600
INSTALL_CODE_BYTES: Final = frozenset({6, 8, 12, 16})

_EUI: Final = r"[A-Fa-f0-9]{2}(?:-[A-Fa-f0-9]{2}){7}"
_REQUEST_ID: Final = re.compile(rf"({_EUI}):({_EUI}):(0|[1-9][0-9]{{0,19}})", re.ASCII)
_LAST_COUNTER: Final = 2**64 - 1
_LONGEST_HEADER: Final = 80
_HEX_CODE: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+", re.ASCII)
_LONGEST_CODE_TEXT: Final = 128


def read_request_id(text: str) -> RequestId | None:
    """Return the three parts of a RequestID, or None if it is not originator:target:counter."""
    match = _REQUEST_ID.fullmatch(text)
    if not match or int(match.group(3)) > _LAST_COUNTER:
        return None
    return RequestId(Eui64.parse(match.group(1)), Eui64.parse(match.group(2)), int(match.group(3)))


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
        request_id = read_request_id(fields.text("RequestID", longest=_LONGEST_HEADER))
        if request_id is None:
            raise against(
                "RequestID is not originator:target:counter",
                "Give two EUI-64 and a counter up to 18446744073709551615, separated by colons.",
            )
        srv = fields.text("ServiceReferenceVariant", longest=_LONGEST_HEADER)
        reference = fields.text("ServiceReference", longest=_LONGEST_HEADER)
        if srv != reference and not srv.startswith(f"{reference}."):
            raise VariantMismatch(srv=srv, problem="its ServiceReference is another")
        return cls(request_id, fields.number("CommandVariant", lowest=1, highest=9), srv)


def _read_prenotification(header: Header, node: Node, is_newer: bool) -> Prenotification:
    fields = Fields(
        node,
        (
            "DeviceID",
            "DeviceManufacturer",
            "DeviceModel",
            "DeviceType",
            "SMETSCHTSVersion",
            "FirmwareVersion",
            "ESMEVariant",
            "AssociatedGPFDeviceID",
        ),
        is_newer=is_newer,
    )
    return Prenotification(
        request_id=header.request_id,
        command_variant=header.command_variant,
        device_id=fields.eui("DeviceID"),
        model=ModelFacts(
            device_type=fields.choice("DeviceType", DeviceType),
            manufacturer=fields.text("DeviceManufacturer", longest=LONGEST_NAME),
            model=fields.text("DeviceModel", longest=LONGEST_NAME),
            firmware_version=fields.text_if_any("FirmwareVersion", longest=LONGEST_FIRMWARE),
            smets_version=fields.text_if_any("SMETSCHTSVersion", longest=LONGEST_SMETS),
        ),
        esme_variant=read_variant(fields),
        associated_gpf=fields.eui_if_any("AssociatedGPFDeviceID"),
    )


def read_variant(fields: Fields) -> EsmeVariant | None:
    """Return the ESME Variant, if the element is there; raises VariantRule for one that DUIS does not know."""
    text = fields.text_if_any("ESMEVariant", longest=LONGEST_NAME)
    try:
        return EsmeVariant.of(text) if text else None
    except ValueError:
        raise VariantRule(problem="DUIS 5.4 does not know it") from None


def _read_log_update(header: Header, node: Node, is_newer: bool) -> HanDeviceLogUpdate:
    fields = Fields(
        node,
        ("ExecutionDateTime", "DeviceID", "RequestType", "AddDeviceToCHFWhitelist"),
        is_newer=is_newer,
    )
    change = _read_change(fields)
    mpxns = _read_joining(fields, is_newer=is_newer) if change is LogChange.ADD else ("", "", "")
    return HanDeviceLogUpdate(
        request_id=header.request_id,
        command_variant=header.command_variant,
        device_id=fields.eui("DeviceID"),
        change=change,
        execute_at=fields.moment_if_any("ExecutionDateTime"),
        import_mpxn=mpxns[0],
        secondary_import_mpan=mpxns[1],
        export_mpan=mpxns[2],
    )


def _read_change(fields: Fields) -> LogChange:
    text = fields.text("RequestType", longest=LONGEST_NAME)
    if text not in set(LogChange):
        raise against("RequestType has a value that DUIS 5.4 does not know", "Give Add or Remove.")
    change = LogChange(text)
    details = fields.has("AddDeviceToCHFWhitelist")
    if details != (change is LogChange.ADD):
        raise WhitelistDetails(request_type=change, problem="comes with" if details else "comes without")
    return change


def _read_joining(fields: Fields, *, is_newer: bool) -> tuple[str, str, str]:
    """Check how a device joins, and return its three meter points. The install code is checked and left behind."""
    joining = Fields(
        fields.node("AddDeviceToCHFWhitelist"),
        ("JoinTimePeriod", "InstallCode", "ImportMPxN", "SecondaryImportMPAN", "ExportMPAN"),
        is_newer=is_newer,
    )
    joining.number("JoinTimePeriod", lowest=1, highest=LONGEST_JOIN_SECONDS)
    _check_install_code(joining.text("InstallCode", longest=_LONGEST_CODE_TEXT))
    return read_mpxns(joining)


def _check_install_code(text: str) -> None:
    if not _HEX_CODE.fullmatch(text):
        raise against("InstallCode is not hexadecimal", "Give pairs of the digits 0-9 and A-F alone.")
    if len(text) // 2 not in INSTALL_CODE_BYTES:
        raise InstallCodeLength(count=len(text) // 2)


def read_mpxns(fields: Fields) -> tuple[str, str, str]:
    """Return import MPxN, secondary import MPAN and export MPAN. Only their lengths are checked."""
    return (
        fields.text_if_any("ImportMPxN", longest=MPAN),
        fields.text_if_any("SecondaryImportMPAN", longest=MPAN, shortest=MPAN),
        fields.text_if_any("ExportMPAN", longest=MPAN, shortest=MPAN),
    )


Read = Callable[[Header, Node, bool], Message]

REQUESTS: Final[dict[str, tuple[str, Read]]] = {
    Srv.DEVICE_PRENOTIFICATION: ("DevicePrenotification", _read_prenotification),
    Srv.UPDATE_HAN_DEVICE_LOG: ("UpdateHANDeviceLog", _read_log_update),
}
"""By Service Reference Variant: the body's one element, and how to read it."""
