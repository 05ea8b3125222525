"""How DCC Service Statuses read to DCC's staff: what waits, which files there are, a meter point's history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory.models import ServiceStatusChange, ServiceStatusFile
from inventory.models.choices import DccServiceStatus
from inventory.search.service_status import GAS, MOST_COUNTED, History, Waiting
from ssi.web.pages import Page

IN_WORDS = {
    None: "null: no Smart Meter was operated there through DCC",
    DccServiceStatus.ACTIVE: "A: a Smart Meter is operated there through DCC",
    DccServiceStatus.NOT_ACTIVE: "N: no Smart Meter is operated there any more",
}


def recipient_in_words(recipient: str) -> str:
    """Return who a recipient is: an MPAS by its distributor ID, or Xoserve."""
    return "Xoserve (gas)" if recipient == GAS else f"MPAS of distributor {recipient}"


def in_words(status: int | None) -> str:
    """Return a DCC Service Status with its meaning."""
    return IN_WORDS[None if status is None else DccServiceStatus(status)]


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """What waits to be told to one recipient."""

    who: str
    to_active: int
    to_not_active: int
    note: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as the list shows it."""

    file: ServiceStatusFile
    who: str


@dataclass(frozen=True, slots=True)
class ServiceStatusPage:
    """What waits, and a page of the files."""

    waiting: Sequence[Waiting]
    page: Page[ServiceStatusFile]

    @property
    def rows(self) -> list[WaitingRow]:
        """Return what waits by recipient."""
        return [
            WaitingRow(
                recipient_in_words(each.recipient),
                each.to_active,
                each.to_not_active,
                "N waits: its recipients are not told of it yet." if each.are_n_held else "In tonight's file.",
            )
            for each in self.waiting
        ]

    @property
    def is_cut(self) -> bool:
        """Tell whether more waits than was counted."""
        return sum(each.to_active + each.to_not_active for each in self.waiting) >= MOST_COUNTED

    @property
    def files(self) -> list[FileRow]:
        """Return the files of this page."""
        return [FileRow(file, recipient_in_words(file.recipient)) for file in self.page.rows]


@dataclass(frozen=True, slots=True)
class Step:
    """A change as the timeline shows it."""

    title: str
    at: datetime
    by: str
    detail: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A meter point's DCC Service Status and how it came to be."""

    history: History

    @property
    def status(self) -> str:
        """Return the status with its meaning."""
        return in_words(self.history.meter_point.dcc_service_status)

    @property
    def steps(self) -> list[Step]:
        """Return the changes, the newest first, with the file that told each."""
        return [self._step(change) for change in self.history.changes]

    def _step(self, change: ServiceStatusChange) -> Step:
        file, because = change.file, change.because
        return Step(
            title=DccServiceStatus(change.to_status).duis,
            at=change.at,
            by=f"SR {because}" if because[:1].isdigit() else because,
            detail=f"told in file {file}" if file else "not told yet",
        )
