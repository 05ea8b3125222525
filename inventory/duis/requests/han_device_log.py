"""Reads Service Request 8.11: a device may join the network of a Communications Hub, or leaves it."""

import re
from typing import Final

from inventory.duis.fields import Fields, against
from inventory.duis.headers import Header
from inventory.duis.messages import HanDeviceLogUpdate, LogChange
from inventory.duis.refusals import InstallCodeLength, WhitelistDetails
from inventory.duis.requests.parts import read_mpxns
from inventory.duis.safe_xml import Node

LONGEST_JOIN_SECONDS: Final = 3_600
INSTALL_CODE_BYTES: Final = frozenset({6, 8, 12, 16})

_HEX_CODE: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+", re.ASCII)
_LONGEST_CODE_TEXT: Final = 128


def read_log_update(header: Header, node: Node, is_newer: bool) -> HanDeviceLogUpdate:
    """Return what an UpdateHANDeviceLog says; raises DuisRefusal."""
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
    change = LogChange(fields.word("RequestType", tuple(LogChange)))
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
