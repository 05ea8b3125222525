"""What is true of the things: devices, their models, meter points, products, and the history of each."""

from inventory.models.audit_trail import AuditTrailEntry, AwaitedResponse, TrailMessage
from inventory.models.corrections import (
    CorrectionBatch,
    CorrectionRow,
    DeviceDetailChange,
    ManualCorrection,
    Suspicion,
)
from inventory.models.coverage import CoverageImport, WanCoverage
from inventory.models.device_models import DeviceModel
from inventory.models.devices import Device, DeviceStatusChange
from inventory.models.housekeeping import HousekeepingNotice, HousekeepingRule, HousekeepingRun, RemovedDevice
from inventory.models.install_codes import SealedInstallCode
from inventory.models.meter_points import MeterPoint
from inventory.models.products import CplDraft, CplEntry, CplEntryChange, CplImport
from inventory.models.registrations import Registration
from inventory.models.reports import DeviceCount, RollUp, TransactionCount
from inventory.models.service_status import ServiceStatusChange, ServiceStatusFile
from inventory.models.traffic import TrafficCounted, TrafficHour

__all__ = [
    "AuditTrailEntry",
    "AwaitedResponse",
    "CorrectionBatch",
    "CorrectionRow",
    "CoverageImport",
    "CplDraft",
    "CplEntry",
    "CplEntryChange",
    "CplImport",
    "Device",
    "DeviceCount",
    "DeviceDetailChange",
    "DeviceModel",
    "DeviceStatusChange",
    "HousekeepingNotice",
    "HousekeepingRule",
    "HousekeepingRun",
    "ManualCorrection",
    "MeterPoint",
    "Registration",
    "RemovedDevice",
    "RollUp",
    "SealedInstallCode",
    "ServiceStatusChange",
    "ServiceStatusFile",
    "Suspicion",
    "TrafficCounted",
    "TrafficHour",
    "TrailMessage",
    "TransactionCount",
    "WanCoverage",
]
