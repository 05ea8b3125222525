"""The status history on its way into its months: steps are put down month by month, then copied."""

from bisect import bisect_right
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, date, datetime, time
from functools import partial
from tempfile import TemporaryFile
from typing import Final

from django.utils import timezone

from inventory.models import DeviceStatusChange
from inventory.synthetic.devices import HISTORY_COLUMNS, HISTORY_DAYS
from ssi.copying import DAY_ZERO, MICROSECONDS, Load
from ssi.partitions import MONTHS, keep_months, month_of, partition_for

_PIECE: Final = 1 << 20
_ZERO: Final = datetime.combine(DAY_ZERO, time.min, UTC)
_TABLE: Final = DeviceStatusChange._meta.db_table
_BACK: Final = HISTORY_DAYS // 30 + 1


def make_months(today: date) -> None:
    """Make the months that the history of an estate as of `today` fills, where the table lacks them."""
    keep_months(_TABLE, today=today, back=_BACK, ahead=0)


class Months(ExitStack):
    """The months back from `today`: steps are put into each, then copied; the table sorts what is in none."""

    def __init__(self, today: date) -> None:
        super().__init__()
        begins = [month_of(today, shift) for shift in range(-_BACK, 2)]
        self._bounds = [_microseconds(begin) for begin in begins]
        self._tables = [_TABLE, *(partition_for(_TABLE, MONTHS, begin) or _TABLE for begin in begins)]
        self._files = [self.enter_context(TemporaryFile()) for _ in self._tables]  # noqa: SIM115 - closed with us
        self._writers = [each.write for each in self._files]

    def put(self, steps: Iterable[tuple[int, bytes]]) -> None:
        """Put down rows, each behind its moment."""
        for at, row in steps:
            self._writers[bisect_right(self._bounds, at)](row)

    def copy(self, load: Load) -> None:
        """Copy all that was put down, month by month."""
        for table, file in zip(self._tables, self._files, strict=True):
            if file.tell():
                file.seek(0)
                load.copy_whole(table, HISTORY_COLUMNS, iter(partial(file.read, _PIECE), b""))


def _microseconds(begin: date) -> int:
    """Return when a month begins in London, as PostgreSQL counts it."""
    since = datetime.combine(begin, time.min, timezone.get_default_timezone()) - _ZERO
    return since.days * 86_400 * MICROSECONDS + since.seconds * MICROSECONDS
