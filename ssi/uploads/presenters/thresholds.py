"""How thresholds read: what is in force beside what was sent, every version, and each as a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.urls import reverse

from ssi.access.actor import Actor
from ssi.uploads.models import Threshold, Upload
from ssi.uploads.models.choices import Period, State
from ssi.uploads.search.sent import Busiest, Peaks, What
from ssi.uploads.service_reference_variants import name_of

CSV_HEADER: Final = (
    "SRV",
    "Service Reference",
    "Message type",
    "Period",
    "Warning threshold",
    "Quarantine threshold",
    "Exception from",
    "Exception to",
    "Note",
    "Line of the file",
)
_A: Final = {Period.DAY.value: "a day", Period.HOUR.value: "an hour"}


@dataclass(frozen=True, slots=True)
class ThresholdLine:
    """A threshold as a list shows it, with what was sent of it, None where nothing is on record."""

    threshold: Threshold
    sent: Peaks | None
    today: date

    @property
    def name(self) -> str:
        """Return what its SRV is called."""
        return name_of(self.threshold.srv)

    @property
    def period(self) -> str:
        """Return "a day" or "an hour"."""
        return _A[self.threshold.period]

    @property
    def warning(self) -> str:
        """Return the warning threshold, "" where it has none."""
        return "" if self.threshold.warning is None else f"{self.threshold.warning:,}"

    @property
    def is_exception(self) -> bool:
        """Tell whether it counts on some days alone."""
        return self.threshold.exception_from_date is not None

    @property
    def days(self) -> str:
        """Return when an exception stands to today: "counts today", "over" or "to come"."""
        first, last = self.threshold.exception_from_date, self.threshold.exception_to_date
        if first is None or last is None:
            return ""
        if last < self.today:
            return "over"
        return "to come" if first > self.today else "counts today"

    @property
    def last_30(self) -> str:
        """Return the busiest period of the last 30 days, "" where nothing was sent."""
        return _in_words(self.sent.last_30 if self.sent else None)

    @property
    def last_90(self) -> str:
        """Return the busiest period of the last 90 days, "" where nothing was sent."""
        return _in_words(self.sent.last_90 if self.sent else None)

    @property
    def is_below(self) -> bool:
        """Tell whether it would have held messages in the last 90 days."""
        return self.sent is not None and self.sent.last_90.messages > self.threshold.quarantine


def _in_words(busiest: Busiest | None) -> str:
    return f"{busiest.messages:,} on {busiest.when}" if busiest else ""


@dataclass(frozen=True, slots=True)
class SetInForce:
    """The thresholds of a User ID in one User Role; `is_cut` tells that there are more than the page shows."""

    upload: Upload
    lines: Sequence[ThresholdLine]
    is_cut: bool

    @property
    def is_in_force(self) -> bool:
        """Tell them from those that are on their way."""
        return bool(self.upload.state == State.APPLIED)

    @property
    def export_url(self) -> str:
        """Return its CSV file."""
        return export_url_of(self.upload)


def lines_of(thresholds: Sequence[Threshold], sent: Mapping[What, Peaks], today: date) -> Sequence[ThresholdLine]:
    """Return thresholds as a list shows them."""
    return [
        ThresholdLine(each, sent.get(What(each.srv, each.message_type, each.period)), today) for each in thresholds
    ]


def export_url_of(upload: Upload) -> str:
    """Return the CSV file of a version."""
    return f"{reverse('uploads:thresholds_csv')}?version={upload.reference}"


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version as a line of the history."""

    upload: Upload
    size: int
    actor: Actor

    @property
    def ended_at(self) -> datetime | None:
        """Return until when it was in force."""
        return self.upload.ended_at if self.upload.state == State.SUPERSEDED else None

    @property
    def confirmed_by(self) -> str:
        """Return who confirmed it; DCC's staff are named to DCC alone."""
        confirmed_by = self.upload.confirmed_by
        if confirmed_by is None:
            return ""
        return confirmed_by.name if self.actor.is_dcc else "the DCC service desk"

    @property
    def export_url(self) -> str:
        """Return its CSV file."""
        return export_url_of(self.upload)

    @property
    def difference_url(self) -> str:
        """Return where what it changed stands."""
        return self.upload.get_absolute_url()

    @property
    def file_url(self) -> str:
        """Return it as a new file in the format that is uploaded."""
        return f"{self.export_url}&as=file"


def csv_rows(thresholds: Iterator[Threshold]) -> Iterator[Sequence[object]]:
    """Yield thresholds as lines of a CSV file for spreadsheets."""
    for each in thresholds:
        yield [
            each.srv,
            name_of(each.srv),
            each.message_type,
            each.period,
            each.warning,
            each.quarantine,
            each.exception_from_date,
            each.exception_to_date,
            each.note,
            each.line if each.is_in_file else "",
        ]
