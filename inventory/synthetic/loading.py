"""Writing a synthetic estate: table by table, each in the order of its key."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from django.db import models

from inventory.models import Device, DeviceStatusChange, MeterPoint, Registration
from inventory.synthetic import devices, meter_points
from inventory.synthetic.devices import Drawn
from inventory.synthetic.homes import Homes
from inventory.synthetic.months import Months, make_months
from inventory.synthetic.products import MAKERS, first_and_last, write_cpl_entries, write_models
from ssi.copying import Load, Work, bigint, count, go_on_after, loading, next_key
from ssi.web.progress import Progress
from ssi.web.synthetic import EstateLoadedBefore, Order

BYTES_A_DEVICE: Final = 460
"""Measured, of all tables and indexes of the estate together."""

_EFFORT: Final = {"meter points": 0.13, "registrations": 0.2, "devices": 0.45, "status history": 0.03}
_EFFORT_OF_INDEXES: Final = 1 - sum(_EFFORT.values())
"""What part of the time each takes, about."""


def prepare(order: Order) -> None:
    """Refuse a second estate before anything is written. Raises EstateLoadedBefore."""
    _refuse_second()


def bytes_for(order: Order) -> int:
    """Return how much disk the estate takes, indexes included."""
    return order.devices * BYTES_A_DEVICE


def effort(order: Order) -> float:
    """Return how much work it is."""
    return float(order.devices)


def load(order: Order, progress: Progress) -> str:
    """Fill the inventory; return a phrase for the terminal. Raises EstateLoadedBefore."""
    models_of = write_models()
    write_cpl_entries()
    make_months(order.as_of)
    with loading([_table(model) for model in (MeterPoint, Registration, Device, DeviceStatusChange)]) as load:
        _refuse_second()
        return _Writing(load, order, progress).write(models_of)


class _Writing:
    """One estate on its way into the tables; tells how far it is."""

    def __init__(self, load: Load, order: Order, progress: Progress) -> None:
        self.load = load
        self.order = order
        self.progress = progress
        progress.begin("homes")
        self.homes = Homes(order)
        self.first_meter_point = next_key(_table(MeterPoint))

    def write(self, models_of: tuple[dict[int, int], dict[int, int]]) -> str:
        """Write everything; return a phrase."""
        made = self._meter_points()
        self._registrations()
        with Months(self.order.as_of) as steps:
            rows = devices.Rows(self.homes, models_of, self.first_meter_point)
            many = self.load.copy(_table(Device), devices.COLUMNS, map(rows.device, self._devices(steps)))
            self._history(steps)
        works = max(1, len(self.load.later) + len(self.load.tables))
        self.load.finish(lambda work: self._finishing(work, works))
        return f"{many:,} devices in {self.homes.many:,} homes with {made:,} meter points"

    def _meter_points(self) -> int:
        rows = (
            meter_points.of_block(self.homes, block, self.first_meter_point)
            for block in self._blocks("meter points")
        )
        made = self.load.copy(_table(MeterPoint), meter_points.COLUMNS, chain.from_iterable(rows))
        go_on_after(_table(MeterPoint))
        return made

    def _registrations(self) -> None:
        rows = (
            meter_points.registrations(self.homes, block, self.first_meter_point)
            for block in self._blocks("registrations")
        )
        self._numbered(Registration, meter_points.REGISTRATION_COLUMNS, chain.from_iterable(rows))

    def _history(self, steps: Months) -> None:
        """Copy the steps that were put down while the devices were written."""
        self.progress.begin("status history")
        steps.copy(self.load)
        go_on_after(_table(DeviceStatusChange))
        self.progress.advance(self.order.devices * _EFFORT["status history"])

    def _numbered(self, model: type[models.Model], columns: tuple[str, ...], rows: Iterable[bytes]) -> None:
        """Copy rows that lack their first column, the key."""
        first = count(len(columns))
        keyed = (first + bigint(key) + row for key, row in enumerate(rows, start=next_key(_table(model))))
        self.load.copy(_table(model), columns, keyed)
        go_on_after(_table(model))

    def _devices(self, steps: Months) -> Iterator[Drawn]:
        """Yield all devices in the order of their Device IDs, and put down their steps for later."""
        part = self.order.devices * _EFFORT["devices"] / len(MAKERS) / len(self.homes.blocks)
        history = devices.History(self.homes, next_key(_table(DeviceStatusChange)))
        self.progress.begin("devices")
        for maker in MAKERS:
            line = devices.Line(self.homes, maker)
            for block in self.homes.blocks:
                for drawn in line.devices(block):
                    steps.put(history.steps(drawn))
                    yield drawn
                self.progress.advance(part)

    def _blocks(self, what: str) -> Iterator[int]:
        part = self.order.devices * _EFFORT[what]
        self.progress.begin(what)
        for block in self.homes.blocks:
            yield block
            self.progress.advance(part / len(self.homes.blocks))

    def _finishing(self, work: Work, works: int) -> None:
        self.progress.begin(work.words)
        self.progress.advance(self.order.devices * _EFFORT_OF_INDEXES / works)


def _refuse_second() -> None:
    first, last = first_and_last()
    if Device.objects.filter(device_id__gte=first, device_id__lt=last).exists():
        raise EstateLoadedBefore


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table
