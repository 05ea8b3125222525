"""Answers as DUIS carries them: their elements, in order, and read back."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from lxml import etree

from inventory.duis.answers import Answer, Verdict
from inventory.duis.coverage_answers import CoverageAnswer, RegionCoverage
from inventory.duis.limits import Limits
from inventory.duis.messages import (
    CoverageQuery,
    FirmwareWarning,
    InventoryAnswer,
    InventoryEntry,
    ModelFacts,
    RequestId,
    ServiceResponse,
)
from inventory.duis.reader import read_envelope, read_message
from inventory.duis.srv import Srv
from inventory.duis.writing import duis_response, write_response
from inventory.models.choices import (
    Connectivity,
    CspRegion,
    DeviceType,
    EsmeVariant,
    Likelihood,
    ProductStatus,
    SmiStatus,
)
from ssi.eui64 import Eui64
from tests.inventory.duis import messages as duis

AT = datetime(2026, 11, 20, 8, 15, tzinfo=UTC)
REQUEST_ID = RequestId(Eui64.parse(duis.SUPPLIER), Eui64.parse(duis.BROKER), 2**64 - 1)
METER = InventoryEntry(
    device_id=Eui64.parse(duis.METER),
    model=ModelFacts(DeviceType.ESME, "7C01", "<5500> & A001", "01020304", "SMETS V4.2"),
    smi_status=SmiStatus.COMMISSIONED,
    firmware_status=ProductStatus.ACTIVE,
    cpl_status=ProductStatus.EXPIRED,
    gbcs_version="4.2",
    han_variant="Single Band",
    commissioned_date=date(2025, 12, 28),
    import_mpxn=duis.MPAN,
    secondary_import_mpan="1234567890199",
    export_mpan="1234567890177",
    esme_variant=EsmeVariant.ADG,
    uprn=123456789,
    post_code="1111-111",
    address_identifier="3 Invented Row",
    csp_region=CspRegion.CENTRAL_4G,
    s1sp="An invented provider",
    connectivity=Connectivity.VIRTUAL,
)
DISPLAY = InventoryEntry(
    device_id=Eui64.parse(duis.DISPLAY),
    model=ModelFacts(DeviceType.CAD, "7C01", ""),
    smi_status=None,
    firmware_status=None,
    cpl_status=None,
    gbcs_version="",
    han_variant="",
    commissioned_date=None,
    import_mpxn="",
    secondary_import_mpan="",
    export_mpan="",
    esme_variant=None,
    uprn=None,
    post_code="",
    address_identifier="",
    csp_region=None,
    s1sp="",
    connectivity=None,
)
QUERY = CoverageQuery(REQUEST_ID, 8, uprn=12)


def written(srv: str = "8.2", code: str = "I0", payload: object | None = None) -> bytes:
    return write_response(REQUEST_ID, srv, response_code=code, at=AT, payload=payload)


def outline(data: bytes) -> list[str]:
    """Return every element's name with its text, in order."""
    names = []
    for element in etree.fromstring(data).iter():
        name = etree.QName(element)
        assert name.namespace == duis.SR
        text = (element.text or "") if len(element) == 0 else ""
        names.append(f"{name.localname} {text}" if text else name.localname)
    return names


def test_an_answer_without_more() -> None:
    data = written("8.14.1", "E5")
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert etree.fromstring(data).get("schemaVersion") == "5.4"
    assert outline(data) == [
        "Response",
        "Header",
        f"RequestID {duis.SUPPLIER}:{duis.BROKER}:18446744073709551615",
        f"ResponseID {duis.BROKER}:{duis.SUPPLIER}:18446744073709551615",
        "ResponseCode E5",
        "ResponseDateTime 2026-11-20T08:15:00.000Z",
        "Body",
        "ResponseMessage",
        "ServiceReference 8.14",
        "ServiceReferenceVariant 8.14.1",
    ]


def test_it_is_read_as_it_was_written() -> None:
    message = read_message(read_envelope(io.BytesIO(written("8.11", "I99")), Limits()))
    assert message == ServiceResponse(REQUEST_ID, "I99", AT, "8.11")


def test_an_inventory_is_read_as_it_was_written() -> None:
    answer = InventoryAnswer((METER, DISPLAY))
    data = written(payload=answer)
    assert read_message(read_envelope(io.BytesIO(data), Limits())) == answer
    assert outline(data)[10:] == [
        "DSPInventory",
        "Device",
        f"DeviceID {duis.METER}",
        "DeviceType ESME",
        "DeviceStatus Commissioned",
        "DeviceManufacturer 7C01",
        "DeviceModel <5500> & A001",
        "SMETSCHTSVersion SMETS V4.2",
        "DeviceFirmwareVersion 01020304",
        "DeviceFirmwareVersionStatus Active",
        "CPLStatus Expired",
        "DateCommissioned 2025-12-28",
        f"ImportMPxN {duis.MPAN}",
        "SecondaryImportMPAN 1234567890199",
        "ExportMPAN 1234567890177",
        "ESMEVariant ADG",
        "UPRN 123456789",
        "PropertyFilter",
        "PostCode 1111-111",
        "AddressIdentifier 3 Invented Row",
        "CSPRegion 4G Central",
        "DeviceGBCSVersion 4.2",
        "HANVariant Single Band",
        "S1SP An invented provider",
        "Connectivity Virtual",
        "Device",
        f"DeviceID {duis.DISPLAY}",
        "DeviceType CAD",
        "DeviceManufacturer 7C01",
        "DeviceModel",
    ]


@pytest.mark.parametrize(("kept", "sent"), [("M11AE", "PostCode M1 1AE"), ("SW1A1AA", "PostCode SW1A1AA")])
def test_a_post_code_is_long_enough_for_duis(kept: str, sent: str) -> None:
    entry = replace(METER, post_code=kept, address_identifier="")
    lines = outline(written(payload=InventoryAnswer((entry,))))
    assert lines[lines.index("PropertyFilter") + 1 :][:2] == [sent, "AddressIdentifier"]


def test_characters_that_xml_cannot_carry_are_left_out() -> None:
    entry = replace(METER, s1sp="A\x00\x1b\ufffeB")
    assert "S1SP AB" in outline(written(payload=InventoryAnswer((entry,))))


def test_more_than_17_devices_are_no_answer() -> None:
    with pytest.raises(ValueError, match="at most 17"):
        written(payload=InventoryAnswer((METER,) * 18))


def test_coverage_echoes_the_query_and_keeps_the_space_of_an_unknown_variant() -> None:
    regions = (
        RegionCoverage(CspRegion.NORTH, "I0", True, date(2027, 1, 31), " ", Likelihood.LOW, "An aerial", "Soon"),
        RegionCoverage(CspRegion.SOUTH, "I0", is_available=False, likelihood=Likelihood.HIGH),
        RegionCoverage(CspRegion.CENTRAL, "E120101"),
    )
    assert outline(written("12.1", payload=CoverageAnswer(QUERY, regions)))[10:] == [
        "DSPWANMatrix",
        "Request",
        "UPRN 12",
        "DSPWANMatrixResponse",
        "CSPRegion North",
        "CSPRegionResponseCode I0",
        "CoverageAvailability true",
        "AnticipatedCoverageDate 2027-01-31",
        "WANTechnology  ",
        "ConnectivityLikelihood Low",
        "AuxiliaryEquipmentRequired An aerial",
        "AdditionalInformation Soon",
        "DSPWANMatrixResponse",
        "CSPRegion South",
        "CSPRegionResponseCode I0",
        "CoverageAvailability false",
        "WANTechnology  ",
        "ConnectivityLikelihood High",
        "DSPWANMatrixResponse",
        "CSPRegion Central",
        "CSPRegionResponseCode E120101",
    ]


def test_coverage_of_an_address() -> None:
    query = CoverageQuery(REQUEST_ID, 8, post_code="1111-111", address_identifier="")
    answer = CoverageAnswer(query, (RegionCoverage(CspRegion.NORTH, "I0"),))
    assert outline(written("12.1", payload=answer))[11:15] == [
        "Request",
        "PartialAddress",
        "PostCode 1111-111",
        "AddressIdentifier",
    ]


@pytest.mark.parametrize(
    ("srv", "element"),
    [
        (Srv.UPDATE_FIRMWARE, "DSPUpdateFirmwareWarning"),
        (Srv.UPDATE_PPMID_FIRMWARE, "DSPUpdatePPMIDFirmwareWarning"),
    ],
)
def test_devices_that_get_no_firmware(srv: Srv, element: str) -> None:
    warning = FirmwareWarning(srv, ("a", "b"), not_applicable=("c",), invalid_gbcs_version=("d",))
    assert outline(written(srv, "W110101", warning))[10:] == [
        element,
        "InvalidDeviceIDList a,b",
        "NotApplicableFirmwareDeviceIDList c",
        "InvalidGBCSVersionList d",
    ]


def test_nothing_else_is_carried() -> None:
    with pytest.raises(TypeError):
        written(payload="text")


def answer(code: str, request_id: str = f"{duis.SUPPLIER}:{duis.BROKER}:7", srv: str = "8.2") -> Answer:
    return Answer(Verdict.APPLIED, code, "Done.", "", request_id, srv, InventoryAnswer((METER,)))


def test_an_answer_in_duis_s_words() -> None:
    data = duis_response(answer("I0"), at=AT)
    assert data is not None
    assert "DSPInventory" in outline(data)


@pytest.mark.parametrize("other", [answer("SSI-SCHEMA"), answer("I0", request_id=""), answer("I0", srv="")])
def test_answers_that_duis_has_no_words_for(other: Answer) -> None:
    assert duis_response(other, at=AT) is None
