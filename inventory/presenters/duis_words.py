"""What codes and Service Reference Variants of DUIS mean, where that is known; nothing is invented elsewhere.

Sources: DUIS 5.4 schema and public messages of it; DCC "About DCC Users"; domain 4.9, 4.12 and 4.13.
"""

from typing import Final

from inventory.models.choices import TrailKind

SEE_DUIS: Final = "See DUIS for its meaning."
OURS: Final = "A code of this portal, not of DUIS; the detail says what was wrong."

CODE_MEANINGS: Final = {
    "I0": "Success.",
    "I99": "Acknowledged, or success of a request that has no payload to answer with.",
    "E1": "Failed authorisation: the User and User Role are not a valid SEC Party and role.",
    "E2": "Failed authorisation: the User Role may not send this Service Reference.",
    "E3": "Failed authorisation: the User's status does not permit it.",
    "E4": "Failed authorisation: the User Role is not authorised for the device at that date and time.",
    "E5": "Failed authorisation: the device's SMI Status does not go with the Service Reference.",
    "E11": "Failed validation: the Service Reference does not go with the device type.",
    "E12": "Failed validation: the Command Variant does not apply to the request.",
    "E13": "Failed validation: this type of request is not valid for the URL.",
    "E17": "Failed authorisation: not available for Local Command Services.",
    "E19": "Failed authorisation: the Device ID is not in the inventory.",
    "E20": "Communications failure: the device cannot be communicated with.",
    "E21": "Communications failure: the device did not respond.",
    "E30": "Time-out of a future dated command at DCC.",
}
"""Response codes, generic ones only: the meanings of those of one Service Request were not published."""

ALERT_MEANINGS: Final = {
    "AD1": "Power outage event.",
    "N8": "The device was removed from the inventory by housekeeping.",
    "N16": "Device identity confirmation.",
    "N24": "The Communications Hub's device log was updated.",
    "N25": "The Communications Hub's device log could not be updated.",
    "N28": "The device was suspended.",
    "N29": "The device was restored from suspension.",
}
"""DCC alert codes."""

DEVICE_ALERT_MEANINGS: Final = {
    "8F35": "Supply outage restored.",
    "8F36": "Supply outage restored after three minutes or more.",
}
"""Alert codes of devices, as in GBCS."""

SRV_NAMES: Final = {
    "4.1.1": "Read Instantaneous Import Registers",
    "4.6.1": "Retrieve Import Daily Read Log",
    "4.8.1": "Read Active Import Profile Data",
    "6.13": "Read Event or Security Log",
    "6.23": "Update Security Credentials",
    "7.4": "Read Supply Status",
    "8.1.1": "Commission Device",
    "8.2": "Read Inventory",
    "8.3": "Decommission Device",
    "8.4": "Update Inventory",
    "8.7.1": "Join Service (Critical)",
    "8.7.2": "Join Service (Non-Critical)",
    "8.8.1": "Unjoin Service (Critical)",
    "8.8.2": "Unjoin Service (Non-Critical)",
    "8.11": "Update HAN Device Log",
    "8.12.1": "Restore HAN Device Log",
    "8.12.2": "Restore GPF Device Log",
    "8.14.1": "Communications Hub Status Update: Install Success",
    "8.14.2": "Communications Hub Status Update: Install No SM WAN",
    "8.14.3": "Communications Hub Status Update: Fault Return",
    "8.14.4": "Communications Hub Status Update: No Fault Return",
    "11.1": "Update Firmware",
    "11.2": "Read Firmware Version",
    "11.3": "Activate Firmware",
    "11.4": "Update PPMID Firmware",
    "12.1": "Request WAN Matrix",
    "12.2": "Device Pre-notification",
}
"""Names of Service Reference Variants."""


def meaning_of(code: str, kind: TrailKind) -> str:
    """Return what a response or alert code means, or where that stands."""
    if code.startswith("SSI-"):
        return OURS
    known = {
        TrailKind.DEVICE_ALERT: DEVICE_ALERT_MEANINGS,
        TrailKind.DCC_ALERT: ALERT_MEANINGS,
    }.get(kind, CODE_MEANINGS)
    if code in known:
        return known[code]
    return "A warning; see DUIS for its meaning." if code.startswith("W") else SEE_DUIS


def name_of(srv: str) -> str:
    """Return the name of a Service Reference Variant, "" where it is not known here."""
    return SRV_NAMES.get(srv, "")


def succeeded(code: str, kind: TrailKind) -> bool | None:
    """Tell whether a request or response went well (I codes, and warnings); None for alerts, which neither do."""
    if kind in {TrailKind.DEVICE_ALERT, TrailKind.DCC_ALERT}:
        return None
    return code[:1] in {"I", "W"}
