"""Finding e-mails of the outbox by what its indexes hold."""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from ssi.notifications.models import OutboxMessage

MOST_FOUND: Final = 1_000
"""E-mails to one address, or about one thing, among which a page shows those of a state."""

_BY_REFERENCE: Final = """
WITH RECURSIVE kinds AS (
    (SELECT about FROM notifications_outboxmessage ORDER BY about LIMIT 1)
    UNION ALL
    SELECT (SELECT about FROM notifications_outboxmessage WHERE about > kinds.about ORDER BY about LIMIT 1)
    FROM kinds WHERE kinds.about IS NOT NULL
), found AS MATERIALIZED (
    SELECT email.id FROM kinds JOIN notifications_outboxmessage email
    ON email.about = kinds.about AND email.reference = ANY(%s)
)
SELECT id FROM found ORDER BY id DESC LIMIT %s
"""
"""The index is by kind and reference: the kinds, some dozens, are read from it by leaps, and each is probed."""

_BY_RECIPIENT: Final = """
SELECT email.id FROM unnest(%s::text[]) AS spelling(recipient) CROSS JOIN LATERAL (
    SELECT id FROM notifications_outboxmessage
    WHERE recipient = spelling.recipient ORDER BY id DESC LIMIT %s
) email
"""


def newest_about(references: Sequence[str]) -> Sequence[int]:
    """Return the keys of the newest e-mails about things of any kind with one of these references."""
    return _keys(_BY_REFERENCE, references)


def newest_to(addresses: Sequence[str]) -> Sequence[int]:
    """Return the keys of the newest e-mails to these addresses."""
    return _keys(_BY_RECIPIENT, addresses)


def with_message_id(message_ids: Sequence[str]) -> Sequence[int]:
    """Return the key of the e-mail with one of these Message-IDs."""
    return list(OutboxMessage.objects.filter(message_id__in=message_ids).values_list("pk", flat=True))


def _keys(query: str, given: Sequence[str]) -> Sequence[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, [list(given), MOST_FOUND])
        return [int(row[0]) for row in cursor.fetchall()]
