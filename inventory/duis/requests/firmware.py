"""Reads Service Requests 11.1 and 11.4: firmware for up to 50,000 devices. The image passes by and is not kept."""

import re
from typing import Final

from inventory.duis.fields import Fields, against
from inventory.duis.headers import Header
from inventory.duis.messages import FirmwareUpdate
from inventory.duis.requests.parts import LONGEST_FIRMWARE
from inventory.duis.safe_xml import Node
from inventory.duis.srv import Srv

LARGEST_IMAGE: Final = 10_240_000
LONGEST_LIST: Final = 1_199_999
SHORTEST_LIST: Final = 23

_EUI: Final = re.compile(r"[A-Fa-f0-9]{2}(?:-[A-Fa-f0-9]{2}){7}", re.ASCII)


def read_firmware_update(header: Header, node: Node, is_newer: bool) -> FirmwareUpdate:
    """Return what an UpdateFirmware or UpdatePPMIDFirmware says; raises AgainstSchema."""
    fields = Fields(node, ("FirmwareImage", "FirmwareVersion", "DeviceIDList"), is_newer=is_newer)
    _check_image(fields.node("FirmwareImage"))
    firmware_version = fields.text("FirmwareVersion", longest=LONGEST_FIRMWARE)
    device_ids = fields.text("DeviceIDList", longest=LONGEST_LIST, shortest=SHORTEST_LIST).split(",")
    if not all(map(_EUI.fullmatch, device_ids)):
        raise against(
            "DeviceIDList is not a list of EUI-64",
            "Give Device IDs such as 00-DB-12-34-56-78-90-A0, separated by commas and nothing else.",
        )
    return FirmwareUpdate(
        request_id=header.request_id,
        command_variant=header.command_variant,
        srv=Srv(header.srv),
        firmware_version=firmware_version,
        device_ids=tuple(device_ids),
    )


def _check_image(node: Node) -> None:
    image = node.image
    if node.children or image is None or not image.is_base64:
        raise against("FirmwareImage is not base64", "Give the image alone, as xs:base64Binary.")
    if image.octets > LARGEST_IMAGE:
        raise against("FirmwareImage is too large", f"Give up to {LARGEST_IMAGE:,} bytes.")
