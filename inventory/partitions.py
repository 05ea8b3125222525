"""The inventory's tables that grow without end."""

from inventory.actions.audit_trail.months import first_kept
from inventory.models import AuditTrailEntry, DeviceStatusChange
from ssi.partitions import MONTHS, Growing

AHEAD = 2
"""Months made ahead: the clock may stand still for weeks before a row finds no month."""

TABLES = [
    Growing(AuditTrailEntry, MONTHS, ahead=AHEAD, first_kept=first_kept),
    Growing(DeviceStatusChange, MONTHS, ahead=AHEAD),
]
