"""What must hold for a Service Request, as data: who may send it, how, to which devices in which status.

Pure: no query, no row. `inventory/actions/service_requests/checks.py` asks these questions of the inventory, in
the order of DUIS's response codes; `docs/reference/device-status.md` is written from them.

Sources: DUIS eligible User Roles and Command Variants of each Service Reference Variant; DUIS response codes; STAB
MP105 for Suspended devices. Which status a request needs is ours where no source is named (domain 4.5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from inventory.models.choices import DeviceType, SmiStatus
from ssi.access.roles import UserRole


class Owed(Enum):
    """Whose device it must be (E4)."""

    NOBODY = "anybody's; the rules of the request itself say more"
    SUPPLIER = "the Responsible Supplier's"
    SUPPLIER_OF_THE_HOME = "that of a supplier registered in the home, if anybody is registered there"


class Others(Enum):
    """Which devices are open to who sends under an eligible User Role that is no supplier's (E4)."""

    NONE = ""
    THEIR_OWN = "; under OU also where the device that joins is an IHD or CAD, or was pre-notified by the sender"
    ANY = "; under ED, GT, RSA and OU anybody's: it only reads"


class WhenSuspended(Enum):
    """Why a request passes while its device is Suspended, or that it does not (E5)."""

    REFUSED = "refused: non-critical"
    CRITICAL = "passes: critical"
    EXEMPT = "passes: exempt"
    MP105 = "passes with MP105, for an ESME or GSME; else refused"
    NOT_TO_DEVICE = "passes: the DCC carries it out itself, nothing is sent to the device"


SUPPLIERS: Final = frozenset({UserRole.IS, UserRole.GS})
SUPPLIERS_AND_OTHER: Final = SUPPLIERS | {UserRole.OU}
ALL_SEVEN: Final = frozenset(set(UserRole) - {UserRole.MDR})
REGISTERED_ROLES: Final = frozenset({UserRole.IS, UserRole.ES, UserRole.GS})
"""User Roles that are a supplier's; what is open to who sends under another eligible one is `Others`."""

NON_CRITICAL_VARIANTS: Final = frozenset({1, 2, 3})
CRITICAL_VARIANTS: Final = frozenset({4, 5, 6, 7})
NON_DEVICE_VARIANTS: Final = frozenset({8})

ALL_TYPES: Final = frozenset(DeviceType)
ALL_STATUSES: Final = frozenset(SmiStatus)
_METERS: Final = frozenset({DeviceType.ESME, DeviceType.GSME})
_HUB: Final = frozenset({DeviceType.CHF})
_GONE: Final = frozenset({SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN})
ON_A_HUB: Final = ALL_STATUSES - _GONE - {SmiStatus.PENDING}
"""Statuses of a device that a hub's device log names: it can be reached, or may be about to."""

SUSPENSION_READ: Final = _METERS
"""Types that SR 11.2 reaches while Suspended, and restores, with MP105. Source: STAB MP105 (ESME and GSME)."""


@dataclass(frozen=True, slots=True)
class ServiceRule:
    """What holds for one Service Reference Variant.

    `device_types` and `statuses` are those of the device it is for: the target of a request to a device, else the
    DeviceID in its body. A Type 2 Device has no status, so `statuses` do not bind it.
    """

    srv: str
    name: str
    roles: frozenset[UserRole]
    command_variants: frozenset[int]
    device_types: frozenset[DeviceType] = ALL_TYPES
    statuses: frozenset[SmiStatus] = ALL_STATUSES
    owed: Owed = Owed.NOBODY
    when_suspended: WhenSuspended = WhenSuspended.NOT_TO_DEVICE
    others: Others = Others.NONE

    @property
    def is_critical(self) -> bool:
        """Tell whether it is a critical request: its Command Variants are those of pre-commands."""
        return self.command_variants == CRITICAL_VARIANTS

    @property
    def is_to_device(self) -> bool:
        """Tell whether it is sent to a device, which answers; else the DCC carries it out at once."""
        return self.command_variants != NON_DEVICE_VARIANTS


def _to_device(
    srv: str,
    name: str,
    *,
    types: frozenset[DeviceType],
    roles: frozenset[UserRole] = SUPPLIERS,
    statuses: frozenset[SmiStatus] = ON_A_HUB,
    owed: Owed = Owed.SUPPLIER,
    is_critical: bool = False,
    when_suspended: WhenSuspended = WhenSuspended.REFUSED,
    others: Others = Others.NONE,
) -> ServiceRule:
    return ServiceRule(
        srv,
        name,
        roles,
        CRITICAL_VARIANTS if is_critical else NON_CRITICAL_VARIANTS,
        types,
        statuses,
        owed,
        WhenSuspended.CRITICAL if is_critical else when_suspended,
        others,
    )


def _to_dcc(
    srv: str,
    name: str,
    roles: frozenset[UserRole],
    *,
    types: frozenset[DeviceType] = ALL_TYPES,
    statuses: frozenset[SmiStatus] = ALL_STATUSES,
    owed: Owed = Owed.NOBODY,
) -> ServiceRule:
    return ServiceRule(srv, name, roles, NON_DEVICE_VARIANTS, types, statuses, owed)


_JOINING: Final = frozenset(
    {DeviceType.ESME, DeviceType.GSME, DeviceType.GPF, DeviceType.PPMID, DeviceType.HCALCS}
)
_BEFORE_COMMISSIONING: Final = frozenset({SmiStatus.WHITELISTED, SmiStatus.INSTALLED_NOT_COMMISSIONED})
_NOT_YET_GONE: Final = ALL_STATUSES - _GONE
_HUB_NOT_YET_IN_USE: Final = frozenset({SmiStatus.PENDING, SmiStatus.INSTALLED_NOT_COMMISSIONED})

_ALL: Final = (
    _to_device(
        "8.1.1",
        "Commission Device",
        types=_METERS,
        statuses=_BEFORE_COMMISSIONING,
        is_critical=True,
    ),
    _to_dcc("8.2", "Read Inventory", ALL_SEVEN),
    _to_dcc(
        "8.3",
        "Decommission Device",
        SUPPLIERS,
        types=_METERS | {DeviceType.PPMID, DeviceType.HCALCS},
        statuses=_NOT_YET_GONE,
        owed=Owed.SUPPLIER,
    ),
    _to_dcc("8.4", "Update Inventory", ALL_SEVEN),
    _to_device("8.7.1", "Join Service (Critical)", types=_JOINING, is_critical=True),
    _to_device(
        "8.7.2",
        "Join Service (Non-Critical)",
        types=_JOINING,
        roles=SUPPLIERS_AND_OTHER,
        others=Others.THEIR_OWN,
    ),
    _to_device("8.8.1", "Unjoin Service (Critical)", types=_JOINING, is_critical=True),
    _to_device(
        "8.8.2",
        "Unjoin Service (Non-Critical)",
        types=_JOINING,
        roles=SUPPLIERS_AND_OTHER,
        others=Others.THEIR_OWN,
    ),
    _to_device(
        "8.11",
        "Update HAN Device Log",
        types=_HUB,
        roles=SUPPLIERS_AND_OTHER,
        statuses=_NOT_YET_GONE,
        owed=Owed.SUPPLIER_OF_THE_HOME,
        others=Others.THEIR_OWN,
    ),
    _to_device(
        "8.12.1",
        "Restore HAN Device Log",
        types=_HUB,
        statuses=_NOT_YET_GONE,
        owed=Owed.SUPPLIER_OF_THE_HOME,
    ),
    _to_device(
        "8.12.2",
        "Restore GPF Device Log",
        types=frozenset({DeviceType.GPF}),
        statuses=_NOT_YET_GONE,
        owed=Owed.SUPPLIER_OF_THE_HOME,
    ),
    _to_dcc(
        "8.14.1",
        "Communications Hub Status Update - Install Success",
        SUPPLIERS,
        types=_HUB,
        statuses=_HUB_NOT_YET_IN_USE | {SmiStatus.COMMISSIONED},
        owed=Owed.SUPPLIER_OF_THE_HOME,
    ),
    _to_dcc(
        "8.14.2",
        "Communications Hub Status Update - Install No SM WAN",
        SUPPLIERS,
        types=_HUB,
        statuses=_HUB_NOT_YET_IN_USE,
        owed=Owed.SUPPLIER_OF_THE_HOME,
    ),
    _to_dcc(
        "8.14.3",
        "Communications Hub Status Update - Fault Return",
        SUPPLIERS,
        types=_HUB,
        statuses=_NOT_YET_GONE,
        owed=Owed.SUPPLIER_OF_THE_HOME,
    ),
    _to_dcc(
        "8.14.4",
        "Communications Hub Status Update - No Fault Return",
        SUPPLIERS,
        types=_HUB,
        statuses=_NOT_YET_GONE,
        owed=Owed.SUPPLIER_OF_THE_HOME,
    ),
    ServiceRule(
        "11.1",
        "Update Firmware",
        SUPPLIERS,
        NON_DEVICE_VARIANTS,
        _METERS,
        when_suspended=WhenSuspended.EXEMPT,
    ),
    _to_device(
        "11.2",
        "Read Firmware Version",
        types=_METERS | _HUB,
        roles=ALL_SEVEN,
        when_suspended=WhenSuspended.MP105,
        others=Others.ANY,
    ),
    _to_device("11.3", "Activate Firmware", types=_METERS, is_critical=True),
    ServiceRule(
        "11.4",
        "Update Firmware of a PPMID",
        SUPPLIERS,
        NON_DEVICE_VARIANTS,
        frozenset({DeviceType.PPMID}),
        when_suspended=WhenSuspended.REFUSED,
    ),
    _to_dcc("12.1", "Request WAN Matrix", ALL_SEVEN),
    _to_dcc("12.2", "Device Pre-notification", ALL_SEVEN),
)

RULES: Final[Mapping[str, ServiceRule]] = MappingProxyType({each.srv: each for each in _ALL})
"""What holds for each Service Request that this version applies, by Service Reference Variant."""


def takes_while_suspended(rule: ServiceRule, device_type: DeviceType, *, mp105: bool) -> bool:
    """Tell whether a Suspended device of this type takes the request; if not, that is E5, never E51 (MP105)."""
    if rule.when_suspended is WhenSuspended.MP105:
        return mp105 and device_type in SUSPENSION_READ
    return rule.when_suspended is not WhenSuspended.REFUSED


def takes_in_status(rule: ServiceRule, device_type: DeviceType, status: SmiStatus | None, *, mp105: bool) -> bool:
    """Tell whether a device of this type, in this status, takes the request; else the answer is E5.

    None is the status of a Type 2 Device, which no status hinders.
    """
    if status is None:
        return True
    if status not in rule.statuses:
        return False
    return status is not SmiStatus.SUSPENDED or takes_while_suspended(rule, device_type, mp105=mp105)
