"""The Service Reference Variants that the inventory knows by name."""

from enum import StrEnum


class Srv(StrEnum):
    """The Service Reference Variants that this version applies."""

    COMMISSION_DEVICE = "8.1.1"
    READ_INVENTORY = "8.2"
    DECOMMISSION_DEVICE = "8.3"
    UPDATE_INVENTORY = "8.4"
    JOIN_CRITICAL = "8.7.1"
    JOIN_NON_CRITICAL = "8.7.2"
    UNJOIN_CRITICAL = "8.8.1"
    UNJOIN_NON_CRITICAL = "8.8.2"
    UPDATE_HAN_DEVICE_LOG = "8.11"
    RESTORE_HAN_DEVICE_LOG = "8.12.1"
    RESTORE_GPF_DEVICE_LOG = "8.12.2"
    HUB_INSTALLED = "8.14.1"
    HUB_INSTALLED_WITHOUT_WAN = "8.14.2"
    HUB_FAULT_RETURN = "8.14.3"
    HUB_NO_FAULT_RETURN = "8.14.4"
    UPDATE_FIRMWARE = "11.1"
    READ_FIRMWARE_VERSION = "11.2"
    ACTIVATE_FIRMWARE = "11.3"
    UPDATE_PPMID_FIRMWARE = "11.4"
    REQUEST_WAN_MATRIX = "12.1"
    DEVICE_PRENOTIFICATION = "12.2"
