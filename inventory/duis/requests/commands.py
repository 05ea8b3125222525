"""Reads the Service Requests to a device: 8.1.1, 8.7.x, 8.8.x, 8.12.x, 11.2, 11.3, and signed pre-commands."""

from typing import Final

from inventory.duis.fields import Fields, against
from inventory.duis.headers import Header
from inventory.duis.messages import DeviceCommand, SignedPreCommand
from inventory.duis.safe_xml import Node
from inventory.duis.srv import Srv

SIGNED_VARIANTS: Final = frozenset({5, 6, 7})
"""Command Variants whose input is a signed pre-command. Source: DUIS 5.4 schema, CommandVariant."""

LONGEST_TOLERANCE: Final = 86_400
HASH_OCTETS: Final = 32


def read_commissioning(header: Header, node: Node, is_newer: bool) -> DeviceCommand:
    """Return what a CommissionDeviceSynchroniseClock (8.1.1) says; raises AgainstSchema."""
    fields = Fields(node, ("CurrentDateTime", "TolerancePeriod"), is_newer=is_newer)
    fields.moment("CurrentDateTime")
    fields.number("TolerancePeriod", lowest=0, highest=LONGEST_TOLERANCE)
    return _command(header)


def read_joining(header: Header, node: Node, is_newer: bool) -> DeviceCommand:
    """Return what a Join or Unjoin Service (8.7.x, 8.8.x) says; raises AgainstSchema."""
    return _with_other(header, node, "OtherDeviceID", is_newer)


def read_hub_log(header: Header, node: Node, is_newer: bool) -> DeviceCommand:
    """Return what a RestoreHANDeviceLog (8.12.1) says; raises AgainstSchema."""
    return _with_other(header, node, "OldCHFID", is_newer)


def read_gpf_log(header: Header, node: Node, is_newer: bool) -> DeviceCommand:
    """Return what a RestoreGPFDeviceLog (8.12.2) says; raises AgainstSchema."""
    return _with_other(header, node, "OldGPFID", is_newer)


def read_firmware_reading(header: Header, node: Node, is_newer: bool) -> DeviceCommand:
    """Return what a ReadFirmwareVersion (11.2) says; raises AgainstSchema."""
    return _command(header, Fields(node, ("ExecutionDateTime",), is_newer=is_newer))


def read_activation(header: Header, node: Node, is_newer: bool) -> DeviceCommand:
    """Return what an ActivateFirmware (11.3) says; raises AgainstSchema."""
    fields = Fields(node, ("ExecutionDateTime", "FirmwareHash"), is_newer=is_newer)
    return DeviceCommand(
        request_id=header.request_id,
        command_variant=header.command_variant,
        srv=Srv(header.srv),
        device_id=header.request_id.target,
        execute_at=fields.moment_if_any("ExecutionDateTime"),
        firmware_hash=fields.hex("FirmwareHash", octets=HASH_OCTETS),
    )


def read_signed_pre_command(header: Header, node: Node, is_newer: bool) -> SignedPreCommand:
    """Return what a SignedPreCommand says: when, for what it asks is in GBCS and sealed. Raises AgainstSchema."""
    if header.command_variant not in SIGNED_VARIANTS:
        raise against(
            "a SignedPreCommand comes with another Command Variant than 5, 6 or 7",
            "Correct CommandVariant, or send the body that belongs to it.",
        )
    fields = Fields(node, ("ExecutionDateTime", "GBCSPayload"), is_newer=is_newer)
    if not fields.node("GBCSPayload").text.strip():
        raise against("GBCSPayload is empty", "Give the signed pre-command in base64.")
    return SignedPreCommand(
        request_id=header.request_id,
        command_variant=header.command_variant,
        srv=Srv(header.srv),
        device_id=header.request_id.target,
        execute_at=fields.moment_if_any("ExecutionDateTime"),
    )


def _command(header: Header, fields: Fields | None = None) -> DeviceCommand:
    return DeviceCommand(
        request_id=header.request_id,
        command_variant=header.command_variant,
        srv=Srv(header.srv),
        device_id=header.request_id.target,
        execute_at=fields.moment_if_any("ExecutionDateTime") if fields else None,
    )


def _with_other(header: Header, node: Node, name: str, is_newer: bool) -> DeviceCommand:
    return DeviceCommand(
        request_id=header.request_id,
        command_variant=header.command_variant,
        srv=Srv(header.srv),
        device_id=header.request_id.target,
        other_device=Fields(node, (name,), is_newer=is_newer).eui(name),
    )
