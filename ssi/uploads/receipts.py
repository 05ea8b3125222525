"""Receipts: what the portal says of an upload, signed, to be kept and shown to whoever asks.

A receipt tells how an upload stands at the moment it is issued; a later one of the same upload tells more. It
holds nothing of what is in the file. `docs/how-to/verify-a-receipt.md` shows how to check one without the portal.
"""

from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind, Scan, State
from ssi.uploads.receipt_keys import public_key_pem, signed

__all__ = ["FORMAT", "VERSION", "public_key_pem", "receipt_of"]

FORMAT: Final = "ssi-upload-receipt"
VERSION: Final = "1.0"


def receipt_of(upload: Upload, *, at: datetime | None = None) -> dict[str, Any]:
    """Return the receipt of an upload as it stands now, ready to be written as JSON, and signed."""
    facts: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "portal": settings.SSI_BASE_URL,
        "issued_at": _utc(at or timezone.now()),
        "reference": upload.reference,
        "kind": Kind(upload.kind).letters,
        "state": upload.state,
        "state_in_words": State(upload.state).label,
        "user_id": str(upload.user_id_id),
        "user_role": upload.user_role or None,
        "party": upload.party.name,
        "uploaded_by": upload.uploaded_by.email,
        "file": {
            "name": upload.file_name,
            "bytes": upload.size,
            "sha256": upload.sha256,
            "lines": upload.lines,
        },
        "signed_by": _signer(upload),
        "malware_scan": {"result": upload.scan, "in_words": Scan(upload.scan).label},
        "findings": upload.findings,
        "warnings": upload.warnings,
        "effective_date": upload.effective_date.isoformat() if upload.effective_date else None,
        "event_ref": str(int(upload.event_ref)) if upload.event_ref is not None else None,
        "received_at": _utc(upload.received_at),
        "submitted_at": _utc(upload.submitted_at),
        "approved_at": _utc(upload.approved_at),
        "accepted_at": _utc(upload.accepted_at),
        "confirmed_at": _utc(upload.confirmed_at),
        "applied_at": _utc(upload.applied_at),
        "ended_at": _utc(upload.ended_at),
    }
    return signed(facts)


def _signer(upload: Upload) -> dict[str, Any] | None:
    """Return who signed the file, as its certificate says, and whether that counts; None where none was read."""
    if not upload.certificate_serial:
        return None
    return {
        "name": upload.signer_name,
        "certificate_serial": upload.certificate_serial,
        "certificate_issuer": upload.certificate_issuer,
        "is_good": upload.signed_well,
    }


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
