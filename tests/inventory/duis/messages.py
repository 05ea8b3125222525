"""DUIS messages of our own making: the form is DUIS's, names and values are invented."""

from collections.abc import Iterable
from typing import Any

SUPPLIER = "90-B3-D5-1F-3F-00-00-01"
BROKER = "90-B3-D5-1F-3F-FF-FF-02"
HUB = "02-5A-01-00-00-00-0C-01"
METER = "02-5A-01-00-00-00-0E-01"
GAS_METER = "02-5A-01-00-00-00-06-01"
GPF = "02-5A-01-00-00-00-0F-01"
DISPLAY = "02-5A-01-00-00-00-0D-01"
INSTALL_CODE = "A1B2C3D4E5F60718293A4B5C6D7E8F90"
MPAN = "1234567890123"
"""Fails its check digit, as published ones do."""

SR = "http://www.dccinterface.co.uk/ServiceUserGateway"
SIGNATURE = """<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><!-- not ours to check -->
    <ds:SignedInfo/><ds:SignatureValue>bm90IGEgc2lnbmF0dXJl</ds:SignatureValue></ds:Signature>"""

DEVICE_FIELDS = (
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
)
"""Of a Device in an inventory answer, up to PropertyFilter, in the schema's order."""

Values = dict[str, str | None]


def elements(values: Values) -> str:
    """Return one sr: element for each value that is not None, each on a line of its own."""
    return "\n".join(f"    <sr:{name}>{text}</sr:{name}>" for name, text in values.items() if text is not None)


def message(root: str, header: str, body: str, *, version: str | None = "5.4", namespace: str = SR) -> bytes:
    """Return a whole message of the given root element."""
    attribute = "" if version is None else f' schemaVersion="{version}"'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<sr:{root} xmlns:sr="{namespace}"{attribute}>
  <sr:Header>
{header}
  </sr:Header>
  <sr:Body>
{body}
  </sr:Body>
  {SIGNATURE}
</sr:{root}>
""".encode()


def request(
    srv: str,
    body: str,
    *,
    originator: str = SUPPLIER,
    target: str = BROKER,
    counter: int | str = 7,
    command_variant: int | str = 8,
    reference: str | None = None,
    request_id: str | None = None,
    version: str | None = "5.4",
) -> bytes:
    """Return a Service Request."""
    header = {
        "RequestID": request_id if request_id is not None else f"{originator}:{target}:{counter}",
        "CommandVariant": str(command_variant),
        "ServiceReference": reference or ".".join(srv.split(".")[:2]),
        "ServiceReferenceVariant": srv,
    }
    return message("Request", elements(dict(header)), body, version=version)


def prenotification(
    device_id: str = METER, *, extra: str = "", header: dict[str, str] | None = None, **changes: Any
) -> bytes:
    """Return SR 12.2 for an ESME; `changes` replace fields, None leaves one out."""
    fields: Values = {
        "DeviceID": device_id,
        "DeviceManufacturer": "7C01",
        "DeviceModel": "5500A001",
        "DeviceType": "ESME",
        "SMETSCHTSVersion": "SMETS V4.2",
        "FirmwareVersion": "01020304",
        "ESMEVariant": "BD",
        "AssociatedGPFDeviceID": None,
    } | changes
    body = f"<sr:DevicePrenotification>\n{elements(fields)}{extra}</sr:DevicePrenotification>"
    return request("12.2", body, **(header or {}))


def of_type(device_type: str, device_id: str, **changes: Any) -> bytes:
    """Return SR 12.2 for a device other than an ESME."""
    return prenotification(device_id, DeviceType=device_type, **({"ESMEVariant": None} | changes))


def add_to_log(
    device_id: str = METER,
    hub: str = HUB,
    *,
    originator: str = SUPPLIER,
    command_variant: int = 1,
    execute_at: str | None = None,
    counter: int = 8,
    **changes: Any,
) -> bytes:
    """Return SR 8.11 Add; `changes` replace fields of AddDeviceToCHFWhitelist."""
    joining: Values = {
        "JoinTimePeriod": "300",
        "InstallCode": INSTALL_CODE,
        "ImportMPxN": MPAN,
        "SecondaryImportMPAN": None,
        "ExportMPAN": None,
    } | changes
    body = f"""<sr:UpdateHANDeviceLog>
{elements({"ExecutionDateTime": execute_at, "DeviceID": device_id, "RequestType": "Add"})}
    <sr:AddDeviceToCHFWhitelist>
{elements(joining)}
    </sr:AddDeviceToCHFWhitelist></sr:UpdateHANDeviceLog>"""
    return request(
        "8.11", body, originator=originator, target=hub, command_variant=command_variant, counter=counter
    )


def remove_from_log(device_id: str = METER, hub: str = HUB, *, extra: str = "") -> bytes:
    """Return SR 8.11 Remove."""
    fields = elements({"DeviceID": device_id, "RequestType": "Remove"})
    body = f"<sr:UpdateHANDeviceLog>{fields}{extra}</sr:UpdateHANDeviceLog>"
    return request("8.11", body, target=hub, command_variant=1, counter=9)


def device(device_id: str, device_type: str, *, extra: str = "", **changes: Any) -> str:
    """Return one Device of an inventory answer; `changes` add or replace fields, `extra` precedes CSPRegion."""
    is_type_2 = device_type in ("IHD", "CAD")
    fields: Values = {
        "DeviceID": device_id,
        "DeviceType": device_type,
        "DeviceStatus": None if is_type_2 else "Commissioned",
        "DeviceManufacturer": "7C01",
        "DeviceModel": "5500A001",
        "SMETSCHTSVersion": None if is_type_2 else "CHTS V1.4",
        "DeviceFirmwareVersion": None if is_type_2 else "01020304",
    } | changes
    first = {name: fields[name] for name in DEVICE_FIELDS if name in fields}
    order = ("CSPRegion", "DeviceGBCSVersion", "HANVariant", "S1SP", "Connectivity")
    then = {name: fields[name] for name in order if name in fields}
    return f"<sr:Device>\n{elements(first)}{extra}{elements(then)}</sr:Device>"


def response(
    srv: str, payload: str, *, response_code: str = "I0", version: str = "5.4", request_id: str | None = ""
) -> bytes:
    """Return a response, whose ResponseID mirrors its RequestID; `request_id` None leaves that out."""
    asked = f"{SUPPLIER}:{BROKER}:7" if request_id == "" else request_id
    parties = (asked or "").split(":")
    header: Values = {
        "RequestID": asked,
        "ResponseID": f"{parties[1]}:{parties[0]}:{parties[2]}" if len(parties) == 3 else f"{BROKER}:{SUPPLIER}:7",
        "ResponseCode": response_code,
        "ResponseDateTime": "2026-11-20T08:15:00.00Z",
    }
    parts = elements({"ServiceReference": ".".join(srv.split(".")[:2]), "ServiceReferenceVariant": srv})
    body = f"<sr:ResponseMessage>{parts}{payload}</sr:ResponseMessage>"
    return message("Response", elements(header), body, version=version)


def inventory_answer(*devices: str, response_code: str = "I0", version: str = "5.4") -> bytes:
    """Return a response to SR 8.2 with these devices."""
    inventory = f"<sr:DSPInventory>{''.join(devices)}</sr:DSPInventory>"
    return response("8.2", inventory, response_code=response_code, version=version)


def hub_answer(hub: str = HUB, **changes: Any) -> bytes:
    """Return an inventory answer with one Communications Hub."""
    return inventory_answer(device(hub, "CHF", **changes))


def alert(
    kind: str,
    code_element: str,
    code: str,
    rest: str = "",
    *,
    sender: str = BROKER,
    counter: int = 12,
    response_code: str = "I0",
) -> bytes:
    """Return a DCC or device alert; `rest` is what comes after its code."""
    header: Values = {
        "ResponseID": f"{sender}:{SUPPLIER}:{counter}",
        "ResponseCode": response_code,
        "ResponseDateTime": "2026-11-20T08:15:00.00Z",
    }
    body = f"<sr:{kind}>{elements({code_element: code})}{rest}</sr:{kind}>"
    return message("Response", elements(header), body)


def dcc_alert(code: str, payload: str, **header: Any) -> bytes:
    """Return a DCC alert that carries `payload`."""
    return alert("DCCAlertMessage", "DCCAlertCode", code, f"<sr:DCCAlert>{payload}</sr:DCCAlert>", **header)


def device_alert(code: str = "8183", device_id: str = METER, **header: Any) -> bytes:
    """Return an alert of a device."""
    payload = "<sr:GBCSPayload>QUJD</sr:GBCSPayload>"
    return alert("DeviceAlertMessage", "AlertCode", code, payload, **({"sender": device_id} | header))


def status_changed(code: str, what: str, within: str = "", device_id: str = METER, **header: Any) -> bytes:
    """Return the DCC alert that a device's status changed."""
    return dcc_alert(
        code,
        f"<sr:DeviceStatusChangeEvent><sr:DeviceID>{device_id}</sr:DeviceID><sr:DeviceStatusChange>"
        f"<sr:{what}>{within}</sr:{what}></sr:DeviceStatusChange></sr:DeviceStatusChangeEvent>",
        **header,
    )


def nested(total: int) -> Iterable[bytes]:
    """Yield `total` bytes of elements that open and never close, inside a DUIS request."""
    yield f'<?xml version="1.0"?><sr:Request xmlns:sr="{SR}" schemaVersion="5.4">'.encode()
    block = b"<sr:Body>" * 10_000
    for _ in range(total // len(block) + 1):
        yield block


def asking(srv: str, element: str, within: str | Values = "", *, target: str = BROKER, **header: Any) -> bytes:
    """Return a Service Request whose body is one element with these fields, or this XML, in it."""
    inside = within if isinstance(within, str) else elements(within)
    return request(srv, f"<sr:{element}>{inside}</sr:{element}>", target=target, **header)


def commanding(
    srv: str, element: str, within: str | Values = "", *, device_id: str = METER, **header: Any
) -> bytes:
    """Return a Service Request to a device; critical ones ask for their pre-command."""
    critical = srv in ("8.1.1", "8.7.1", "8.8.1", "11.3")
    return asking(srv, element, within, target=device_id, **({"command_variant": 4 if critical else 1} | header))


def commissioning(**changes: Any) -> bytes:
    """Return SR 8.1.1."""
    fields: Values = {"CurrentDateTime": "2026-11-20T08:15:00Z", "TolerancePeriod": "10"} | changes
    return commanding("8.1.1", "CommissionDeviceSynchroniseClock", fields)


def firmware_update(srv: str = "11.1", *, image: str = "QUJD", **changes: Any) -> bytes:
    """Return SR 11.1, or 11.4 of PPMIDs."""
    element = "UpdateFirmware" if srv == "11.1" else "UpdatePPMIDFirmware"
    fields: Values = {"FirmwareImage": image, "FirmwareVersion": "01020305", "DeviceIDList": METER} | changes
    return asking(srv, element, fields)


def hub_installed(srv: str = "8.14.1", **changes: Any) -> bytes:
    """Return SR 8.14.1, or 8.14.2 without SM WAN."""
    element = "CHFInstallSuccessSMWAN" if srv == "8.14.1" else "CHFInstallSuccessNoSMWAN"
    fields: Values = {
        "DeviceID": HUB,
        "CHFInstallType": "New CHF Install",
        "InstallDateTime": "2026-11-20T08:15:00Z",
        "UserRefID": "job 12",
        "MPxN": MPAN,
        "GISData": None,
        "AerialInstall": "false",
        "CHFLocation": "Deep indoors",
    }
    if srv == "8.14.2":
        fields |= {
            "PremiseType": "Low Rise Apartment (MDU &lt;= 5 floors)",
            "MetalObstructionCheck": "true",
            "ConnectivityObstructionCheck": "1",
            "SharedObstructionCheck": "0",
        }
    return asking(srv, element, fields | {"AdditionalInformation": None} | changes)


def hub_returned(srv: str = "8.14.3", **changes: Any) -> bytes:
    """Return SR 8.14.3 with a fault, or 8.14.4 without one."""
    if srv == "8.14.4":
        fields: Values = {"DeviceID": HUB, "CHFNoFaultReturnType": "Lost or Stolen Hub", "UserRefDateTime": None}
        return asking(srv, "CHFNoFaultReturn", fields | {"IncidentReference": None} | changes)
    fields = {
        "DeviceID": HUB,
        "CHFFaultReturnType": "Fault identified post installation",
        "UserRefDateTime": "2026-11-20T08:15:00Z",
        "UserRefID": None,
        "OtherDeviceID": GPF,
        "IncidentReference": "INC000000000123",
        "CHFConnectionMethod": "Hot-shoe",
        "CHFFaultReason": "LED Fault",
    }
    return asking(srv, "CHFFaultReturn", fields | changes)


def inventory_update(change: str, device_id: str = METER, **header: Any) -> bytes:
    """Return SR 8.4 with one change, or whatever stands in its place."""
    return asking("8.4", "UpdateInventory", f"<sr:DeviceID>{device_id}</sr:DeviceID>{change}", **header)
