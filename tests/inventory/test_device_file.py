"""The list of devices as a file: made by PostgreSQL, and what Python would write."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from psycopg.pq import TransactionStatus

from inventory import search
from inventory.models import Device
from inventory.presenters import devices as presenters
from inventory.search import Filters, SearchTooBroad
from inventory.search.related import METER_POINTS
from ssi.accounts.models import Person
from ssi.web import copied, exports
from ssi.web.exports import safe_cell
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import DeviceFactory
from tests.factories.ugly_devices import ugly_devices
from tests.personas import client_of

EXPORT = "/devices/export.csv"


def cells(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))


def lines(at_most: int = 100) -> Iterator[bytes]:
    return search.device_lines(Filters(), at_most=at_most, more="more")


def ids(file: bytes) -> list[str]:
    return [line.partition(",")[0] for line in file.decode().splitlines()]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copied, "FIRST_BLOCK", 2)
    monkeypatch.setattr(copied, "LARGEST_BLOCK", 5)


@pytest.fixture
def portal(vera: Person) -> Client:
    return client_of(vera)


@pytest.mark.django_db
def test_each_line_reads_as_python_would_write_it(portal: Client) -> None:
    ugly_devices(UserIdFactory.create())
    related = ("device_model", "notified_by__party", *(name.removesuffix("_id") for name in METER_POINTS))
    devices = Device.objects.select_related(*related).order_by("device_id")
    expected = [[safe_cell(value) for value in presenters.csv_row(device)] for device in devices]
    file = b"".join(portal.get(EXPORT))
    assert file.startswith(b"\xef\xbb\xbfDevice ID,")
    header, *found = cells(file)
    assert header == list(presenters.CSV_HEADER)
    assert found == expected
    assert len(found) > 100


@pytest.mark.django_db
def test_an_ordinary_file_is_the_same_to_the_byte(portal: Client) -> None:
    device = DeviceFactory.create(notified_by=None)
    expected = "".join(exports.csv_lines(presenters.CSV_HEADER, [presenters.csv_row(device)]))
    assert b"".join(portal.get(EXPORT)).decode() == expected


@pytest.mark.django_db
@pytest.mark.usefixtures("small_blocks")
def test_every_device_is_there_once_in_order_and_a_cut_is_told() -> None:
    devices = sorted(str(device.pk) for device in DeviceFactory.create_batch(9))
    assert ids(b"".join(lines())) == devices
    for most in range(1, 12):
        shown = ids(b"".join(lines(most)))
        assert shown == (devices if most >= 9 else [*devices[:most], "more"])
    assert b"".join(search.device_lines(Filters(model="none such"), at_most=9, more="")) == b""


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_blocks")
def test_nothing_is_held_between_blocks_for_a_reader_who_is_slow_or_gone() -> None:
    DeviceFactory.create_batch(5)
    file = iter(lines())
    assert next(file)
    assert connection.connection.info.transaction_status == TransactionStatus.IDLE
    Device.objects.all().delete()
    assert b"".join(file) == b""


class Slow:
    """A database that takes too long over more than so many rows, and over any from some block on."""

    def __init__(self, most: int, ends_after: int = 1_000) -> None:
        self.most, self.ends_after = most, ends_after
        self.asked: list[int] = []
        self._copied: Any = copied._copied

    def __call__(self, rows: Any, lines: str, too_broad: Any) -> Any:
        self.asked.append(rows.query.high_mark - 1)
        if self.asked[-1] > self.most or len(self.asked) > self.ends_after:
            raise too_broad
        return self._copied(rows, lines, too_broad)


@pytest.mark.django_db
@pytest.mark.usefixtures("small_blocks")
def test_blocks_shrink_for_good_where_the_database_does_not_keep_up(monkeypatch: pytest.MonkeyPatch) -> None:
    devices = sorted(str(device.pk) for device in DeviceFactory.create_batch(9))
    monkeypatch.setattr(copied, "_copied", slow := Slow(most=4))
    assert ids(b"".join(lines())) == devices
    assert slow.asked == [2, 5, 2, 2, 2, 2]


@pytest.mark.django_db
@pytest.mark.usefixtures("small_blocks")
def test_a_file_that_breaks_off_says_so_and_ends_with_an_error(
    portal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    DeviceFactory.create_batch(9)
    monkeypatch.setattr(copied, "_copied", Slow(most=2, ends_after=2))
    read: list[bytes] = []
    with pytest.raises(SearchTooBroad):
        read.extend(portal.get(EXPORT))
    assert len(cells(b"".join(read))) == 4
    assert read[-1].decode() == f"{exports.NOT_WHOLE}\r\n"
    with pytest.raises(ZeroDivisionError):
        read.extend(exports.csv_download("rows", ["x"], ([str(1 // n)] for n in (1, 0))))
    assert read[-1].decode() == f"{exports.NOT_WHOLE}\r\n"
