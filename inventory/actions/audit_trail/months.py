"""The months of the audit trail that are kept on line; older ones are dropped as a whole (`ssi/partitions.py`)."""

from datetime import date

from django.conf import settings

from ssi.partitions import month_of


def first_kept(today: date) -> date:
    """Return the first day of the oldest month kept, the running one being one. Source: SEC H8.16(b)."""
    return month_of(today, 1 - settings.SSI_AUDIT_TRAIL_MONTHS)
