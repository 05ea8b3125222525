"""Signed files: uploads, thresholds, quarantined communications, and times of disaster recovery."""

from ssi.uploads.models.quarantine import (
    DecisionLine,
    PreparedFile,
    QuarantinedCommunication,
    QuarantineEvent,
)
from ssi.uploads.models.recovery import DisasterRecovery
from ssi.uploads.models.thresholds import Threshold
from ssi.uploads.models.uploads import Upload, UploadFinding, UploadStep

__all__ = [
    "DecisionLine",
    "DisasterRecovery",
    "PreparedFile",
    "QuarantineEvent",
    "QuarantinedCommunication",
    "Threshold",
    "Upload",
    "UploadFinding",
    "UploadStep",
]
