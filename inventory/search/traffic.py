"""What a User ID sent, by the hour: from the roll-up, and from the audit trail where it is not counted yet."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from django.db.models import Count, Q
from django.db.models.functions import TruncHour

from inventory.models import AuditTrailEntry, TrafficCounted, TrafficHour
from inventory.models.choices import SENT_KINDS, TrailKind
from ssi.eui64 import Eui64
from ssi.uploads.models.choices import MessageType
from ssi.uploads.traffic import Hour


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
    found = TrafficHour.objects.filter(_of(srvs), user_id=user_id, began_at__gte=begin, began_at__lt=end)
    for srv, is_pre_command, began_at, messages in found.order_by("began_at").values_list(
        "srv", "is_pre_command", "began_at", "messages"
    ):
        yield Hour(srv, _type(is_pre_command), began_at, messages)


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
        is_pre_command = row["kind"] == TrailKind.SIGNED_PRE_COMMAND
        yield Hour(row["srv"], _type(is_pre_command), row["began_at"], row["messages"])


def _of(srvs: Collection[str]) -> Q:
    return Q(srv__in=srvs) if srvs else Q()


def _type(is_pre_command: bool) -> str:
    return MessageType.SPC if is_pre_command else MessageType.SR
