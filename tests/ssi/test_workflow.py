"""Protected states stay protected, whatever goes wrong."""

from unittest import mock

import pytest
from django.db import OperationalError, models, transaction

from inventory.models import Device
from inventory.models.choices import DeviceType, SmiStatus
from ssi.access.actor import Actor
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.refusals import NotAllowed, NotInThisState
from ssi.workflow import can_move_now, perform, state_diagram

A_DEVICE = Eui64.parse("1E-5A-01-40-00-00-00-01")


def device(status: SmiStatus = SmiStatus.PENDING) -> Device:
    return Device(device_id=A_DEVICE, device_type=DeviceType.ESME, smi_status=status)


def test_a_state_cannot_be_assigned() -> None:
    with pytest.raises(AttributeError, match="not allowed"):
        device().smi_status = SmiStatus.COMMISSIONED


def test_a_reload_that_fails_leaves_the_state_protected() -> None:
    meter = device()
    with (
        mock.patch.object(models.Model, "refresh_from_db", side_effect=OperationalError),
        pytest.raises(OperationalError),
    ):
        meter.refresh_from_db()
    with pytest.raises(AttributeError, match="not allowed"):
        meter.smi_status = SmiStatus.COMMISSIONED


def test_while_one_row_is_reloaded_all_others_stay_protected() -> None:
    meter, other = device(), device()

    def look_at_the_other(*args: object, **kwargs: object) -> None:
        with pytest.raises(AttributeError, match="not allowed"):
            other.smi_status = SmiStatus.COMMISSIONED

    with mock.patch.object(models.Model, "refresh_from_db", side_effect=look_at_the_other) as reload:
        meter.refresh_from_db()
    reload.assert_called_once()


def test_a_refusal_is_named_and_leaves_no_trace(db: None) -> None:
    meter = device(SmiStatus.COMMISSIONED)
    with transaction.atomic():
        with pytest.raises(NotInThisState) as refused:
            perform(meter.take_off_whitelist, by=Actor.system(), event="device.removed", at=None)
        with pytest.raises(NotAllowed):
            perform(meter.take_off_whitelist, by=Actor(), event="device.removed", at=None)
    assert "commissioned" in refused.value.message
    assert meter.smi_status == SmiStatus.COMMISSIONED
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_move_needs_the_actions_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        perform(device(SmiStatus.WHITELISTED).take_off_whitelist, by=Actor.system(), event="x", at=None)


def test_only_what_the_state_and_the_actor_allow_is_offered() -> None:
    assert can_move_now(device(), "whitelist", Actor.system())
    assert not can_move_now(device(), "take_off_whitelist", Actor.system())
    assert not can_move_now(device(), "whitelist", Actor(is_dcc=True))


def test_the_diagram_names_every_transition() -> None:
    assert list(state_diagram(Device, "smi_status")) == [
        ("1", "whitelist", "2"),
        ("2", "take_off_whitelist", "1"),
    ]
