"""How long e-mails are kept: they hold addresses of people, so not longer than a question about one may come."""

from datetime import timedelta

from django.db.models import Q

from ssi.notifications.models import Digest, OutboxMessage
from ssi.retention import Rule

RULES = [
    Rule(
        "delivered e-mails",
        model=OutboxMessage,
        since="delivered_at",
        keep=timedelta(days=90),
        only=Q(handled_at__isnull=False),
        why="A dispute about a missed due date begins within a quarter; the audit log keeps the notice itself.",
    ),
    Rule(
        "undeliverable e-mails",
        model=OutboxMessage,
        since="dead_at",
        keep=timedelta(days=365),
        why="The desk has had a year to send them again.",
    ),
    Rule(
        "days of summaries",
        model=Digest,
        since="written_at",
        keep=timedelta(days=30),
        why="A claim on a day matters on that day alone; a month shows whether summaries go out.",
    ),
]
