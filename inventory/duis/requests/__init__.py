"""Reads the Service Requests that concern the inventory, a module for each family of them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from inventory.duis.headers import Header, read_request_id
from inventory.duis.messages import Request
from inventory.duis.requests.commands import (
    read_activation,
    read_commissioning,
    read_firmware_reading,
    read_gpf_log,
    read_hub_log,
    read_joining,
)
from inventory.duis.requests.coverage import read_coverage_query
from inventory.duis.requests.firmware import read_firmware_update
from inventory.duis.requests.han_device_log import read_log_update
from inventory.duis.requests.hubs import read_fault_return, read_installed, read_no_fault_return
from inventory.duis.requests.inventory import read_decommission, read_inventory_query, read_inventory_update
from inventory.duis.requests.prenotification import read_prenotification
from inventory.duis.safe_xml import Node
from inventory.duis.srv import Srv

__all__ = ["REQUESTS", "Header", "read_request_id"]

Read = Callable[[Header, Node, bool], Request]

REQUESTS: Final[Mapping[str, tuple[str, Read]]] = MappingProxyType(
    {
        Srv.COMMISSION_DEVICE: ("CommissionDeviceSynchroniseClock", read_commissioning),
        Srv.READ_INVENTORY: ("ReadInventory", read_inventory_query),
        Srv.DECOMMISSION_DEVICE: ("DecommissionDevice", read_decommission),
        Srv.UPDATE_INVENTORY: ("UpdateInventory", read_inventory_update),
        Srv.JOIN_CRITICAL: ("JoinServiceCritical", read_joining),
        Srv.JOIN_NON_CRITICAL: ("JoinServiceNonCritical", read_joining),
        Srv.UNJOIN_CRITICAL: ("UnjoinServiceCritical", read_joining),
        Srv.UNJOIN_NON_CRITICAL: ("UnjoinServiceNonCritical", read_joining),
        Srv.UPDATE_HAN_DEVICE_LOG: ("UpdateHANDeviceLog", read_log_update),
        Srv.RESTORE_HAN_DEVICE_LOG: ("RestoreHANDeviceLog", read_hub_log),
        Srv.RESTORE_GPF_DEVICE_LOG: ("RestoreGPFDeviceLog", read_gpf_log),
        Srv.HUB_INSTALLED: ("CHFInstallSuccessSMWAN", read_installed),
        Srv.HUB_INSTALLED_WITHOUT_WAN: ("CHFInstallSuccessNoSMWAN", read_installed),
        Srv.HUB_FAULT_RETURN: ("CHFFaultReturn", read_fault_return),
        Srv.HUB_NO_FAULT_RETURN: ("CHFNoFaultReturn", read_no_fault_return),
        Srv.UPDATE_FIRMWARE: ("UpdateFirmware", read_firmware_update),
        Srv.READ_FIRMWARE_VERSION: ("ReadFirmwareVersion", read_firmware_reading),
        Srv.ACTIVATE_FIRMWARE: ("ActivateFirmware", read_activation),
        Srv.UPDATE_PPMID_FIRMWARE: ("UpdatePPMIDFirmware", read_firmware_update),
        Srv.REQUEST_WAN_MATRIX: ("RequestWANMatrix", read_coverage_query),
        Srv.DEVICE_PRENOTIFICATION: ("DevicePrenotification", read_prenotification),
    }
)
"""By Service Reference Variant: the body's one element, and how to read it."""
