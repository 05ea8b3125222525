"""The layout of the files that tell registration systems of DCC Service Statuses; ours, since D0350 is not public.

A file is made from its rows again whenever it is read, always the same bytes.
"""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from inventory.models import ServiceStatusChange, ServiceStatusFile
from inventory.models.choices import DccServiceStatus, Fuel

MOST_ROWS: Final = 20_000
"""An MPAS takes no more updates in a file (MP105)."""

LAYOUT: Final = (
    ("H", ("record", "sender", "fuel", "recipient", "file number", "made at")),
    ("D", ("record", "MPxN", "DCC Service Status", "since")),
    ("T", ("record", "number of D lines")),
)
"""The three kinds of lines, by their first value: a header, one line a meter point, a trailer."""


def content_of(file: ServiceStatusFile, changes: Iterable[ServiceStatusChange]) -> bytes:
    """Return the bytes of a file that tells these changes: CSV, lines ended by CR and LF, moments in UTC."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["H", "DCC", Fuel(file.fuel).label, file.recipient, f"{file.number:06d}", _moment(file.made_at)]
    )
    rows = [
        ("D", change.meter_point.mpxn, DccServiceStatus(change.to_status).duis, _moment(change.at))
        for change in changes
    ]
    writer.writerows(rows)
    writer.writerow(["T", len(rows)])
    return text.getvalue().encode("ascii")


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes in hex, by which one knows that it came whole."""
    return sha256(content).hexdigest()


def name_of(file: ServiceStatusFile) -> str:
    """Return the name under which a file is handed over."""
    return f"dcc-service-status-{file.recipient}-{file.number:06d}.csv"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
