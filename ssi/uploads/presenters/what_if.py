"""How a replay reads: a line a threshold, new beside in force, charts of the worst, and what is not known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Period, State
from ssi.uploads.search.sent import in_words
from ssi.uploads.search.what_if import DAYS, Line, Outcome, WhatIf
from ssi.uploads.service_reference_variants import name_of
from ssi.web.charts import Column, ColumnChart

MOST_CHARTS: Final = 4
CSV_HEADER: Final = (
    "SRV",
    "Service Reference",
    "Message type",
    "Period",
    "Warning, new",
    "Quarantine, new",
    "Warning, in force",
    "Quarantine, in force",
    "Periods above warning, new",
    "Periods above warning, in force",
    "Periods above quarantine, new",
    "Periods above quarantine, in force",
    "Messages quarantined, new",
    "Messages quarantined, in force",
    "Worst period (London)",
    "Messages in it",
)
_NOTES: Final = (
    (
        "Messages are kept by User ID, not by User Role: all that the User ID sent count here, in whichever of its"
        " roles."
    ),
    (
        "Refused messages count, since they were sent. Limits on data values inside messages, and the thresholds"
        " that DCC sets over all Users, are not part of the file and are not replayed."
    ),
    "Exceptions count on their days alone; those for days outside of the replay cannot show anything.",
)
_A: Final = {Period.DAY.value: "a day", Period.HOUR.value: "an hour"}
_OPEN: Final = (State.RECEIVED, State.REJECTED, State.WITHDRAWN)


def _threshold(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    return f"{outcome.level.quarantine:,}" if outcome.level else "exceptions alone"


def _warned(outcome: Outcome | None) -> str:
    return f"{outcome.warned:,}" if outcome else ""


def _exceeded(outcome: Outcome | None) -> str:
    return f"{outcome.exceeded:,}" if outcome else ""


def _held(outcome: Outcome | None) -> str:
    return f"{outcome.held:,}" if outcome else ""


_TOLD: Final = (_threshold, _warned, _exceeded, _held)


@dataclass(frozen=True, slots=True)
class Row:
    """One threshold, as the table shows it."""

    line: Line

    @property
    def name(self) -> str:
        """Return what its SRV is called."""
        return name_of(self.line.what.srv)

    @property
    def period(self) -> str:
        """Return "a day" or "an hour"."""
        return _A[self.line.what.period]

    @property
    def worst(self) -> str:
        """Return the worst period in words, "" where nothing was sent."""
        worst = self.line.worst
        if worst is None:
            return ""
        return f"{worst.messages:,} on {in_words(self.line.what.period, worst.began_at)}"

    @property
    def cells(self) -> Sequence[str]:
        """Return threshold, periods above warning and quarantine, and messages held: new beside in force."""
        return [told(outcome) for told in _TOLD for outcome in (self.line.new, self.line.now)]

    @property
    def holds(self) -> bool:
        """Tell whether the new threshold would have held anything."""
        return self.line.new is not None and self.line.new.held > 0


@dataclass(frozen=True, slots=True)
class WhatIfPage:
    """A replay as its page shows it."""

    found: WhatIf

    @property
    def rows(self) -> Sequence[Row]:
        """Return a row a threshold: what would have been held first, the rest in the order of the SRVs."""
        rows = [Row(line) for line in self.found.lines]
        return sorted(rows, key=lambda row: -row.line.new.held if row.line.new else 0)

    @property
    def compares(self) -> bool:
        """Tell whether thresholds were in force to compare with."""
        return self.found.upload.compared_with_id is not None

    @property
    def beside(self) -> str:
        """Return what stands beside it: what is in force or, where that is the file itself, what was before."""
        return "Before" if self.found.upload.applied_at else "In force"

    @property
    def has_no_rows(self) -> bool:
        """Tell whether the file's thresholds are not there: it was not read yet, or was refused."""
        return not any(line.new for line in self.found.lines) and self.found.upload.state in _OPEN

    @property
    def charts(self) -> Sequence[ColumnChart]:
        """Return the worst thresholds day by day."""
        return [_chart(line) for line in self.found.worst_first[:MOST_CHARTS]]

    @property
    def begin(self) -> str:
        """Return the first day replayed."""
        return date_format(timezone.localtime(self.found.begin), "D j M Y")

    @property
    def notes(self) -> Sequence[str]:
        """Return what is not known, a sentence or two each."""
        return [*_NOTES, *self._about_time()]

    def _about_time(self) -> Iterator[str]:
        found = self.found
        if found.first_sent_at is not None and timezone.localdate(found.first_sent_at) > timezone.localdate(
            found.begin
        ):
            first = in_words(Period.DAY, found.first_sent_at)
            yield f"The first message on record in these days is of {first}: before it nothing is known or sent."
        if found.pre_commands_since is not None and found.pre_commands_since > found.begin:
            moment = in_words(Period.HOUR, found.pre_commands_since)
            yield (
                "Signed Pre-Commands are told from Service Requests only since"
                f" {moment}: before, they count as Service Requests (SR), and nothing counts as SPC."
            )


def _chart(line: Line) -> ColumnChart:
    what = line.what
    title = f"{what.srv} {what.message_type}, {'messages a day' if what.period == Period.DAY else 'busiest hour'}"
    above = sum(limit is not None and sent > limit for _, sent, limit in line.days)
    level = line.new.level if line.new else None
    limit = f" The quarantine threshold is {level.quarantine:,} {_A[what.period]}." if level else ""
    worst = Row(line).worst
    words = f"{title}, each of the last {DAYS} days and today.{limit} Above it on {above} of them; worst {worst}."
    first, last = (date_format(day, "D j M") for day in (line.days[0][0], line.days[-1][0]))
    return ColumnChart(title, words, [Column(sent, most) for _, sent, most in line.days], first, last)


def csv_rows(page: WhatIfPage) -> Iterator[Sequence[object]]:
    """Yield the table's lines as the file holds them."""
    for row in page.rows:
        line, worst = row.line, row.line.worst
        when = f"{timezone.localtime(worst.began_at):%Y-%m-%d %H:%M}" if worst else ""
        yield [
            line.what.srv,
            row.name,
            line.what.message_type,
            line.what.period,
            *_level(line.new),
            *_level(line.now),
            *(outcome.warned if outcome else "" for outcome in (line.new, line.now)),
            *(outcome.exceeded if outcome else "" for outcome in (line.new, line.now)),
            *(outcome.held if outcome else "" for outcome in (line.new, line.now)),
            when,
            worst.messages if worst else "",
        ]


def _level(outcome: Outcome | None) -> Sequence[object]:
    if outcome is None or outcome.level is None:
        return "", ""
    return outcome.level.warning, outcome.level.quarantine


def address_of(upload: Upload) -> str:
    """Return the page of an upload's replay."""
    return reverse("uploads:what_if", args=[upload.reference])
