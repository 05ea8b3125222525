"""How a receipt reads on paper."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind
from ssi.uploads.presenters.upload_words import TITLES

_MOMENTS = (
    ("received_at", "Received"),
    ("submitted_at", "Submitted"),
    ("approved_at", "Approved by a second officer"),
    ("accepted_at", "Accepted"),
    ("confirmed_at", "Confirmed by DCC"),
    ("applied_at", "Applied"),
    ("ended_at", "Ended"),
)


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """A receipt as it is printed: what it says in words, and the very text that is signed."""

    upload: Upload
    receipt: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Return what it is a receipt of."""
        return TITLES[Kind(self.upload.kind)]

    @property
    def issued_at(self) -> datetime:
        """Return when it was issued."""
        return datetime.fromisoformat(self.receipt["issued_at"])

    @property
    def moments(self) -> Sequence[tuple[str, datetime]]:
        """Return what happened when, as far as it did."""
        given = [(label, self.receipt.get(name)) for name, label in _MOMENTS]
        return [(label, datetime.fromisoformat(moment)) for label, moment in given if moment]

    @property
    def text(self) -> str:
        """Return the signed receipt as text."""
        return json.dumps(self.receipt, indent=2, ensure_ascii=False)
