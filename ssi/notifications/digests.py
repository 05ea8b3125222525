"""Summaries: what a person would rather read once each Working Day than at once.

What is to be told waits as a row that was committed with the deed. The summary is written in one transaction: it
claims the person's day, which can be had once, takes what waits, and puts one e-mail into the outbox. So a worker
may be killed anywhere, and any number may be at it.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from ssi.notifications import outbox
from ssi.notifications.models import Digest, DigestItem
from ssi.notifications.notices import DIGEST, find
from ssi.notifications.writing import link_to, written
from ssi.working_days import LONDON, NO_OVERRIDES, Overrides, is_working_day

MOST_LISTED = 50
RUN_SECONDS = 120.0
"""No new summary is begun after so long; the next run goes on."""


def write_due(*, overrides: Overrides = NO_OVERRIDES) -> int:
    """Write everybody's summary of today, if it is a Working Day and late enough; return how many were written.

    It tells what happened before SSI_DIGEST_AT. What comes later waits for the next Working Day's.
    """
    now = timezone.now()
    today = timezone.localdate(now, LONDON)
    before = datetime.combine(today, settings.SSI_DIGEST_AT, LONDON)
    if now < before or not is_working_day(today, overrides):
        return 0
    end = time.monotonic() + RUN_SECONDS
    waiting = (
        DigestItem.objects.filter(created_at__lt=before).order_by("recipient").values_list("recipient", flat=True)
    )
    written_now = 0
    for recipient in list(waiting.distinct()):
        if time.monotonic() > end:
            break
        written_now += _write(recipient, today, before)
    return written_now


def forget(recipient: str) -> None:
    """Drop what waits for a person who is not to be written to any more."""
    DigestItem.objects.filter(recipient=recipient).delete()


@transaction.atomic(durable=True)
def _write(recipient: str, today: date, before: datetime) -> bool:
    """Write one person's summary of `today`; tell whether there was one to write."""
    waiting = DigestItem.objects.select_for_update().filter(recipient=recipient, created_at__lt=before)
    items = list(waiting.order_by("pk"))
    if not items:
        return False  # another worker was quicker
    _, is_ours = Digest.objects.get_or_create(recipient=recipient, digest_date=today)
    if not is_ours:
        return False  # today's has gone; this waits for the next
    by_event, total = _sorted_out(items)
    day = date_format(today, "D j M Y")
    listed = sum(len(references) for references in by_event.values())
    email = written(
        DIGEST,
        subject=f"Your summary of {day}",
        template="emails/digest",
        groups=[(_name(event), [(each, link_to(each)) for each in refs]) for event, refs in by_event.items()],
        more=total - listed,
        why="You get this because you chose one summary each Working Day for some kinds of e-mail.",
        may_choose=True,
    )
    outbox.post(email, to=[recipient], about="digest", reference=today.isoformat())
    DigestItem.objects.filter(pk__in=[item.pk for item in items]).delete()
    return True


def _sorted_out(items: Sequence[DigestItem]) -> tuple[Mapping[str, Sequence[str]], int]:
    """Return the references to list, by event and each once, and how many there are in all."""
    by_event: dict[str, dict[str, None]] = defaultdict(dict)
    unlisted = 0
    for item in items:
        by_event[item.event] |= dict.fromkeys(item.references)
        unlisted += item.size - len(item.references)
    total = unlisted + sum(len(references) for references in by_event.values())
    left, listed = MOST_LISTED, {}
    for event, references in by_event.items():
        if left:
            listed[event] = list(references)[:left]
            left -= len(listed[event])
    return listed, total


def _name(event: str) -> str:
    notice = find(event)
    return notice.name if notice else event
