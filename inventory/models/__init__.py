"""What is true of the things: devices, their models, meter points, registrations, status history, codes."""

from inventory.models.device_models import DeviceModel
from inventory.models.devices import Device, DeviceStatusChange
from inventory.models.install_codes import SealedInstallCode
from inventory.models.meter_points import MeterPoint
from inventory.models.registrations import Registration

__all__ = ["Device", "DeviceModel", "DeviceStatusChange", "MeterPoint", "Registration", "SealedInstallCode"]
