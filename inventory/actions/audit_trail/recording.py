"""Writing the audit trail. In the transaction of what it tells of, so neither is there without the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from inventory.models import AuditTrailEntry
from inventory.models.choices import TrailKind
from ssi.eui64 import Eui64


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a User: see `AuditTrailEntry`, whose columns these are. No text of it holds a secret."""

    at: datetime
    user_id: Eui64
    kind: TrailKind
    code: str
    detail: str
    suggestion: str = ""
    srv: str = ""
    device_id: Eui64 | None = None
    target: Eui64 | None = None
    counter: int | None = None

    def row(self) -> AuditTrailEntry:
        """Return the unsaved row."""
        return AuditTrailEntry(
            at=self.at,
            user_id=self.user_id,
            device_id=self.device_id,
            target=self.target,
            counter=None if self.counter is None else Decimal(self.counter),
            kind=self.kind,
            srv=self.srv,
            code=self.code,
            detail=self.detail,
            suggestion=self.suggestion,
        )


def keep(entry: Entry) -> None:
    """Keep one message in its User's audit trail."""
    keep_many([entry])


def keep_many(entries: Iterable[Entry]) -> None:
    """Keep many messages; one statement for some thousands. Set-based work inserts into the table by itself."""
    AuditTrailEntry.objects.bulk_create([each.row() for each in entries], batch_size=2_000)
