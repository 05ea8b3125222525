"""Reminding of decisions that are due, and telling of those that are late: each once for an event."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ssi.uploads import emails_of_quarantine as emails
from ssi.uploads import recipients_of_quarantine as recipients
from ssi.uploads.models import QuarantineEvent

BATCH = 50


def remind() -> int:
    """Write what is due by now and return of how many events; may run twice, and beside others.

    Something of an event must still be held without a signed file that decides about it: what is decided on screen
    alone does not count. An event that is late already is not reminded of as well.
    """
    now = timezone.now()
    late, soon = Q(due_at__lt=now), Q(due_at__gte=now, due_at__lt=now + _lead())
    return _each_once("overdue_told_at", late, _overdue) + _each_once("reminded_at", soon, _soon)


def _lead() -> timedelta:
    """Return how long before it is due: a quarter of the time there is."""
    return timedelta(hours=settings.SSI_QUARANTINE_DECISION_HOURS) / 4


def _overdue(event: QuarantineEvent) -> None:
    emails.overdue(event, to=recipients.responsible(event))
    emails.overdue_for_desk(event, to=recipients.service_desk())


def _soon(event: QuarantineEvent) -> None:
    emails.due_soon(event, to=recipients.deciders(event))


def _each_once(noted_in: str, when: Q, tell: Callable[[QuarantineEvent], None]) -> int:
    """Tell of each event once; a batch and its notes commit together, and what another holds is passed over."""
    told = 0
    while True:
        with transaction.atomic():
            due = QuarantineEvent.objects.filter(when, held__gt=0, **{f"{noted_in}__isnull": True})
            batch = list(due.select_for_update(skip_locked=True, no_key=True).order_by("due_at", "id")[:BATCH])
            for event in batch:
                tell(event)
            QuarantineEvent.objects.filter(pk__in=[event.pk for event in batch]).update(
                **{noted_in: timezone.now()}
            )
        told += len(batch)
        if len(batch) < BATCH:
            return told
