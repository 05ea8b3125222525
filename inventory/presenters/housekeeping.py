"""How housekeeping reads on a screen and in files: the months to come, a month's devices, and what was removed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from inventory.models import HousekeepingNotice, RemovedDevice
from inventory.models.choices import DeviceType
from inventory.search.housekeeping import Coming, Count, Forecast, Month, Scope
from ssi.access.actor import Actor
from ssi.web.charts import Bar, BarChart
from ssi.web.templatetags.ssi import number

MOST_IN_A_FILE: Final = 50_000
HUNDRED: Final = 100

MONTHS_HEADER: Final = ("Month", "Device type", "Pending devices whose time ends", "Of these held")
COMING_HEADER: Final = (
    "Device ID",
    "Device type",
    "Pending since (London)",
    "Removed on",
    "Held",
    "Manufacturer",
    "Model",
    "Notifying User ID",
    "Notifying party",
)
REMOVED_HEADER: Final = (
    "Device ID",
    "Device type",
    "Pending since (London)",
    "Removed at (London)",
    "Manufacturer",
    "Model",
    "Notifying User ID",
)


def month_in_words(month: date) -> str:
    """Return a month as it is read, such as "June 2027"."""
    return date_format(month, "F Y")


def month_in_address(month: date) -> str:
    """Return a month as it stands in addresses, such as "2027-06"."""
    return f"{month:%Y-%m}"


def month_of_address(text: str) -> date | None:
    """Return the month that an address names, None where it names none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


# --- The forecast ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of the table, with where its devices are listed if there are any."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A month of the forecast: its devices by type, all, and those of them that are held."""

    month_date: date
    name: str
    url: str
    cells: Sequence[Cell]
    devices: int
    held: int

    @property
    def in_words(self) -> str:
        """Return its numbers as the chart says them."""
        return f"{number(self.devices)}, {number(self.held)} held" if self.held else number(self.devices)


@dataclass(frozen=True, slots=True)
class ForecastPage:
    """The coming months as somebody sees them."""

    rows: Sequence[Row]
    types: Sequence[str]
    is_own: bool

    @property
    def devices(self) -> int:
        """Return how many devices are due in all these months."""
        return sum(row.devices for row in self.rows)

    @property
    def standing(self) -> str:
        """Return the next month in which anything is due, in a sentence."""
        row = next((row for row in self.rows if row.devices), None)
        whose = "of your Pending devices" if self.is_own else "Pending devices"
        if row is None:
            none = "None of your Pending devices" if self.is_own else "No Pending device"
            return f"{none} will be removed in the coming 12 months."
        going = row.devices - row.held
        held = f" {number(row.held)} {'is' if row.held == 1 else 'are'} held." if row.held else ""
        return f"{number(going)} {whose} will be removed in {row.name}.{held}"

    @property
    def chart(self) -> BarChart:
        """Return a bar for each month."""
        most = max((row.devices for row in self.rows), default=0) or 1
        bars = [Bar(row.name, row.in_words, HUNDRED * row.devices / most, is_own=True) for row in self.rows]
        return BarChart("Pending devices whose time ends", bars)


def forecast_page(forecast: Forecast, scope: Scope, actor: Actor) -> ForecastPage:
    """Return the coming months as `actor` sees them."""
    return ForecastPage(
        rows=[_row(forecast, month, scope, actor) for month in forecast.months],
        types=[each.duis for each in forecast.types],
        is_own=not actor.is_dcc,
    )


def _row(forecast: Forecast, month: date, scope: Scope, actor: Actor) -> Row:
    counts = {each: forecast.counts.get((month, each), Count()) for each in forecast.types}
    chosen = _chosen(scope, actor)
    cells = [
        Cell(number(count.devices), month_url(month, device_type=each.duis, **chosen) if count.devices else "")
        for each, count in counts.items()
    ]
    return Row(
        month_date=month,
        name=month_in_words(month),
        url=month_url(month, **chosen),
        cells=cells,
        devices=sum(count.devices for count in counts.values()),
        held=sum(count.held for count in counts.values()),
    )


def _chosen(scope: Scope, actor: Actor) -> dict[str, Any]:
    """Return what of the choice has to stay in addresses: the party that DCC's staff chose."""
    return {"party": scope.party_id} if actor.is_dcc and scope.party_id is not None else {}


def month_url(month: date, *, name: str = "housekeeping_month", **chosen: Any) -> str:
    """Return where a month's devices are listed, or sent as a file."""
    address = reverse(f"inventory:{name}", args=[month_in_address(month)])
    return f"{address}?{urlencode(chosen)}" if chosen else address


def month_rows(forecast: Forecast) -> Iterator[list[object]]:
    """Yield the table as lines of a CSV file: one a month and type."""
    for month in forecast.months:
        for each in forecast.types:
            count = forecast.counts.get((month, each), Count())
            yield [month_in_address(month), each.duis, count.devices, count.held]


# --- A month -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MonthPage:
    """A month's devices of one type, with the other types beside it."""

    month_date: date
    next_cursor: str | None
    is_first: bool
    coming: Sequence[Coming]
    tabs: Sequence[dict[str, Any]]
    export_url: str

    @property
    def name(self) -> str:
        """Return the month in words."""
        return month_in_words(self.month_date)


def month_page(month: Month, scope: Scope, actor: Actor) -> MonthPage:
    """Return a month as `actor` sees it."""
    first, chosen = month.span.month_date, _chosen(scope, actor)
    tabs = [
        {
            "label": each.duis,
            "url": month_url(first, device_type=each.duis, **chosen),
            "current": each == month.span.device_type,
            "count": devices,
        }
        for each, devices in month.counts.items()
    ]
    export_url = month_url(first, name="housekeeping_month_csv", **chosen)
    return MonthPage(first, month.page.next_cursor, month.page.is_first, month.coming, tabs, export_url)


def coming_rows(devices: Iterable[Coming]) -> Iterator[list[object]]:
    """Yield devices as lines of a CSV file, the last one saying so if there are more than a file holds."""
    for line, each in enumerate(devices):
        if line == MOST_IN_A_FILE:
            yield [f"More than {MOST_IN_A_FILE:,} devices are due. The list on screen has them all."]
            return
        model, notified_by = each.device.device_model, each.device.notified_by
        yield [
            str(each.device.pk),
            DeviceType(each.device.device_type).duis,
            _moment(each.device.status_since),
            each.day.isoformat(),
            each.held_because,
            model.manufacturer,
            model.model,
            str(each.device.notified_by_id or ""),
            notified_by.party.name if notified_by else "",
        ]


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


# --- What was removed --------------------------------------------------------------------------------------------


def removed_rows(devices: Iterable[RemovedDevice]) -> Iterator[list[object]]:
    """Yield removed devices as lines of a CSV file."""
    for each in devices:
        yield [
            str(each.device_id),
            DeviceType(each.device_type).duis,
            _moment(each.status_since),
            _moment(each.removed_at),
            each.device_model.manufacturer,
            each.device_model.model,
            str(each.notified_by or ""),
        ]


def removed_in_words(notice: HousekeepingNotice) -> str:
    """Return how many devices a notice tells of."""
    return "1 Pending device" if notice.removed == 1 else f"{number(notice.removed)} Pending devices"
