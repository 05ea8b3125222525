"""The same messages from two sides at once, on real PostgreSQL: one wins, the other is told."""

import io
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from django.db import connection, transaction

from inventory.actions import service_requests
from inventory.duis.files import Source
from inventory.models import AwaitedResponse, Device, DeviceModel, DeviceStatusChange
from ssi.access.actor import Actor
from ssi.audit import log
from ssi.audit.models import AuditEvent
from tests.inventory.duis import messages as duis
from tests.inventory.duis.applying import apply, register

pytestmark = pytest.mark.django_db(transaction=True)


def together(*jobs: Callable[[], str]) -> list[str]:
    """Run the jobs at the same moment, each on a connection of its own, and return what they return."""
    ready = threading.Barrier(len(jobs))

    def run(job: Callable[[], str]) -> str:
        try:
            ready.wait(timeout=10)
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def answers(*data: bytes) -> Counter[str]:
    return Counter(together(*(lambda each=each: apply(each).response_code for each in data)))


@pytest.fixture(autouse=True)
def supplier() -> Iterator[None]:
    register()
    yield
    assert log.verify().broken_id is None


def test_one_of_two_prenotifications_wins() -> None:
    for number in range(5):
        message = duis.prenotification(f"02-5A-01-00-00-00-0E-{number:02d}")
        assert answers(message, message) == {"I99": 1, "SSI-DEVICE-EXISTS": 1}
    assert Device.objects.count() == DeviceStatusChange.objects.count() == AuditEvent.objects.count() == 5


def test_a_new_model_is_written_once() -> None:
    for number in range(5):
        messages = [
            duis.prenotification(f"02-5A-01-00-00-{other:02d}-0E-{number:02d}", DeviceModel=f"NEW{number}")
            for other in range(4)
        ]
        assert answers(*messages) == {"I99": 4}
    assert DeviceModel.objects.count() == 5


def test_one_of_two_additions_to_the_device_log_wins() -> None:
    apply(duis.hub_answer())
    for number in range(5):
        meter = f"02-5A-01-00-00-00-0E-{number:02d}"
        apply(duis.prenotification(meter))
        message = duis.add_to_log(meter, counter=number)
        assert answers(message, message) == {"I99": 1, "SSI-REQUEST-DOUBLED": 1}
    assert AwaitedResponse.objects.count() == 5


def test_two_inventory_answers_that_overlap_in_opposite_order() -> None:
    for number in range(5):
        entries = [
            duis.device(
                f"02-5A-01-00-00-{number:02d}-AA-{each:02d}",
                "ESME",
                DeviceModel=f"M{number}-{each % 3}",
                ImportMPxN=f"12345{number:04d}{each:04d}",
                DeviceGBCSVersion="4.2",
                UPRN=str(each + 1),
            )
            for each in range(10)
        ]
        given = answers(duis.inventory_answer(*entries), duis.inventory_answer(*reversed(entries)))
        assert given == {"I0": 2}
    assert Device.objects.count() == DeviceStatusChange.objects.count() == AuditEvent.objects.count() == 50


def test_giving_way_to_another_writer_is_tried_again() -> None:
    """A rehearsal may hold locks in any order: here one holds what the message needs, and wants what it holds."""
    apply(duis.hub_answer())
    apply(duis.prenotification())
    hub, meter = (Device.objects.get(pk=each) for each in (duis.HUB, duis.METER))
    first, last = sorted((hub, meter), key=lambda each: each.device_id)
    holds_last = threading.Event()

    def hold_last_then_first() -> str:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '30s'")  # so that the message is the one to give way
            Device.objects.select_for_update().get(pk=last.pk)
            holds_last.set()
            threading.Event().wait(0.3)  # until the message holds the first and waits for the last
            Device.objects.select_for_update().get(pk=first.pk)
        return "held"

    def whitelist() -> str:
        holds_last.wait(10)
        return apply(duis.add_to_log()).response_code

    assert together(hold_last_then_first, whitelist) == ["held", "I99"]


def test_a_rehearsal_holds_nobody_up_who_works_on_other_devices() -> None:
    """It leaves the audit log alone, whose lock every action of the portal takes."""
    sources = [Source("one", lambda: nullcontext(io.BytesIO(duis.hub_answer())))]
    rehearsal = service_requests.answer_all(sources * 2, by=Actor.system(), is_rehearsal=True)
    assert next(rehearsal)[1].response_code == "I0"

    def prenotify() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '5s'")
        return apply(duis.prenotification(DeviceModel="ELSE0001")).response_code

    assert together(prenotify) == ["I99"]
    assert [answer.detail for _, answer in rehearsal] == [
        "0 devices entered the inventory. 1 device already there, left unchanged."
    ]
    assert Device.objects.count() == AuditEvent.objects.count() == 1
