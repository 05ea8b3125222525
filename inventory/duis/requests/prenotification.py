"""Reads Service Request 12.2: a device will be installed."""

from inventory.duis.fields import Fields
from inventory.duis.headers import Header
from inventory.duis.messages import ModelFacts, Prenotification
from inventory.duis.requests.parts import LONGEST_FIRMWARE, LONGEST_NAME, LONGEST_SMETS, read_variant
from inventory.duis.safe_xml import Node
from inventory.models.choices import DeviceType


def read_prenotification(header: Header, node: Node, is_newer: bool) -> Prenotification:
    """Return what a DevicePrenotification says; raises DuisRefusal."""
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
