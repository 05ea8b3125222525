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


TYPE_2 = frozenset({DeviceType.IHD, DeviceType.CAD})
"""Type 2 Devices: no SMI Status, never commissioned, no firmware on record. Source: SEC App AC 4.15."""

COMMS_HUB_PARTS = frozenset({DeviceType.CHF, DeviceType.GPF})
"""What is inside a Communications Hub: no supplier holds an install code for it (domain 4.3)."""

METERS = frozenset({DeviceType.ESME, DeviceType.GSME})
"""Smart Meters: what meter points are associated with."""

GAS_KINDS = frozenset({RegistrationKind.GAS_SUPPLIER, RegistrationKind.GAS_TRANSPORTER})
"""Registrations at an MPRN; all others are at an MPAN."""
