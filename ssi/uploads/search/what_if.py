"""What a set of thresholds would have done to the User's own messages of the last 30 days, beside those in force.

Replayed from the counts by the hour. How messages are counted: all that were sent count, in a clock hour and in a
day of London's calendar, those that would have been held too; the messages above a quarantine threshold within its
period are held. A message above both the threshold of its hour and that of its day is held once: of an hour's n
messages, after s were sent earlier that day, those stay free that are among the first (hour's threshold) and among
the first (day's threshold less s). An exception counts on its days in place of the threshold without dates.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from ssi.patience import patience
from ssi.uploads import traffic
from ssi.uploads.models import Threshold, Upload
from ssi.uploads.models.choices import Period
from ssi.uploads.search import sent as messages_sent
from ssi.uploads.search.sent import Slot, TrafficTooLong, What, begin_of, since, slots

DAYS: Final = 30
"""So many whole days are replayed, and the running one."""

_NEVER: Final = 10**18
"""Above what is ever sent: no threshold."""


@dataclass(frozen=True, slots=True)
class Level:
    """The two numbers of a threshold; `warning` is None where it has none."""

    warning: int | None
    quarantine: int


@dataclass(frozen=True, slots=True)
class Limits:
    """A threshold: the one without dates, None where there are exceptions alone, and what counts on each day.

    `on` has no day on which nothing counts; an exception counts in place of the threshold without dates.
    """

    usual: Level | None
    on: Mapping[date, Level]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one threshold would have done: periods above each of its numbers, and messages held by it alone."""

    level: Level | None
    warned: int
    exceeded: int
    held: int


@dataclass(frozen=True, slots=True)
class Worst:
    """The period that went furthest above the new threshold, else the busiest."""

    messages: int
    began_at: datetime
    held: int


@dataclass(frozen=True, slots=True)
class Line:
    """One threshold of the upload, or of what is in force, replayed; None where one of the two has none.

    `days` are the replayed days with how much was sent in each, or in its busiest hour, and the new threshold.
    """

    what: What
    worst: Worst | None
    new: Outcome | None
    now: Outcome | None
    days: Sequence[tuple[date, int, int | None]]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The replay of an upload. `held_new` and `held_now` are messages, each once.

    `unlimited` is what was sent, by SRV and type, of which the upload has no threshold at all.
    `pre_commands_since` is since when Signed Pre-Commands are told from Service Requests, None: not known.
    """

    upload: Upload
    begin: datetime
    end: datetime
    lines: Sequence[Line]
    sent: int
    held_new: int
    held_now: int
    first_sent_at: datetime | None
    unlimited: Sequence[tuple[str, str, int]]
    pre_commands_since: datetime | None

    @property
    def has_traffic(self) -> bool:
        """Tell whether anything was sent in these days."""
        return self.first_sent_at is not None

    @property
    def exceeded_new(self) -> int:
        """Return in how many periods a new quarantine threshold would have been exceeded."""
        return sum(line.new.exceeded for line in self.lines if line.new)

    @property
    def exceeded_now(self) -> int:
        """Return the same of what is in force."""
        return sum(line.now.exceeded for line in self.lines if line.now)

    @property
    def worst_first(self) -> Sequence[Line]:
        """Return the lines of which something was sent, the furthest above, or nearest to, its threshold first."""
        sent = [line for line in self.lines if line.worst and line.new and line.new.level]
        return sorted(sent, key=_nearness, reverse=True)


def what_if(upload: Upload, *, now: datetime | None = None) -> WhatIf:
    """Replay the last 30 days of the upload's User ID; six queries at most. Raises TrafficTooLong.

    Compared is what was in force when the upload was checked.
    """
    end = now or timezone.now()
    begin = since(DAYS, end)
    days = _days_between(begin, end)
    with patience(TrafficTooLong):
        sent = slots(upload.user_id_id, begin, end)
    new = _limits(upload.pk, days)
    current = _limits(upload.compared_with_id, days) if upload.compared_with_id else {}
    lines = [_line(what, sent, new, current, days) for what in sorted(new | current, key=_place)]
    totals = {kind: sum(hour.messages for hour in hours) for kind, hours in sent.items()}
    return WhatIf(
        upload=upload,
        begin=begin,
        end=end,
        lines=lines,
        sent=sum(totals.values()),
        held_new=sum(_held(hours, *_pair(new, kind)) for kind, hours in sent.items()),
        held_now=sum(_held(hours, *_pair(current, kind)) for kind, hours in sent.items()),
        first_sent_at=min((hours[0].began_at for hours in sent.values()), default=None),
        unlimited=[(*kind, totals[kind]) for kind in sorted(sent) if not any(_pair(new, kind))],
        pre_commands_since=traffic.pre_commands_since(),
    )


def _place(what: What) -> tuple[tuple[int, ...], str, str]:
    return what.place


def _nearness(line: Line) -> tuple[int, float]:
    """Return by what lines are worst: messages held, then how near the worst period came to the threshold."""
    if line.worst is None or line.new is None or line.new.level is None:
        return 0, 0.0
    return line.new.held, line.worst.messages / line.new.level.quarantine


def _limits(upload_id: int, days: Sequence[date]) -> dict[What, Limits]:
    """Return a version's thresholds; exceptions for other days than those replayed are left out. One query."""
    on_these_days = Q(exception_from_date=None) | Q(
        exception_from_date__lte=days[-1], exception_to_date__gte=days[0]
    )
    rows = Threshold.objects.filter(on_these_days, upload_id=upload_id)
    usual: dict[What, Level | None] = {}
    exceptions: dict[What, dict[date, Level]] = defaultdict(dict)
    for row in rows.values_list(
        "srv",
        "message_type",
        "period",
        "warning",
        "quarantine",
        "exception_from_date",
        "exception_to_date",
    ):
        what, level, from_date, to_date = What(*row[:3]), Level(row[3], row[4]), row[5], row[6]
        if from_date is None or to_date is None:
            usual[what] = level
        else:
            usual.setdefault(what, None)
            exceptions[what] |= {day: level for day in days if from_date <= day <= to_date}
    return {
        what: Limits(level, (dict.fromkeys(days, level) if level else {}) | exceptions.get(what, {}))
        for what, level in usual.items()
    }


def _pair(limits: Mapping[What, Limits], kind: tuple[str, str]) -> tuple[Limits | None, Limits | None]:
    """Return the threshold of the hour and that of the day."""
    return limits.get(What(*kind, Period.HOUR)), limits.get(What(*kind, Period.DAY))


def _line(
    what: What,
    sent: Mapping[tuple[str, str], Sequence[Slot]],
    new: Mapping[What, Limits],
    current: Mapping[What, Limits],
    days: Sequence[date],
) -> Line:
    hours = sent.get((what.srv, what.message_type), ())
    if what.period == Period.DAY:
        periods = [Slot(begin_of(day), day, messages) for day, messages in messages_sent.by_day(hours).items()]
    else:
        periods = list(hours)
    limits = new.get(what)
    return Line(
        what=what,
        worst=_worst(periods, limits),
        new=_outcome(periods, limits),
        now=_outcome(periods, current.get(what)),
        days=_by_day(periods, limits, days),
    )


def _outcome(periods: Sequence[Slot], limits: Limits | None) -> Outcome | None:
    if limits is None:
        return None
    warned = exceeded = held = 0
    for _, day, messages in periods:
        level = limits.on.get(day)
        if level is None:
            continue
        if level.warning is not None and messages > level.warning:
            warned += 1
        if messages > level.quarantine:
            exceeded += 1
            held += messages - level.quarantine
    return Outcome(limits.usual, warned, exceeded, held)


def _worst(periods: Sequence[Slot], limits: Limits | None) -> Worst | None:
    """Return the period that went furthest above its threshold, else the busiest; of several the last."""
    if not periods:
        return None
    highest = _quarantines(limits)
    found = [
        (max(0, messages - highest.get(day, _NEVER)), messages, began_at) for began_at, day, messages in periods
    ]
    held, messages, began_at = max(found)
    return Worst(messages, began_at, held)


def _quarantines(limits: Limits | None) -> Mapping[date, int]:
    """Return the quarantine threshold of each day that has one."""
    return {day: level.quarantine for day, level in limits.on.items()} if limits else {}


def _days_between(begin: datetime, end: datetime) -> Sequence[date]:
    first, last = timezone.localdate(begin), timezone.localdate(end)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _by_day(
    periods: Sequence[Slot], limits: Limits | None, days: Sequence[date]
) -> Sequence[tuple[date, int, int | None]]:
    most: dict[date, int] = {}
    for _, day, messages in periods:
        if messages > most.get(day, 0):
            most[day] = messages
    highest = _quarantines(limits)
    return [(day, most.get(day, 0), highest.get(day)) for day in days]


def _held(hours: Sequence[Slot], of_hour: Limits | None, of_day: Limits | None) -> int:
    """Return how many messages of one SRV and type are held, each once: see the top of this file."""
    by_hour, by_day = _quarantines(of_hour), _quarantines(of_day)
    if not by_hour and not by_day:
        return 0
    held = earlier = 0
    of_an_hour = of_the_day = _NEVER
    today: date | None = None
    for _, day, messages in hours:
        if day != today:
            today, earlier = day, 0
            of_an_hour, of_the_day = by_hour.get(day, _NEVER), by_day.get(day, _NEVER)
        free = min(of_an_hour, of_the_day - earlier)
        if messages > free:
            held += messages - max(0, free)
        earlier += messages
    return held


@dataclass(frozen=True, slots=True)
class Summary:
    """The replay in two lines, for the page of the upload; `sentence` says it, also where nothing is known."""

    has_traffic: bool
    sent: int
    held_new: int
    held_now: int
    exceeded_new: int
    sentence: str


def summary_of(upload: Upload) -> Summary:
    """Return what the replay comes to, for the page of an upload that links to it; five queries at most."""
    try:
        found = what_if(upload)
    except TrafficTooLong as refusal:
        return Summary(False, 0, 0, 0, 0, f"{refusal.message} {refusal.way_out}")
    return Summary(
        found.has_traffic, found.sent, found.held_new, found.held_now, found.exceeded_new, _sentence(found)
    )


def _sentence(found: WhatIf) -> str:
    if not found.has_traffic:
        return "No message of this User ID is on record for the last 30 days, so nothing can be replayed."
    would = (
        f"Of the {found.sent:,} messages sent in the last 30 days, {found.held_new:,} would have been quarantined"
    )
    if found.upload.compared_with_id is None:
        return f"{would}. No thresholds were in force to compare with."
    return f"{would}; with the thresholds in force, {found.held_now:,}."
