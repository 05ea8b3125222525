"""E-mails that are due: read and written together, each locked when its turn comes."""

import itertools
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from django.db import connection
from django.db.transaction import TransactionManagementError
from psycopg import OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
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
LOCK: Final = """
SELECT attempts FROM notifications_outboxmessage WHERE ctid = $1::tid AND id = $2::bigint
AND delivered_at IS NULL AND dead_at IS NULL AND next_attempt_at <= $3::timestamptz FOR UPDATE SKIP LOCKED
"""
"""Finds a row in the place where it was read, for which no index is as quick. Once it was changed or removed it is
not there any more; the other words are for one that is changed while this looks at it."""

_made = itertools.count()


@dataclass(frozen=True, slots=True)
class Due:
    """An e-mail that was due when it was read, how it goes over the line if it is plain, what finds its row."""

    message: OutboxMessage
    letter: Letter | None
    found_by: tuple[bytes, bytes, bytes]


def read_due(now: datetime, most: int) -> deque[Due]:
    """Return those that are due, the longest waiting first.

    They are written here, one right after another: between two conversations each takes more than twice as long.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_READ, [now, Int8(most)])
        rows = cursor.fetchall()
    messages = [OutboxMessage.from_db("default", _COLUMNS, row[1:]) for row in rows]
    places, moment = [str(row[0]).encode() for row in rows], str(now).encode()
    return deque(
        Due(message, plain_letter(message), (place, b"%d" % message.pk, moment))
        for message, place in zip(messages, places, strict=True)
    )


class Locks:
    """Locks of one transaction, one e-mail after another.

    Django's cursor takes as long over such a statement as PostgreSQL does; here is what lies beneath it. The
    statement is prepared for the transaction alone, so its plan is of now, and none is left where it is not known.
    """

    def __init__(self) -> None:
        self._name = b"lock_due_email_%d" % next(_made)

    def __enter__(self) -> Self:
        """Prepare the statement. Raises TransactionManagementError where a lock would not last."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")  # has the transaction begun
        self._server = connection.connection.pgconn
        if self._server.transaction_status != TransactionStatus.INTRANS:
            raise TransactionManagementError("Locks are of a transaction.")
        _asked(self._server.prepare(self._name, LOCK.encode()))
        return self

    def __exit__(self, *_: object) -> None:
        """Forget the statement."""
        with suppress(OperationalError):  # the connection is gone, and the statement with it
            self._server.close_prepared(self._name)

    def lock(self, due: Due) -> bool:
        """Lock an e-mail's row; tell whether it is ours and still due: not sent, postponed or taken back."""
        found = _asked(self._server.exec_prepared(self._name, due.found_by))
        if not found.ntuples:
            return False
        due.message.attempts = int(found.get_value(0, 0) or 0)
        return True


def _asked(result: PGresult) -> PGresult:
    """Return what was answered. Raises DatabaseError, of the kind that Django's cursor raises."""
    if result.status not in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
        with connection.wrap_database_errors:
            raise error_from_result(result)
    return result
