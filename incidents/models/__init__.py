"""What is true of the work about things."""

from incidents.models.alerts import AskingAlert, Contradiction
from incidents.models.bulk import BulkJob, BulkRow, WorkPack
from incidents.models.escrow import EscrowedCode, EscrowRelease, EscrowRule
from incidents.models.install_code_requests import InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.keys import OpenRequest, RequestReference
from incidents.models.obligations import Obligation, ReminderDigest
from incidents.models.quotas import PartyDay

__all__ = [
    "AskingAlert",
    "BulkJob",
    "BulkRow",
    "Contradiction",
    "EscrowRelease",
    "EscrowRule",
    "EscrowedCode",
    "InstallCodeRequest",
    "InstallCodeRequestEvent",
    "Obligation",
    "OpenRequest",
    "PartyDay",
    "ReminderDigest",
    "RequestReference",
    "WorkPack",
]
