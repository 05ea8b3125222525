"""Protected states stay protected, whatever goes wrong."""

from datetime import UTC, datetime
from unittest import mock

import pytest
from django.db import OperationalError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from inventory.models import Device
from inventory.models.choices import DeviceType, SmiStatus
from ssi.access.actor import Actor
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.refusals import NotAllowed, NotInThisState
from ssi.workflow import can_move_now, perform, perform_many, state_diagram
from tests.factories.inventory import DeviceFactory

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
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
    named = list(state_diagram(Device, "smi_status"))
    assert named == sorted(named)
    assert {("1", "whitelist", "2"), ("2", "take_off_whitelist", "1"), ("7", "restore_commissioned", "4")} < set(
        named
    )
    assert len(named) == len(set(named)) == 27


class TestMany:
    """Many at once move by the same rights and states as one."""

    @pytest.fixture
    def meters(self, db: None) -> list[Device]:
        statuses = [SmiStatus.WHITELISTED, SmiStatus.COMMISSIONED, SmiStatus.WHITELISTED, SmiStatus.PENDING]
        return [DeviceFactory.create(smi_status=status) for status in statuses]

    def test_a_refusal_concerns_its_own_row(self, meters: list[Device]) -> None:
        with transaction.atomic():
            moved, stopped = perform_many(
                meters,
                "take_off_whitelist",
                by=Actor.system(),
                event="device.removed",
                facts=lambda _: {"at": NOW},
            )
        assert moved == [meters[0], meters[2]]
        assert [each.instance for each in stopped] == [meters[1], meters[3]]
        assert {type(each.refusal) for each in stopped} == {NotInThisState}
        kept = [Device.objects.get(pk=meter.pk) for meter in meters]
        assert [meter.smi_status for meter in kept] == [
            SmiStatus.PENDING,
            SmiStatus.COMMISSIONED,
            SmiStatus.PENDING,
            SmiStatus.PENDING,
        ]
        assert [meter.status_since == NOW for meter in kept] == [True, False, True, False]
        events = AuditEvent.objects.filter(event="device.removed").order_by("id")
        assert [each.reference for each in events] == [str(meters[0].pk), str(meters[2].pk)]

    def test_who_may_not_moves_none(self, meters: list[Device]) -> None:
        with transaction.atomic():
            moved, stopped = perform_many(
                meters, "take_off_whitelist", by=Actor(), event="device.removed", facts=lambda _: {"at": NOW}
            )
        assert moved == []
        assert {type(each.refusal) for each in stopped} == {NotAllowed}
        assert not AuditEvent.objects.exists()

    def test_what_a_move_entails_comes_before_its_record(self, meters: list[Device]) -> None:
        seen: list[tuple[list[Device], int]] = []
        with transaction.atomic():
            perform_many(
                meters,
                "take_off_whitelist",
                by=Actor.system(),
                event="device.removed",
                facts=lambda meter: {"at": NOW},
                follow=lambda moved: seen.append((moved, AuditEvent.objects.count())),
            )
        assert seen == [([meters[0], meters[2]], 0)]

    def test_as_many_queries_for_many_as_for_few(self, db: None) -> None:
        counts = []
        for number in (1, 20):
            meters = [DeviceFactory.create(smi_status=SmiStatus.WHITELISTED) for _ in range(number)]
            with transaction.atomic(), CaptureQueriesContext(connection) as queries:
                perform_many(
                    meters,
                    "take_off_whitelist",
                    by=Actor.system(),
                    event="device.removed",
                    facts=lambda _: {"at": NOW},
                )
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_it_needs_the_actions_transaction(self, transactional_db: None) -> None:
        with pytest.raises(transaction.TransactionManagementError):
            perform_many([], "take_off_whitelist", by=Actor.system(), event="device.removed")
