"""A batch of 2,000 and 500 e-mails while everything fails: nothing is lost, nothing is there twice.

The worker is killed with SIGKILL at random moments, the broker is flushed twice, and the mail server goes away,
stalls, refuses for now, refuses one address for good, and takes e-mails and then hangs up.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
import redis
from django.db.models import Q

from incidents.actions import batches
from incidents.models import BulkJob, BulkRow, InstallCodeRequest, InstallCodeRequestEvent, Obligation, WorkPack
from incidents.models.choices import BulkState, Event, State
from inventory.models import Device
from ssi import celery_app
from ssi.access.roles import JobTypeRole
from ssi.accounts.models import Person
from ssi.audit import log
from ssi.audit.models import AuditEvent
from ssi.celery import collect_schedule
from ssi.embedded.valkey import Valkey
from ssi.eui64 import Eui64
from ssi.notifications.models import OutboxMessage
from tests.factories.accounts import PersonFactory, RoleGrantFactory, UserIdFactory
from tests.factories.inventory import DeviceFactory
from tests.factories.notifications import OutboxMessageFactory
from tests.personas import actor_of
from tests.processes import start_worker
from tests.ssi.notifications.conftest import let_pass
from tests.ssi.notifications.mail_server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)

DEVICES, INSTALLERS, EMAILS = 2_000, 12, 500
KILLS_IN_THE_BATCH, KILLS, FLUSHES = 3, 5, 2
PACK_EMAIL = "work_pack.installer_asked"
SCHEDULE = collect_schedule()
SWEEPS = [name for name in SCHEDULE if name in {"notifications-sweep", "incidents-bulk"}]
BAD_ADDRESS = "gone@invented.example"
TAKEN = "carry_on_bulk["  # as the worker logs a task that it received
DONE_WITHIN = 240.0  # seconds; the machine may be busy with other tests


class Faults:
    """Everything that goes wrong, and how often the worker was killed."""

    def __init__(self, folder: Path, valkey: Valkey, mail_server: MailServer) -> None:
        self.folder, self.valkey, self.mail_server = folder, valkey, mail_server
        self.random = Random(20261122)
        self.kills = 0
        self.to_come = [self.kill_the_worker] * KILLS + [self.flush_the_broker] * FLUSHES
        self.to_come += [self.take_the_mail_server_away, self.make_the_mail_server_difficult, self.stall]
        self.random.shuffle(self.to_come)
        self.next_at = time.monotonic()
        self.start()

    def next(self) -> None:
        """Let the next fault happen, if its time has come."""
        if self.to_come and time.monotonic() > self.next_at:
            self.to_come.pop()()
            self.next_at = time.monotonic() + self.random.uniform(1, 5)

    def start(self) -> None:
        self.worker = start_worker(
            self.folder,
            broker=self.valkey.url,
            EMAIL_URL=f"smtp://127.0.0.1:{self.mail_server.port}",
            SSI_EMAIL_TIMEOUT="1",
        )

    def kill_the_worker(self) -> None:
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait(10)
        self.kills += 1
        self.start()

    def kill_the_worker_in_the_batch(self) -> None:
        """Kill it up to a third of a second after it has taken the batch into its hands, if any of it is left."""
        log = self.folder / "worker.log"
        seen = log.read_text().count(TAKEN)
        until(lambda: log.read_text().count(TAKEN) > seen or BulkJob.objects.get().state == BulkState.DONE)
        time.sleep(self.random.uniform(0, 0.3))
        self.kill_the_worker()

    def flush_the_broker(self) -> None:
        with redis.Redis.from_url(self.valkey.url) as broker:
            broker.flushall()

    def take_the_mail_server_away(self) -> None:
        self.mail_server.stop()
        time.sleep(1)
        self.mail_server.start()

    def make_the_mail_server_difficult(self) -> None:
        """Refuse some for now, and hang up on some after reading them."""
        self.mail_server.to_content += ["451 Later, please"] * 3 + [None] * 3 + ["452 Full"] * 2

    def stall(self) -> None:
        """Keep the next recipients waiting for longer than anybody does."""
        self.mail_server.stalls = 3

    def end(self) -> None:
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait(10)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.to_recipient[BAD_ADDRESS] = ["550 No such user"] * 100
    server.start()
    yield server
    server.stop()


@pytest.fixture
def devices() -> list[Device]:
    """Devices of twelve installing suppliers, each with one person who may answer."""
    installers = UserIdFactory.create_batch(INSTALLERS)
    for installer in installers:
        RoleGrantFactory.create(
            person=PersonFactory.create(),
            acting_for=installer,
            job_type_role=JobTypeRole.OPS,
        )
    pattern = DeviceFactory.create(notified_by=installers[0])
    made = [
        Device(
            device_id=Eui64(0x1E5C000000000000 + number),
            device_model=pattern.device_model,
            device_type=pattern.device_type,
            smi_status=pattern.smi_status,
            notified_by=installers[number % INSTALLERS],
            notified_at=pattern.notified_at,
        )
        for number in range(DEVICES)
    ]
    return Device.objects.bulk_create(made)


def test_nothing_is_lost_and_nothing_is_there_twice(
    devices: list[Device], gina: Person, valkey: Valkey, mail_server: MailServer, tmp_path: Path
) -> None:
    OutboxMessageFactory.create_batch(EMAILS - 1)
    OutboxMessageFactory.create(recipient=BAD_ADDRESS)
    by = actor_of(gina)
    job = batches.draft(given=[str(device.device_id) for device in devices], by=by)
    faults = Faults(tmp_path, valkey, mail_server)
    try:
        until(lambda: state_of(job) == BulkState.CHECKED)
        batches.confirm(reference=job.reference, by=by)
        for _ in range(KILLS_IN_THE_BATCH):
            faults.kill_the_worker_in_the_batch()
        until(lambda: is_done(job) and not faults.to_come, faults.next)
        until(lambda: not OutboxMessage.objects.filter(delivered_at__isnull=False, handled_at=None).exists())
    finally:
        faults.end()
    assert faults.kills == KILLS_IN_THE_BATCH + KILLS
    each_device_has_exactly_one_request(job)
    each_email_was_delivered(mail_server, faults)
    assert log.verify().broken_id is None


def until(condition: Callable[[], bool], act: Callable[[], object] = lambda: None) -> None:
    """Do what the clock does, and `act`, until `condition` holds."""
    deadline = time.monotonic() + DONE_WITHIN
    while not condition():
        assert time.monotonic() < deadline
        let_pass(timedelta(hours=1))  # nobody waits here for a second attempt
        for entry in SWEEPS:
            job = SCHEDULE[entry]
            celery_app.send_task(job["task"], **job["options"])
        act()
        time.sleep(0.25)


def state_of(job: BulkJob) -> str:
    return str(BulkJob.objects.values_list("state", flat=True).get(pk=job.pk))


def is_done(job: BulkJob) -> bool:
    return state_of(job) == BulkState.DONE and not still_to_deliver()


def still_to_deliver() -> bool:
    return OutboxMessage.objects.filter(delivered_at__isnull=True, dead_at__isnull=True).exists()


def each_device_has_exactly_one_request(job: BulkJob) -> None:
    requests = InstallCodeRequest.objects.filter(batch=job)
    assert requests.count() == requests.values("device_id").distinct().count() == DEVICES
    assert InstallCodeRequest.objects.count() == DEVICES
    assert set(requests.values_list("state", flat=True)) == {State.ASSIGNED}
    assert not BulkRow.objects.filter(Q(request__isnull=True) | Q(done_at__isnull=True), job=job).exists()
    assert BulkRow.objects.filter(job=job).values("request").distinct().count() == DEVICES
    assert Obligation.objects.count() == Obligation.objects.values("request").distinct().count() == DEVICES
    steps = Counter(InstallCodeRequestEvent.objects.values_list("event", flat=True))
    assert steps[Event.RAISED] == steps[Event.ASSIGNED] == steps[Event.NOTIFIED] == DEVICES
    packs = WorkPack.objects.filter(batch=job)
    assert packs.count() == INSTALLERS
    assert sum(packs.values_list("size", flat=True)) == DEVICES
    raised = AuditEvent.objects.filter(event="install_code_request.raised")
    assert raised.count() == raised.values("reference").distinct().count() == DEVICES
    told = OutboxMessage.objects.filter(event=PACK_EMAIL)
    assert told.count() == told.values("recipient").distinct().count() == INSTALLERS


def each_email_was_delivered(mail_server: MailServer, faults: Faults) -> None:
    posted = OutboxMessage.objects.all()
    assert posted.count() == EMAILS + INSTALLERS
    assert list(posted.filter(dead_at__isnull=False).values_list("recipient", flat=True)) == [BAD_ADDRESS]
    taken = Counter(str(message["Message-ID"]) for message in mail_server.accepted)
    assert set(taken) == set(posted.filter(dead_at__isnull=True).values_list("message_id", flat=True))
    assert sum(taken.values()) - len(taken) <= faults.kills  # the same Message-ID, so readers see one
