"""Devices follow the Central Products List: suspended, restored, told of; a kill loses nothing."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.actions.meter_points.service_status import refresh_service_status
from inventory.actions.products import carrying_out
from inventory.actions.products.carrying_out import carry_out, carry_out_here, imports_to_do
from inventory.models import AuditTrailEntry, CplImport, Device, DeviceModel, DeviceStatusChange
from inventory.models.choices import TYPE_2, DeviceType, RegistrationKind, SmiStatus
from inventory.tasks import sweep_products
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import (
    DeviceFactory,
    DeviceModelFactory,
    DeviceStatusChangeFactory,
    MeterPointFactory,
)
from tests.factories.products import imported, row
from tests.factories.registrations import RegistrationFactory

OTHER = row(firmware_version="00020312")
LONG_AGO = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
COMMISSIONED, INSTALLED, SUSPENDED = (
    SmiStatus.COMMISSIONED,
    SmiStatus.INSTALLED_NOT_COMMISSIONED,
    SmiStatus.SUSPENDED,
)


def status_of(device: Device) -> int | None:
    status: int | None = Device.objects.get(pk=device.pk).smi_status
    return status


def steps_of(device: Device) -> list[tuple[int | None, int | None, str]]:
    rows = DeviceStatusChange.objects.filter(device_id=device.pk).order_by("id")
    return [(each.from_status, each.to_status, each.because) for each in rows]


def follow() -> None:
    for import_id in imports_to_do():
        carry_out_here(CplImport.objects.get(pk=import_id))


@pytest.mark.django_db
class TestSuspending:
    """What leaves the list."""

    @pytest.mark.parametrize("status", SmiStatus)
    def test_only_installed_and_commissioned_devices_are_suspended(self, status: SmiStatus) -> None:
        imported(row(), OTHER)
        device = DeviceFactory.create(smi_status=status)
        imported(OTHER)
        follow()
        expected = SUSPENDED if status in {COMMISSIONED, INSTALLED} else status
        assert status_of(device) == expected
        assert bool(steps_of(device)) == (status in {COMMISSIONED, INSTALLED})

    @pytest.mark.parametrize("device_type", sorted(set(DeviceType) - TYPE_2))
    def test_a_gpf_stays_as_it_is(self, device_type: DeviceType) -> None:
        listed_type = "CHF" if device_type == DeviceType.GPF else DeviceType(device_type).duis
        imported(row(device_type=listed_type), OTHER)
        device = DeviceFactory.create(device_type=device_type, smi_status=COMMISSIONED)
        imported(OTHER)
        follow()
        assert status_of(device) == (COMMISSIONED if device_type == DeviceType.GPF else SUSPENDED)

    def test_other_models_stay_as_they_are(self) -> None:
        imported(row(), OTHER)
        device = DeviceFactory.create(
            smi_status=COMMISSIONED, device_model=DeviceModelFactory.create(firmware_version="00020312")
        )
        imported(OTHER)
        follow()
        assert status_of(device) == COMMISSIONED

    def test_its_history_says_from_what_and_why(self) -> None:
        imported(row(), OTHER)
        device = DeviceFactory.create(smi_status=INSTALLED)
        imported(OTHER)
        follow()
        assert steps_of(device) == [(INSTALLED, SUSPENDED, "CPL removal")]
        now = Device.objects.get(pk=device.pk)
        assert DeviceStatusChange.objects.get(device_id=device.pk).at == now.status_since

    def test_the_responsible_supplier_is_told_n28_and_else_the_notifying_party(self) -> None:
        imported(row(), OTHER)
        supplier, installer = UserIdFactory.create(), UserIdFactory.create()
        point = MeterPointFactory.create()
        RegistrationFactory.create(
            meter_point=point,
            user_id=supplier,
            kind=RegistrationKind.IMPORT_SUPPLIER,
            from_date=dt.date(2020, 1, 1),
        )
        supplied = DeviceFactory.create(smi_status=COMMISSIONED, notified_by=installer, import_meter_point=point)
        not_registered = DeviceFactory.create(smi_status=INSTALLED, notified_by=installer)
        imported(OTHER)
        follow()
        told = {each.device_id: each for each in AuditTrailEntry.objects.all()}
        assert {key: each.user_id for key, each in told.items()} == {
            supplied.pk: supplier.pk,
            not_registered.pk: installer.pk,
        }
        assert told[supplied.pk].code == "N28"
        assert "Central Products List" in told[supplied.pk].detail

    def test_an_import_counts_what_it_did(self) -> None:
        imported(row(), OTHER)
        DeviceFactory.create_batch(3, smi_status=COMMISSIONED)
        imported(OTHER)
        follow()
        done = CplImport.objects.latest("id")
        assert (done.devices_suspended, done.devices_restored) == (3, 0)
        assert done.carried_out_at is not None
        event = AuditEvent.objects.filter(event="products.carried_out").latest("id")
        assert event.detail == {"devices_suspended": 3, "devices_restored": 0}

    def test_a_model_another_entry_still_lists_is_not_suspended(self) -> None:
        two = row(smets_version="SMETS V5.0")
        imported(row(), two)
        device = DeviceFactory.create(
            smi_status=COMMISSIONED, device_model=DeviceModelFactory.create(smets_version="SMETS2+")
        )
        imported(two)
        follow()
        assert status_of(device) == COMMISSIONED


@pytest.mark.django_db
class TestRestoring:
    """What is back on the list."""

    @pytest.mark.parametrize("status", [COMMISSIONED, INSTALLED])
    def test_each_device_returns_to_the_status_before(self, status: SmiStatus) -> None:
        imported(row(), OTHER)
        device = DeviceFactory.create(smi_status=status)
        imported(OTHER)
        follow()
        imported(row(), OTHER)
        follow()
        assert steps_of(device)[1:] == [(SUSPENDED, status, "CPL restoration")]
        assert status_of(device) == status
        assert list(AuditTrailEntry.objects.order_by("id").values_list("code", flat=True)) == ["N28", "N29"]

    def test_what_was_suspended_for_another_reason_stays_suspended(self) -> None:
        imported(row(), OTHER)
        imported(OTHER)
        device = DeviceFactory.create(smi_status=SUSPENDED, status_since=LONG_AGO)
        DeviceStatusChangeFactory.create(
            device_id=device.pk, at=LONG_AGO, from_status=COMMISSIONED, to_status=SUSPENDED, because="N28"
        )
        imported(row(), OTHER)
        follow()
        assert status_of(device) == SUSPENDED
        assert not AuditTrailEntry.objects.filter(device_id=device.pk, code="N29").exists()

    @pytest.mark.parametrize(("commissioned", "status"), [(dt.date(2024, 1, 1), COMMISSIONED), (None, INSTALLED)])
    def test_without_history_the_commissioned_date_tells(
        self, commissioned: dt.date | None, status: SmiStatus
    ) -> None:
        imported(OTHER, row())
        imported(OTHER)
        follow()
        device = DeviceFactory.create(smi_status=SUSPENDED, commissioned_date=commissioned)
        imported(row(), OTHER)
        follow()
        assert status_of(device) == status

    def test_history_of_another_moment_does_not_tell(self) -> None:
        imported(OTHER, row())
        imported(OTHER)
        follow()
        device = DeviceFactory.create(
            smi_status=SUSPENDED, commissioned_date=dt.date(2024, 1, 1), status_since=timezone.now()
        )
        DeviceStatusChangeFactory.create(
            device_id=device.pk, at=LONG_AGO, from_status=INSTALLED, to_status=SUSPENDED
        )
        imported(row(), OTHER)
        follow()
        assert status_of(device) == COMMISSIONED

    def test_removed_and_back_before_the_worker_ran_suspends_nobody(self) -> None:
        imported(row(), OTHER)
        device = DeviceFactory.create(smi_status=COMMISSIONED)
        imported(OTHER)
        imported(row(), OTHER)
        assert len(imports_to_do()) == 3
        follow()
        assert (status_of(device), steps_of(device), imports_to_do()) == (COMMISSIONED, [], [])
        assert not AuditTrailEntry.objects.exists()

    def test_back_and_removed_before_the_worker_ran_leaves_it_suspended(self) -> None:
        imported(row(), OTHER)
        device = DeviceFactory.create(smi_status=COMMISSIONED)
        imported(OTHER)
        follow()
        imported(row(), OTHER)
        imported(OTHER)
        follow()
        assert (status_of(device), len(steps_of(device))) == (SUSPENDED, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["suspend", "restore"])
def test_statements_do_not_grow_with_the_devices(verb: str) -> None:
    imported(row(), OTHER)
    counts = []
    for number in (10, 1_000):
        model = DeviceModel.objects.get_or_create(
            device_type=DeviceType.ESME,
            manufacturer="2F01",
            model="41A00102",
            firmware_version="00020311",
            smets_version="SMETS V4.2",
        )[0]
        Device.objects.all().delete()
        first = DeviceFactory.build(device_model=model, notified_by=None).pk.as_bigint
        Device.objects.bulk_create(
            Device(
                device_id=Eui64(first + 1 + each),
                device_type=DeviceType.ESME,
                device_model=model,
                smi_status=SUSPENDED if verb == "restore" else COMMISSIONED,
                import_meter_point=MeterPointFactory.create() if each < 5 else None,
            )
            for each in range(number)
        )
        if verb == "suspend":
            imported(OTHER)
        else:
            imported(OTHER)
            CplImport.objects.update(carried_out_at=timezone.now())
            imported(row(), OTHER)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            carry_out_here(CplImport.objects.latest("id"))
        assert Device.objects.filter(smi_status=SUSPENDED).count() == (number if verb == "suspend" else 0)
        counts.append(len(queries))
        imported(row(), OTHER)
        CplImport.objects.update(carried_out_at=timezone.now())
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
class TestKilled:
    """A worker that dies in the middle, and the one that comes after it."""

    @pytest.fixture
    def devices(self, monkeypatch: pytest.MonkeyPatch) -> list[Device]:
        """Return seven devices whose product left the list, to be suspended two at a time."""
        monkeypatch.setattr(carrying_out, "BATCH", 2)
        imported(row(), OTHER)
        user = UserIdFactory.create()
        made = DeviceFactory.create_batch(7, smi_status=COMMISSIONED, notified_by=user)
        carry_out(imports_to_do()[-1])
        imported(OTHER)
        return made

    @pytest.mark.parametrize("killed_at", range(1, 6))
    def test_nothing_is_lost_or_doubled(
        self, devices: list[Device], monkeypatch: pytest.MonkeyPatch, killed_at: int
    ) -> None:
        real, calls = refresh_service_status, list[object]()

        def dying(*args: object, **kwargs: object) -> int:
            calls.append(args)
            if len(calls) == killed_at:
                raise KeyboardInterrupt
            return real(*args, **kwargs)  # type: ignore[arg-type]  # as they came

        monkeypatch.setattr(carrying_out, "refresh_service_status", dying)
        (waiting,) = imports_to_do()
        if killed_at <= 4:
            with pytest.raises(KeyboardInterrupt):
                carry_out(waiting)
            assert Device.objects.filter(smi_status=SUSPENDED).count() == 2 * (killed_at - 1)
        assert not carry_out(waiting)
        assert not carry_out(waiting)
        assert Device.objects.filter(smi_status=SUSPENDED).count() == 7
        assert DeviceStatusChange.objects.count() == AuditTrailEntry.objects.count() == 7
        assert CplImport.objects.get(pk=waiting).devices_suspended == 7
        assert imports_to_do() == []

    def test_a_worker_out_of_time_says_that_more_is_left(self, devices: list[Device]) -> None:
        (waiting,) = imports_to_do()
        assert carry_out(waiting, seconds=0)
        assert Device.objects.filter(smi_status=SUSPENDED).count() == 2
        assert not carry_out(waiting)
        assert Device.objects.filter(smi_status=SUSPENDED).count() == 7

    def test_back_on_the_list_while_a_worker_is_half_way(self, devices: list[Device]) -> None:
        (waiting,) = imports_to_do()
        carry_out(waiting, seconds=0)
        imported(row(), OTHER)
        assert not carry_out(imports_to_do()[-1])
        assert set(Device.objects.values_list("smi_status", flat=True)) == {COMMISSIONED}
        assert imports_to_do() == []

    def test_imports_are_carried_out_in_their_order(self, devices: list[Device]) -> None:
        imported(row(), OTHER)
        imported(OTHER)
        assert not carry_out(imports_to_do()[-1])
        assert imports_to_do() == []
        assert set(Device.objects.values_list("smi_status", flat=True)) == {SUSPENDED}

    def test_the_sweep_wakes_a_worker_for_what_waits(
        self, devices: list[Device], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        woken: list[int] = []
        monkeypatch.setattr(
            "inventory.actions.products.waking.wake", lambda import_id, **_: woken.append(import_id)
        )
        sweep_products()
        assert woken == imports_to_do()

    def test_the_commit_wakes_a_worker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        woken: list[int] = []
        monkeypatch.setattr("inventory.actions.products.waking.wake", woken.append)
        with transaction.atomic():
            imported(row())
            assert woken == []
        assert woken == imports_to_do()
