"""Writing to the outbox: an e-mail is a row of the same transaction as the deed it tells of."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from ssi.notifications import tasks
from ssi.notifications.models import OutboxMessage
from ssi.notifications.notices import Notice


@dataclass(frozen=True, slots=True)
class Email:
    """What an e-mail says: a reference, a date and a link, never content. To whom is another question."""

    notice: Notice
    subject: str
    text: str
    html: str


def post(email: Email, *, to: Iterable[str], about: str, reference: str) -> None:
    """Write `email` for each address in the caller's transaction; a worker is woken after the commit."""
    rows = [
        OutboxMessage(
            recipient=address,
            subject=email.subject,
            text=email.text,
            html=email.html,
            event=email.notice.event,
            about=about,
            reference=reference,
        )
        for address in sorted(set(to))
    ]
    if rows:
        OutboxMessage.objects.bulk_create(rows)
        wake_after_commit()


def take_back(*, event: str, about: str, reference: str) -> None:
    """Remove e-mails of that event that were not delivered: what they ask for is no longer wanted.

    One that a worker is handing over at this moment goes out all the same.
    """
    undelivered = OutboxMessage.objects.select_for_update(skip_locked=True).filter(
        event=event, about=about, reference=reference, delivered_at__isnull=True
    )
    OutboxMessage.objects.filter(pk__in=undelivered.values("pk")).delete()


def wake_after_commit() -> None:
    """Wake a worker once for the whole transaction, however many e-mails it writes."""
    if all(call is not tasks.wake for _, call, _ in transaction.get_connection().run_on_commit):
        transaction.on_commit(tasks.wake, robust=True)
