"""What a User ID sent, by the hour: from the roll-up, and from the audit trail where it is not counted yet."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Final

from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import TruncHour

from inventory.models import AuditTrailEntry, TrafficCounted
from inventory.models.choices import SENT_KINDS, TrailKind
from ssi.eui64 import Eui64
from ssi.uploads.traffic import Hour

_SECONDS: Final = 3_600
# An hour comes as its number since 1970: of forty thousand rows most of the time would go into reading moments.
_ROLLED_UP: Final = """
SELECT srv, is_pre_command, (extract(epoch FROM began_at) / 3600)::int, messages
  FROM inventory_traffichour
 WHERE user_id = %(user_id)s AND began_at >= %(begin)s AND began_at < %(end)s
   AND (%(srvs)s::text[] = '{}' OR srv = ANY(%(srvs)s::text[]))
 ORDER BY began_at
"""


def hours(user_id: Eui64, begin: datetime, end: datetime, srvs: Collection[str] = ()) -> Iterator[Hour]:
    """Yield what the User ID sent from `begin`, a full hour, up to `end`; three queries, or two.

    Refused messages count: they were sent. The hours that the clock has not counted yet, the running one always,
    are read through the audit trail's index, so nothing is missing. Source: domain 6.1, counts per User ID.
    """
    counted = TrafficCounted.objects.first()
    until = max(begin, min(end, counted.until_at)) if counted else begin
    yield from _rolled_up(user_id, begin, until, srvs)
    if until < end:
        yield from _of_trail(user_id, until, end, srvs)


def pre_commands_since() -> datetime | None:
    """Return since when Signed Pre-Commands are told from Service Requests, None before the first counting."""
    return TrafficCounted.objects.values_list("apart_since_at", flat=True).first()


def _rolled_up(user_id: Eui64, begin: datetime, end: datetime, srvs: Collection[str]) -> Iterator[Hour]:
    facts: dict[str, int | datetime | list[str]] = {
        "user_id": user_id.as_bigint,
        "begin": begin,
        "end": end,
        "srvs": list(srvs),
    }
    moments: dict[int, datetime] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ROLLED_UP, facts)
        for srv, is_pre_command, number, messages in cursor.fetchall():
            if number not in moments:
                moments[number] = datetime.fromtimestamp(number * _SECONDS, UTC)
            yield Hour(srv, "SPC" if is_pre_command else "SR", moments[number], messages)


def _of_trail(user_id: Eui64, begin: datetime, end: datetime, srvs: Collection[str]) -> Iterator[Hour]:
    found = (
        AuditTrailEntry.objects.filter(_of(srvs), user_id=user_id, at__gte=begin, at__lt=end, kind__in=SENT_KINDS)
        .exclude(srv="")
        .annotate(began_at=TruncHour("at", tzinfo=UTC))
        .values("srv", "kind", "began_at")
        .annotate(messages=Count("id"))
        .order_by("began_at")
    )
    for row in found:
        message_type = "SPC" if row["kind"] == TrailKind.SIGNED_PRE_COMMAND else "SR"
        yield Hour(row["srv"], message_type, row["began_at"], row["messages"])


def _of(srvs: Collection[str]) -> Q:
    return Q(srv__in=srvs) if srvs else Q()
