"""How the reports of transactions read: months as bars, their kinds and SRVs as a table, and both as a file."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.urls import reverse
from django.utils.formats import date_format

from inventory.presenters.duis_words import name_of
from inventory.search.transactions import Counted
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.web.charts import Bar, BarChart

CSV_HEADER: Final = ("Month", "Party", "Kind", "SRV", "Service Reference", "Messages", "Succeeded", "Failed")
HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class About:
    """A report: its number, what it is called, what it tells, and the component it belongs to."""

    report: str
    title: str
    tells: str
    address: str
    component: Component

    @property
    def url(self) -> str:
        """Return its page."""
        return reverse(f"inventory:{self.address}")

    @property
    def export_url(self) -> str:
        """Return its file."""
        return reverse(f"inventory:{self.address}_csv")


MONTHLY: Final = About(
    "RSAT_001",
    "Monthly transactions",
    "How many Service Requests, responses and alerts there were each month, and how many failed.",
    "rsat_001",
    Component.REPORTS,
)
OF_DEVICE: Final = About(
    "RSAT_002",
    "Transactions of a device",
    "What your User ID sent to a device and received from it, month by month.",
    "rsat_002",
    Component.AUDIT_TRAIL,
)


def reports_for(actor: Actor) -> Sequence[About]:
    """Return the reports of transactions that `actor` reaches: DCC does not see a User's own trail."""
    return [about for about in (MONTHLY, OF_DEVICE) if actor.may(about.component)]


@dataclass(frozen=True, slots=True)
class TransactionsPage:
    """A report of transactions as its page shows it; `as_of` is None where it counts what is there now."""

    about: About
    lines: Sequence[Counted]
    as_of: datetime | None = None
    is_of_everybody: bool = False

    @property
    def rows(self) -> Sequence["Row"]:
        """Return the lines of the table, the newest month first."""
        return [Row(line) for line in self.lines]

    @property
    def total(self) -> int:
        """Return how many messages there were in all."""
        return sum(line.messages for line in self.lines)

    @property
    def failed(self) -> int:
        """Return how many requests and responses failed in all."""
        return sum(line.failed or 0 for line in self.lines)

    @property
    def chart(self) -> BarChart:
        """Return the months as bars, the newest on top, the most messages as the whole width."""
        messages: dict[date, int] = defaultdict(int)
        failed: dict[date, int] = defaultdict(int)
        for line in self.lines:
            messages[line.month_date] += line.messages
            failed[line.month_date] += line.failed or 0
        most = max(messages.values(), default=1)
        bars = [
            Bar(month_in_words(month), f"{number:,}, {failed[month]:,} failed", number * HUNDRED / most)
            for month, number in messages.items()
        ]
        return BarChart("Messages by month", bars)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    line: Counted

    @property
    def month(self) -> str:
        """Return the month in words."""
        return month_in_words(self.line.month_date)

    @property
    def name(self) -> str:
        """Return the name of the Service Reference Variant, "" where there is none."""
        return name_of(self.line.srv)


def month_in_words(month: date) -> str:
    """Return a month such as "November 2026"."""
    return date_format(month, "F Y")


def csv_rows(page: TransactionsPage) -> Iterator[Sequence[object]]:
    """Yield all lines as the file holds them; alerts neither succeed nor fail."""
    for row in page.rows:
        line = row.line
        counts = [line.messages, line.succeeded, line.failed]
        yield [f"{line.month_date:%Y-%m}", line.party, line.kind.label, line.srv, row.name, *counts]
