"""What a set of thresholds would have done to the User's own messages of the last 30 days, beside those in force.

Replayed from the counts by the hour. How messages are counted: all that were sent count, in a clock hour and in a
day of London's calendar, those that would have been held too; the messages above a quarantine threshold within its
period are held. A message above both the threshold of its hour and that of its day is held once: of an hour's n
messages, after s were sent earlier that day, those stay free that are among the first (hour's threshold) and among
the first (day's threshold less s). An exception counts on its days in place of the threshold without dates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from ssi.patience import patience
from ssi.uploads import traffic
from ssi.uploads.models import Threshold, Upload
from ssi.uploads.models.choices import Period
from ssi.uploads.search.sent import Slot, TrafficTooLong, What, begin_of, by_day, since, slots

DAYS: Final = 30
"""So many whole days are replayed, and the running one."""

_NEVER: Final = 10**18
"""Above what is ever sent: no threshold."""


@dataclass(frozen=True, slots=True)
class Level:
    """The two numbers of a threshold; `warning` is None where it has none."""

    warning: int | None
    quarantine: int


@dataclass(slots=True)
class Limits:
    """A threshold by day: the one without dates, None where there is none, and its exceptions."""

    usual: Level | None = None
    exceptions: list[tuple[date, date, Level]] = field(default_factory=list)

    def on(self, day: date) -> Level | None:
        """Return what counts on a day."""
        for begin, end, level in self.exceptions:
            if begin <= day <= end:
                return level
        return self.usual


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
    """Replay the last 30 days of the upload's User ID; five queries at most. Raises TrafficTooLong.

    Compared is what was in force when the upload was checked.
    """
    end = now or timezone.now()
    begin = since(DAYS, end)
    with patience(TrafficTooLong):
        sent = slots(upload.user_id_id, begin, end)
    new = _limits(upload.pk, begin, end)
    current = _limits(upload.compared_with_id, begin, end) if upload.compared_with_id else {}
    days = _days_between(begin, end)
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


def _limits(upload_id: int, begin: datetime, end: datetime) -> dict[What, Limits]:
    """Return a version's thresholds; exceptions for other days than those replayed are left out. One query."""
    first, last = timezone.localdate(begin), timezone.localdate(end)
    on_these_days = Q(exception_from_date=None) | Q(exception_from_date__lte=last, exception_to_date__gte=first)
    rows = Threshold.objects.filter(on_these_days, upload_id=upload_id).order_by("line", "id")
    found: dict[What, Limits] = {}
    for srv, message_type, period, warning, quarantine, from_date, to_date in rows.values_list(
        "srv",
        "message_type",
        "period",
        "warning",
        "quarantine",
        "exception_from_date",
        "exception_to_date",
    ):
        limits = found.setdefault(What(srv, message_type, period), Limits())
        if from_date is None or to_date is None:
            limits.usual = Level(warning, quarantine)
        else:
            limits.exceptions.append((from_date, to_date, Level(warning, quarantine)))
    return found


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
        periods = [Slot(begin_of(day), day, messages) for day, messages in by_day(hours).items()]
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
    for each in periods:
        level = limits.on(each.day)
        if level is not None:
            warned += level.warning is not None and each.messages > level.warning
            exceeded += each.messages > level.quarantine
            held += max(0, each.messages - level.quarantine)
    return Outcome(limits.usual, warned, exceeded, held)


def _worst(periods: Sequence[Slot], limits: Limits | None) -> Worst | None:
    found = ((_above(each, limits), each.messages, each.began_at) for each in periods)
    worst = max(found, default=None)
    return Worst(worst[1], worst[2], worst[0]) if worst else None


def _above(period: Slot, limits: Limits | None) -> int:
    return max(0, period.messages - _quarantine(limits, period.day))


def _quarantine(limits: Limits | None, day: date) -> int:
    level = limits.on(day) if limits else None
    return level.quarantine if level else _NEVER


def _days_between(begin: datetime, end: datetime) -> Sequence[date]:
    first, last = timezone.localdate(begin), timezone.localdate(end)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _by_day(
    periods: Sequence[Slot], limits: Limits | None, days: Sequence[date]
) -> Sequence[tuple[date, int, int | None]]:
    most: dict[date, int] = {}
    for each in periods:
        most[each.day] = max(most.get(each.day, 0), each.messages)
    levels = [limits.on(day) if limits else None for day in days]
    return [
        (day, most.get(day, 0), level.quarantine if level else None)
        for day, level in zip(days, levels, strict=True)
    ]


def _held(hours: Sequence[Slot], of_hour: Limits | None, of_day: Limits | None) -> int:
    """Return how many messages of one SRV and type are held, each once: see the top of this file."""
    if of_hour is None and of_day is None:
        return 0
    held = earlier = 0
    day: date | None = None
    for each in hours:
        if each.day != day:
            day, earlier = each.day, 0
        free = min(_quarantine(of_hour, each.day), _quarantine(of_day, each.day) - earlier)
        held += max(0, each.messages - max(0, free))
        earlier += each.messages
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
