"""E-mails that are due: read and written together, each locked when its turn comes."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.backends.utils import CursorWrapper
from psycopg.types.numeric import Int8

from ssi.notifications.letters import Letter, plain_letter
from ssi.notifications.models import OutboxMessage
from ssi.prepared import prepared_cursor

_COLUMNS: Final = (
    "id",
    "message_id",
    "recipient",
    "subject",
    "text",
    "html",
    "event",
    "about",
    "reference",
    "created_at",
    "attempts",
    "last_error",
)
_READ: Final = f"""
SELECT ctid, {", ".join(_COLUMNS)} FROM notifications_outboxmessage
WHERE delivered_at IS NULL AND dead_at IS NULL AND next_attempt_at <= %s ORDER BY next_attempt_at LIMIT %s
"""  # noqa: S608 - the names above
BY_PLACE: Final = "SET LOCAL enable_seqscan = off"
"""A plan is kept: one made while the outbox was nearly empty would read all of it for each e-mail thereafter."""

LOCK: Final = """
SELECT attempts FROM notifications_outboxmessage WHERE ctid = %s::tid AND id = %s
AND delivered_at IS NULL AND dead_at IS NULL AND next_attempt_at <= %s::timestamptz FOR UPDATE SKIP LOCKED
"""
"""Finds a row in the place where it was read, for which no index is as quick. Once it was changed or removed it is
not there any more; the other words are for one that is changed while this looks at it."""


@dataclass(frozen=True, slots=True)
class Due:
    """An e-mail that was due at a moment, as it goes over the line if it is plain, and the place of its row."""

    message: OutboxMessage
    letter: Letter | None
    place: str
    moment: str

    def lock(self, cursor: CursorWrapper) -> bool:
        """Lock its row; tell whether it is ours and still due: not taken, sent, postponed or taken back."""
        cursor.execute(LOCK, [self.place, Int8(self.message.pk), self.moment])
        found = cursor.fetchone()
        if found is not None:
            self.message.attempts = found[0]
        return found is not None


def read_due(now: datetime, most: int) -> deque[Due]:
    """Return those that are due, the longest waiting first.

    They are written here, one right after another: between two conversations each takes more than twice as long.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_READ, [now, Int8(most)])
        rows = cursor.fetchall()
    messages = [OutboxMessage.from_db("default", _COLUMNS, row[1:]) for row in rows]
    return deque(
        [Due(each, plain_letter(each), row[0], str(now)) for each, row in zip(messages, rows, strict=True)]
    )
