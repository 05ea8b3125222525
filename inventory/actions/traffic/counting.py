"""The roll-up of what each User ID sent, by hour, SRV and type: what thresholds are held against.

Only hours that are over are counted, a day at most in one transaction, so that the first run, over all that is on
line, may be stopped and go on; each User's part is read through the audit trail's index by User and time. The last
few hours are counted once more with the next one: a message is dated when its handling began, and may be committed
after the hour was counted. Running twice changes nothing.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from django.db import connection, transaction
from django.utils import timezone

from inventory.models import TrafficCounted
from inventory.models.choices import TrailKind

log = structlog.get_logger(__name__)

KEPT: Final = timedelta(days=100)
LATE: Final = timedelta(hours=3)
"""An hour counts anew as long as it ended no longer ago than this, and one hour."""

_AT_ONCE: Final = timedelta(days=1)
_COUNT: Final = """
INSERT INTO inventory_traffichour (user_id, began_at, srv, is_pre_command, messages)
SELECT holder.eui, sent.began_at, sent.srv, sent.is_pre_command, sent.messages
  FROM accounts_userid holder
 CROSS JOIN LATERAL (
    SELECT date_trunc('hour', at, 'UTC') AS began_at, srv, kind = %(pre_command)s AS is_pre_command,
           count(*) AS messages
      FROM inventory_audittrailentry
     WHERE user_id = holder.eui AND at >= %(first)s AND at < %(until)s
       AND kind IN (%(request)s, %(pre_command)s) AND srv <> ''
     GROUP BY 1, 2, 3
 ) sent
ON CONFLICT (user_id, began_at, srv, is_pre_command) DO UPDATE SET messages = excluded.messages
 WHERE inventory_traffichour.messages <> excluded.messages
"""


def refresh(now: datetime | None = None) -> int:
    """Count the hours that ended since the last counting; return how many. One run at a time, a day at a time."""
    now = now or timezone.now()
    hours = 0
    while counted := _count_some(now):
        hours += counted
    if hours:
        log.info("traffic_counted", hours=hours)
    return hours


@transaction.atomic
def _count_some(now: datetime) -> int:
    """Count a day, or what there is of it, and return how many hours were new; 0 when nothing was left."""
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('traffic by the hour'))")
    counted = TrafficCounted.objects.first()
    begin = counted.until_at if counted else end - KEPT
    until = min(end, begin + _AT_ONCE)
    if until <= begin:
        return 0
    facts: dict[str, datetime | int] = {
        "first": begin - LATE,
        "until": until,
        "request": TrailKind.SERVICE_REQUEST.value,
        "pre_command": TrailKind.SIGNED_PRE_COMMAND.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, facts)
    if counted is None:
        TrafficCounted.objects.create(until_at=until, apart_since_at=now)
    else:
        counted.until_at = until
        counted.save(update_fields=["until_at"])
    return (until - begin) // timedelta(hours=1)
