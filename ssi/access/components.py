"""The Functional Components of the SSI and the matrix: which User Roles and Job Type Roles reach each.

This module is the only place where the matrix stands. `docs/reference/access.md` is generated from it, the
navigation is cut from it, and every view and API call names the component it belongs to. The component list and
the Job Type Roles are ours, drawn from DUIS's eligible roles, SEC H8.16 and the seeds (domain 1.3).
"""

from dataclasses import dataclass
from enum import StrEnum

from ssi.access.roles import ALL_JOB_TYPE_ROLES, ALL_USER_ROLES, SUPPLIERS_ONLY, JobTypeRole, UserRole

VIEW, OPS, INST, SVCM = JobTypeRole.VIEW, JobTypeRole.OPS, JobTypeRole.INST, JobTypeRole.SVCM
SEC, ORD, ARO, SRO, ADMIN = (
    JobTypeRole.SEC,
    JobTypeRole.ORD,
    JobTypeRole.ARO,
    JobTypeRole.SRO,
    JobTypeRole.ADMIN,
)

READERS = frozenset({VIEW, OPS, INST, SVCM, SEC})
CODE_HANDLERS = frozenset({OPS, INST, SVCM})
NO_USER_ROLE: frozenset[UserRole] = frozenset()
NO_JOB_TYPE_ROLE: frozenset[JobTypeRole] = frozenset()


class Component(StrEnum):
    """A Functional Component: "a specific item or set of functionality" of the SSI (SEC App AH)."""

    INVENTORY_SEARCH = "FC01"
    STATUS_HISTORY = "FC02"
    AUDIT_TRAIL = "FC03"
    READ_RECORD = "FC04"
    INCIDENTS = "FC05"
    INCIDENT_CLOSE = "FC06"
    INSTALL_CODE_REQUEST_RAISE = "FC07a"
    INSTALL_CODE_REQUEST_RESPOND = "FC07b"
    ADT_SUBMISSION = "FC08"
    EXIT_QUARANTINE_SUBMISSION = "FC09"
    ADT_AND_QUARANTINE_VIEW = "FC10"
    WAN_COVERAGE = "FC11"
    SERVICE_STATUS = "FC12"
    SERVICE_ALERTS = "FC13"
    PLANNED_MAINTENANCE = "FC14"
    CPL_VIEWER = "FC15"
    COMMS_HUB_ORDERS = "FC16"
    ARO_NOMINATION = "FC17"
    ACCOUNT_ADMINISTRATION = "FC18"
    DCC_SERVICE_STATUS = "FC19"
    SERVICE_DESK = "FC20"
    INVENTORY_CORRECTION = "FC21"
    HOUSEKEEPING_FORECAST = "FC22"
    REPORTS = "FC23"
    SERVICE_REQUEST_FEED = "FC24"
    ADT_APPROVAL = "FC25"
    SECURITY_EVENTS = "FC26"
    SIGNED_FILES_DESK = "FC27"

    @property
    def rule(self) -> "Rule":
        """Return who reaches this component."""
        return MATRIX[self]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who reaches a component, and whose data they then see.

    `dcc` says whether DCC's staff reach it as well. `scope` is the data-scope rule in words; the rows themselves
    are cut by each model's `visible_to`. `served` is False for components that this version has no page for.
    `hidden` components guard the grid: to whoever does not reach them their pages do not exist, and a try is a
    security event.
    """

    title: str
    user_roles: frozenset[UserRole]
    job_type_roles: frozenset[JobTypeRole]
    scope: str
    basis: str
    dcc: bool = False
    feed: bool = False
    served: bool = False
    hidden: bool = False


MATRIX: dict[Component, Rule] = {
    Component.INVENTORY_SEARCH: Rule(
        "Search the Smart Metering Inventory",
        ALL_USER_ROLES,
        READERS,
        "Device facts to all Users; address and UPRN only to a party that is, or will be, registered.",
        "DUIS 8.2: all roles; SEC H8.16",
        dcc=True,
        served=True,
    ),
    Component.STATUS_HISTORY: Rule(
        "See a device's status history",
        ALL_USER_ROLES,
        READERS,
        "As the inventory; Type 2 Devices have none.",
        "SEC glossary: Smart Metering Inventory",
        dcc=True,
        served=True,
    ),
    Component.AUDIT_TRAIL: Rule(
        "See the audit trail of own Service Requests, Responses and Alerts",
        ALL_USER_ROLES,
        frozenset({VIEW, OPS, SVCM, SEC}),
        "Strictly the own User ID.",
        "SEC H8.16",
        served=True,
    ),
    Component.READ_RECORD: Rule(
        "See who read a meter's profile data and daily log",
        ALL_USER_ROLES,
        frozenset({SEC, SVCM}),
        "Per meter: sender, type, time and success.",
        "SEC H8.16",
    ),
    Component.INCIDENTS: Rule(
        "Raise, view and update incidents",
        ALL_USER_ROLES,
        frozenset({OPS, SVCM, SEC}),
        "Raised by the own User, or the own User is an interested party.",
        "SSI draft 2015, UC_ViewSMI_001",
        dcc=True,
        served=True,
    ),
    Component.INCIDENT_CLOSE: Rule(
        "Close and re-open incidents",
        ALL_USER_ROLES,
        frozenset({OPS, SVCM}),
        "Only the raising User; DCC otherwise, but never a Request for Install Code.",
        "MP121; Incident Management Policy",
        served=True,
    ),
    Component.INSTALL_CODE_REQUEST_RAISE: Rule(
        "Raise a Request for Install Code and read the answer",
        SUPPLIERS_ONLY,
        CODE_HANDLERS,
        "The device is in the inventory and in a permitted state; requests raised by the own User ID.",
        "MP121",
        served=True,
    ),
    Component.INSTALL_CODE_REQUEST_RESPOND: Rule(
        "Answer a Request for Install Code",
        ALL_USER_ROLES,
        CODE_HANDLERS,
        "The own User ID pre-notified the device.",
        "MP121; DUIS 12.2: any role may pre-notify",
        served=True,
    ),
    Component.ADT_SUBMISSION: Rule(
        "Submit Anomaly Detection Thresholds",
        ALL_USER_ROLES,
        frozenset({ARO}),
        "Own User IDs.",
        "DP108; DP109",
        served=True,
        hidden=True,
    ),
    Component.EXIT_QUARANTINE_SUBMISSION: Rule(
        "Submit Exit Quarantine files",
        ALL_USER_ROLES,
        frozenset({ARO}),
        "Own quarantined communications.",
        "DP109",
        served=True,
        hidden=True,
    ),
    Component.ADT_AND_QUARANTINE_VIEW: Rule(
        "See threshold and quarantine status",
        ALL_USER_ROLES,
        frozenset({ARO, SRO, SEC}),
        "Own; DCC all, but uploads only once accepted or registered by the desk.",
        "DP108, ours",
        dcc=True,
        served=True,
        hidden=True,
    ),
    Component.WAN_COVERAGE: Rule(
        "Check SM WAN coverage",
        ALL_USER_ROLES,
        ALL_JOB_TYPE_ROLES - {ADMIN},
        "Public to Users.",
        "DUIS 12.1; SEC H8.16",
        dcc=True,
        served=True,
    ),
    Component.SERVICE_STATUS: Rule(
        "See the DCC service status",
        ALL_USER_ROLES,
        ALL_JOB_TYPE_ROLES,
        "None.",
        "UC_ServiceDashboard_001",
        dcc=True,
    ),
    Component.SERVICE_ALERTS: Rule(
        "See DCC service alerts",
        ALL_USER_ROLES,
        ALL_JOB_TYPE_ROLES,
        "None.",
        "UC_ServiceAlerts_001/002",
        dcc=True,
    ),
    Component.PLANNED_MAINTENANCE: Rule(
        "See planned maintenance and the forward schedule of change",
        ALL_USER_ROLES,
        ALL_JOB_TYPE_ROLES,
        "None.",
        "SEC H8.3, H8.4",
        dcc=True,
    ),
    Component.CPL_VIEWER: Rule(
        "Browse the Central Products List",
        ALL_USER_ROLES,
        ALL_JOB_TYPE_ROLES,
        "None.",
        "SEC App Z, ours",
        dcc=True,
        served=True,
    ),
    Component.COMMS_HUB_ORDERS: Rule(
        "Order and return Communications Hubs", SUPPLIERS_ONLY, frozenset({ORD}), "Own orders.", "DUIS 8.14.x"
    ),
    Component.ARO_NOMINATION: Rule(
        "Nominate Authorised Responsible Officers, and end their role",
        ALL_USER_ROLES,
        frozenset({SRO}),
        "Own Party.",
        "DP108",
        served=True,
        hidden=True,
    ),
    Component.ACCOUNT_ADMINISTRATION: Rule(
        "Administer the party's accounts",
        ALL_USER_ROLES,
        frozenset({ADMIN}),
        "Own Party; cannot grant ARO or SRO, which need DCC's confirmation.",
        "SSI Code of Connection, ours",
    ),
    Component.DCC_SERVICE_STATUS: Rule(
        "See the DCC Service Status of a meter point",
        NO_USER_ROLE,
        NO_JOB_TYPE_ROLE,
        "DCC staff only; never shown to Users.",
        "MP077",
        dcc=True,
        served=True,
    ),
    Component.SERVICE_DESK: Rule(
        "Work at the DCC service desk: parties, accounts, devices, re-routing of requests",
        NO_USER_ROLE,
        NO_JOB_TYPE_ROLE,
        "All; only the desk allocates between Users, and it never sees an install code.",
        "MP121: allocation between Users is done by the Helpdesk only",
        dcc=True,
        served=True,
    ),
    Component.INVENTORY_CORRECTION: Rule(
        "Correct details of devices in the Smart Metering Inventory",
        ALL_USER_ROLES,
        CODE_HANDLERS,
        "Pending devices the own User ID pre-notified; ESME Variants of meters it is Responsible Supplier of.",
        "DUIS 8.4: all roles; SECMP0125",
        served=True,
    ),
    Component.HOUSEKEEPING_FORECAST: Rule(
        "See which Pending devices housekeeping will remove",
        ALL_USER_ROLES,
        READERS,
        "Devices that the own party pre-notified.",
        "SECMP0060",
        dcc=True,
        served=True,
    ),
    Component.REPORTS: Rule(
        "See the reports RSMI_001 to RSMI_003, RSAT_001 and RSAT_002",
        ALL_USER_ROLES,
        frozenset({VIEW, OPS, SVCM, SEC}),
        "All devices in sum; one's own by User ID; transactions strictly of the own User ID.",
        "SEC H8.16, ours",
        dcc=True,
        served=True,
    ),
    Component.SERVICE_REQUEST_FEED: Rule(
        "Bring DUIS messages to the inventory",
        NO_USER_ROLE,
        NO_JOB_TYPE_ROLE,
        "All messages; the feed sees nothing but their answers.",
        "Ours: DCC's systems feed the portal",
        feed=True,
        served=True,
    ),
    Component.ADT_APPROVAL: Rule(
        "Approve another officer's removed or much higher thresholds; withdraw signed files",
        ALL_USER_ROLES,
        frozenset({ARO, SRO}),
        "Approve: own Party, never one's own. Withdraw: own User ID.",
        "DP108, ours",
        served=True,
        hidden=True,
    ),
    Component.SECURITY_EVENTS: Rule(
        "See who tried at what guards the grid",
        ALL_USER_ROLES,
        frozenset({SRO, SEC}),
        "Tries by people of the own Party; DCC all.",
        "DP108; SEC Section G, ours",
        dcc=True,
        served=True,
        hidden=True,
    ),
    Component.SIGNED_FILES_DESK: Rule(
        "Confirm signed files; declare disaster recovery and register files that came by e-mail",
        NO_USER_ROLE,
        NO_JOB_TYPE_ROLE,
        "All.",
        "DP109: DCC confirms; e-mail is kept for disaster recovery",
        dcc=True,
        served=True,
        hidden=True,
    ),
}
