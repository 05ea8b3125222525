"""How clocks are found: those of one request, and what is due, overdue, or waits for its notice."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Count, Max

from incidents import rules
from incidents.emails.many import MOST_LISTED
from incidents.models import InstallCodeRequest, Obligation, ReminderDigest
from incidents.models.choices import Side
from ssi.access.actor import Actor
from ssi.calendar.search import overrides
from ssi.eui64 import Eui64
from ssi.working_days import Overrides


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of one request as one actor may see them, the newest first, and the calendar they count by."""

    rows: Sequence[Obligation]
    days_over: Overrides


def clocks_of(request: InstallCodeRequest, *, by: Actor) -> Clocks:
    """Return the clocks of `request`; two queries.

    The raiser and the desk see every asking. Whoever is, or was, asked sees their own alone.
    """
    found = Obligation.objects.filter(request=request).select_related("installer__party").order_by("-id")
    if rules.side_of(request, by) is Side.ASSIGNED:
        found = found.filter(installer=by.user_id)
    return Clocks(rows=list(found), days_over=overrides())


# --- For the reminders -----------------------------------------------------------------------------------------


def to_be_reminded(today: date, *, until: date) -> Mapping[Eui64, Mapping[date, int]]:
    """Return how many answers each installing supplier owes on each day up to `until`, but those told today."""
    running = InstallCodeRequest.objects.running().filter(due_date__gte=today, due_date__lte=until)
    told = ReminderDigest.objects.filter(on_date=today, user_id__isnull=False)
    reminded = set(told.values_list("user_id", flat=True))
    counts: defaultdict[Eui64, Counter[date]] = defaultdict(Counter)
    for installer, due_date, count in running.values_list("assigned_to", "due_date").annotate(Count("pk")):
        if installer not in reminded:
            counts[installer][due_date] = count
    return counts


def references_due(installer: Eui64, days: Sequence[date]) -> Sequence[str]:
    """Return the first references that `installer` is to answer by one of `days`, the soonest due first."""
    found = InstallCodeRequest.objects.running().filter(assigned_to=installer, due_date__in=days)
    return list(found.order_by("due_date", "pk").values_list("reference", flat=True)[:MOST_LISTED])


def was_reminded(installer: Eui64, day: date) -> bool:
    """Tell whether `installer` had a digest on a day."""
    return ReminderDigest.objects.filter(user_id=installer, on_date=day).exists()


def overdue_at(installer: Eui64 | None) -> int:
    """Return how many requests are overdue with `installer`, or with anybody; counted as far as lists count."""
    found = InstallCodeRequest.objects.overdue()
    if installer is not None:
        found = found.filter(assigned_to=installer)
    return found[: settings.SSI_HIGHEST_COUNT + 1].count()


@dataclass(frozen=True, slots=True)
class Newly:
    """What became overdue since the desk was last told: how many, and the first references by due date."""

    count: int
    references: Sequence[str]


def newly_overdue(today: date) -> Newly:
    """Return what became overdue since the desk's last digest before today; nothing if it had one today."""
    told = ReminderDigest.objects.filter(user_id__isnull=True)
    last: date | None = told.aggregate(Max("on_date"))["on_date__max"]
    if last == today:
        return Newly(0, ())
    found = InstallCodeRequest.objects.overdue()
    if last is not None:
        found = found.filter(due_date__gte=last)
    references = found.order_by("due_date", "pk").values_list("reference", flat=True)
    return Newly(found.count(), list(references[:MOST_LISTED]))
