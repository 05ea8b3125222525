"""Writes answers as DUIS carries them: a Response to a Service Request, its elements in the schema's order."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import singledispatch
from types import MappingProxyType
from typing import Final

from lxml import etree

from inventory.duis.answers import Answer
from inventory.duis.coverage_answers import CoverageAnswer, RegionCoverage
from inventory.duis.fields import SR
from inventory.duis.headers import read_request_id
from inventory.duis.inventory_answers import MOST_DEVICES
from inventory.duis.messages import CoverageQuery, FirmwareWarning, InventoryAnswer, InventoryEntry, RequestId
from inventory.duis.requests.parts import LONGEST_POST_CODE, SHORTEST_POST_CODE
from inventory.duis.srv import Srv
from inventory.models.choices import DuisChoices

SCHEMA_VERSION: Final = "5.4"
NO_TECHNOLOGY: Final = " "
"""What providers send for a variant they do not know (DP106)."""

_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INWARD: Final = 3


def duis_response(answer: Answer, *, at: datetime) -> bytes | None:
    """Return the Response that says an answer in DUIS's words.

    None where DUIS has none: its code is one of ours, or the message was an alert, which is not answered.
    """
    request_id = read_request_id(answer.request_id)
    if request_id is None or not answer.srv or not answer.is_duis_code:
        return None
    return write_response(
        request_id, answer.srv, response_code=answer.response_code, at=at, payload=answer.payload
    )


def write_response(
    request_id: RequestId, srv: str, *, response_code: str, at: datetime, payload: object | None = None
) -> bytes:
    """Return a Response to the request `request_id` of Service Reference Variant `srv`, in UTF-8.

    `payload` is an InventoryAnswer, CoverageAnswer or FirmwareWarning; raises TypeError for anything else.
    """
    root = etree.Element(f"{{{SR}}}Response", {"schemaVersion": SCHEMA_VERSION}, {"sr": SR})
    header = _element(root, "Header")
    parties = f"{request_id.target}:{request_id.originator}"
    _texts(
        header,
        {
            "RequestID": f"{request_id.originator}:{request_id.target}:{request_id.counter}",
            "ResponseID": f"{parties}:{request_id.counter}",
            "ResponseCode": response_code,
            "ResponseDateTime": _moment(at),
        },
    )
    message = _element(_element(root, "Body"), "ResponseMessage")
    _texts(message, {"ServiceReference": ".".join(srv.split(".")[:2]), "ServiceReferenceVariant": srv})
    if payload is not None:
        _write(payload, message)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


@singledispatch
def _write(payload: object, message: "etree._Element") -> None:
    """Put what an answer carries into its ResponseMessage."""
    raise TypeError(f"No DUIS answer carries a {type(payload).__name__}.")


@_write.register
def _(payload: InventoryAnswer, message: "etree._Element") -> None:
    if len(payload.devices) > MOST_DEVICES:
        raise ValueError(f"A DSPInventory has at most {MOST_DEVICES} devices, not {len(payload.devices)}.")
    inventory = _element(message, "DSPInventory")
    for entry in payload.devices:
        _write_device(_element(inventory, "Device"), entry)


@_write.register
def _(payload: CoverageAnswer, message: "etree._Element") -> None:
    matrix = _element(message, "DSPWANMatrix")
    _write_query(_element(matrix, "Request"), payload.query)
    for region in payload.regions:
        _write_region(_element(matrix, "DSPWANMatrixResponse"), region)


@_write.register
def _(payload: FirmwareWarning, message: "etree._Element") -> None:
    is_ppmid = payload.srv is Srv.UPDATE_PPMID_FIRMWARE
    warning = _element(message, "DSPUpdatePPMIDFirmwareWarning" if is_ppmid else "DSPUpdateFirmwareWarning")
    _texts(
        warning,
        {
            "InvalidDeviceIDList": ",".join(payload.invalid),
            "NotCommissionedDeviceIDList": ",".join(payload.not_commissioned),
            "NotApplicableFirmwareDeviceIDList": ",".join(payload.not_applicable),
            "OtherRequestInProgressList": ",".join(payload.other_request_in_progress),
            "InvalidGBCSVersionList": ",".join(payload.invalid_gbcs_version),
        },
    )


_DEVICE: Final[Mapping[str, Callable[[InventoryEntry], object]]] = MappingProxyType(
    {
        "DeviceID": lambda entry: entry.device_id,
        "DeviceType": lambda entry: entry.model.device_type,
        "DeviceStatus": lambda entry: entry.smi_status,
        "DeviceManufacturer": lambda entry: entry.model.manufacturer,
        "DeviceModel": lambda entry: entry.model.model,
        "SMETSCHTSVersion": lambda entry: entry.model.smets_version,
        "DeviceFirmwareVersion": lambda entry: entry.model.firmware_version,
        "DeviceFirmwareVersionStatus": lambda entry: entry.firmware_status,
        "CPLStatus": lambda entry: entry.cpl_status,
        "DateCommissioned": lambda entry: entry.commissioned_date,
        "ImportMPxN": lambda entry: entry.import_mpxn,
        "SecondaryImportMPAN": lambda entry: entry.secondary_import_mpan,
        "ExportMPAN": lambda entry: entry.export_mpan,
        "ESMEVariant": lambda entry: entry.esme_variant,
        "UPRN": lambda entry: entry.uprn,
    }
)
_DEVICE_AFTER_ADDRESS: Final[Mapping[str, Callable[[InventoryEntry], object]]] = MappingProxyType(
    {
        "CSPRegion": lambda entry: entry.csp_region,
        "DeviceGBCSVersion": lambda entry: entry.gbcs_version,
        "HANVariant": lambda entry: entry.han_variant,
        "S1SP": lambda entry: entry.s1sp,
        "Connectivity": lambda entry: entry.connectivity,
    }
)
_ALWAYS: Final = frozenset({"DeviceManufacturer", "DeviceModel"})
"""Elements of a Device that stand there even when they are empty."""


def _write_device(device: "etree._Element", entry: InventoryEntry) -> None:
    """Write a Device as `inventory_answers.py` reads it."""
    _texts(device, {name: of(entry) for name, of in _DEVICE.items()}, always=_ALWAYS)
    post_code = _post_code(entry.post_code)
    if SHORTEST_POST_CODE <= len(post_code) <= LONGEST_POST_CODE:
        _write_address(_element(device, "PropertyFilter"), post_code, entry.address_identifier)
    _texts(device, {name: of(entry) for name, of in _DEVICE_AFTER_ADDRESS.items()})


def _write_query(request: "etree._Element", query: CoverageQuery) -> None:
    if query.uprn is not None:
        _texts(request, {"UPRN": query.uprn})
    else:
        _write_address(_element(request, "PartialAddress"), query.post_code, query.address_identifier)


def _write_address(element: "etree._Element", post_code: str, address_identifier: str) -> None:
    values = {"PostCode": post_code, "AddressIdentifier": address_identifier}
    _texts(element, values, always=frozenset(values))


def _write_region(element: "etree._Element", region: RegionCoverage) -> None:
    _texts(element, {"CSPRegion": region.csp_region, "CSPRegionResponseCode": region.response_code})
    if region.is_available is None or region.likelihood is None:
        return
    _texts(
        element,
        {
            "CoverageAvailability": "true" if region.is_available else "false",
            "AnticipatedCoverageDate": region.anticipated_date,
            "WANTechnology": region.technology or NO_TECHNOLOGY,
            "ConnectivityLikelihood": region.likelihood,
            "AuxiliaryEquipmentRequired": region.auxiliary_equipment,
            "AdditionalInformation": region.additional_information,
        },
    )


def _post_code(post_code: str) -> str:
    """Return a post code as DUIS takes it: with its space, if without it is too short for DUIS."""
    if not 0 < len(post_code) < SHORTEST_POST_CODE:
        return post_code
    return f"{post_code[:-_INWARD]} {post_code[-_INWARD:]}"


def _element(parent: "etree._Element", name: str) -> "etree._Element":
    return etree.SubElement(parent, f"{{{SR}}}{name}")


def _texts(parent: "etree._Element", values: Mapping[str, object], *, always: Iterable[str] = ()) -> None:
    """Write an element for each value that is there, and for those of `always` even if it is empty."""
    for name, value in values.items():
        text = _text(value)
        if text or name in always:
            _element(parent, name).text = text


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, DuisChoices):
        return value.duis
    if isinstance(value, date):
        return value.isoformat()
    return _UNWRITABLE.sub("", str(value))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
