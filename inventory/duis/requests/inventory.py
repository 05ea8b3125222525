"""Reads the Service Requests about the inventory itself: 8.2, 8.3 and 8.4."""

from typing import Final

from inventory.duis.fields import Fields, against
from inventory.duis.headers import Header
from inventory.duis.messages import (
    Decommission,
    Deletion,
    DetailsUpdate,
    InventoryQuery,
    InventoryUpdate,
    MpxnUpdate,
    StatusUpdate,
)
from inventory.duis.requests.parts import (
    LONGEST_FIRMWARE,
    LONGEST_NAME,
    LONGEST_SMETS,
    MPAN,
    read_address,
    read_uprn,
    read_variant,
)
from inventory.duis.safe_xml import Node
from inventory.models.choices import Detail, SmiStatus

_KEYS: Final = ("UPRN", "DeviceID", "MPxN", "PropertyFilter")
_CHANGES: Final = (
    "UpdateDeviceStatusExceptCH",
    "UpdateDeviceStatusCH",
    "UpdateDeviceDetails",
    "DeleteDevice",
    "UpdateMPxN",
)
_STATUSES: Final = ("Pending", "InstalledNotCommissioned")
_HUB_STATUSES: Final = ("Commissioned", "Withdrawn", "InstalledNotCommissioned")
_DETAILS: Final = ("DeviceManufacturer", "DeviceModel", "SMETSCHTSVersion", "FirmwareVersion", "ESMEVariant")
_METER_POINTS: Final = {
    "ImportMPxN": Detail.IMPORT_METER_POINT,
    "SecondaryImportMPAN": Detail.SECONDARY_IMPORT_METER_POINT,
    "ExportMPAN": Detail.EXPORT_METER_POINT,
}


def read_inventory_query(header: Header, node: Node, is_newer: bool) -> InventoryQuery:
    """Return what a ReadInventory (8.2) asks, by exactly one key; raises AgainstSchema."""
    fields = Fields(node, _KEYS, is_newer=is_newer)
    key = fields.one_of(_KEYS)
    post_code = address_identifier = ""
    if key == "PropertyFilter":
        post_code, address_identifier = read_address(fields, key, is_newer=is_newer)
    return InventoryQuery(
        request_id=header.request_id,
        command_variant=header.command_variant,
        device_id=fields.eui_if_any("DeviceID"),
        uprn=read_uprn(fields) if key == "UPRN" else None,
        mpxn=fields.text_if_any("MPxN", longest=MPAN),
        post_code=post_code,
        address_identifier=address_identifier,
    )


def read_decommission(header: Header, node: Node, is_newer: bool) -> Decommission:
    """Return what a DecommissionDevice (8.3) says; raises AgainstSchema."""
    fields = Fields(node, ("DeviceID",), is_newer=is_newer)
    return Decommission(header.request_id, header.command_variant, fields.eui("DeviceID"))


def read_inventory_update(header: Header, node: Node, is_newer: bool) -> InventoryUpdate:
    """Return what an UpdateInventory (8.4) says: exactly one of five things. Raises DuisRefusal."""
    fields = Fields(node, ("DeviceID", *_CHANGES), is_newer=is_newer)
    return InventoryUpdate(
        header.request_id,
        header.command_variant,
        fields.eui("DeviceID"),
        _read_change(fields, is_newer=is_newer),
    )


def _read_change(fields: Fields, *, is_newer: bool) -> DetailsUpdate | Deletion | StatusUpdate | MpxnUpdate:
    name = fields.one_of(_CHANGES)
    if name == "UpdateDeviceStatusExceptCH":
        return StatusUpdate(SmiStatus.of(fields.word(name, _STATUSES)), of_hub=False)
    if name == "UpdateDeviceStatusCH":
        return StatusUpdate(SmiStatus.of(fields.word(name, _HUB_STATUSES)), of_hub=True)
    if name == "UpdateDeviceDetails":
        return _read_details(Fields(fields.node(name), _DETAILS, is_newer=is_newer))
    if name == "UpdateMPxN":
        return _read_meter_point(Fields(fields.node(name), tuple(_METER_POINTS), is_newer=is_newer))
    Fields(fields.node(name), (), is_newer=is_newer)
    return Deletion()


def _read_details(details: Fields) -> DetailsUpdate:
    if not any(map(details.has, _DETAILS)):
        raise against("UpdateDeviceDetails says nothing", f"Give at least one of: {', '.join(_DETAILS)}.")
    return DetailsUpdate(
        manufacturer=details.text_if_any("DeviceManufacturer", longest=LONGEST_NAME) or None,
        model=details.text_if_any("DeviceModel", longest=LONGEST_NAME) or None,
        smets_version=details.text_if_any("SMETSCHTSVersion", longest=LONGEST_SMETS) or None,
        firmware_version=details.text_if_any("FirmwareVersion", longest=LONGEST_FIRMWARE) or None,
        esme_variant=read_variant(details),
    )


def _read_meter_point(fields: Fields) -> MpxnUpdate:
    name = fields.one_of(tuple(_METER_POINTS))
    shortest = 1 if name == "ImportMPxN" else MPAN
    return MpxnUpdate(_METER_POINTS[name], fields.text(name, longest=MPAN, shortest=shortest))
