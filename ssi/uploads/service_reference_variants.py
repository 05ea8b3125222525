"""The Service Reference Variants of DUIS 5.4: what each is called, whether it is Critical, and who may send it.

Facts of the DUIS Service Request matrix; these are all 129 that the schema enumerates.

Meter Data Retriever (MP162) is in no matrix that was to be had. It only reads, as an Other User does, so it is
taken here to be eligible for whatever an Other User may send that is not Critical (ours, domain 1.1). Nobody is
eligible for 7.16 (for load controllers, whose role DUIS does not list yet), 8.5 and 8.6.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ssi.access.roles import UserRole


@dataclass(frozen=True, slots=True)
class ServiceReferenceVariant:
    """One of them. Only what `is_critical` has Signed Pre-Commands. `user_roles` are those eligible to send it."""

    srv: str
    name: str
    is_critical: bool
    user_roles: frozenset[UserRole]


CRITICAL: Final = "Critical"
OTHER: Final = ""

_MATRIX: Final = (
    ("1.1.1", "Update Import Tariff (Primary Element)", CRITICAL, "IS GS"),
    ("1.1.2", "Update Import Tariff (Secondary Element)", CRITICAL, "IS"),
    ("1.2.1", "Update Price (Primary Element)", CRITICAL, "IS GS"),
    ("1.2.2", "Update Price (Secondary Element)", CRITICAL, "IS"),
    ("1.5", "Update Meter Balance", CRITICAL, "IS GS"),
    ("1.6", "Update Payment Mode", CRITICAL, "IS GS"),
    ("1.7", "Reset Tariff Block Counter Matrix", CRITICAL, "IS"),
    ("2.1", "Update Prepay Configuration", CRITICAL, "IS GS"),
    ("2.2", "Top Up Device", OTHER, "IS GS"),
    ("2.3", "Update Debt", CRITICAL, "IS GS"),
    ("2.5", "Activate Emergency Credit", CRITICAL, "IS GS"),
    ("3.1", "Display Message", OTHER, "IS GS"),
    ("3.2", "Restrict Access for Change of Tenancy", OTHER, "IS GS"),
    ("3.3", "Clear Event Log", OTHER, "IS GS"),
    ("3.4", "Update Supplier Name", OTHER, "IS GS"),
    ("3.5", "Disable Privacy PIN", OTHER, "IS GS"),
    ("4.1.1", "Read Instantaneous Import Registers", OTHER, "IS GS ED GT"),
    ("4.1.2", "Read Instantaneous Import TOU Matrices", OTHER, "IS GS ED GT"),
    ("4.1.3", "Read Instantaneous Import TOU with Blocks Matrices", OTHER, "IS ED"),
    ("4.1.4", "Read Instantaneous Import Block Counters", OTHER, "GS"),
    ("4.2", "Read Instantaneous Export Registers", OTHER, "ES ED"),
    ("4.3", "Read Instantaneous Prepay Values", OTHER, "IS GS"),
    ("4.4.2", "Retrieve Change of Mode / Tariff Triggered Billing Data Log", OTHER, "IS GS"),
    ("4.4.3", "Retrieve Billing Calendar Triggered Billing Data Log", OTHER, "IS GS"),
    ("4.4.4", "Retrieve Billing Data Log (Payment Based Debt Payments)", OTHER, "IS GS"),
    ("4.4.5", "Retrieve Billing Data Log (Prepayment Credits)", OTHER, "IS GS"),
    ("4.6.1", "Retrieve Import Daily Read Log", OTHER, "IS GS"),
    ("4.6.2", "Retrieve Export Daily Read Log", OTHER, "ES"),
    ("4.8.1", "Read Active Import Profile Data", OTHER, "IS GS ED GT OU"),
    ("4.8.2", "Read Reactive Import Profile Data", OTHER, "IS ED OU"),
    ("4.8.3", "Read Export Profile Data", OTHER, "ES ED OU"),
    ("4.10", "Read Network Data", OTHER, "IS GS ED GT"),
    ("4.11.1", "Read Tariff (Primary Element)", OTHER, "IS GS OU"),
    ("4.11.2", "Read Tariff (Secondary Element)", OTHER, "IS OU"),
    ("4.12.1", "Read Maximum Demand Import Registers", OTHER, "IS ED"),
    ("4.12.2", "Read Maximum Demand Export Registers", OTHER, "ES ED"),
    ("4.13", "Read Prepayment Configuration", OTHER, "IS GS"),
    ("4.14", "Read Prepayment Daily Read Log", OTHER, "IS GS"),
    ("4.15", "Read Load Limit Data", OTHER, "IS ED"),
    ("4.16", "Read Active Power Import", OTHER, "IS ED"),
    ("4.17", "Retrieve Daily Consumption Log", OTHER, "IS GS ED GT OU"),
    ("4.18", "Read Meter Balance", OTHER, "IS GS"),
    ("5.1", "Create Schedule", OTHER, "IS ES GS ED GT OU"),
    ("5.2", "Read Schedule", OTHER, "IS ES GS ED GT OU"),
    ("5.3", "Delete Schedule", OTHER, "IS ES GS ED GT OU"),
    ("6.2.1", "Read Device Configuration (Voltage)", OTHER, "IS ED RSA"),
    ("6.2.2", "Read Device Configuration (Randomisation)", OTHER, "IS ED RSA"),
    ("6.2.3", "Read Device Configuration (Billing Calendar)", OTHER, "IS GS RSA"),
    ("6.2.4", "Read Device Configuration (Identity, except MPxN)", OTHER, "IS ES GS ED GT RSA OU"),
    ("6.2.5", "Read Device Configuration (Instantaneous Power Thresholds)", OTHER, "IS RSA"),
    ("6.2.7", "Read Device Configuration (MPxN)", OTHER, "IS ES GS ED GT RSA OU"),
    ("6.2.8", "Read Device Configuration (Gas)", OTHER, "GS GT RSA"),
    ("6.2.9", "Read Device Configuration (Payment Mode)", OTHER, "IS GS RSA"),
    ("6.2.10", "Read Device Configuration (Event and Alert Behaviours)", OTHER, "IS GS ED"),
    ("6.4.1", "Update Device Configuration (Load Limiting General Settings)", CRITICAL, "IS"),
    ("6.4.2", "Update Device Configuration (Load Limiting Counter Reset)", OTHER, "IS"),
    ("6.5", "Update Device Configuration (Voltage)", OTHER, "ED"),
    ("6.6", "Update Device Configuration (Gas Conversion)", CRITICAL, "GS"),
    ("6.7", "Update Device Configuration (Gas Flow)", CRITICAL, "GS"),
    ("6.8", "Update Device Configuration (Billing Calendar)", CRITICAL, "IS GS"),
    ("6.11", "Synchronise Clock", CRITICAL, "IS GS"),
    ("6.12", "Update Device Configuration (Instantaneous Power Threshold)", OTHER, "IS"),
    ("6.13", "Read Event or Security Log", OTHER, "IS GS ED GT RSA"),
    ("6.14.1", "Update Device Configuration (Auxiliary Load Control Description)", CRITICAL, "IS"),
    ("6.14.2", "Update Device Configuration (Auxiliary Load Control Scheduler)", CRITICAL, "IS"),
    ("6.14.3", "Update Device Configuration (Auxiliary Controller Scheduler)", CRITICAL, "IS"),
    ("6.15.1", "Update Security Credentials (KRP)", CRITICAL, "IS GS ED GT"),
    ("6.15.2", "Update Security Credentials (Device)", CRITICAL, "IS GS"),
    ("6.17", "Issue Security Credentials", CRITICAL, "IS GS"),
    ("6.18.1", "Set Maximum Demand Configurable Time Period", OTHER, "ED"),
    ("6.18.2", "Reset Maximum Demand Registers", OTHER, "ED"),
    ("6.20.1", "Set Device Configuration (Import MPxN)", OTHER, "IS GS"),
    ("6.20.2", "Set Device Configuration (Export MPAN)", OTHER, "ES"),
    ("6.21", "Request Handover of DCC Controlled Device", OTHER, "IS GS"),
    ("6.22", "Configure Alert Behaviour", OTHER, "IS GS ED"),
    ("6.23", "Update Security Credentials (CoS)", OTHER, "IS GS"),
    ("6.24.1", "Retrieve Device Security Credentials (KRP)", OTHER, "IS GS ED GT"),
    ("6.24.2", "Retrieve Device Security Credentials (Device)", CRITICAL, "IS GS"),
    ("6.25", "Set Electricity Supply Tamper State", CRITICAL, "IS"),
    ("6.26", "Update Device Configuration (Daily Resetting of Tariff Block Counter Matrix)", CRITICAL, "IS"),
    ("6.27", "Update Device Configuration (RMS Voltage Counter Reset)", OTHER, "ED"),
    ("6.28", "Set CHF Sub GHz Configuration", OTHER, "IS GS"),
    ("6.29", "Request CHF Sub GHz Channel Scan", OTHER, "IS GS"),
    ("6.30", "Read CHF Sub GHz Configuration", OTHER, "IS GS RSA"),
    ("6.31", "Read CHF Sub GHz Channel", OTHER, "IS GS RSA"),
    ("6.32", "Read CHF Sub GHz Channel Log", OTHER, "IS GS RSA"),
    ("7.1", "Enable Supply", CRITICAL, "IS"),
    ("7.2", "Disable Supply", CRITICAL, "IS GS"),
    ("7.3", "Arm Supply", CRITICAL, "IS GS"),
    ("7.4", "Read Supply Status", OTHER, "IS ES GS ED GT RSA"),
    ("7.5", "Activate Auxiliary Load", CRITICAL, "IS"),
    ("7.6", "Deactivate Auxiliary Load", CRITICAL, "IS"),
    ("7.7", "Read Auxiliary Load Switch Data", OTHER, "IS ED OU"),
    ("7.8", "Reset Auxiliary Load", CRITICAL, "IS"),
    ("7.9", "Add Auxiliary Load to Boost Button", OTHER, "IS"),
    ("7.10", "Remove Auxiliary Load From Boost Button", OTHER, "IS"),
    ("7.11", "Read Boost Button Details", OTHER, "IS OU"),
    ("7.12", "Set Randomised Offset Limit", CRITICAL, "IS"),
    ("7.13", "Set Auxiliary Controller State", CRITICAL, "IS"),
    ("7.14", "Read Auxiliary Controller Configuration Data", OTHER, "IS ED OU"),
    ("7.15", "Read Auxiliary Controller Operational Data", OTHER, "IS ED OU"),
    ("7.16", "Limit APC Level", CRITICAL, ""),
    ("8.1.1", "Commission Device", CRITICAL, "IS GS"),
    ("8.2", "Read Inventory", OTHER, "IS ES GS ED GT RSA OU"),
    ("8.3", "Decommission Device", OTHER, "IS GS"),
    ("8.4", "Update Inventory", OTHER, "IS ES GS ED GT RSA OU"),
    ("8.5", "Service Opt Out", OTHER, ""),
    ("8.6", "Service Opt In", OTHER, ""),
    ("8.7.1", "Join Service (Critical)", CRITICAL, "IS GS"),
    ("8.7.2", "Join Service (Non-Critical)", OTHER, "IS GS OU"),
    ("8.8.1", "Unjoin Service (Critical)", CRITICAL, "IS GS"),
    ("8.8.2", "Unjoin Service (Non-Critical)", OTHER, "IS GS OU"),
    ("8.9", "Read Device Log", OTHER, "IS GS OU"),
    ("8.11", "Update HAN Device Log", OTHER, "IS GS OU"),
    ("8.12.1", "Restore HAN Device Log", OTHER, "IS GS"),
    ("8.12.2", "Restore Gas Proxy Function Device Log", OTHER, "IS GS"),
    ("8.13", "Return Local Command Response", OTHER, "IS GS"),
    ("8.14.1", "Communications Hub Status Update: Install Success", OTHER, "IS GS"),
    ("8.14.2", "Communications Hub Status Update: Install No SM WAN", OTHER, "IS GS"),
    ("8.14.3", "Communications Hub Status Update: Fault Return", OTHER, "IS GS"),
    ("8.14.4", "Communications Hub Status Update: No Fault Return", OTHER, "IS GS"),
    ("9.1", "Request Customer Identification Number", OTHER, "OU"),
    ("11.1", "Update Firmware", OTHER, "IS GS"),
    ("11.2", "Read Firmware Version", OTHER, "IS ES GS ED GT RSA OU"),
    ("11.3", "Activate Firmware", CRITICAL, "IS GS"),
    ("11.4", "Update PPMID Firmware", OTHER, "IS GS"),
    ("12.1", "Request WAN Matrix", OTHER, "IS ES GS ED GT RSA OU"),
    ("12.2", "Device Pre-notification", OTHER, "IS ES GS ED GT RSA OU"),
    ("14.1", "Record Network Data (Gas)", OTHER, "GT"),
)


def _with_readers(user_roles: Iterable[UserRole], *, is_critical: bool) -> frozenset[UserRole]:
    """Add the Meter Data Retriever to whoever may send it, where it may too."""
    given = frozenset(user_roles)
    return given | {UserRole.MDR} if UserRole.OU in given and not is_critical else given


SERVICE_REFERENCE_VARIANTS: Final = {
    srv: ServiceReferenceVariant(
        srv,
        name,
        bool(kind),
        _with_readers(map(UserRole, roles.split()), is_critical=bool(kind)),
    )
    for srv, name, kind, roles in _MATRIX
}
"""By their number, in natural order: 1.2.1 comes before 8.11, and that before 11.1."""


def natural_order(srv: str) -> tuple[int, ...]:
    """Return what Service Reference Variants sort by: number by number, not letter by letter."""
    return tuple(int(part) for part in srv.split("."))


def name_of(srv: str) -> str:
    """Return the name of a Service Reference Variant, "" where DUIS 5.4 has none such."""
    known = SERVICE_REFERENCE_VARIANTS.get(srv)
    return known.name if known else ""
