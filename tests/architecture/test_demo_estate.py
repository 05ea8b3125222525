"""The demo estate: whole or not at all, believable, dated from today, and clear of others' test devices."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from incidents.models import BulkJob, InstallCodeRequest, WorkPack
from incidents.models.choices import BulkState, Responsibility, State
from inventory.meter_points import mpan_check_digit, mprn_check_digits
from inventory.models import CplEntry, CplImport, Device, DeviceStatusChange, MeterPoint
from inventory.models.choices import COMMS_HUB_PARTS, TYPE_2, ProductStatus, SmiStatus
from ssi.accounts.models import Party, Person
from ssi.audit import log
from ssi.notifications.models import OutboxMessage

pytestmark = pytest.mark.django_db


def totals() -> dict[str, int]:
    models = (Party, Person, Device, DeviceStatusChange, MeterPoint, InstallCodeRequest)
    return {model.__name__: model.objects.count() for model in models}


def test_the_estate_is_believable_and_a_second_load_changes_nothing() -> None:
    call_command("load_demo")
    before = totals()
    call_command("load_demo")
    assert totals() == before
    assert 19_000 < before["Device"] < 22_000
    _devices_are_as_in_life()
    _products_are_as_in_life()
    _requests_are_as_in_life()
    _batches_are_as_in_life()
    assert log.verify().broken_id is None
    assert not OutboxMessage.objects.exists()  # its story is past: nothing is sent now


def _devices_are_as_in_life() -> None:
    devices = list(Device.objects.only("device_id", "device_type", "smi_status", "status_since", "comms_hub"))
    assert not [device for device in devices if device.device_id.oui == "00-DB-12"]
    statuses = Counter(device.smi_status for device in devices if device.device_type not in TYPE_2)
    assert 0.9 < statuses[SmiStatus.COMMISSIONED] / sum(statuses.values()) < 0.97
    assert set(statuses) >= {SmiStatus.PENDING, SmiStatus.WHITELISTED, SmiStatus.INSTALLED_NOT_COMMISSIONED}
    assert all((device.smi_status is None) == (device.device_type in TYPE_2) for device in devices)
    assert max(device.status_since for device in devices if device.status_since) <= timezone.now()
    for meter_point in MeterPoint.objects.all():
        body = meter_point.mpxn[:-1] if meter_point.is_electricity else meter_point.mpxn[:-2]
        check = mpan_check_digit(body) if meter_point.is_electricity else mprn_check_digits(body)
        assert f"{body}{check}" == meter_point.mpxn


def _products_are_as_in_life() -> None:
    assert CplImport.objects.filter(carried_out_at__isnull=False).count() == 2
    assert CplEntry.objects.filter(removed_date=None).count() > 30
    devices = Device.objects.exclude(device_type__in=TYPE_2).select_related("device_model")
    standings = Counter((each.smi_status, each.device_model.cpl_status) for each in devices)
    assert 20 < standings[SmiStatus.SUSPENDED, ProductStatus.WITHDRAWN] < 100
    assert {key for key in standings if key[0] == SmiStatus.COMMISSIONED} == {
        (SmiStatus.COMMISSIONED, ProductStatus.ACTIVE)
    }
    assert standings[SmiStatus.SUSPENDED, ProductStatus.ACTIVE] == 0


def _batches_are_as_in_life() -> None:
    for job in BulkJob.objects.all():
        requests = InstallCodeRequest.objects.filter(batch=job)
        assert job.state == BulkState.DONE
        assert job.carried_out == requests.count() > 0
        assert job.confirmed_at
        assert job.done_at
        assert job.created_at < job.confirmed_at < min(requests.values_list("created_at", flat=True)) < job.done_at
    assert BulkJob.objects.filter(refused__gt=0).exists()
    for pack in WorkPack.objects.all():
        states = Counter(InstallCodeRequest.objects.filter(work_pack=pack).values_list("state", flat=True))
        assert {State.ASSIGNED, State.ANSWERED} <= states.keys()


def _requests_are_as_in_life() -> None:
    requests = list(InstallCodeRequest.objects.order_by("created_at").prefetch_related("history"))
    assert {request.state for request in requests} == set(State) - {State.NEW}
    today = timezone.localdate()
    overdue = [
        each for each in requests if each.state == State.ASSIGNED and each.due_date and each.due_date < today
    ]
    assert 0 < len(overdue) < len(requests) / 5
    claims = Counter(request.responsibility for request in requests)
    assert 0 < claims[Responsibility.CONTRADICTED] < claims[Responsibility.CONFIRMED] / 3
    assert any("took over its User IDs" in request.assigned_because for request in requests)
    for request in requests:
        assert request.device_type not in COMMS_HUB_PARTS
        steps = sorted(request.history.all(), key=lambda step: step.pk)
        assert [step.at for step in steps] == sorted(step.at for step in steps)
        assert steps[0].at == request.created_at
        assert steps[-1].at <= timezone.now()


def test_a_copy_without_the_demo_takes_none(settings: object) -> None:
    settings.SSI_DEMO = False  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="SSI_DEMO=1"):
        call_command("load_demo")
    assert totals()["Device"] == 0
