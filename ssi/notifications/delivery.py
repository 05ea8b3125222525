"""Delivering the outbox: what waits is handed to the mail server, and what follows from it is carried out.

A few e-mails, one transaction. Each row is locked right before its e-mail is handed over, so no other worker takes
it, and those that were not begun can be taken back. A worker that is killed lets go of its rows and another starts
again at once, with the same Message-IDs. What the mail server accepted in that moment's transaction is then sent
once more: at most `GROUP` e-mails, and no new one is begun after `GROUP_SECONDS` or a failure. Nothing else is
sent twice, and nothing is lost. That an e-mail was delivered is committed before its handler runs: whatever a
handler does, it can neither undo that nor cause a second e-mail. A handler that fails is called again
(`handle_delivered`), so it must bear being called twice.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.utils import timezone

from ssi.db import array_of
from ssi.notifications.carrier import Carrier, ConnectionEnded, NoMailServer, NotCarried
from ssi.notifications.due import Due, Locks, read_due
from ssi.notifications.models import OutboxMessage, OutboxQuerySet
from ssi.prepared import prepared_cursor

log = structlog.get_logger(__name__)

MOST_IN_A_RUN = 500
RUN_SECONDS = 60.0
"""No new e-mail is begun after so long: a slow mail server must not keep a worker from everything else."""

GROUP = 50
"""So many are committed together: a commit takes longer than handing over an e-mail."""

GROUP_SECONDS = 1.0
"""After so long what was accepted is committed, however few they are."""

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
MOST_ATTEMPTS = 48
"""About two days of trying; RFC 5321 4.5.4.1 asks of a mail server to try for four to five."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a handler learns: which thing the e-mail told of, when it was posted, when the server accepted it."""

    reference: str
    posted_at: datetime
    delivered_at: datetime


Handler = Callable[[Delivered], object]
_handlers: dict[str, Handler] = {}

_DELIVERED: Final = """
UPDATE notifications_outboxmessage SET delivered_at = given.at, last_error = '',
    handled_at = CASE WHEN given.handled = 1 THEN given.at END
FROM unnest(%s::bigint[], %s::timestamptz[], %s::int[]) AS given(id, at, handled)
WHERE notifications_outboxmessage.id = given.id
"""


@dataclass(slots=True)
class Run:
    """What one run did."""

    delivered: int = 0
    postponed: int = 0
    given_up: int = 0
    limit_reached: bool = False


def on_delivered(event: str, handler: Handler) -> None:
    """Have `handler(delivered)` called, in a transaction, once an e-mail of that `event` is delivered.

    It is called once for each recipient, and again should it raise.
    """
    if event in _handlers:
        raise ValueError(f"{event} already has a handler.")
    _handlers[event] = handler


def deliver_waiting(limit: int = MOST_IN_A_RUN) -> Run:
    """Deliver up to `limit` of the e-mails that are due; stops early when there is no mail server."""
    run = Run()
    end = time.monotonic() + RUN_SECONDS
    with Carrier() as carrier:
        left = limit
        while left > 0 and time.monotonic() <= end:
            due, tried = read_due(timezone.now(), MOST_IN_A_RUN), 0
            try:
                while due and tried < left and time.monotonic() <= end:
                    tried += _deliver_some(carrier, run, due, min(left - tried, GROUP), end)
            except NoMailServer:
                return run
            if not tried and not due:
                return run
            left -= tried
    run.limit_reached = True
    return run


def handle_delivered(limit: int = MOST_IN_A_RUN) -> int:
    """Call the handlers of delivered e-mails that have not been, or that failed; return how many succeeded."""
    due = OutboxMessage.objects.unhandled(timezone.now()).order_by("next_attempt_at").values_list("pk", flat=True)
    return sum(_handle(key) for key in list(due[:limit]))


def wait_after(attempts: int) -> timedelta:
    """Return the wait after so many failed attempts: 30 seconds, doubling to an hour, less up to a quarter.

    What chance takes off keeps those that failed together from coming back together.
    """
    doublings = min(max(attempts - 1, 0), 7)
    longest = min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
    return longest * random.uniform(0.75, 1.0)  # noqa: S311 - spreads load, guards nothing


def _deliver_some(carrier: Carrier, run: Run, due: deque[Due], most: int, end: float) -> int:
    """Deliver the first of those that are `due`, up to a failure; return how many were tried. Raises NoMailServer.

    With a kept connection that ended, the e-mail in hand stays the first of `due`: the others are committed before
    a new connection is waited for.
    """
    no_server: NoMailServer | None = None
    delivered: list[OutboxMessage] = []
    tried, end = 0, min(end, time.monotonic() + GROUP_SECONDS)
    with transaction.atomic(durable=True), Locks() as locks:
        while due and tried < most and tried == len(delivered) and not (tried and time.monotonic() > end):
            message = due[0].message
            if locks.lock(due[0]):
                try:
                    carrier.carry(message, due[0].letter)
                except ConnectionEnded:
                    break
                except NotCarried as failure:
                    _note_failure(message, failure, run)
                except NoMailServer as failure:
                    _wait_for_server(message, failure)
                    no_server = failure
                else:
                    _note_delivery(message)
                    delivered.append(message)
                tried += 1
            due.popleft()
        _save_delivered(delivered)
    run.delivered += len(delivered)
    for message in delivered:
        if message.handled_at is None:
            _handle(message.pk)
    if no_server is not None:
        raise no_server
    return tried


def _claimed(messages: OutboxQuerySet) -> OutboxMessage | None:
    """Lock and return the first of `messages` that nobody else holds."""
    return messages.select_for_update(skip_locked=True).order_by("next_attempt_at").first()


def _save_delivered(messages: Sequence[OutboxMessage]) -> None:
    """Write down which were delivered, each with its own moment, in one statement."""
    if messages:
        keys, moments = [each.pk for each in messages], [str(each.delivered_at) for each in messages]
        handled = array_of(int(each.handled_at is not None) for each in messages)
        with prepared_cursor() as cursor:
            cursor.execute(_DELIVERED, [array_of(keys), f"{{{','.join(moments)}}}", handled])


def _note_delivery(message: OutboxMessage) -> None:
    message.delivered_at = timezone.now()
    message.handled_at = None if message.event in _handlers else message.delivered_at
    message.last_error = ""


def _note_failure(message: OutboxMessage, failure: NotCarried, run: Run) -> None:
    """Try again later, or give up: for good when the server said so, or after too many attempts."""
    message.attempts += 1
    message.last_error = str(failure)
    if failure.for_good or message.attempts >= MOST_ATTEMPTS:
        message.dead_at = timezone.now()
        run.given_up += 1
        log.error("email_given_up", message=message.pk, event_of=message.event, why=message.last_error)
    else:
        message.next_attempt_at = timezone.now() + wait_after(message.attempts)
        run.postponed += 1
        log.warning("email_postponed", message=message.pk, attempts=message.attempts, why=message.last_error)
    message.save(update_fields=["attempts", "last_error", "dead_at", "next_attempt_at"])


def _wait_for_server(message: OutboxMessage, failure: NoMailServer) -> None:
    """Put the e-mail back for a moment; it is not at fault, so this is no attempt and never leads to giving up."""
    message.last_error = str(failure)
    message.next_attempt_at = timezone.now() + wait_after(1)
    message.save(update_fields=["last_error", "next_attempt_at"])
    log.error("mail_server_unavailable", why=message.last_error)


def _handle(key: int) -> bool:
    """Call the handler of one delivered e-mail and note that, in one transaction; tell whether it was done."""
    try:
        with transaction.atomic(durable=True):
            message = _claimed(OutboxMessage.objects.unhandled(timezone.now()).filter(pk=key))
            if message is None or message.delivered_at is None:
                return False
            if handler := _handlers.get(message.event):
                handler(Delivered(message.reference, message.created_at, message.delivered_at))
            message.handled_at = timezone.now()
            message.save(update_fields=["handled_at"])
    except Exception:
        log.exception("delivery_handler_failed", message=key)
        _wait_to_handle(key)
        return False
    return True


def _wait_to_handle(key: int) -> None:
    """Have a failed handler called again after as long as it has been failing, between 30 seconds and an hour."""
    message = OutboxMessage.objects.get(pk=key)
    failing_for = timezone.now() - (message.delivered_at or timezone.now())
    message.next_attempt_at = timezone.now() + min(max(failing_for, FIRST_WAIT), LONGEST_WAIT)
    message.save(update_fields=["next_attempt_at"])
