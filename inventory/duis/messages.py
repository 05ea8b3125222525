"""What DUIS messages say, once read: checked for form, not yet against the inventory."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from inventory.models.choices import Connectivity, CspRegion, DeviceType, EsmeVariant, ProductStatus, SmiStatus
from ssi.eui64 import Eui64


class Srv(StrEnum):
    """The Service Reference Variants that this version applies."""

    READ_INVENTORY = "8.2"
    UPDATE_HAN_DEVICE_LOG = "8.11"
    DEVICE_PRENOTIFICATION = "12.2"


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


Message = Prenotification | HanDeviceLogUpdate | InventoryAnswer
