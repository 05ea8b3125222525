"""What DUIS messages say, once read: checked for form, not yet against the inventory."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from inventory.duis.srv import Srv
from inventory.models.choices import (
    Connectivity,
    CspRegion,
    Detail,
    DeviceType,
    EsmeVariant,
    ProductStatus,
    SmiStatus,
)
from ssi.eui64 import Eui64
from ssi.uploads.models.choices import Breach


@dataclass(frozen=True, slots=True)
class RequestId:
    """originator:target:counter. The originator is a User ID, the target a device or the DCC itself."""

    originator: Eui64
    target: Eui64
    counter: int


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What makes a Device Model; "" where the message says nothing."""

    device_type: DeviceType
    manufacturer: str
    model: str
    firmware_version: str = ""
    smets_version: str = ""


@dataclass(frozen=True, slots=True)
class Prenotification:
    """SR 12.2: a device will be installed."""

    request_id: RequestId
    command_variant: int
    device_id: Eui64
    model: ModelFacts
    esme_variant: EsmeVariant | None
    associated_gpf: Eui64 | None


class LogChange(StrEnum):
    """What SR 8.11 asks of the Communications Hub's device log."""

    ADD = "Add"
    REMOVE = "Remove"


@dataclass(frozen=True, slots=True)
class HanDeviceLogUpdate:
    """SR 8.11: a device may join, or leaves, the home's network of the hub that is the request's target.

    Holds no install code: it is checked for form while reading, and goes no further.
    """

    request_id: RequestId
    command_variant: int
    device_id: Eui64
    change: LogChange
    execute_at: datetime | None = None
    import_mpxn: str = ""
    secondary_import_mpan: str = ""
    export_mpan: str = ""


@dataclass(frozen=True, slots=True)
class DeviceCommand:
    """8.1.1, 8.7.x, 8.8.x, 8.12.x, 11.2 and 11.3: what a device is asked, as far as the inventory is concerned.

    `other_device` is the device to join or unjoin, or the hub's part that was there before (8.12). `firmware_hash`
    of 11.3 is in capital hexadecimal.
    """

    request_id: RequestId
    command_variant: int
    srv: Srv
    device_id: Eui64
    other_device: Eui64 | None = None
    execute_at: datetime | None = None
    firmware_hash: str = ""


@dataclass(frozen=True, slots=True)
class SignedPreCommand:
    """The pre-command of 8.1.1, 8.7.1, 8.8.1 or 11.3, signed by its User and sent under the same RequestID.

    What it asks the device is in GBCS, and passed over: the request that it goes on with said so.
    """

    request_id: RequestId
    command_variant: int
    srv: Srv
    device_id: Eui64
    execute_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DetailsUpdate:
    """SR 8.4 UpdateDeviceDetails: each is None where the message says nothing of it."""

    manufacturer: str | None = None
    model: str | None = None
    smets_version: str | None = None
    firmware_version: str | None = None
    esme_variant: EsmeVariant | None = None


@dataclass(frozen=True, slots=True)
class Deletion:
    """SR 8.4 DeleteDevice."""


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """SR 8.4 UpdateDeviceStatusExceptCH, or with `of_hub` UpdateDeviceStatusCH."""

    status: SmiStatus
    of_hub: bool


@dataclass(frozen=True, slots=True)
class MpxnUpdate:
    """SR 8.4 UpdateMPxN: which of the three meter points, and its MPxN."""

    detail: Detail
    mpxn: str


@dataclass(frozen=True, slots=True)
class InventoryUpdate:
    """SR 8.4: exactly one thing about a device in the inventory is to be changed."""

    request_id: RequestId
    command_variant: int
    device_id: Eui64
    change: DetailsUpdate | Deletion | StatusUpdate | MpxnUpdate


@dataclass(frozen=True, slots=True)
class Decommission:
    """SR 8.3: a device is out of use for good."""

    request_id: RequestId
    command_variant: int
    device_id: Eui64


@dataclass(frozen=True, slots=True)
class HubInstalled:
    """SR 8.14.1, or without SM WAN 8.14.2: a Communications Hub was installed. Texts are as DUIS gives them."""

    request_id: RequestId
    command_variant: int
    srv: Srv
    device_id: Eui64
    install_type: str
    has_wan: bool
    installed_at: datetime | None = None
    mpxns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HubReturned:
    """SR 8.14.3 (fault) or 8.14.4 (no fault): a Communications Hub goes back. Texts are as DUIS gives them.

    `other_device` of a fault return is the hub that takes its place, or its other part, as the message has it.
    """

    request_id: RequestId
    command_variant: int
    srv: Srv
    device_id: Eui64
    return_type: str
    other_device: Eui64 | None = None
    incident_reference: str = ""


@dataclass(frozen=True, slots=True)
class FirmwareUpdate:
    """SR 11.1 or, for PPMIDs, 11.4: firmware for up to 50,000 devices, as given, without its image."""

    request_id: RequestId
    command_variant: int
    srv: Srv
    firmware_version: str
    device_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FirmwareWarning:
    """The devices of a FirmwareUpdate that get no firmware, by why, as they were given: with a W-code.

    In the order of DUIS's DSPUpdateFirmwareWarning, or for 11.4 DSPUpdatePPMIDFirmwareWarning; an empty list is
    left out there.
    """

    srv: Srv
    invalid: tuple[str, ...] = ()
    not_commissioned: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    other_request_in_progress: tuple[str, ...] = ()
    invalid_gbcs_version: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InventoryQuery:
    """SR 8.2: exactly one of the four keys."""

    request_id: RequestId
    command_variant: int
    device_id: Eui64 | None = None
    uprn: int | None = None
    mpxn: str = ""
    post_code: str = ""
    address_identifier: str = ""


@dataclass(frozen=True, slots=True)
class CoverageQuery:
    """SR 12.1: by UPRN, or by post code and address identifier."""

    request_id: RequestId
    command_variant: int
    uprn: int | None = None
    post_code: str = ""
    address_identifier: str = ""


@dataclass(frozen=True, slots=True)
class InventoryEntry:
    """One device of an inventory answer, with every field that DUIS 5.4 has for it."""

    device_id: Eui64
    model: ModelFacts
    smi_status: SmiStatus | None
    firmware_status: ProductStatus | None
    cpl_status: ProductStatus | None
    gbcs_version: str
    han_variant: str
    commissioned_date: date | None
    import_mpxn: str
    secondary_import_mpan: str
    export_mpan: str
    esme_variant: EsmeVariant | None
    uprn: int | None
    post_code: str
    address_identifier: str
    csp_region: CspRegion | None
    s1sp: str
    connectivity: Connectivity | None


@dataclass(frozen=True, slots=True)
class InventoryAnswer:
    """A response to SR 8.2: what the DCC's own inventory holds of at most 17 devices."""

    devices: tuple[InventoryEntry, ...]


@dataclass(frozen=True, slots=True)
class ServiceResponse:
    """A response to any other Service Request; what it carries is passed over.

    `is_pre_command` tells the answer that only brings a pre-command to sign, or a command for local delivery:
    nothing reached the device yet. `responded_at` is ResponseDateTime.
    """

    request_id: RequestId
    response_code: str
    responded_at: datetime
    srv: str = ""
    is_pre_command: bool = False


@dataclass(frozen=True, slots=True)
class DeviceAlert:
    """An alert by a device to a User: its code is four hexadecimal digits, such as 8183.

    `counter` is that of its ResponseID, whose other parts are the device and the recipient.
    """

    device_id: Eui64
    recipient: Eui64
    code: str
    alerted_at: datetime
    counter: int | None = None

    @property
    def sender(self) -> Eui64:
        """Return who alerts: the device."""
        return self.device_id


class StatusChange(StrEnum):
    """What a DCC alert says became of a device: the elements of DUIS's DeviceStatusChange."""

    IDENTITY = "MeterIdentity"
    DECOMMISSIONED = "MeterDecommissioningOrWithdrawal"
    REMOVED = "DeviceRemovedFromInventory"
    HUB_DECOMMISSIONED = "CHFDecommissioning"
    SUSPENDED = "DeviceSuspended"
    RESTORED = "DeviceRestored"
    RECOVERING = "RecoveryCompleteACBCredentials"
    RECOVERED = "RecoveryComplete"


@dataclass(frozen=True, slots=True)
class LogUpdateResult:
    """UpdateHANDeviceLogResult: of which SR 8.11 the alert tells the result; N24 success, N25 failure."""

    request_id: RequestId


@dataclass(frozen=True, slots=True)
class StatusChangeEvent:
    """DeviceStatusChangeEvent: what became of which device."""

    device_id: Eui64
    what: StatusChange


@dataclass(frozen=True, slots=True)
class QuarantinedRequest:
    """QuarantinedRequest: DCC holds a request of a User, `breach` says why; `event_ref` is QuarantineEventRef."""

    breach: Breach
    request_id: RequestId
    event_ref: int


@dataclass(frozen=True, slots=True)
class OtherAlert:
    """Any other DCC alert: the name of its payload, and the device and request it names where it does."""

    name: str
    request_id: RequestId | None = None
    device_id: Eui64 | None = None


AlertPayload = LogUpdateResult | StatusChangeEvent | QuarantinedRequest | OtherAlert


@dataclass(frozen=True, slots=True)
class DccAlert:
    """An alert by the DCC to a User, with its code, such as N24.

    `sender`, `recipient` and `counter` are its ResponseID; None where it has none.
    """

    code: str
    alerted_at: datetime
    payload: AlertPayload
    recipient: Eui64 | None = None
    sender: Eui64 | None = None
    counter: int | None = None


Request = (
    Prenotification
    | HanDeviceLogUpdate
    | DeviceCommand
    | SignedPreCommand
    | InventoryUpdate
    | Decommission
    | HubInstalled
    | HubReturned
    | FirmwareUpdate
    | InventoryQuery
    | CoverageQuery
)
Message = Request | InventoryAnswer | ServiceResponse | DeviceAlert | DccAlert
