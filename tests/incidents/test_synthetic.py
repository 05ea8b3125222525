"""The synthetic estate's requests: as many as asked for, whole, believable, and the same again."""

from collections import Counter
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from incidents.models import InstallCodeRequest, InstallCodeRequestEvent, Obligation
from incidents.models.choices import Event, ObligationEnd, State
from incidents.rules import PERMITTED_STATUSES
from inventory.models import Device, DeviceStatusChange, MeterPoint, Registration
from ssi.working_days import due

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)
LAST_STEP = {
    State.ASSIGNED: Event.NOTIFIED,
    State.WITH_SERVICE_DESK: Event.DECLINED,
    State.CLOSED: Event.CLOSED,
    State.WITHDRAWN: Event.WITHDRAWN,
}


def load(**options: Any) -> str:
    told = StringIO()
    call_command("load_synthetic", devices=8_000, as_of=TODAY, stderr=told, **options)
    return told.getvalue()


def rows() -> list[list[tuple[Any, ...]]]:
    return [list(model._default_manager.order_by("pk").values_list()) for model in ALL]


ALL = (InstallCodeRequest, Obligation, InstallCodeRequestEvent)


def test_requests_are_as_many_as_asked_for_and_whole() -> None:
    assert "500 Requests for Install Code" in load(incidents=500)
    requests = list(InstallCodeRequest.objects.order_by("id").prefetch_related("history", "obligations"))
    assert len(requests) == 500
    assert [each.created_at for each in requests] == sorted(each.created_at for each in requests)
    devices = Device.objects.select_related("notified_by__party").in_bulk([each.device_id for each in requests])
    for request in requests:
        _agrees_with_its_device(request, devices[request.device_id])
        _has_a_history(request)
        _has_a_clock(request)


def _agrees_with_its_device(request: InstallCodeRequest, device: Device) -> None:
    assert request.device_type == device.device_type
    assert device.notified_by is not None
    if device.notified_by.party.left_date is None:
        assert request.assigned_to_id == device.notified_by_id
    assert request.raised_by_id not in (request.assigned_to_id, device.notified_by_id)
    if request.is_open:
        assert device.smi_status in PERMITTED_STATUSES
    assert request.install_code_id is None
    assert request.state != State.ANSWERED


def _has_a_history(request: InstallCodeRequest) -> None:
    steps = sorted(request.history.all(), key=lambda step: step.pk)
    assert [step.event for step in steps][:3] == [Event.RAISED, Event.ASSIGNED, Event.NOTIFIED]
    assert steps[-1].event == LAST_STEP[State(request.state)]
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert steps[0].at == request.created_at
    assert steps[-1].at.date() <= TODAY


def _has_a_clock(request: InstallCodeRequest) -> None:
    (clock,) = request.obligations.all()
    assert clock.notified_at == request.notified_at
    assert clock.notified_at is not None
    assert clock.due_date == due(clock.notified_at)
    assert (clock.ended_at is None) == (request.state == State.ASSIGNED)
    if request.state == State.CLOSED:
        assert (clock.ended_by, clock.ended_at) == (ObligationEnd.ANSWERED, request.answered_at)
    if clock.ended_at is not None and clock.due_date is not None:
        assert clock.in_time == (clock.ended_at.date() <= clock.due_date)


def test_states_are_as_in_life_and_the_same_seed_makes_the_same() -> None:
    load(incidents=800, seed=4)
    first = rows()
    states = Counter(state for state in InstallCodeRequest.objects.values_list("state", flat=True))
    assert set(states) == set(LAST_STEP)
    assert 0.6 < states[State.CLOSED] / 800 < 0.85
    in_time = Counter(Obligation.objects.filter(ended_at__isnull=False).values_list("in_time", flat=True))
    assert 0 < in_time[False] < in_time[True] / 4
    with connection.cursor() as cursor:
        tables = (*ALL, MeterPoint, Registration, Device, DeviceStatusChange)
        cursor.execute(f"TRUNCATE {', '.join(model._meta.db_table for model in tables)} CASCADE")
    load(incidents=800, seed=4)
    assert rows() == first


def test_without_incidents_there_are_none() -> None:
    told = load()
    assert "Requests" not in told
    assert not InstallCodeRequest.objects.exists()
