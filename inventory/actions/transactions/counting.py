"""The roll-up behind RSAT_001: how many messages of a kind, SRV and code each User ID had in a month.

Counted anew by one statement for the running month and the one before; older months stand as they were counted,
also after their messages went from the audit trail.
"""

from datetime import date
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from inventory.actions.audit_trail.months import first_kept
from inventory.models import RollUp
from inventory.search.transactions import ROLL_UP
from ssi.partitions import month_of

KEPT_MONTHS: Final = 25
"""Two years, and the running month: so that each month stands beside that of the year before."""

_FORGET: Final = """
DELETE FROM inventory_transactioncount WHERE month_date >= %(first)s OR month_date < %(oldest)s
"""
_COUNT: Final = """
INSERT INTO inventory_transactioncount (month_date, user_id, kind, srv, code, messages)
SELECT date_trunc('month', at AT TIME ZONE %(zone)s)::date, user_id, kind, srv, code, count(*)
  FROM inventory_audittrail
 WHERE detail IS NOT NULL AND user_id IS NOT NULL AND at >= %(first)s::timestamp AT TIME ZONE %(zone)s
 GROUP BY 1, 2, 3, 4, 5
"""


@transaction.atomic
def refresh(today: date | None = None) -> None:
    """Count the running month and the one before anew; the first time, all that are on line. One at a time."""
    today = today or timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"roll-up of {ROLL_UP}"])
    was_counted = RollUp.objects.filter(pk=ROLL_UP).exists()
    facts: dict[str, date | str] = {
        "first": month_of(today, -1) if was_counted else first_kept(today),
        "oldest": month_of(today, 1 - KEPT_MONTHS),
        "zone": settings.TIME_ZONE,
    }
    refreshed_at = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, facts)
        cursor.execute(_COUNT, facts)
    RollUp.objects.update_or_create(pk=ROLL_UP, defaults={"refreshed_at": refreshed_at})
