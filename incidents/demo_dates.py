"""Dates of the demo: what was just made is moved into the past, in working hours, with time between the steps."""

from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from incidents.models import InstallCodeRequest, InstallCodeRequestEvent, Obligation
from incidents.models.choices import HANDED_OVER, Event
from ssi.working_days import count_between, due, received_on

BY_THE_PORTAL = (Event.RAISED, Event.ASSIGNED)
FRIDAY = 4
ENDS = (Event.ANSWERED, Event.DECLINED, Event.WITHDRAWN)
CLOCK_FIELDS = ("asked_at", "notified_at", "first_due_date", "due_date", "ended_at", "working_days", "in_time")


def move_to(reference: str, raised_at: datetime, days_ago: int, random: Random) -> None:
    """Set a request's dates as if it had been raised at `raised_at`, `days_ago`, with time between the steps."""
    request = InstallCodeRequest.objects.by_reference(reference).get()
    moment = raised_at
    last: dict[str, datetime] = {}
    for step in request.history.order_by("id"):
        moment = min(moment, timezone.now())
        last[step.event] = moment
        InstallCodeRequestEvent.objects.filter(pk=step.pk).update(at=moment)
        moment += timedelta(minutes=1) if step.event in BY_THE_PORTAL else _pause(days_ago, random)
    notified_at = last.get(Event.NOTIFIED)
    InstallCodeRequest.objects.filter(pk=request.pk).update(
        created_at=raised_at,
        responsibility_claimed_at=raised_at,
        notified_at=notified_at,
        due_date=due(notified_at) if notified_at and request.due_date else None,
        answered_at=last[Event.ANSWERED] if request.answered_at else None,
        ended_at=last[Event.CLOSED if request.outcome else Event.WITHDRAWN] if request.ended_at else None,
    )
    _move_clocks(request)


def _move_clocks(request: InstallCodeRequest) -> None:
    """Set the clocks by the moved history: who was asked when, told when, and how long each took."""
    clocks = iter(Obligation.objects.filter(request=request).order_by("id"))
    clock: Obligation | None = None
    for step in request.history.order_by("id"):
        if step.event in HANDED_OVER:
            clock = next(clocks)
            clock.asked_at = step.at
        if clock is not None and step.event == Event.NOTIFIED:
            clock.notified_at = step.at
            clock.first_due_date = clock.due_date = due(step.at)
        if clock is not None and clock.notified_at and step.event in ENDS:
            clock.ended_at = step.at
            day = timezone.localdate(step.at)
            clock.working_days = count_between(received_on(clock.notified_at), day)
            clock.in_time = clock.due_date is not None and day <= clock.due_date
        if clock is not None:
            clock.save(update_fields=CLOCK_FIELDS)


def working_moment(days_ago: int, random: Random) -> datetime:
    """Return a moment between eight and five of a weekday, or within the last hour for today."""
    if days_ago == 0:
        return timezone.now() - timedelta(minutes=random.randint(5, 55))
    day = timezone.localtime() - timedelta(days=days_ago)
    day -= timedelta(days=max(0, day.weekday() - FRIDAY))
    return day.replace(hour=8, minute=0) + timedelta(minutes=random.randint(0, 9 * 60))


def _pause(days_ago: int, random: Random) -> timedelta:
    return timedelta(hours=random.uniform(0.2, 1) * days_ago * 24 / 4)
