"""Reads Service Requests 8.14.1 to 8.14.4: a Communications Hub was installed, or goes back."""

from typing import Final

from inventory.duis.fields import Fields
from inventory.duis.headers import Header
from inventory.duis.messages import HubInstalled, HubReturned
from inventory.duis.requests.parts import MPAN
from inventory.duis.safe_xml import Node
from inventory.duis.srv import Srv

INSTALL_TYPES: Final = ("New CHF Install", "Replacement CHF Install", "CHF Install - no SM WAN")
LOCATIONS: Final = ("Outside Premises", "Indoors on external wall", "Deep indoors", "Basement or Cellar")
PREMISES: Final = (
    "Detached / Semi Detached",
    "Terraced",
    "Low Rise Apartment (MDU <= 5 floors)",
    "High Rise Apartment (MDU > 5 floors)",
)
FAULT_RETURNS: Final = ("Fault identified prior to installation", "Fault identified post installation")
NO_FAULT_RETURNS: Final = (
    "No Fault Return (general)",
    "No Fault Return (non-dom opt out)",
    "No Fault Return (dual supplier HAN variant replacement)",
    "No Fault Return (SM WAN variant replacement requested by DCC)",
    "Lost or Stolen Hub",
)
CONNECTIONS: Final = ("Hot-shoe", "Cradle", "ESME")
FAULTS: Final = (
    "Damaged case",
    "Damaged Connector",
    "Illegal interference or missing seals",
    "Environmental conditions exceeded",
    "SM WAN Fault",
    "SMHAN Interface Fault",
    "LED Fault",
    "Aerial fault",
    "Manufacturing defect",
)

_OBSTRUCTIONS: Final = ("MetalObstructionCheck", "ConnectivityObstructionCheck", "SharedObstructionCheck")
_INSTALLED: Final = (
    "DeviceID",
    "CHFInstallType",
    "InstallDateTime",
    "UserRefID",
    "MPxN",
    "GISData",
    "AerialInstall",
    "CHFLocation",
)
_LONGEST_REFERENCE: Final = 25
_LONGEST_INCIDENT: Final = 15
_LONGEST_INFORMATION: Final = 200


def read_installed(header: Header, node: Node, is_newer: bool) -> HubInstalled:
    """Return what a CHFInstallSuccessSMWAN or NoSMWAN (8.14.1, 8.14.2) says; raises AgainstSchema."""
    srv = Srv(header.srv)
    has_wan = srv is Srv.HUB_INSTALLED
    checks = () if has_wan else ("PremiseType", *_OBSTRUCTIONS)
    fields = Fields(node, (*_INSTALLED, *checks, "AdditionalInformation"), is_newer=is_newer)
    _check_remarks(fields)
    fields.text_if_any("GISData", longest=_LONGEST_REFERENCE, shortest=0)
    fields.flag("AerialInstall")
    fields.word("CHFLocation", LOCATIONS)
    if not has_wan:
        fields.word("PremiseType", PREMISES)
        for each in _OBSTRUCTIONS:
            fields.flag(each)
    return HubInstalled(
        request_id=header.request_id,
        command_variant=header.command_variant,
        srv=srv,
        device_id=fields.eui("DeviceID"),
        install_type=fields.word("CHFInstallType", INSTALL_TYPES),
        has_wan=has_wan,
        installed_at=fields.moment_if_any("InstallDateTime"),
        mpxns=(fields.text("MPxN", longest=MPAN),),
    )


def read_fault_return(header: Header, node: Node, is_newer: bool) -> HubReturned:
    """Return what a CHFFaultReturn (8.14.3) says; raises AgainstSchema."""
    fields = Fields(
        node,
        (
            "DeviceID",
            "CHFFaultReturnType",
            "UserRefDateTime",
            "UserRefID",
            "OtherDeviceID",
            "IncidentReference",
            "CHFConnectionMethod",
            "CHFFaultReason",
            "AdditionalInformation",
        ),
        is_newer=is_newer,
    )
    fields.word("CHFConnectionMethod", CONNECTIONS)
    fields.word("CHFFaultReason", FAULTS)
    return _read_return(header, fields, fields.word("CHFFaultReturnType", FAULT_RETURNS))


def read_no_fault_return(header: Header, node: Node, is_newer: bool) -> HubReturned:
    """Return what a CHFNoFaultReturn (8.14.4) says; raises AgainstSchema."""
    fields = Fields(
        node,
        (
            "DeviceID",
            "CHFNoFaultReturnType",
            "UserRefDateTime",
            "UserRefID",
            "IncidentReference",
            "AdditionalInformation",
        ),
        is_newer=is_newer,
    )
    return _read_return(header, fields, fields.word("CHFNoFaultReturnType", NO_FAULT_RETURNS))


def _read_return(header: Header, fields: Fields, return_type: str) -> HubReturned:
    _check_remarks(fields)
    fields.moment_if_any("UserRefDateTime")
    srv = Srv(header.srv)
    return HubReturned(
        request_id=header.request_id,
        command_variant=header.command_variant,
        srv=srv,
        device_id=fields.eui("DeviceID"),
        return_type=return_type,
        other_device=fields.eui("OtherDeviceID") if srv is Srv.HUB_FAULT_RETURN else None,
        incident_reference=fields.text_if_any("IncidentReference", longest=_LONGEST_INCIDENT, shortest=0),
    )


def _check_remarks(fields: Fields) -> None:
    """Check the texts that nothing here needs: the User's own reference, and what else it wanted to say."""
    fields.text_if_any("UserRefID", longest=_LONGEST_REFERENCE, shortest=0)
    fields.text_if_any("AdditionalInformation", longest=_LONGEST_INFORMATION, shortest=0)
