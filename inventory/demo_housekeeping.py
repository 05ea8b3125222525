"""The demo's housekeeping: what a run removed three weeks ago, and stock that was never installed and goes soon.

Devices of homes that stopped at Pending fill the forecast of the coming months; here come those that suppliers
pre-notified in bulk and never used.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from django.utils import timezone

from inventory.durations import add_months, due_before
from inventory.models import (
    Device,
    DeviceModel,
    DeviceStatusChange,
    HousekeepingNotice,
    HousekeepingRun,
    RemovedDevice,
)
from inventory.models.choices import DeviceType, EsmeVariant, ProductStatus, Removal, SmiStatus
from ssi.accounts.demo_accounts import BRIGHTGRID, HARBOURLINE, NORTHLIGHT
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from ssi.working_days import LONDON

SEED: Final = 60
DAYS_AGO: Final = 21
MONTHS: Final = 12
FIRST_DEVICE_ID: Final = Eui64.parse("1E-5A-0B-40-00-00-00-00")
SERIALS_APART: Final = 7
REMOVED: Final = {NORTHLIGHT: 64, BRIGHTGRID: 38, HARBOURLINE: 9}
"""How many devices of each supplier the past run removed."""

COMING: Final = {NORTHLIGHT: (18, 42, 7), BRIGHTGRID: (11, 26, 5), HARBOURLINE: (6, 0, 9)}
"""How many devices of each supplier go in the next three months."""

TYPES: Final = (DeviceType.ESME, DeviceType.GSME, DeviceType.PPMID)
WEIGHTS: Final = (50, 35, 15)


@dataclass(frozen=True, slots=True)
class _Stock:
    """A device that was pre-notified and never installed."""

    device_id: Eui64
    device_type: DeviceType
    model_id: int
    user_id: Eui64
    since: datetime


def load() -> str:
    """Write the past run and the stock into the demo's inventory; return a phrase."""
    random = Random(SEED)  # noqa: S311 - the same estate every time is the point
    made = _Maker(random)
    today = timezone.localdate()
    run_date = today - timedelta(days=DAYS_AGO)
    removed = [
        made.stock(
            Eui64.parse(party.user_id), due_before(run_date, MONTHS) - timedelta(hours=random.randint(1, 23))
        )
        for party, many in REMOVED.items()
        for _ in range(many)
    ]
    coming = [
        made.stock(Eui64.parse(party.user_id), since)
        for party, numbers in COMING.items()
        for since in _moments(today, numbers, random)
    ]
    _write_stock(coming)
    _write_run(run_date, removed)
    return f"{len(removed)} devices removed by housekeeping"


def _moments(today: date, numbers: Sequence[int], random: Random) -> Iterator[datetime]:
    """Yield since when devices are Pending that go in the coming months, so many in each."""
    for month, many in enumerate(numbers):
        day = add_months(today, month - MONTHS) + timedelta(days=2)
        for _ in range(many):
            yield datetime.combine(day, time(random.randint(8, 17), random.randint(0, 59)), LONDON)


class _Maker:
    """Makes stock with Device IDs of its own out of the demo's products."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.serial = 0
        self.models: Mapping[DeviceType, int] = {
            each: DeviceModel.objects.filter(device_type=each, cpl_status=ProductStatus.ACTIVE)
            .order_by("pk")[0]
            .pk
            for each in TYPES
        }

    def stock(self, user_id: Eui64, since: datetime) -> _Stock:
        """Return another device."""
        self.serial += SERIALS_APART
        device_type = self.random.choices(TYPES, WEIGHTS)[0]
        return _Stock(
            device_id=Eui64(FIRST_DEVICE_ID.as_bigint + self.serial),
            device_type=device_type,
            model_id=self.models[device_type],
            user_id=user_id,
            since=since,
        )


def _write_stock(coming: Sequence[_Stock]) -> None:
    Device.objects.bulk_create(
        Device(
            device_id=each.device_id,
            device_type=each.device_type,
            device_model_id=each.model_id,
            smi_status=SmiStatus.PENDING,
            esme_variant=EsmeVariant.A if each.device_type == DeviceType.ESME else None,
            notified_by_id=each.user_id,
            notified_at=each.since,
            status_since=each.since,
        )
        for each in coming
    )
    _write_history(coming)


def _write_run(run_date: date, removed: Sequence[_Stock]) -> None:
    """Write what a run leaves: its row, a notice a party, and of each device its end, which is its N8 as well."""
    at = datetime.combine(run_date, time(2, 30), LONDON)
    run = HousekeepingRun.objects.create(
        run_date=run_date, started_at=at, finished_at=at + timedelta(seconds=2), removed=len(removed), held=3
    )
    parties = dict(UserId.objects.values_list("eui", "party"))
    counts = Counter(parties[each.user_id] for each in removed)
    HousekeepingNotice.objects.bulk_create(
        HousekeepingNotice(run=run, party_id=party, removed=many) for party, many in sorted(counts.items())
    )
    RemovedDevice.objects.bulk_create(_gone(each, run, at) for each in removed)
    _write_history(removed)


def _gone(stock: _Stock, run: HousekeepingRun, at: datetime) -> RemovedDevice:
    return RemovedDevice(
        device_id=stock.device_id,
        notified_by=stock.user_id,
        notified_at=stock.since,
        status_since=stock.since,
        removed_at=at + timedelta(seconds=1),
        device_model_id=stock.model_id,
        run=run,
        device_type=stock.device_type,
        how=Removal.HOUSEKEEPING,
        pending_months=MONTHS,
    )


def _write_history(stock: Sequence[_Stock]) -> None:
    """Write that each was pre-notified."""
    DeviceStatusChange.objects.bulk_create(
        DeviceStatusChange(
            device_id=each.device_id,
            at=each.since,
            told_by=each.user_id,
            to_status=SmiStatus.PENDING,
            because="12.2",
        )
        for each in stock
    )
