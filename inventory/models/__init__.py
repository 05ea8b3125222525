"""What is true of the things: devices, their models, meter points, status history, sealed install codes."""

from inventory.models.device_models import DeviceModel
from inventory.models.devices import Device, DeviceStatusChange
from inventory.models.install_codes import SealedInstallCode
from inventory.models.meter_points import MeterPoint

__all__ = ["Device", "DeviceModel", "DeviceStatusChange", "MeterPoint", "SealedInstallCode"]
