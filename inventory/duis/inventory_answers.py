"""Reads the DSPInventory of a response to Service Request 8.2."""

from typing import Final

from inventory.duis.fields import SR, Fields, against
from inventory.duis.messages import InventoryAnswer, InventoryEntry, ModelFacts
from inventory.duis.refusals import StatusMissing, VariantRule
from inventory.duis.requests.parts import (
    LONGEST_FIRMWARE,
    LONGEST_NAME,
    LONGEST_SMETS,
    read_address,
    read_mpxns,
    read_uprn,
    read_variant,
)
from inventory.duis.safe_xml import Node
from inventory.models.choices import TYPE_2, Connectivity, CspRegion, DeviceType, ProductStatus, SmiStatus

MOST_DEVICES: Final = 17

_FIELDS: Final = (
    "DeviceID",
    "DeviceType",
    "DeviceStatus",
    "DeviceManufacturer",
    "DeviceModel",
    "SMETSCHTSVersion",
    "DeviceFirmwareVersion",
    "DeviceFirmwareVersionStatus",
    "CPLStatus",
    "DateCommissioned",
    "ImportMPxN",
    "SecondaryImportMPAN",
    "ExportMPAN",
    "ESMEVariant",
    "UPRN",
    "PropertyFilter",
    "CSPRegion",
    "DeviceGBCSVersion",
    "HANVariant",
    "S1SP",
    "Connectivity",
)


def read_inventory(node: Node, *, is_newer: bool) -> InventoryAnswer:
    """Return the devices of a DSPInventory: 1 to 17, each once."""
    strangers = any(child.namespace != SR or child.name != "Device" for child in node.children)
    if node.text.strip() or (strangers and not is_newer):
        raise against("DSPInventory has something other than Device in it", "Remove it.")
    devices = [child for child in node.children if child.namespace == SR and child.name == "Device"]
    if not 1 <= len(devices) <= MOST_DEVICES:
        raise against(f"DSPInventory has {len(devices)} devices", f"Give 1 to {MOST_DEVICES} in one answer.")
    entries = tuple(_read_entry(device, is_newer=is_newer) for device in devices)
    if len({entry.device_id for entry in entries}) < len(entries):
        raise against("DSPInventory names a device twice", "Give each device once.")
    return InventoryAnswer(entries)


def _read_entry(node: Node, *, is_newer: bool) -> InventoryEntry:
    fields = Fields(node, _FIELDS, is_newer=is_newer)
    model = _read_model(fields)
    status = fields.choice_if_any("DeviceStatus", SmiStatus)
    if status is None and model.device_type not in TYPE_2:
        raise StatusMissing(device=fields.eui("DeviceID"))
    variant = read_variant(fields)
    if variant is not None and model.device_type is not DeviceType.ESME:
        raise VariantRule(problem=f"it comes with a {model.device_type.duis}")
    import_mpxn, secondary_import_mpan, export_mpan = read_mpxns(fields)
    post_code = address_identifier = ""
    if fields.has("PropertyFilter"):
        post_code, address_identifier = read_address(fields, "PropertyFilter", is_newer=is_newer)
    return InventoryEntry(
        device_id=fields.eui("DeviceID"),
        model=model,
        smi_status=None if model.device_type in TYPE_2 else status,
        firmware_status=fields.choice_if_any("DeviceFirmwareVersionStatus", ProductStatus),
        cpl_status=fields.choice_if_any("CPLStatus", ProductStatus),
        gbcs_version=fields.text_if_any("DeviceGBCSVersion", longest=20, shortest=0),
        han_variant=fields.text_if_any("HANVariant", longest=20, shortest=0),
        commissioned_date=fields.date_if_any("DateCommissioned"),
        import_mpxn=import_mpxn,
        secondary_import_mpan=secondary_import_mpan,
        export_mpan=export_mpan,
        esme_variant=variant,
        uprn=read_uprn(fields) if fields.has("UPRN") else None,
        post_code=post_code,
        address_identifier=address_identifier,
        csp_region=fields.choice_if_any("CSPRegion", CspRegion),
        s1sp=fields.text_if_any("S1SP", longest=LONGEST_NAME, shortest=0),
        connectivity=fields.choice_if_any("Connectivity", Connectivity),
    )


def _read_model(fields: Fields) -> ModelFacts:
    return ModelFacts(
        device_type=fields.choice("DeviceType", DeviceType),
        manufacturer=fields.text("DeviceManufacturer", longest=LONGEST_NAME, shortest=0),
        model=fields.text("DeviceModel", longest=LONGEST_NAME, shortest=0),
        firmware_version=fields.text_if_any("DeviceFirmwareVersion", longest=LONGEST_FIRMWARE),
        smets_version=fields.text_if_any("SMETSCHTSVersion", longest=LONGEST_SMETS),
    )
