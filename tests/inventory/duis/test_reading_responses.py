"""What the reader makes of what comes back: responses, device alerts and DCC alerts."""

import io
from datetime import UTC, datetime

import pytest

from inventory.duis.limits import Limits
from inventory.duis.messages import (
    DccAlert,
    DeviceAlert,
    LogUpdateResult,
    Message,
    OtherAlert,
    QuarantinedRequest,
    ServiceResponse,
    StatusChange,
    StatusChangeEvent,
)
from inventory.duis.reader import read_envelope, read_message
from inventory.duis.refusals import (
    AgainstSchema,
    AlertCodeMismatch,
    AlertOfError,
    DuisRefusal,
    NotHandledYet,
    ResponseIdMismatch,
    VariantMismatch,
    VariantRule,
)
from ssi.uploads.models.choices import Breach
from tests.inventory.duis import messages as duis

AT = datetime(2026, 11, 20, 8, 15, tzinfo=UTC)
REQUEST = f"{duis.SUPPLIER}:{duis.HUB}:8"
DEVICE = f"<sr:DeviceID>{duis.METER}</sr:DeviceID>"
METER_POINTS = f"<sr:ImportMPxN>{duis.MPAN}</sr:ImportMPxN>"


def read(data: bytes) -> Message:
    return read_message(read_envelope(io.BytesIO(data), Limits()))


def refused(data: bytes, kind: type[DuisRefusal] = AgainstSchema) -> str:
    with pytest.raises(kind) as caught:
        read(data)
    assert caught.value.way_out
    return str(caught.value)


def alerted(data: bytes) -> DccAlert:
    message = read(data)
    assert isinstance(message, DccAlert)
    return message


@pytest.mark.parametrize("code", ["I0", "I99", "E20", "W110101", "E080201"])
@pytest.mark.parametrize("srv", ["8.1.1", "8.11", "12.2", "4.8.1"])
def test_a_response(srv: str, code: str) -> None:
    message = read(duis.response(srv, "", response_code=code))
    assert isinstance(message, ServiceResponse)
    assert (message.srv, message.response_code, message.responded_at) == (srv, code, AT)
    assert str(message.request_id.originator) == duis.SUPPLIER
    assert not message.is_pre_command


@pytest.mark.parametrize(
    ("payload", "is_pre_command"),
    [
        ("<sr:GBCSPayload>QUJD</sr:GBCSPayload>", False),
        ("<sr:PreCommand><sr:GBCSVersion/><sr:GBCSPayload>QUJD</sr:GBCSPayload></sr:PreCommand>", True),
        ("<sr:LocalCommand><sr:GBCSPayload>QUJD</sr:GBCSPayload></sr:LocalCommand>", True),
    ],
)
def test_what_a_response_carries(payload: str, is_pre_command: bool) -> None:
    message = read(duis.response("8.7.1", payload))
    assert isinstance(message, ServiceResponse)
    assert message.is_pre_command is is_pre_command


def test_a_command_with_an_execution_date_is_not_followed() -> None:
    data = duis.response("8.11", "<sr:FutureDatedDeviceAlertMessage/>")
    assert "execution date" in refused(data, NotHandledYet)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (duis.response("8.11", "", response_code="fine"), AgainstSchema),
        (duis.response("8.11", "", response_code=""), AgainstSchema),
        (duis.response("8.11", "", request_id=None), AgainstSchema),
        (duis.response("8.11", "", request_id="rubbish"), AgainstSchema),
        (duis.response("8.11", "<sr:Unknown/>"), AgainstSchema),
        (duis.response("8.11", "<sr:GBCSPayload/><sr:PreCommand/>"), AgainstSchema),
        (duis.response("8.11", "<sr:GBCSPayload/>" * 2), AgainstSchema),
        (duis.response("8.11", "<sr:DSPInventory/>"), VariantMismatch),
        (duis.response("8.1x", ""), AgainstSchema),
        (duis.response("8.11", "").replace(b"2026-11-20T08:15:00.00Z", b"now"), AgainstSchema),
        (duis.response("8.11", "").replace(b"ResponseDateTime", b"Response"), AgainstSchema),
        (
            duis.response("8.11", "").replace(b"<sr:ServiceReference>8.11", b"<sr:ServiceReference>8.1"),
            VariantMismatch,
        ),
        (duis.message("Response", "", ""), AgainstSchema),
    ],
)
def test_responses_keep_to_the_schema(data: bytes, kind: type[DuisRefusal]) -> None:
    refused(data, kind)


MIRRORED = f"{duis.BROKER}:{duis.SUPPLIER}:7"


@pytest.mark.parametrize(
    "response_id",
    [
        f"{duis.SUPPLIER}:{duis.BROKER}:7",
        f"{duis.METER}:{duis.SUPPLIER}:7",
        f"{duis.BROKER}:{duis.METER}:7",
        f"{duis.BROKER}:{duis.SUPPLIER}:8",
    ],
)
@pytest.mark.parametrize("srv", ["8.1.1", "8.2"])
def test_a_response_id_mirrors_its_request_id(srv: str, response_id: str) -> None:
    data = duis.response(srv, "" if srv == "8.1.1" else "<sr:DSPInventory/>")
    refused(data.replace(MIRRORED.encode(), response_id.encode()), ResponseIdMismatch)


def test_a_response_may_come_without_its_id() -> None:
    data = duis.response("8.1.1", "").replace(f"<sr:ResponseID>{MIRRORED}</sr:ResponseID>".encode(), b"")
    assert isinstance(read(data), ServiceResponse)


def smets1(parts: str) -> bytes:
    data = duis.response("8.11", "", request_id=REQUEST)
    begin, end = data.index(b"<sr:ResponseMessage>"), data.index(b"</sr:Body>")
    return data[:begin] + f"<sr:SMETS1ResponseMessage>{parts}</sr:SMETS1ResponseMessage>".encode() + data[end:]


SIGNED = "<sr:SMETS1SignedResponse/>"
VARIANT = (
    "<sr:ServiceReference>8.11</sr:ServiceReference><sr:ServiceReferenceVariant>8.11</sr:ServiceReferenceVariant>"
)


@pytest.mark.parametrize(("parts", "srv"), [(SIGNED, ""), (VARIANT + SIGNED, "8.11")])
def test_a_response_of_a_smets1_device(parts: str, srv: str) -> None:
    message = read(smets1(parts))
    assert isinstance(message, ServiceResponse)
    assert (message.srv, message.response_code) == (srv, "I0")


def test_other_messages_of_smets1_devices() -> None:
    refused(
        smets1(SIGNED).replace(f"{duis.HUB}:{duis.SUPPLIER}".encode(), MIRRORED[:-2].encode()), ResponseIdMismatch
    )
    refused(smets1(""))
    refused(smets1("<sr:DSPScheduleID>4</sr:DSPScheduleID>"))
    alone = smets1(SIGNED).replace(f"<sr:RequestID>{REQUEST}</sr:RequestID>".encode(), b"")
    assert "SMETS1" in refused(alone, NotHandledYet)


def test_a_device_alert() -> None:
    message = read(duis.device_alert("8f0a"))
    assert isinstance(message, DeviceAlert)
    assert (str(message.device_id), str(message.recipient)) == (duis.METER, duis.SUPPLIER)
    assert (message.code, message.alerted_at) == ("8F0A", AT)
    assert (message.sender, message.counter) == (message.device_id, 12)


@pytest.mark.parametrize("code", ["E20", "E080201"])
def test_an_alert_tells_of_no_error(code: str) -> None:
    assert code in refused(duis.device_alert(response_code=code), AlertOfError)
    assert code in refused(duis.status_changed("N28", "DeviceSuspended", response_code=code), AlertOfError)


@pytest.mark.parametrize(
    "data",
    [
        duis.device_alert(""),
        duis.device_alert("818"),
        duis.device_alert("818301"),
        duis.device_alert("81G3"),
        duis.device_alert().replace(b"<sr:GBCSPayload>QUJD</sr:GBCSPayload>", b""),
        duis.device_alert().replace(b"ResponseID>", b"RequestID>"),
        duis.alert("DeviceAlertMessage", "GBCSPayload", "QUJD", "<sr:AlertCode>8183</sr:AlertCode>"),
        duis.alert(
            "DeviceAlertMessage",
            "AlertCode",
            "8183",
            "<sr:ThrottledAlertCount>many</sr:ThrottledAlertCount><sr:GBCSPayload>QUJD</sr:GBCSPayload>",
        ),
    ],
)
def test_device_alerts_keep_to_the_schema(data: bytes) -> None:
    refused(data)


def log_result(request_id: str) -> str:
    name = "UpdateHANDeviceLogServiceRequestID"
    return f"<sr:UpdateHANDeviceLogResult><sr:{name}>{request_id}</sr:{name}></sr:UpdateHANDeviceLogResult>"


@pytest.mark.parametrize("code", ["N24", "N25"])
def test_the_result_of_an_update_of_the_device_log(code: str) -> None:
    alert = alerted(duis.dcc_alert(code, log_result(REQUEST)))
    assert (alert.code, str(alert.recipient), alert.alerted_at) == (code, duis.SUPPLIER, AT)
    assert isinstance(alert.payload, LogUpdateResult)
    assert (str(alert.payload.request_id.target), alert.payload.request_id.counter) == (duis.HUB, 8)
    assert (str(alert.sender), alert.counter) == (duis.BROKER, 12)


@pytest.mark.parametrize("code", ["N28", "N999", "AD1"])
def test_no_other_alert_tells_that_result(code: str) -> None:
    assert code in refused(duis.dcc_alert(code, log_result(REQUEST)), AlertCodeMismatch)


def test_an_alert_may_have_no_recipient() -> None:
    data = duis.dcc_alert("N24", log_result(REQUEST))
    begin, end = data.index(b"<sr:ResponseID>"), data.index(b"<sr:ResponseCode>")
    assert alerted(data[:begin] + data[end:]).recipient is None


CHANGES = {
    "MeterIdentity": f"<sr:MeterMPxNs>{METER_POINTS}</sr:MeterMPxNs><sr:ESMEVariant>AD</sr:ESMEVariant>",
    "MeterDecommissioningOrWithdrawal": (
        f"<sr:MeterDecommissionOrWithdrawal>{METER_POINTS}</sr:MeterDecommissionOrWithdrawal>"
        + f"<sr:AssociatedType1Device>{DEVICE}<sr:DeviceType>PPMID</sr:DeviceType></sr:AssociatedType1Device>" * 7
    ),
    "DeviceRemovedFromInventory": "",
    "CHFDecommissioning": "",
    "DeviceSuspended": "",
    "DeviceRestored": "",
    "RecoveryCompleteACBCredentials": "<sr:SupplierCertificateType>KeyAgreement</sr:SupplierCertificateType>" * 2,
    "RecoveryComplete": "",
}


@pytest.mark.parametrize("what", list(StatusChange))
def test_a_device_s_status_changed(what: StatusChange) -> None:
    alert = alerted(duis.status_changed("N28", what, CHANGES[what]))
    assert isinstance(alert.payload, StatusChangeEvent)
    assert (str(alert.payload.device_id), alert.payload.what) == (duis.METER, what)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (duis.status_changed("N32", "DeviceSuspended"), AgainstSchema),
        (duis.status_changed("", "DeviceSuspended"), AgainstSchema),
        (duis.status_changed("N28", "DeviceLost"), AgainstSchema),
        (duis.status_changed("N28", "DeviceSuspended", "text"), AgainstSchema),
        (duis.status_changed("N28", "DeviceSuspended", DEVICE), AgainstSchema),
        (duis.status_changed("N28", "DeviceSuspended", device_id="x"), AgainstSchema),
        (duis.status_changed("N16", "MeterIdentity"), AgainstSchema),
        (duis.status_changed("N16", "MeterIdentity", "<sr:MeterMPxNs/>"), AgainstSchema),
        (duis.status_changed("N16", "MeterIdentity", CHANGES["MeterIdentity"].replace("AD", "Z")), VariantRule),
        (duis.status_changed("N9", "MeterDecommissioningOrWithdrawal"), AgainstSchema),
        (
            duis.status_changed(
                "N9",
                "MeterDecommissioningOrWithdrawal",
                CHANGES["MeterDecommissioningOrWithdrawal"] + "<sr:AssociatedType1Device/>",
            ),
            AgainstSchema,
        ),
        (duis.dcc_alert("N24", log_result("rubbish")), AgainstSchema),
        (duis.dcc_alert("N24", log_result(REQUEST) * 2), AgainstSchema),
        (duis.dcc_alert("N24", log_result(REQUEST) + "<sr:CoSCertificateAlert/>"), AgainstSchema),
        (duis.dcc_alert("N24", "<sr:UpdateHANDeviceLogResult/>"), AgainstSchema),
        (duis.dcc_alert("N24", ""), AgainstSchema),
        (duis.dcc_alert("N24", "<sr:Unknown/>"), AgainstSchema),
        (duis.alert("DCCAlertMessage", "DCCAlertCode", "N24"), AgainstSchema),
    ],
)
def test_dcc_alerts_keep_to_the_schema(data: bytes, kind: type[DuisRefusal]) -> None:
    refused(data, kind)


def quarantined(*breaches: str, event_ref: str = "7", request: str = REQUEST) -> bytes:
    """Return a DCC alert QuarantinedRequest with these elements, each with the same request and event."""
    inside = f"<sr:RequestID>{request}</sr:RequestID><sr:QuarantineEventRef>{event_ref}</sr:QuarantineEventRef>"
    payload = "".join(f"<sr:{name}>{inside}</sr:{name}>" for name in breaches)
    return duis.dcc_alert("N999", f"<sr:QuarantinedRequest>{payload}</sr:QuarantinedRequest>")


@pytest.mark.parametrize(
    ("name", "breach"),
    [
        ("ADUserThresholdBreach", Breach.USER_THRESHOLD),
        ("ADDCCThresholdBreach", Breach.DCC_THRESHOLD),
        ("ADAttributeLimitsBreach", Breach.ATTRIBUTE_LIMITS),
    ],
)
def test_a_request_was_quarantined(name: str, breach: Breach) -> None:
    held = alerted(quarantined(name, event_ref="+00099999999999999999999")).payload
    assert isinstance(held, QuarantinedRequest)
    assert (held.breach, held.event_ref) == (breach, 10**20 - 1)
    assert f"{held.request_id.originator}:{held.request_id.target}:{held.request_id.counter}" == REQUEST


@pytest.mark.parametrize(
    "data",
    [
        quarantined(),
        quarantined("ADUserThresholdBreach", "ADDCCThresholdBreach"),
        quarantined("ADLimitBreach"),
        quarantined("ADUserThresholdBreach", event_ref="-1"),
        quarantined("ADUserThresholdBreach", event_ref=str(10**20)),
        quarantined("ADUserThresholdBreach", event_ref="1.0"),
        quarantined("ADUserThresholdBreach", event_ref=""),
        quarantined("ADUserThresholdBreach", request="rubbish"),
    ],
)
def test_quarantined_requests_keep_to_the_schema(data: bytes) -> None:
    refused(data)


OTHERS = {
    "PPMIDAlert": (DEVICE, False, duis.METER),
    "CommandFailure": (f"<sr:CommandRequestID>{REQUEST}</sr:CommandRequestID>{DEVICE}", True, duis.METER),
    "CSPFirmwareDeliveryStatus": (
        f"<sr:CommsHubDeviceID>{duis.HUB}</sr:CommsHubDeviceID><sr:TargetDeviceID>{duis.METER}</sr:TargetDeviceID>",
        False,
        duis.METER,
    ),
    "FirmwareUpgradeRequested": ("", False, None),
}


@pytest.mark.parametrize("name", OTHERS)
def test_any_other_alert_is_known_by_what_it_carries(name: str) -> None:
    within, names_request, device_id = OTHERS[name]
    other = alerted(duis.dcc_alert("N999", f"<sr:{name}>{within}</sr:{name}>")).payload
    assert isinstance(other, OtherAlert)
    assert (other.name, other.request_id is not None) == (name, names_request)
    assert device_id == (str(other.device_id) if other.device_id else None)


@pytest.mark.parametrize("within", [DEVICE * 2, "<sr:DeviceID>x</sr:DeviceID>", "<sr:RequestID>x</sr:RequestID>"])
def test_what_another_alert_names_keeps_to_the_schema(within: str) -> None:
    refused(duis.dcc_alert("N40", f"<sr:ECoSAlert>{within}</sr:ECoSAlert>"))
