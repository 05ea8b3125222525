"""How the reports of devices read: a table of statuses, the largest lines as bars, and both as a file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse

from inventory.models.choices import SmiStatus
from inventory.search.reports import DeviceReport, Line
from ssi.web.charts import Bar, BarChart
from ssi.web.tones import tone_of

MOST_ROWS: Final = 200
"""More lines are in the file alone: a page of thousands helps nobody."""

MOST_BARS: Final = 10
HUNDRED: Final = 100
_NONE_ON_RECORD: Final = "none on record"


@dataclass(frozen=True, slots=True)
class About:
    """What a report is called, and what it tells."""

    report: DeviceReport
    title: str
    tells: str
    product: str
    address: str

    @property
    def url(self) -> str:
        """Return its page."""
        return reverse(f"inventory:{self.address}")

    @property
    def export_url(self) -> str:
        """Return its file."""
        return reverse(f"inventory:{self.address}_csv")


ABOUT: Final = {
    each.report: each
    for each in (
        About(
            DeviceReport.BY_STATUS,
            "Devices by installation status",
            "How many devices of each type stand in each SMI Status.",
            "",
            "rsmi_001",
        ),
        About(
            DeviceReport.BY_FIRMWARE,
            "Devices by status and firmware",
            "How many devices run each firmware version, by SMI Status.",
            "Firmware version",
            "rsmi_002",
        ),
        About(
            DeviceReport.BY_MODEL,
            "Devices by status and model",
            "How many devices of each model there are, by SMI Status.",
            "Model",
            "rsmi_003",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line as the table shows it; `counts` stand under the page's statuses."""

    line: Line
    counts: Sequence[int]

    @property
    def device_type(self) -> str:
        """Return the device type."""
        return self.line.device_type.duis

    @property
    def product(self) -> str:
        """Return the firmware version or model, in words where there is none."""
        return self.line.product or _NONE_ON_RECORD


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report as its page shows it, as of a moment; None before the first refresh."""

    about: About
    lines: Sequence[Line]
    refreshed_at: datetime | None

    @property
    def statuses(self) -> Sequence[int | None]:
        """Return the SMI Statuses that occur, in their order, and None last where there are Type 2 Devices."""
        found = {status for line in self.lines for status in line.by_status}
        return [*(each for each in SmiStatus if each in found), *([None] if None in found else [])]

    @property
    def headings(self) -> Sequence[str]:
        """Return the statuses in words."""
        return [status_in_words(each) for each in self.statuses]

    @property
    def rows(self) -> Sequence[Row]:
        """Return the lines shown, the most devices first."""
        return [self._row(line) for line in self.lines[:MOST_ROWS]]

    @property
    def not_shown(self) -> int:
        """Return how many more lines only the file holds."""
        return max(0, len(self.lines) - MOST_ROWS)

    def _row(self, line: Line) -> Row:
        return Row(line, [line.by_status.get(each, 0) for each in self.statuses])

    @property
    def totals(self) -> Sequence[int]:
        """Return the sum of all lines under each status, those that are not shown too."""
        return [self._by_status[each] for each in self.statuses]

    @property
    def devices(self) -> int:
        """Return how many devices there are in all."""
        return sum(self._by_status.values())

    @property
    def _by_status(self) -> Counter[int | None]:
        summed: Counter[int | None] = Counter()
        for line in self.lines:
            summed.update(line.by_status)
        return summed

    @property
    def chart(self) -> BarChart:
        """Return the share of each status, or the lines with the most devices."""
        if self.about.report is DeviceReport.BY_STATUS:
            return BarChart("Share of each SMI Status", [self._share(each) for each in self.statuses])
        largest = self.lines[0].devices if self.lines else 1
        bars = [
            Bar(
                f"{line.device_type.duis} {line.manufacturer} {line.product or _NONE_ON_RECORD}",
                f"{line.devices:,}",
                line.devices * HUNDRED / largest,
            )
            for line in self.lines[:MOST_BARS]
        ]
        return BarChart(f"The most usual {self.about.product.lower()}s", bars)

    def _share(self, status: int | None) -> Bar:
        number = self._by_status[status]
        share = number * HUNDRED / self.devices
        return Bar(status_in_words(status), f"{number:,} ({_percent(share)})", share)


def _percent(share: float) -> str:
    """Return a share in words; 0 and 100 only where it is none or all."""
    if 0 < share < 0.1:  # noqa: PLR2004 - what one decimal place can show
        return "less than 0.1 %"
    return f"{min(share, 99.9):.1f} %" if share < HUNDRED else "100 %"


def status_in_words(status: int | None) -> str:
    """Return an SMI Status as screens name it."""
    return tone_of(SmiStatus(status) if status else None).words


def csv_header(page: ReportPage) -> Sequence[str]:
    """Return the file's first line: statuses by their DUIS names."""
    named = ["Device type", *(["Manufacturer", page.about.product] if page.about.product else [])]
    return [*named, "Devices", *(SmiStatus(each).duis if each else "No status" for each in page.statuses)]


def csv_rows(page: ReportPage) -> Iterator[Sequence[object]]:
    """Yield all lines as the file holds them."""
    for line in page.lines:
        named = [line.device_type.duis, *([line.manufacturer, line.product] if page.about.product else [])]
        yield [*named, line.devices, *(line.by_status.get(each, 0) for each in page.statuses)]
