"""The months of the audit trail: made ahead, and dropped as a whole once they are older than is kept on line."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import structlog
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from inventory.models import AuditTrailEntry
from ssi.partitions import drop_months, keep_months, month_of, rows_without_month

log = structlog.get_logger(__name__)

AHEAD: Final = 2
"""Months made ahead: the clock may stand still for weeks before a row finds no month."""


@dataclass(frozen=True, slots=True)
class Months:
    """What was done: partitions made and dropped, and rows that lie in none of a month."""

    made: list[str]
    dropped: list[str]
    strays: int


def first_kept(today: date) -> date:
    """Return the first day of the oldest month kept, the running one being one. Source: SEC H8.16(b)."""
    return month_of(today, 1 - settings.SSI_AUDIT_TRAIL_MONTHS)


def tend_months(today: date | None = None) -> Months | None:
    """Make the months ahead and drop those no longer kept; None where the table is too busy, then run it again.

    Rows in the default partition are found and deleted like others, only slower: the log line tells of them.
    """
    table, today = AuditTrailEntry._meta.db_table, today or timezone.localdate()
    try:
        made = keep_months(table, today=today, back=0, ahead=AHEAD)
        dropped = drop_months(table, before=first_kept(today))
    except OperationalError as trouble:
        if not isinstance(trouble.__cause__, LockNotAvailable):
            raise
        log.warning("audit_trail_months_wait", table=table)
        return None
    strays = rows_without_month(table)
    if made or dropped:
        log.info("audit_trail_months", made=made, dropped=dropped)
    if strays:
        log.warning("audit_trail_rows_without_month", rows=strays)
    return Months(made, dropped, strays)
