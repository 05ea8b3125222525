"""Housekeeping beside others, on connections of their own: no device is lost, no run is doubled, none is stuck."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from incidents.actions import batches, quotas
from incidents.actions import install_code_requests as actions
from incidents.actions.bulk import engine
from incidents.actions.install_code_requests.raising import DeviceNotInInventory
from incidents.models import BulkJob, InstallCodeRequest
from inventory import holds
from inventory.actions import housekeeping
from inventory.actions.devices import remove_devices
from inventory.actions.housekeeping import telling
from inventory.actions.service_requests.awaiting import await_response
from inventory.duis.messages import RequestId
from inventory.models import Device, HousekeepingRun, RemovedDevice, TrailMessage
from inventory.models.choices import Removal
from inventory.rules import RULES
from ssi.access.actor import Actor
from ssi.accounts.models import Person, UserId
from ssi.eui64 import Eui64
from ssi.notifications.models import OutboxMessage
from ssi.refusals import Refusal
from tests.factories.housekeeping import due_device
from tests.personas import actor_of
from tests.processes import environment_of_this_test

pytestmark = pytest.mark.django_db(transaction=True)
PORTAL = Actor.system()
LONGEST_WAIT = 30


def user_of(person: Person) -> UserId:
    return UserId.objects.get(pk=actor_of(person).user.user_id)


class Elsewhere:
    """A call on a thread and connection of its own."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.outcome: Any = None
        self._call = call
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.outcome = self._call()
        except Refusal as refusal:
            self.outcome = refusal
        finally:
            connection.close()

    def join(self) -> Any:
        """Wait for it, and return what it gave or was refused with."""
        self._thread.join(LONGEST_WAIT)
        assert not self._thread.is_alive()
        return self.outcome


@contextmanager
def paused_before(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> Iterator[threading.Event]:
    """Let the next call of a function wait, in whatever transaction it is made, until the block is left."""
    real, reached, go_on = getattr(owner, name), threading.Event(), threading.Event()

    def waiting(*args: Any, **kwargs: Any) -> Any:
        reached.set()
        assert go_on.wait(LONGEST_WAIT)
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, waiting)
    try:
        yield reached
    finally:
        go_on.set()


def is_waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock')")
        return bool(cursor.fetchone()[0])


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_WAIT
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_request_raised_while_its_device_is_being_removed_finds_it_gone(
    gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, raiser = due_device(notified_by=user_of(ivan)), actor_of(gina)
    with paused_before(monkeypatch, telling, "alert") as removed:
        run = Elsewhere(lambda: housekeeping.run(by=PORTAL))
        assert removed.wait(LONGEST_WAIT)
        request = Elsewhere(lambda: actions.raise_one(device_id=device.pk, by=raiser))
        wait_until(is_waiting_for_a_lock)
    assert run.join()[0].removed == 1
    assert isinstance(request.join(), DeviceNotInInventory)
    assert not InstallCodeRequest.objects.exists()


def test_a_device_whose_request_is_being_raised_stays(
    gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, raiser = due_device(notified_by=user_of(ivan)), actor_of(gina)
    with paused_before(monkeypatch, quotas, "claim") as raised:
        request = Elsewhere(lambda: actions.raise_one(device_id=device.pk, by=raiser))
        assert raised.wait(LONGEST_WAIT)
        (passed_over,) = housekeeping.run(by=PORTAL)
    assert request.join().device_id == device.pk
    (held,) = housekeeping.run(by=PORTAL)
    assert (passed_over.removed, passed_over.held) == (0, 0)
    assert (held.removed, held.held) == (0, 1)
    assert Device.objects.get().pk == device.pk


def test_a_device_to_which_a_request_is_being_sent_stays(gina: Person) -> None:
    device, kept, go_on = due_device(notified_by=user_of(gina)), threading.Event(), threading.Event()
    request_id = RequestId(user_of(gina).eui, device.pk, 1)

    def send() -> None:
        with transaction.atomic():
            await_response(
                request_id, RULES["8.11"], command_variant=1, device_id=device.pk, facts={}, at=timezone.now()
            )
            kept.set()
            assert go_on.wait(LONGEST_WAIT)

    sent = Elsewhere(send)
    assert kept.wait(LONGEST_WAIT)
    (passed_over,) = housekeeping.run(by=PORTAL)
    go_on.set()
    sent.join()
    (held,) = housekeeping.run(by=PORTAL)
    assert [(each.removed, each.held) for each in (passed_over, held)] == [(0, 0), (0, 1)]


def test_what_is_raised_between_lock_and_removal_cannot_be_missed(
    gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way round: the batch has locked the device, and looks for holds only then."""
    device, raiser = due_device(notified_by=user_of(ivan)), actor_of(gina)
    with paused_before(monkeypatch, holds, "reasons_in") as locked:
        run = Elsewhere(lambda: housekeeping.run(by=PORTAL))
        assert locked.wait(LONGEST_WAIT)
        request = Elsewhere(lambda: actions.raise_one(device_id=device.pk, by=raiser))
        wait_until(is_waiting_for_a_lock)
    assert run.join()[0].removed == 1
    assert isinstance(request.join(), DeviceNotInInventory)


def test_a_device_that_was_changed_while_its_removal_waited_goes(gina: Person) -> None:
    """Its row has another place by then, and whatever stands in the old one is left alone."""
    device, changed = due_device(notified_by=user_of(gina)), threading.Event()

    def change() -> None:
        with transaction.atomic():
            Device.objects.filter(pk=device.pk).update(notified_at=timezone.now())
            changed.set()
            wait_until(is_waiting_for_a_lock)

    changing = Elsewhere(change)
    assert changed.wait(LONGEST_WAIT)
    with transaction.atomic():
        assert remove_devices([device.pk], at=timezone.now(), how=Removal.DELETED) == 1
    changing.join()
    assert not Device.objects.exists()
    assert RemovedDevice.objects.get().device_id == device.pk


def test_a_list_confirmed_while_its_devices_are_removed_says_so_line_by_line(
    gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = [due_device(notified_by=user_of(ivan)) for _ in range(3)]
    job = batches.draft([str(each.pk) for each in due], actor_of(gina))
    engine.carry_on(job.pk)
    batches.confirm(job.reference, actor_of(gina))
    with paused_before(monkeypatch, telling, "alert") as removed:
        run = Elsewhere(lambda: housekeeping.run(by=PORTAL))
        assert removed.wait(LONGEST_WAIT)
        request = Elsewhere(lambda: engine.carry_out_here(job.pk))
        wait_until(is_waiting_for_a_lock)
    assert run.join()[0].removed == 3
    request.join()
    assert not InstallCodeRequest.objects.exists()
    findings = set(BulkJob.objects.get(pk=job.pk).rows.values_list("finding", flat=True))
    assert findings == {"DeviceNotInInventory"}


def test_of_two_runs_at_once_one_is_told_that_the_other_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    due_device()
    with paused_before(monkeypatch, telling, "alert") as removed:
        first = Elsewhere(lambda: housekeeping.run(by=PORTAL))
        assert removed.wait(LONGEST_WAIT)
        second = Elsewhere(lambda: housekeeping.run(by=PORTAL)).join()
        third = Elsewhere(lambda: housekeeping.carry_on(by=PORTAL)).join()
    assert isinstance(second, housekeeping.HousekeepingIsRunning)
    assert isinstance(third, housekeeping.HousekeepingIsRunning)
    assert first.join()[0].removed == 1
    assert HousekeepingRun.objects.count() == 1


_KILLED_HALFWAY = """
import os, signal
import django
django.setup()
from inventory.actions import housekeeping
from inventory.actions.devices import remove_devices
from inventory.actions.housekeeping import running
from ssi.access.actor import Actor

running.BATCH = 2
real, batches = running.telling.alert, []

def alert(*args, **kwargs):
    real(*args, **kwargs)
    batches.append(1)
    if len(batches) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

running.telling.alert = alert
housekeeping.run(by=Actor.system())
"""


def test_killed_within_a_batch_nothing_is_lost_or_doubled(gina: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    due = [due_device(notified_by=user_of(gina)) for _ in range(5)]
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED_HALFWAY],
        env=environment_of_this_test(),
        timeout=120,
        check=False,
        capture_output=True,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    interrupted = HousekeepingRun.objects.get()
    assert (interrupted.removed, interrupted.finished_at) == (2, None)
    assert Device.objects.count() == 3  # the batch in which it was killed never was
    assert TrailMessage.objects.count() == RemovedDevice.objects.count() == 2
    wait_until(lambda: not _is_locked())
    (finished,) = housekeeping.run(by=PORTAL)
    assert (finished.pk, finished.removed) == (interrupted.pk, 5)
    gone = set(RemovedDevice.objects.values_list("device_id", flat=True))
    assert gone == {each.pk for each in due}
    assert TrailMessage.objects.count() == RemovedDevice.objects.count() == 5
    assert OutboxMessage.objects.filter(recipient=gina.email, event="housekeeping.removed").count() == 1


def _is_locked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory')")
        return bool(cursor.fetchone()[0])


def test_keeping_tells_which_devices_are_there() -> None:
    device = due_device()
    with transaction.atomic():
        assert holds.keep([device.pk, Eui64(42)]) == {device.pk}
        assert holds.keep([]) == frozenset()
