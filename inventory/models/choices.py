"""The enumerations of the Smart Metering Inventory, kept as small integers.

`duis` of each member is the value DUIS and the API use; the numbers are ours and never leave the database.
Sources: DUIS 5.4 schema; domain 4.2 to 4.6.
"""

from typing import Self

from django.db.models import IntegerChoices


class DuisChoices(IntegerChoices):
    """An enumeration whose members know their DUIS value: the label."""

    @property
    def duis(self) -> str:
        """Return the value as it stands in DUIS."""
        return str(self.label)

    @classmethod
    def of(cls, duis: str) -> Self:
        """Return the member of a DUIS value; raises ValueError if there is none."""
        for member in cls:
            if member.label == duis:
                return member
        raise ValueError(f"{duis!r} is not a {cls.__name__} of DUIS 5.4.")


class DeviceType(DuisChoices):
    """Device types of DUIS. There is no SAPC: it is an ESME with a G variant (domain 4.4)."""

    ESME = 1, "ESME"
    GSME = 2, "GSME"
    CHF = 3, "CHF"
    GPF = 4, "GPF"
    PPMID = 5, "PPMID"
    HCALCS = 6, "HCALCS"
    IHD = 7, "IHD"
    CAD = 8, "CAD"


class SmiStatus(DuisChoices):
    """The nine statuses of the Smart Metering Inventory; Type 2 Devices have none."""

    PENDING = 1, "Pending"
    WHITELISTED = 2, "Whitelisted"
    INSTALLED_NOT_COMMISSIONED = 3, "InstalledNotCommissioned"
    COMMISSIONED = 4, "Commissioned"
    DECOMMISSIONED = 5, "Decommissioned"
    WITHDRAWN = 6, "Withdrawn"
    SUSPENDED = 7, "Suspended"
    RECOVERY = 8, "Recovery"
    RECOVERED = 9, "Recovered"


class EsmeVariant(DuisChoices):
    """The 25 ESME variants of DUIS 5.4."""

    A = 1, "A"
    B = 2, "B"
    C = 3, "C"
    AD = 4, "AD"
    BD = 5, "BD"
    CD = 6, "CD"
    ADE = 7, "ADE"
    BDE = 8, "BDE"
    CDE = 9, "CDE"
    ADF = 10, "ADF"
    BDF = 11, "BDF"
    CDF = 12, "CDF"
    ADEF = 13, "ADEF"
    BDEF = 14, "BDEF"
    CDEF = 15, "CDEF"
    ADG = 16, "ADG"
    ADEG = 17, "ADEG"
    AF = 18, "AF"
    BF = 19, "BF"
    CF = 20, "CF"
    AEF = 21, "AEF"
    BEF = 22, "BEF"
    CEF = 23, "CEF"
    AG = 24, "AG"
    AEG = 25, "AEG"


class CspRegion(DuisChoices):
    """The region of the Communications Service Provider."""

    NORTH = 1, "North"
    CENTRAL = 2, "Central"
    SOUTH = 3, "South"
    NORTH_4G = 4, "4G North"
    CENTRAL_4G = 5, "4G Central"
    SOUTH_4G = 6, "4G South"
    UNKNOWN = 7, "Unknown"
    SMETS1 = 8, "SMETS1"


class ProductStatus(DuisChoices):
    """Status of a firmware version, and of an entry of the Central Products List."""

    ACTIVE = 1, "Active"
    CANCELLED = 2, "Cancelled"
    EXPIRED = 3, "Expired"
    WITHDRAWN = 4, "Withdrawn"


class Connectivity(DuisChoices):
    """How a Communications Hub is connected; new in DUIS 5.4."""

    CELLULAR = 1, "Cellular"
    VIRTUAL = 2, "Virtual"


class RegistrationKind(DuisChoices):
    """As what one is registered at a meter point: the User Role of DUIS. ED and GT are the network operators."""

    IMPORT_SUPPLIER = 1, "IS"
    EXPORT_SUPPLIER = 2, "ES"
    GAS_SUPPLIER = 3, "GS"
    ELECTRICITY_DISTRIBUTOR = 4, "ED"
    GAS_TRANSPORTER = 5, "GT"


class DccServiceStatus(DuisChoices):
    """What RDPs are told of a meter point; null before any Smart Meter was. S and W are never used (MP077)."""

    ACTIVE = 1, "A"
    NOT_ACTIVE = 2, "N"


class Fuel(IntegerChoices):
    """Electricity (MPANs, told to each MPAS by D0350) or gas (MPRNs, told to Xoserve by the DXI equivalent)."""

    ELECTRICITY = 1, "Electricity"
    GAS = 2, "Gas"


class TrailKind(IntegerChoices):
    """What an entry of a User's audit trail is (SEC H8.16(b)).

    A Critical request comes twice: as a Service Request, and as its Signed Pre-Command, which thresholds count
    apart (domain 6.1). Entries of before they were told apart are Service Requests.
    """

    SERVICE_REQUEST = 1, "Service Request"
    SERVICE_RESPONSE = 2, "Service Response"
    DEVICE_ALERT = 3, "Device alert"
    DCC_ALERT = 4, "DCC alert"
    SIGNED_PRE_COMMAND = 5, "Signed Pre-Command"


SENT_KINDS = (TrailKind.SERVICE_REQUEST, TrailKind.SIGNED_PRE_COMMAND)
"""What a User sends, and DCC answers; the rest it receives."""


class Detail(IntegerChoices):
    """A detail of a device that changes in its life, besides its SMI Status.

    `before` and `after` of a change hold, for the ESME Variant its number, for the Device Model its key, for the
    meter points their keys.
    """

    ESME_VARIANT = 1, "ESME Variant"
    DEVICE_MODEL = 2, "Device Model"
    IMPORT_METER_POINT = 3, "Import MPxN"
    SECONDARY_IMPORT_METER_POINT = 4, "Secondary import MPAN"
    EXPORT_METER_POINT = 5, "Export MPAN"


class Removal(IntegerChoices):
    """How a device left the inventory."""

    HOUSEKEEPING = 1, "by housekeeping"
    DELETED = 2, "deleted on request (SR 8.4)"


class Suspect(IntegerChoices):
    """Why a device's details are suspected to be wrong."""

    UNLIKE_ITS_MODEL = 1, "Most devices of this model carry another ESME Variant"
    UNLIKE_ITS_HOME = 2, "The home has a HCALCS, and the ESME Variant says it has none"
    UNLIKE_THE_CPL = 3, "The Central Products List has this model with another ESME Variant"
    NO_METER_POINT = 4, "A commissioned meter without a meter point"


class Likelihood(DuisChoices):
    """How likely a connection to the SM WAN is at a location (DUIS 12.1)."""

    HIGH = 1, "High"
    MEDIUM = 2, "Medium"
    LOW = 3, "Low"


class CplStep(IntegerChoices):
    """What an import of the Central Products List did to an entry."""

    ADDED = 1, "added"
    CHANGED = 2, "changed"
    REMOVED = 3, "removed"
    RESTORED = 4, "restored"


class Whose(IntegerChoices):
    """Over whose devices a report counts."""

    EVERYBODY = 1, "all devices"
    NOTIFIED = 2, "devices your User ID pre-notified"
    RESPONSIBLE = 3, "devices at your meter points"


TYPE_2 = frozenset({DeviceType.IHD, DeviceType.CAD})
"""Type 2 Devices: no SMI Status, never commissioned, no firmware on record. Source: SEC App AC 4.15."""

COMMS_HUB_PARTS = frozenset({DeviceType.CHF, DeviceType.GPF})
"""What is inside a Communications Hub: no supplier holds an install code for it (domain 4.3)."""

METERS = frozenset({DeviceType.ESME, DeviceType.GSME})
"""Smart Meters: what meter points are associated with."""

GAS_KINDS = frozenset({RegistrationKind.GAS_SUPPLIER, RegistrationKind.GAS_TRANSPORTER})
"""Registrations at an MPRN; all others are at an MPAN."""

JOINED = frozenset({DeviceType.PPMID, DeviceType.HCALCS, DeviceType.GPF})
"""Commissioned by Join Service. Source: SEC App AC 4.9, 4.10."""

SUSPENDABLE = frozenset({DeviceType.ESME, DeviceType.GSME, DeviceType.PPMID, DeviceType.HCALCS, DeviceType.CHF})
"""Devices whose status follows their firmware's entry in the Central Products List. Source: MP105."""
