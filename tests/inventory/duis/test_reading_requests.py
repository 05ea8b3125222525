"""What the reader makes of each request to a device, about the inventory, a hub, firmware or coverage."""

import io
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from inventory.duis.limits import Limits
from inventory.duis.messages import (
    CoverageQuery,
    Decommission,
    Deletion,
    DetailsUpdate,
    DeviceCommand,
    FirmwareUpdate,
    HubInstalled,
    HubReturned,
    InventoryQuery,
    InventoryUpdate,
    Message,
    MpxnUpdate,
    SignedPreCommand,
    StatusUpdate,
)
from inventory.duis.reader import read_envelope, read_message
from inventory.duis.refusals import AgainstSchema, DuisRefusal, VariantMismatch, VariantRule
from inventory.duis.srv import Srv
from inventory.models.choices import Detail, EsmeVariant, SmiStatus
from tests.inventory.duis import messages as duis

OTHER: duis.Values = {"OtherDeviceID": duis.DISPLAY}
HASH = "0a" * 32
PRE_COMMAND = "<sr:GBCSPayload>QUJD</sr:GBCSPayload>"


def read(data: bytes) -> Message:
    return read_message(read_envelope(io.BytesIO(data), Limits()))


def refused(data: bytes, kind: type[DuisRefusal] = AgainstSchema) -> str:
    with pytest.raises(kind) as caught:
        read(data)
    assert caught.value.way_out
    assert caught.value.message.endswith(".")
    return str(caught.value)


def update(change: str) -> bytes:
    return duis.inventory_update(change)


def details(within: str) -> bytes:
    return update(f"<sr:UpdateDeviceDetails>{within}</sr:UpdateDeviceDetails>")


@pytest.mark.parametrize(
    ("srv", "data", "other"),
    [
        ("8.1.1", duis.commissioning(), None),
        ("8.7.1", duis.commanding("8.7.1", "JoinServiceCritical", OTHER), duis.DISPLAY),
        ("8.7.2", duis.commanding("8.7.2", "JoinServiceNonCritical", OTHER), duis.DISPLAY),
        ("8.8.1", duis.commanding("8.8.1", "UnjoinServiceCritical", OTHER), duis.DISPLAY),
        ("8.8.2", duis.commanding("8.8.2", "UnjoinServiceNonCritical", OTHER), duis.DISPLAY),
        ("8.12.1", duis.commanding("8.12.1", "RestoreHANDeviceLog", {"OldCHFID": duis.HUB}), duis.HUB),
        ("8.12.2", duis.commanding("8.12.2", "RestoreGPFDeviceLog", {"OldGPFID": duis.GPF}), duis.GPF),
        ("11.2", duis.commanding("11.2", "ReadFirmwareVersion"), None),
        ("11.3", duis.commanding("11.3", "ActivateFirmware", {"FirmwareHash": HASH}), None),
    ],
)
def test_requests_to_devices(srv: str, data: bytes, other: str | None) -> None:
    message = read(data)
    assert isinstance(message, DeviceCommand)
    assert (message.srv, str(message.device_id)) == (Srv(srv), duis.METER)
    assert message.device_id == message.request_id.target
    assert message.other_device is None if other is None else str(message.other_device) == other
    assert message.firmware_hash == (HASH.upper() if srv == "11.3" else "")


def test_when_a_command_is_to_be_carried_out() -> None:
    data = duis.commanding(
        "11.3", "ActivateFirmware", {"ExecutionDateTime": "2026-11-20T08:15:00+01:00", "FirmwareHash": HASH}
    )
    message = read(data)
    assert isinstance(message, DeviceCommand)
    assert message.execute_at == datetime(2026, 11, 20, 7, 15, tzinfo=UTC)


@pytest.mark.parametrize("srv", ["8.1.1", "8.7.1", "8.8.1", "11.3"])
@pytest.mark.parametrize("command_variant", [5, 6, 7])
def test_a_signed_pre_command(srv: str, command_variant: int) -> None:
    message = read(duis.commanding(srv, "SignedPreCommand", PRE_COMMAND, command_variant=command_variant))
    assert isinstance(message, SignedPreCommand)
    assert (message.srv, message.command_variant) == (Srv(srv), command_variant)
    assert str(message.device_id) == duis.METER


def test_signed_pre_commands_are_of_critical_requests_and_their_variants() -> None:
    refused(duis.commanding("8.7.2", "SignedPreCommand", PRE_COMMAND), VariantMismatch)
    assert "Command Variant" in refused(duis.commanding("8.7.1", "SignedPreCommand", PRE_COMMAND))
    refused(duis.commanding("8.7.1", "SignedPreCommand", command_variant=5))
    refused(duis.commanding("8.7.1", "SignedPreCommand", {"GBCSPayload": ""}, command_variant=5))


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (duis.commissioning(CurrentDateTime=None), "CurrentDateTime is missing"),
        (duis.commissioning(CurrentDateTime="2026-11-20"), "CurrentDateTime is not a date and time"),
        (duis.commissioning(CurrentDateTime="20261120T081500"), "CurrentDateTime is not a date and time"),
        (duis.commissioning(CurrentDateTime="2026-13-20T08:15:00Z"), "CurrentDateTime is not a date and time"),
        (duis.commissioning(CurrentDateTime="0001-01-01T00:00:00+14:00"), "CurrentDateTime is not a date"),
        (duis.commissioning(TolerancePeriod="86401"), "from 0 to 86400"),
        (duis.commissioning(TolerancePeriod="-1"), "from 0 to 86400"),
        (duis.commanding("8.7.1", "JoinServiceCritical"), "OtherDeviceID is missing"),
        (
            duis.commanding("8.7.1", "JoinServiceCritical", {"OtherDeviceID": "x"}),
            "OtherDeviceID is not an EUI-64",
        ),
        (duis.commanding("8.12.1", "RestoreHANDeviceLog", {"OldGPFID": duis.GPF}), "does not have there"),
        (duis.commanding("11.2", "ReadFirmwareVersion", OTHER), "does not have there"),
        (duis.commanding("11.2", "ReadFirmwareVersion", "text"), "text between"),
        (duis.commanding("11.3", "ActivateFirmware"), "FirmwareHash is missing"),
        (duis.commanding("11.3", "ActivateFirmware", {"FirmwareHash": HASH[:-2]}), "Give 64"),
        (duis.commanding("11.3", "ActivateFirmware", {"FirmwareHash": "g" * 64}), "not hexadecimal"),
    ],
)
def test_requests_to_devices_keep_to_the_schema(data: bytes, named: str) -> None:
    assert named in refused(data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("<sr:DeleteDevice/>", Deletion()),
        (
            "<sr:UpdateDeviceStatusExceptCH>Pending</sr:UpdateDeviceStatusExceptCH>",
            StatusUpdate(SmiStatus.PENDING, of_hub=False),
        ),
        (
            "<sr:UpdateDeviceStatusCH>Withdrawn</sr:UpdateDeviceStatusCH>",
            StatusUpdate(SmiStatus.WITHDRAWN, of_hub=True),
        ),
        (
            "<sr:UpdateMPxN><sr:ImportMPxN>12</sr:ImportMPxN></sr:UpdateMPxN>",
            MpxnUpdate(Detail.IMPORT_METER_POINT, "12"),
        ),
        (
            f"<sr:UpdateMPxN><sr:ExportMPAN>{duis.MPAN}</sr:ExportMPAN></sr:UpdateMPxN>",
            MpxnUpdate(Detail.EXPORT_METER_POINT, duis.MPAN),
        ),
        (
            "<sr:UpdateDeviceDetails><sr:ESMEVariant>ADG</sr:ESMEVariant></sr:UpdateDeviceDetails>",
            DetailsUpdate(esme_variant=EsmeVariant.ADG),
        ),
    ],
)
def test_an_update_of_the_inventory(change: str, said: object) -> None:
    message = read(update(change))
    assert isinstance(message, InventoryUpdate)
    assert (str(message.device_id), message.change) == (duis.METER, said)


def test_all_the_details_at_once() -> None:
    fields = {
        "DeviceManufacturer": "7C02",
        "DeviceModel": "5500A002",
        "SMETSCHTSVersion": "SMETS V5.0",
        "FirmwareVersion": "01020305",
        "ESMEVariant": "AD",
    }
    message = read(details(duis.elements(dict(fields))))
    assert isinstance(message, InventoryUpdate)
    assert message.change == DetailsUpdate("7C02", "5500A002", "SMETS V5.0", "01020305", EsmeVariant.AD)


DELETE = "<sr:DeleteDevice/>"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("", "has none of the elements"),
        (DELETE * 2, "DeleteDevice comes twice"),
        ("<sr:UpdateMPxN><sr:ImportMPxN>1</sr:ImportMPxN></sr:UpdateMPxN>" + DELETE, "Put it before"),
        (DELETE + "<sr:UpdateMPxN><sr:ImportMPxN>1</sr:ImportMPxN></sr:UpdateMPxN>", "has 2 of the elements"),
        ("<sr:DeleteDevice>yes</sr:DeleteDevice>", "text between"),
        ("<sr:DeleteDevice><sr:DeviceID/></sr:DeleteDevice>", "does not have there"),
        ("<sr:UpdateDeviceStatusExceptCH>Commissioned</sr:UpdateDeviceStatusExceptCH>", "Give one of: Pending"),
        ("<sr:UpdateDeviceStatusCH>Pending</sr:UpdateDeviceStatusCH>", "Give one of: Commissioned"),
        ("<sr:UpdateDeviceStatusCH/>", "Give one of: Commissioned"),
        ("<sr:UpdateMPxN/>", "has none of the elements"),
        (
            f"<sr:UpdateMPxN><sr:ImportMPxN>1</sr:ImportMPxN><sr:ExportMPAN>{duis.MPAN}</sr:ExportMPAN></sr:UpdateMPxN>",
            "has 2 of the elements",
        ),
        ("<sr:UpdateMPxN><sr:ExportMPAN>12</sr:ExportMPAN></sr:UpdateMPxN>", "Give 13"),
        ("<sr:UpdateMPxN><sr:ImportMPxN/></sr:UpdateMPxN>", "1 to 13"),
        ("<sr:UpdateDeviceDetails/>", "says nothing"),
        ("<sr:UpdateDeviceDetails><sr:DeviceModel/></sr:UpdateDeviceDetails>", "1 to 30"),
    ],
)
def test_an_update_changes_exactly_one_thing(change: str, named: str) -> None:
    assert named in refused(update(change))


def test_details_come_in_their_order_and_with_known_variants() -> None:
    model, maker = "<sr:DeviceModel>x</sr:DeviceModel>", "<sr:DeviceManufacturer>y</sr:DeviceManufacturer>"
    assert "DeviceManufacturer comes after DeviceModel" in refused(details(model + maker))
    refused(details("<sr:ESMEVariant>Z</sr:ESMEVariant>"), VariantRule)


def test_decommissioning() -> None:
    message = read(duis.asking("8.3", "DecommissionDevice", {"DeviceID": duis.METER}))
    assert isinstance(message, Decommission)
    assert str(message.device_id) == duis.METER
    refused(duis.asking("8.3", "DecommissionDevice"))


ADDRESS = "<sr:PostCode>1111-111</sr:PostCode><sr:AddressIdentifier>3 Invented Row</sr:AddressIdentifier>"


@pytest.mark.parametrize(
    ("within", "key", "value"),
    [
        (f"<sr:DeviceID>{duis.METER}</sr:DeviceID>", "device_id", duis.METER),
        ("<sr:UPRN>000000000012</sr:UPRN>", "uprn", "12"),
        ("<sr:MPxN>12</sr:MPxN>", "mpxn", "12"),
        (f"<sr:PropertyFilter>{ADDRESS}</sr:PropertyFilter>", "post_code", "1111-111"),
        (f"<sr:PropertyFilter>{ADDRESS}</sr:PropertyFilter>", "address_identifier", "3 Invented Row"),
    ],
)
def test_an_inventory_query_has_one_key(within: str, key: str, value: str) -> None:
    message = read(duis.asking("8.2", "ReadInventory", within))
    assert isinstance(message, InventoryQuery)
    assert str(getattr(message, key)) == value


@pytest.mark.parametrize(
    "within",
    [
        "",
        "<sr:UPRN>12</sr:UPRN><sr:MPxN>12</sr:MPxN>",
        "<sr:UPRN>0</sr:UPRN>",
        "<sr:UPRN>1234567890123</sr:UPRN>",
        "<sr:MPxN>12345678901234</sr:MPxN>",
        "<sr:PropertyFilter/>",
        "<sr:PropertyFilter><sr:PostCode>12345</sr:PostCode><sr:AddressIdentifier/></sr:PropertyFilter>",
        "<sr:PropertyFilter><sr:AddressIdentifier/><sr:PostCode>1111-111</sr:PostCode></sr:PropertyFilter>",
        f"<sr:PartialAddress>{ADDRESS}</sr:PartialAddress>",
    ],
)
def test_other_inventory_queries_are_refused(within: str) -> None:
    refused(duis.asking("8.2", "ReadInventory", within))


def test_a_coverage_query() -> None:
    by_uprn = read(duis.asking("12.1", "RequestWANMatrix", {"UPRN": "12"}))
    assert isinstance(by_uprn, CoverageQuery)
    assert (by_uprn.uprn, by_uprn.post_code) == (12, "")
    by_address = read(duis.asking("12.1", "RequestWANMatrix", f"<sr:PartialAddress>{ADDRESS}</sr:PartialAddress>"))
    assert isinstance(by_address, CoverageQuery)
    assert (by_address.uprn, by_address.post_code) == (None, "1111-111")
    assert by_address.address_identifier == "3 Invented Row"
    refused(duis.asking("12.1", "RequestWANMatrix"))
    both = f"<sr:UPRN>1</sr:UPRN><sr:PartialAddress>{ADDRESS}</sr:PartialAddress>"
    assert "has 2 of the elements" in refused(duis.asking("12.1", "RequestWANMatrix", both))
    refused(duis.asking("12.1", "RequestWANMatrix", f"<sr:PropertyFilter>{ADDRESS}</sr:PropertyFilter>"))


@pytest.mark.parametrize(("srv", "has_wan"), [("8.14.1", True), ("8.14.2", False)])
def test_a_hub_was_installed(srv: str, has_wan: bool) -> None:
    message = read(duis.hub_installed(srv))
    assert isinstance(message, HubInstalled)
    assert (message.srv, message.has_wan, str(message.device_id)) == (Srv(srv), has_wan, duis.HUB)
    assert (message.install_type, message.mpxns) == ("New CHF Install", (duis.MPAN,))
    assert message.installed_at == datetime(2026, 11, 20, 8, 15, tzinfo=UTC)


def test_a_hub_was_returned() -> None:
    fault = read(duis.hub_returned())
    assert isinstance(fault, HubReturned)
    assert (fault.return_type, str(fault.other_device)) == ("Fault identified post installation", duis.GPF)
    assert fault.incident_reference == "INC000000000123"
    no_fault = read(duis.hub_returned("8.14.4"))
    assert isinstance(no_fault, HubReturned)
    assert (no_fault.return_type, no_fault.other_device) == ("Lost or Stolen Hub", None)


Build = Callable[..., bytes]


@pytest.mark.parametrize(
    ("build", "srv", "changes"),
    [
        (duis.hub_installed, "8.14.1", {"CHFInstallType": "New"}),
        (duis.hub_installed, "8.14.1", {"MPxN": None}),
        (duis.hub_installed, "8.14.1", {"UserRefID": "x" * 26}),
        (duis.hub_installed, "8.14.1", {"GISData": "x" * 26}),
        (duis.hub_installed, "8.14.1", {"AerialInstall": "yes"}),
        (duis.hub_installed, "8.14.1", {"AerialInstall": None}),
        (duis.hub_installed, "8.14.1", {"CHFLocation": "In the attic"}),
        (duis.hub_installed, "8.14.1", {"AdditionalInformation": "x" * 201}),
        (duis.hub_installed, "8.14.1", {"PremiseType": "Terraced"}),
        (duis.hub_installed, "8.14.2", {"PremiseType": None}),
        (duis.hub_installed, "8.14.2", {"SharedObstructionCheck": "2"}),
        (duis.hub_returned, "8.14.3", {"CHFFaultReturnType": "Lost or Stolen Hub"}),
        (duis.hub_returned, "8.14.3", {"OtherDeviceID": None}),
        (duis.hub_returned, "8.14.3", {"IncidentReference": "x" * 16}),
        (duis.hub_returned, "8.14.3", {"CHFConnectionMethod": None}),
        (duis.hub_returned, "8.14.3", {"CHFFaultReason": "Bored"}),
        (duis.hub_returned, "8.14.3", {"UserRefDateTime": "yesterday"}),
        (duis.hub_returned, "8.14.4", {"CHFNoFaultReturnType": None}),
        (duis.hub_returned, "8.14.4", {"OtherDeviceID": duis.GPF}),
    ],
)
def test_what_is_said_of_hubs_keeps_to_the_schema(build: Build, srv: str, changes: dict[str, Any]) -> None:
    refused(build(srv, **changes))


@pytest.mark.parametrize("srv", ["11.1", "11.4"])
def test_firmware_for_devices(srv: str) -> None:
    message = read(duis.firmware_update(srv, DeviceIDList=f"{duis.METER},{duis.GAS_METER.lower()}"))
    assert isinstance(message, FirmwareUpdate)
    assert (message.srv, message.firmware_version) == (Srv(srv), "01020305")
    assert message.device_ids == (duis.METER, duis.GAS_METER.lower())


def test_the_largest_firmware_update_is_read_in_memory_that_its_image_does_not_fill() -> None:
    image = ("QUJD" * 19 + "\r\n") * (10_240_000 // 57)
    ids = ",".join(f"02-5A-01-00-00-{n >> 16:02X}-{n >> 8 & 255:02X}-{n & 255:02X}" for n in range(50_000))
    stream = io.BytesIO(duis.firmware_update(image=image, DeviceIDList=ids))
    tracemalloc.start()
    try:
        message = read_message(read_envelope(stream, Limits()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(message, FirmwareUpdate)
    assert len(message.device_ids) == 50_000
    assert message.device_ids[-1] == "02-5A-01-00-00-00-C3-4F"
    assert peak < 16_000_000


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"image": "QUJD" * 3_413_333 + "QUJDQQ=="}, "too large"),
        ({"image": "QUJ"}, "not base64"),
        ({"image": "QQ==QUJD"}, "not base64"),
        ({"image": "Q==="}, "not base64"),
        ({"image": "QU*D"}, "not base64"),
        ({"image": "<sr:a/>"}, "not base64"),
        ({"FirmwareImage": None}, "FirmwareImage is missing"),
        ({"FirmwareVersion": "123456789"}, "1 to 8"),
        ({"DeviceIDList": None}, "DeviceIDList is missing"),
        ({"DeviceIDList": ""}, "23 to 1199999"),
        ({"DeviceIDList": duis.METER + ","}, "not a list"),
        ({"DeviceIDList": f"{duis.METER}, {duis.METER}"}, "not a list"),
        ({"DeviceIDList": f"{duis.METER};{duis.METER}"}, "not a list"),
        ({"DeviceIDList": ",".join([duis.METER] * 50_001)}, "23 to 1199999"),
    ],
)
def test_firmware_keeps_to_the_schema(changes: dict[str, Any], named: str) -> None:
    assert named in refused(duis.firmware_update(**changes))


def test_an_empty_image_is_base64_and_a_second_list_is_not_kept() -> None:
    assert isinstance(read(duis.firmware_update(image="")), FirmwareUpdate)
    many = ",".join([duis.METER] * 1_000)
    data = duis.firmware_update(DeviceIDList=many)
    doubled = data.replace(b"<sr:Header>", f"<sr:DeviceIDList>{many}</sr:DeviceIDList><sr:Header>".encode())
    refused(doubled)


@pytest.mark.parametrize(
    ("srv", "element"),
    [("8.7.1", "JoinServiceNonCritical"), ("8.14.1", "CHFInstallSuccessNoSMWAN"), ("11.4", "UpdateFirmware")],
)
def test_the_body_belongs_to_the_service_reference_variant(srv: str, element: str) -> None:
    refused(duis.asking(srv, element, OTHER), VariantMismatch)


def test_parts_come_in_the_order_of_the_schema() -> None:
    data = duis.prenotification()
    header = data[data.index(b"<sr:Header>") : data.index(b"</sr:Header>") + len(b"</sr:Header>")]
    behind = data.replace(header, b"").replace(b"</sr:Body>", b"</sr:Body>" + header)
    assert "Header comes after Body" in refused(behind)
    signature = duis.SIGNATURE.encode()
    first = data.replace(signature, b"").replace(b"<sr:Header>", signature + b"<sr:Header>", 1)
    assert "Signature does not come last" in refused(first)
    assert "Signature comes twice" in refused(data.replace(signature, signature * 2))
