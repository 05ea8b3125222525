"""What the reader makes of messages, before the inventory is asked."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest

from inventory.duis.limits import Limits
from inventory.duis.messages import (
    HanDeviceLogUpdate,
    InventoryAnswer,
    LogChange,
    Message,
    Prenotification,
)
from inventory.duis.reader import Envelope, read_envelope, read_message
from inventory.duis.refusals import (
    AgainstSchema,
    DuisRefusal,
    InstallCodeLength,
    NoInventory,
    NotDuis,
    NotHandledYet,
    StatusMissing,
    VariantMismatch,
    VariantRule,
    VersionNotRead,
    WhitelistDetails,
)
from inventory.models.choices import Connectivity, CspRegion, DeviceType, EsmeVariant, ProductStatus, SmiStatus
from tests.inventory.duis import messages as duis


def envelope_of(data: bytes) -> Envelope:
    return read_envelope(io.BytesIO(data), Limits())


def read(data: bytes) -> Message:
    return read_message(envelope_of(data))


def refused(data: bytes, kind: type[DuisRefusal] = AgainstSchema) -> str:
    with pytest.raises(kind) as caught:
        read(data)
    assert caught.value.way_out
    assert caught.value.message.endswith(".")
    return str(caught.value)


def test_a_prenotification() -> None:
    message = read(duis.prenotification())
    assert isinstance(message, Prenotification)
    assert (str(message.request_id.originator), message.request_id.counter) == (duis.SUPPLIER, 7)
    assert (str(message.device_id), message.esme_variant) == (duis.METER, EsmeVariant.BD)
    assert (message.model.device_type, message.model.firmware_version) == (DeviceType.ESME, "01020304")
    assert message.associated_gpf is None


def test_space_around_values_and_small_letters_are_borne() -> None:
    data = duis.prenotification(DeviceID=f"\n      {duis.METER.lower()}\n    ", DeviceType=" ESME ")
    message = read(data)
    assert isinstance(message, Prenotification)
    assert str(message.device_id) == duis.METER


def test_the_default_namespace_serves_as_well_as_a_prefix() -> None:
    data = duis.prenotification().replace(b"sr:", b"").replace(b":sr=", b"=")
    assert isinstance(read(data), Prenotification)


def test_a_request_without_a_signature() -> None:
    assert isinstance(read(duis.prenotification().replace(duis.SIGNATURE.encode(), b"")), Prenotification)


@pytest.mark.parametrize("version", ["5.0", "5", "5.1", "5.3", "5.4", "5.9", " 5.4 "])
def test_every_duis_5_is_read(version: str) -> None:
    assert isinstance(read(duis.prenotification(header={"version": version})), Prenotification)


@pytest.mark.parametrize("version", ["4.2", "6.0", "1", "", "five", "5.4a", "-5.4", "0x5", "55", "1e1"])
def test_other_versions_are_refused_and_still_say_whom_to_answer(version: str) -> None:
    data = duis.prenotification(header={"version": version})
    refused(data, VersionNotRead)
    assert envelope_of(data).srv == "12.2"


def test_a_message_without_a_version_is_refused() -> None:
    refused(duis.prenotification(header={"version": None}), VersionNotRead)  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"<Request/>", "no namespace"),
        (b'<Request xmlns="urn:other"/>', "another namespace"),
        (duis.message("Request", "", "", namespace="http://www.dccinterface.co.uk/Other"), "another namespace"),
        (f'<GBCSData xmlns="{duis.SR}"/>'.encode(), "none of DUIS's messages"),
        (b"<html><body>Sign in first</body></html>", "no namespace"),
        (b"<sr:Request/>", "no namespace"),
    ],
)
def test_xml_that_is_not_duis(data: bytes, problem: str) -> None:
    with pytest.raises(NotDuis, match=problem):
        envelope_of(data)


@pytest.mark.parametrize(
    "request_id",
    [
        "",
        duis.SUPPLIER,
        f"{duis.SUPPLIER}:{duis.BROKER}",
        f"{duis.SUPPLIER}:{duis.BROKER}:",
        f"{duis.SUPPLIER}:{duis.BROKER}:-1",
        f"{duis.SUPPLIER}:{duis.BROKER}:007",
        f"{duis.SUPPLIER}:{duis.BROKER}:18446744073709551616",
        f"{duis.SUPPLIER}:{duis.BROKER}:99999999999999999999",
        f"{duis.SUPPLIER}:{duis.BROKER}:1:2",
        f"{duis.SUPPLIER.replace('-', '')}:{duis.BROKER}:1",
        f"{duis.SUPPLIER}:{duis.BROKER}:\u0661",
    ],
)
def test_a_request_id_has_three_parts(request_id: str) -> None:
    data = duis.prenotification(header={"request_id": request_id})
    assert "RequestID" in refused(data)
    assert envelope_of(data).request_id == ""


def test_the_highest_counter_is_read() -> None:
    message = read(duis.prenotification(header={"counter": "18446744073709551615"}))
    assert isinstance(message, Prenotification)
    assert message.request_id.counter == 2**64 - 1


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"DeviceID": None}, "DeviceID is missing"),
        ({"DeviceID": ""}, "DeviceID"),
        ({"DeviceID": "025A010000000E01"}, "DeviceID is not an EUI-64"),
        ({"DeviceID": duis.METER + "-00"}, "DeviceID is not an EUI-64"),
        ({"DeviceManufacturer": None}, "DeviceManufacturer is missing"),
        ({"DeviceManufacturer": ""}, "DeviceManufacturer is too long or too short"),
        ({"DeviceManufacturer": "x" * 31}, "1 to 30"),
        ({"DeviceModel": "x" * 5_000}, "DeviceModel is too long"),
        ({"DeviceModel": "<sr:DeviceModel>x</sr:DeviceModel>"}, "DeviceModel has elements inside it"),
        ({"DeviceType": None}, "DeviceType is missing"),
        ({"DeviceType": "SAPC"}, "ESME, GSME, CHF"),
        ({"DeviceType": "esme"}, "ESME, GSME, CHF"),
        ({"FirmwareVersion": "123456789"}, "1 to 8"),
        ({"SMETSCHTSVersion": "x" * 21}, "1 to 20"),
        ({"AssociatedGPFDeviceID": "x"}, "AssociatedGPFDeviceID is not an EUI-64"),
    ],
)
def test_fields_keep_to_the_schema(changes: dict[str, Any], named: str) -> None:
    assert named in refused(duis.prenotification(**changes))


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ("<sr:DeviceModel>again</sr:DeviceModel>", "comes twice"),
        ("<sr:Unknown/>", "does not have there"),
        ('<DeviceModel xmlns="urn:other"/>', "does not have there"),
        ('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>', "does not have there"),
        ("loose text", "text between its elements"),
    ],
)
def test_nothing_else_stands_among_the_fields(extra: str, problem: str) -> None:
    assert problem in refused(duis.prenotification(extra=extra))


def test_a_later_version_may_have_elements_unknown_here() -> None:
    data = duis.prenotification(extra="<sr:AddedLater>x</sr:AddedLater>", header={"version": "5.5"})
    assert isinstance(read(data), Prenotification)


def test_a_variant_unknown_to_duis() -> None:
    refused(duis.prenotification(ESMEVariant="ABC"), VariantRule)


def test_reference_and_variant_agree() -> None:
    refused(duis.prenotification(header={"reference": "8.11"}), VariantMismatch)
    refused(duis.prenotification(header={"reference": "1"}), VariantMismatch)


def test_the_body_is_the_one_of_the_variant() -> None:
    body = b"<sr:DevicePrenotification>"
    swapped = duis.prenotification().replace(b">12.2<", b">8.11<")
    assert "UpdateHANDeviceLog" in refused(swapped, VariantMismatch)
    empty = duis.request("12.2", "")
    refused(empty, VariantMismatch)
    twice = duis.prenotification().replace(body, b"<sr:DevicePrenotification/>" + body)
    refused(twice, VariantMismatch)


@pytest.mark.parametrize("command_variant", ["", "0", "10", "eight", "8.0", "\u0668"])
def test_command_variants_are_1_to_9(command_variant: str) -> None:
    assert "CommandVariant" in refused(duis.prenotification(header={"command_variant": command_variant}))


@pytest.mark.parametrize("srv", ["1.1.1", "4.8.1", "6.23", "7.4", "8.5", "8.6", "8.9", "8.13", "9.1", "99.9"])
def test_every_other_request_is_named_and_not_handled(srv: str) -> None:
    data = duis.request(srv, "<sr:Whatever><sr:DeviceID>x</sr:DeviceID></sr:Whatever>", request_id="not one")
    assert f"Service Request {srv} is not handled yet" in refused(data, NotHandledYet)
    assert envelope_of(data).srv == srv


@pytest.mark.parametrize("srv", ["", "twelve", "12", "12.2.3.4", "1" * 200])
def test_a_request_without_a_variant_of_duis_form(srv: str) -> None:
    assert "ServiceReferenceVariant" in refused(duis.request(srv, "", reference="12"))


def test_what_providers_of_smets1_sign_is_named_and_not_handled() -> None:
    for name in ("S1SPAlert", "SMETS1SignedResponse"):
        assert name in refused(duis.message(name, "", ""), NotHandledYet)


def test_adding_to_the_device_log() -> None:
    message = read(duis.add_to_log(SecondaryImportMPAN="1234567890199", ExportMPAN="1234567890177"))
    assert isinstance(message, HanDeviceLogUpdate)
    assert message.change is LogChange.ADD
    assert str(message.request_id.target) == duis.HUB
    assert (message.import_mpxn, message.secondary_import_mpan, message.export_mpan) == (
        duis.MPAN,
        "1234567890199",
        "1234567890177",
    )
    assert message.execute_at is None


def test_an_execution_time_is_read_with_its_zone() -> None:
    message = read(duis.add_to_log(execute_at="2026-11-20T09:30:00+01:00"))
    assert isinstance(message, HanDeviceLogUpdate)
    assert message.execute_at == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    unzoned = read(duis.add_to_log(execute_at="2026-11-20T09:30:00"))
    assert isinstance(unzoned, HanDeviceLogUpdate)
    assert unzoned.execute_at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    refused(duis.add_to_log(execute_at="tomorrow"))


def test_removing_from_the_device_log() -> None:
    message = read(duis.remove_from_log())
    assert isinstance(message, HanDeviceLogUpdate)
    assert (message.change, message.import_mpxn) == (LogChange.REMOVE, "")


def test_details_come_with_add_and_only_with_add() -> None:
    add_without = duis.remove_from_log().replace(b">Remove<", b">Add<")
    refused(add_without, WhitelistDetails)
    remove_with = duis.add_to_log().replace(b">Add<", b">Remove<")
    refused(remove_with, WhitelistDetails)
    refused(duis.remove_from_log().replace(b">Remove<", b">Replace<"))


@pytest.mark.parametrize("seconds", ["0", "3601", "-1", "90.5", "", "9" * 30])
def test_a_device_has_up_to_an_hour_to_join(seconds: str) -> None:
    assert "JoinTimePeriod" in refused(duis.add_to_log(JoinTimePeriod=seconds))


@pytest.mark.parametrize("size", [6, 8, 12, 16])
def test_install_codes_have_the_lengths_of_zigbee(size: int) -> None:
    assert isinstance(read(duis.add_to_log(InstallCode="A7" * size)), HanDeviceLogUpdate)


@pytest.mark.parametrize("size", [1, 5, 7, 10, 15, 17, 18, 60])
def test_other_lengths_of_install_codes_are_refused(size: int) -> None:
    answer = refused(duis.add_to_log(InstallCode="A7" * size), InstallCodeLength)
    assert "A7A7" not in answer
    assert f"{size} bytes" in answer


@pytest.mark.parametrize(
    "code", ["A1B2C3D4E5F60718293A4B5C6D7E8F9", "Z1" * 16, "A1-B2", "", "A1 " * 16, "A7" * 65]
)
def test_install_codes_are_hexadecimal(code: str) -> None:
    answer = refused(duis.add_to_log(InstallCode=code))
    assert "InstallCode" in answer
    assert not code or code not in answer


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"ImportMPxN": ""}, "1 to 13"),
        ({"ImportMPxN": "1" * 14}, "1 to 13"),
        ({"SecondaryImportMPAN": "1" * 12}, "Give 13"),
        ({"ExportMPAN": "1" * 10}, "Give 13"),
        ({"JoinTimePeriod": None}, "JoinTimePeriod is missing"),
        ({"InstallCode": None}, "InstallCode is missing"),
    ],
)
def test_joining_details_keep_to_the_schema(changes: dict[str, Any], named: str) -> None:
    assert named in refused(duis.add_to_log(**changes))


def test_an_inventory_answer_with_every_field() -> None:
    entry = duis.device(
        duis.METER,
        "ESME",
        SMETSCHTSVersion="SMETS V5.0",
        DeviceFirmwareVersionStatus="Active",
        CPLStatus="Expired",
        DateCommissioned="2025-12-28Z",
        ImportMPxN=duis.MPAN,
        SecondaryImportMPAN="1234567890199",
        ExportMPAN="1234567890177",
        ESMEVariant="BDEF",
        UPRN="000123456789",
        CSPRegion="4G Central",
        DeviceGBCSVersion="4.2",
        HANVariant="Dual Band",
        S1SP="An invented provider",
        Connectivity="Virtual",
        extra="<sr:PropertyFilter><sr:PostCode>2222-222</sr:PostCode>"
        "<sr:AddressIdentifier>3 Invented Row</sr:AddressIdentifier></sr:PropertyFilter>",
    )
    message = read(duis.inventory_answer(entry))
    assert isinstance(message, InventoryAnswer)
    (device,) = message.devices
    assert device.smi_status is SmiStatus.COMMISSIONED
    assert (device.firmware_status, device.cpl_status) == (ProductStatus.ACTIVE, ProductStatus.EXPIRED)
    assert device.commissioned_date == date(2025, 12, 28)
    assert (device.import_mpxn, device.secondary_import_mpan) == (duis.MPAN, "1234567890199")
    assert (device.export_mpan, device.esme_variant) == ("1234567890177", EsmeVariant.BDEF)
    assert (device.uprn, device.post_code, device.address_identifier) == (123456789, "2222-222", "3 Invented Row")
    assert (device.csp_region, device.connectivity) == (CspRegion.CENTRAL_4G, Connectivity.VIRTUAL)
    assert (device.gbcs_version, device.han_variant) == ("4.2", "Dual Band")
    assert device.s1sp == "An invented provider"


def test_a_type_2_device_has_no_status_whatever_the_answer_says() -> None:
    message = read(duis.inventory_answer(duis.device(duis.DISPLAY, "CAD", DeviceStatus="Pending")))
    assert isinstance(message, InventoryAnswer)
    assert message.devices[0].smi_status is None


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        (duis.device(duis.METER, "ESME", DeviceStatus=None), StatusMissing),
        (duis.device(duis.GAS_METER, "GSME", ESMEVariant="A"), VariantRule),
        (duis.device(duis.METER, "ESME", DeviceStatus="Unknown"), AgainstSchema),
        (duis.device(duis.METER, "ESME", DateCommissioned="28/12/2025"), AgainstSchema),
        (duis.device(duis.METER, "ESME", DateCommissioned="2025-02-30"), AgainstSchema),
        (duis.device(duis.METER, "ESME", UPRN="0"), AgainstSchema),
        (duis.device(duis.METER, "ESME", UPRN="1234567890123"), AgainstSchema),
        (duis.device(duis.METER, "ESME", CSPRegion="West"), AgainstSchema),
        (duis.device(duis.METER, "ESME", extra="<sr:PropertyFilter/>"), AgainstSchema),
        (duis.device(duis.METER, "ESME") * 2, AgainstSchema),
        ("<sr:Device/>", AgainstSchema),
        ("", AgainstSchema),
        ("<sr:House/>", AgainstSchema),
        ("".join(duis.device(f"02-5A-01-00-00-00-AA-{n:02d}", "GSME") for n in range(18)), AgainstSchema),
    ],
)
def test_inventory_answers_keep_to_the_schema(entry: str, kind: type[DuisRefusal]) -> None:
    refused(duis.inventory_answer(entry), kind)


def test_an_answer_without_devices_says_so() -> None:
    text = refused(duis.response("8.2", "", response_code="E080201"), NoInventory)
    assert "E080201" in text
    refused(duis.inventory_answer(duis.device(duis.METER, "ESME"), response_code="E5"), NoInventory)


def test_an_inventory_answer_carries_an_inventory() -> None:
    refused(duis.response("8.2", "<sr:GBCSPayload>QUJD</sr:GBCSPayload>"), VariantMismatch)


def test_a_response_needs_a_response_code() -> None:
    refused(duis.inventory_answer(duis.device(duis.METER, "ESME"), response_code="fine"))
