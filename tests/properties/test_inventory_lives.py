"""Whatever is sent to a home in whatever order, its devices, their histories and their meter points stay in order.

Requests, responses and alerts come in any sequence: early, late, twice, of others. Afterwards every device is in a
status that the state machine reaches for its type, its history has no gap, nothing of it was lost, and the DCC
Service Status of every meter point is what a slow re-computation from the history gives.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.duis.answers import Answer
from inventory.duis.messages import (
    Deletion,
    DeviceCommand,
    HanDeviceLogUpdate,
    InventoryUpdate,
    LogChange,
    MpxnUpdate,
    StatusChange,
    StatusUpdate,
)
from inventory.models import (
    AuditTrailEntry,
    Device,
    DeviceDetailChange,
    DeviceStatusChange,
    MeterPoint,
    RemovedDevice,
)
from inventory.models.choices import METERS, DccServiceStatus, Detail, DeviceType, SmiStatus
from ssi.eui64 import Eui64
from ssi.workflow import state_diagram
from tests.inventory.service_requests.sending import (
    MPAN,
    MPRN,
    Home,
    alert,
    build_home,
    device_alert,
    device_of,
    request_id,
    respond,
    send,
    tell,
)

OTHER_MPAN = "1234567890199"
ALLOWED = {
    (SmiStatus(int(source)), SmiStatus(int(target))) for source, _, target in state_diagram(Device, "smi_status")
} | {(None, SmiStatus.PENDING), (SmiStatus.PENDING, None)}
GONE = {SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN, None}
POINTS = {Detail.IMPORT_METER_POINT, Detail.SECONDARY_IMPORT_METER_POINT, Detail.EXPORT_METER_POINT}

Sent = DeviceCommand | HanDeviceLogUpdate


@dataclass
class Run:
    """A home, its devices by number, and what was sent to them and may be answered."""

    home: Home
    devices: list[Device]
    sent: list[Sent] = field(default_factory=list)
    rows: dict[int, Any] = field(default_factory=dict)

    def ask(self, message: Sent) -> Answer:
        self.sent.append(message)
        return send(message, "8.11")

    def check(self) -> None:
        """Assert all that must hold after any message."""
        steps = list(DeviceStatusChange.objects.order_by("at", "id"))
        rows: dict[int, Any] = {
            step.pk: (step.device_id, step.at, step.from_status, step.to_status) for step in steps
        }
        assert self.rows.items() <= rows.items(), "history rows were lost or changed"
        self.rows = rows
        types = dict(Device.objects.values_list("pk", "device_type"))
        types |= dict(RemovedDevice.objects.values_list("device_id", "device_type"))
        for device_id in types:
            own = [step for step in steps if step.device_id == device_id]
            befores = [None, *(step.to_status for step in own[:-1])] if own else []
            assert [step.from_status for step in own] == befores, "a gap in the history"
            assert {(step.from_status, step.to_status) for step in own} <= ALLOWED
            _check_end(device_id, types[device_id], own)
        assert dict(MeterPoint.objects.values_list("mpxn", "dcc_service_status")) == recomputed(steps)


def _check_end(device_id: Eui64, device_type: int, steps: list[DeviceStatusChange]) -> None:
    device = Device.objects.filter(pk=device_id).first()
    if device is None:
        assert not steps or steps[-1].to_status is None
        return
    assert device.smi_status == (steps[-1].to_status if steps else None)
    assert device.status_since == (steps[-1].at if steps else None)
    if device_type == DeviceType.GPF:
        assert device.smi_status not in {SmiStatus.SUSPENDED, SmiStatus.WHITELISTED}


def recomputed(steps: list[DeviceStatusChange]) -> dict[str, int | None]:
    """Replay all that happened to meters, and return the DCC Service Status that each meter point has by it."""
    meters = set(Device.objects.filter(device_type__in=METERS).values_list("pk", flat=True))
    meters |= set(RemovedDevice.objects.filter(device_type__in=METERS).values_list("device_id", flat=True))
    details = [each for each in DeviceDetailChange.objects.order_by("at", "id") if each.field in POINTS]
    events: list[Any] = sorted(
        [*details, *steps], key=lambda each: (each.at, isinstance(each, DeviceStatusChange), each.pk)
    )
    status: dict[object, int | None] = {}
    points: dict[object, dict[int, int | None]] = {}
    found: dict[int, int | None] = dict.fromkeys(MeterPoint.objects.values_list("pk", flat=True))
    for event in events:
        if event.device_id not in meters:
            continue
        if isinstance(event, DeviceStatusChange):
            status[event.device_id] = event.to_status
        else:
            points.setdefault(event.device_id, {})[event.field] = event.after
        for point, before in found.items():
            carriers = {status.get(each) for each, own in points.items() if point in own.values()}
            if SmiStatus.COMMISSIONED in carriers:
                found[point] = DccServiceStatus.ACTIVE
            elif before == DccServiceStatus.ACTIVE and carriers <= GONE:
                found[point] = DccServiceStatus.NOT_ACTIVE
    return {point.mpxn: found[point.pk] for point in MeterPoint.objects.all()}


Step = Callable[[Run], Answer | None]

numbers = st.integers(0, 7)
srvs = st.sampled_from(["8.1.1", "8.1.1", "8.7.1", "8.7.2", "8.8.1", "8.8.2", "8.12.1", "8.12.2", "11.2", "11.3"])
codes = st.sampled_from(["I0", "I0", "I0", "I99", "E20", "W050201"])
others = {"8.7.1", "8.7.2", "8.8.1", "8.8.2", "8.12.1", "8.12.2"}


def command(srv: str, target: int, other: int) -> Step:
    def step(run: Run) -> Answer:
        partner = run.devices[other] if srv in others else None
        return run.ask(run.home.asked(srv, run.devices[target], partner))

    return step


def commission(target: int, code: str) -> Step:
    def step(run: Run) -> Answer:
        run.ask(run.home.asked("8.1.1", run.devices[target]))
        return respond(run.sent[-1], code)

    return step


def log_update(device: int, change: LogChange, mpxn: str) -> Step:
    def step(run: Run) -> Answer:
        target = run.devices[device]
        given = mpxn if change is LogChange.ADD and target.device_type in METERS else ""
        return run.ask(run.home.log_update(target, change, import_mpxn=given))

    return step


def answered(number: int, code: str) -> Step:
    """Answer one of the requests sent so far, whichever: the first, the last, one that was answered before."""

    def step(run: Run) -> Answer | None:
        return respond(run.sent[number % len(run.sent)], code) if run.sent else None

    return step


def told(number: int, code: str) -> Step:
    def step(run: Run) -> Answer | None:
        logs = [each for each in run.sent if isinstance(each, HanDeviceLogUpdate)]
        return tell(logs[number % len(logs)], code) if logs else None

    return step


def update(device: int, change: StatusUpdate | MpxnUpdate | Deletion) -> Step:
    def step(run: Run) -> Answer:
        asked = request_id(run.home.supplier.eui)
        return send(InventoryUpdate(asked, 8, run.devices[device].device_id, change), "8.4")

    return step


def alerted(device: int, what: StatusChange) -> Step:
    return lambda run: alert(run.devices[device], what)


mpxns = st.sampled_from([MPAN, MPAN, OTHER_MPAN, MPRN, ""])
steps = st.one_of(
    st.builds(command, srvs, numbers, numbers),
    st.builds(commission, st.integers(2, 4), codes),
    st.builds(log_update, numbers, st.sampled_from(LogChange), mpxns),
    st.builds(answered, st.integers(0, 20), codes),
    st.builds(answered, st.just(-1), codes),
    st.builds(told, st.integers(-1, 20), st.sampled_from(["N24", "N24", "N25"])),
    st.builds(lambda device: lambda run: run.home.decommission(run.devices[device]), numbers),
    st.builds(lambda wan: lambda run: run.home.installed(has_wan=wan), st.booleans()),
    st.just(lambda run: run.home.returned("Fault identified post installation", fault=True)),
    st.builds(alerted, numbers, st.sampled_from(StatusChange)),
    st.builds(lambda device: lambda run: device_alert(run.devices[device], "8183", run.home.supplier), numbers),
    st.builds(
        update,
        numbers,
        st.builds(StatusUpdate, st.sampled_from(SmiStatus), st.booleans())
        | st.builds(MpxnUpdate, st.sampled_from(sorted(POINTS)), st.sampled_from([MPAN, OTHER_MPAN, MPRN]))
        | st.just(Deletion()),
    ),
)


def begin(*, is_installed: bool) -> Run:
    """Return a run over a home as it was delivered; or with its devices installed and two meters commissioned."""
    home = build_home(SmiStatus.PENDING)
    second = device_of(DeviceType.ESME, home, smi_status=SmiStatus.PENDING)
    devices = [home.hub, home.gpf, home.esme, second, home.gsme, home.ppmid, home.hcalcs, home.ihd]
    ids = [each.pk for each in devices]
    Device.objects.filter(pk__in=ids, smi_status__isnull=False).update(smi_status=SmiStatus.PENDING)
    Device.objects.filter(pk__in=ids).exclude(device_type=DeviceType.GPF).update(
        comms_hub=None, import_meter_point=None
    )
    DeviceStatusChange.objects.bulk_create(
        DeviceStatusChange(device_id=each.pk, at=each.status_since, to_status=each.smi_status, because="12.2")
        for each in Device.objects.filter(pk__in=ids, smi_status__isnull=False)
        if each.status_since
    )
    run = Run(home, devices)
    if is_installed:
        home.installed(has_wan=True)
        for number, mpxn in ((2, MPAN), (3, MPAN), (4, MPRN), (5, ""), (6, ""), (7, "")):
            log_update(number, LogChange.ADD, mpxn)(run)
            respond(run.sent[-1])
        for number in (2, 4):
            commission(number, "I0")(run)
    run.check()
    return run


@pytest.mark.django_db
@given(st.booleans(), st.booleans(), st.lists(steps, min_size=1, max_size=10))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_run_of_messages_leaves_the_inventory_in_order(
    mp105: bool, is_installed: bool, chosen: list[Step]
) -> None:
    with transaction.atomic(), override_settings(MP105=mp105):
        run = begin(is_installed=is_installed)
        for step in chosen:
            kept = AuditTrailEntry.objects.count()
            answer = step(run)
            if answer is not None:
                assert answer.response_code.startswith(("I", "E", "SSI-"))
                assert bool(answer.suggestion) is not answer.response_code.startswith("I")
                assert AuditTrailEntry.objects.count() > kept or answer.srv == ""
            run.check()
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_installed_home_is_what_it_says() -> None:
    run = begin(is_installed=True)
    statuses = dict(Device.objects.values_list("pk", "smi_status"))
    assert [statuses[each.pk] for each in run.devices] == [
        SmiStatus.COMMISSIONED,
        SmiStatus.INSTALLED_NOT_COMMISSIONED,
        SmiStatus.COMMISSIONED,
        SmiStatus.WHITELISTED,
        SmiStatus.COMMISSIONED,
        SmiStatus.WHITELISTED,
        SmiStatus.WHITELISTED,
        None,
    ]
    assert dict(MeterPoint.objects.values_list("mpxn", "dcc_service_status")) == {MPAN: 1, MPRN: 1}


@pytest.mark.django_db
def test_a_meter_point_stays_active_while_another_meter_carries_it() -> None:
    run = begin(is_installed=True)
    run.home.decommission(run.devices[2])
    run.check()
    assert MeterPoint.objects.get(mpxn=MPAN).dcc_service_status == DccServiceStatus.ACTIVE
    run.home.decommission(run.devices[3])
    run.check()
    assert MeterPoint.objects.get(mpxn=MPAN).dcc_service_status == DccServiceStatus.NOT_ACTIVE
