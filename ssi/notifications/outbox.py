"""Writing to the outbox: an e-mail is a row of the same transaction as the deed it tells of."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ssi.notifications import preferences, tasks
from ssi.notifications.models import DigestItem, OutboxMessage
from ssi.notifications.notices import Notice, Pace, find

MOST_KEPT = 50
"""References of one e-mail that a summary may list; it lists no more altogether."""


@dataclass(frozen=True, slots=True)
class Email:
    """What an e-mail says: a reference, a date and a link, never content. To whom is another question."""

    notice: Notice
    subject: str
    text: str
    html: str


def post(
    email: Email,
    *,
    to: Iterable[str],
    about: str,
    reference: str,
    tells_of: Sequence[str] = (),
    total: int | None = None,
    not_before: datetime | None = None,
) -> None:
    """Write `email` for each address in the caller's transaction; a worker is woken after the commit.

    With `not_before` it waits until then: time in which it may be taken back.

    Who chose the summary gets a line of it instead, and who chose no e-mail of this kind gets none. The line lists
    `tells_of`, the first of `total` references; usually that is the one in `reference`.
    """
    addresses = sorted(set(to))
    paces = preferences.paces_of(email.notice, addresses) if addresses else {}
    _hand_over(
        email,
        [each for each in addresses if paces.get(each, Pace.AT_ONCE) == Pace.AT_ONCE],
        about,
        reference,
        not_before or timezone.now(),
    )
    references = list(tells_of) or [reference]
    DigestItem.objects.bulk_create(
        DigestItem(
            recipient=address,
            event=email.notice.event,
            about=about,
            reference=reference,
            references=references[:MOST_KEPT],
            size=total or len(references),
        )
        for address, pace in paces.items()
        if pace == Pace.DAILY
    )


def post_each(emails: Sequence[tuple[Email, str, Collection[str]]], *, about: str) -> None:
    """Post many e-mails of one kind, each given with its reference and to whom; with as many queries as one."""
    if not emails:
        return
    paces = preferences.paces_of(emails[0][0].notice, {each for *_, to in emails for each in to})
    now, rows, items = timezone.now(), list[OutboxMessage](), list[DigestItem]()
    for email, reference, to in emails:
        for address in sorted(set(to)):
            pace = paces.get(address, Pace.AT_ONCE)
            if pace == Pace.AT_ONCE:
                rows.append(_row(email, address, about, reference, now))
            elif pace == Pace.DAILY:
                items.append(
                    DigestItem(
                        recipient=address,
                        event=email.notice.event,
                        about=about,
                        reference=reference,
                        references=[reference],
                        size=1,
                    )
                )
    OutboxMessage.objects.bulk_create(rows)
    DigestItem.objects.bulk_create(items)
    if rows:
        wake_after_commit()


def _row(email: Email, address: str, about: str, reference: str, not_before: datetime) -> OutboxMessage:
    return OutboxMessage(
        recipient=address,
        subject=email.subject,
        text=email.text,
        html=email.html,
        event=email.notice.event,
        about=about,
        reference=reference,
        next_attempt_at=not_before,
    )


def _hand_over(email: Email, addresses: Sequence[str], about: str, reference: str, not_before: datetime) -> None:
    rows = [_row(email, address, about, reference, not_before) for address in addresses]
    if len(rows) == 1:
        rows[0].save(force_insert=True)
    else:
        OutboxMessage.objects.bulk_create(rows)
    if rows:
        wake_after_commit()


def take_back(*, event: str, about: str, reference: str) -> None:
    """Remove e-mails of that event that were not delivered: what they ask for is no longer wanted.

    One that a worker is handing over at this moment goes out all the same.
    """
    take_back_many(event=event, about=about, references=[reference])


def take_back_many(*, event: str, about: str, references: Sequence[str]) -> None:
    """Do as `take_back` for many things at once, with as many queries as for one."""
    undelivered = OutboxMessage.objects.select_for_update(skip_locked=True).filter(
        event=event, about=about, reference__in=references, delivered_at__isnull=True
    )
    OutboxMessage.objects.filter(pk__in=undelivered.values("pk")).delete()
    notice = find(event)
    if notice is None or notice.least != Pace.AT_ONCE:
        DigestItem.objects.filter(event=event, about=about, reference__in=references).delete()


def wake_after_commit() -> None:
    """Wake a worker once for the whole transaction, however many e-mails it writes."""
    if all(call is not tasks.wake for _, call, _ in transaction.get_connection().run_on_commit):
        transaction.on_commit(tasks.wake, robust=True)
