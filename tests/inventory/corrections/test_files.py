"""Files of corrections: checked, applied as previewed, reverted where nothing changed since."""

from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from inventory.actions.corrections import batches, engine, statements
from inventory.actions.details import change_details
from inventory.models import CorrectionBatch, CorrectionRow, Device, DeviceDetailChange, Registration
from inventory.models.choices import DeviceType, EsmeVariant, RegistrationKind, SmiStatus
from inventory.models.corrections import CorrectionState
from ssi.access.actor import Actor
from ssi.accounts.models import Person, RoleGrant
from ssi.audit.models import AuditEvent
from ssi.refusals import NotAllowed, NotInThisState
from tests.factories.corrections import (
    File,
    applied,
    checked,
    csv_of,
    meter_of,
    meters_of,
    sent,
    worked_off,
)
from tests.factories.inventory import DeviceFactory, MeterPointFactory
from tests.factories.registrations import RegistrationFactory, day
from tests.personas import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
A, BD, C = EsmeVariant.A, EsmeVariant.BD, EsmeVariant.C


@pytest.fixture(name="us")
def _us(gina: Person) -> Actor:
    return actor_of(gina, "IS")


def findings(batch: CorrectionBatch) -> dict[int, str]:
    rows = CorrectionRow.objects.filter(batch=batch)
    return dict(rows.order_by("line").values_list("line", "finding"))


def variants(*devices: Device) -> list[int | None]:
    held = dict(Device.objects.values_list("pk", "esme_variant"))
    return [held[device.pk] for device in devices]


FINDINGS = {
    2: "",
    3: "",
    4: "only_the_responsible_supplier",
    5: "already_so",
    6: "no_variant",
    7: "stands_twice",
    8: "not_in_the_inventory",
    9: "not_a_device_id",
    10: "spoilt_by_spreadsheet",
    11: "variant_unknown",
    12: "variant_missing",
    13: "holds_install_code",
}


def test_each_line_says_what_would_be_changed_by_which_rule_or_why_not(us: Actor, ivan: Person) -> None:
    assert us.user_id
    theirs = actor_of(ivan).user_id
    ours = meter_of(us.user_id)
    pending = meter_of(None, SmiStatus.PENDING, notified_by_id=us.user_id)
    others = meter_of(theirs)
    right = meter_of(us.user_id, variant=BD)
    gas = DeviceFactory.create(device_type=DeviceType.GSME, smi_status=SmiStatus.COMMISSIONED)

    batch = checked(
        us,
        (ours.pk, BD),
        (pending.pk.plain.lower(), "bd"),
        (others.pk, BD),
        (right.pk, BD),
        (gas.pk, BD),
        (ours.pk, BD),
        ("00-DB-12-00-00-00-00-01", BD),
        ("14 Alder Row", BD),
        ("3.0E+15", BD),
        (meter_of(us.user_id).pk, "Z"),
        (meter_of(us.user_id).pk, ""),
        ("", "A1B2C3D4E5F60718293A4B5C6D7E8F90"),
    )

    assert findings(batch) == FINDINGS
    good = CorrectionRow.objects.filter(batch=batch, finding="").order_by("line")
    assert list(good.values_list("current", "wanted", "rule", "smi_status")) == [
        (A, BD, "responsible_supplier", SmiStatus.COMMISSIONED),
        (A, BD, "notifying_party", SmiStatus.PENDING),
    ]
    assert (batch.state, batch.given, batch.allowed, batch.refused) == ("checked", 12, 2, 10)
    assert batch.findings == {each: 1 for each in sorted(findings(batch).values()) if each}
    assert variants(ours, pending) == [A, A]
    assert not any("A1B2" in row.given for row in CorrectionRow.objects.filter(batch=batch))


def test_what_was_previewed_is_applied_with_its_history(us: Actor) -> None:
    assert us.user_id
    first, second = meters_of(us.user_id, 2)

    batch = applied(us, (first.pk, BD), (second.pk, C))

    assert variants(first, second) == [BD, C]
    assert (batch.state, batch.done, batch.conflicts) == ("applied", 2, 0)
    rows = DeviceDetailChange.objects.order_by("device_id").values_list(
        "device_id", "before", "after", "told_by", "batch", "because"
    )
    assert list(rows) == [
        (first.pk, A, BD, us.user_id, batch.pk, "file: responsible_supplier"),
        (second.pk, A, C, us.user_id, batch.pk, "file: responsible_supplier"),
    ]
    events = AuditEvent.objects.filter(about="correction_batch").order_by("id").values_list("event", flat=True)
    assert list(events) == [f"correction_batch.{each}" for each in ("sent", "checked", "confirmed", "applied")]


def test_what_others_changed_since_the_check_is_a_conflict(us: Actor) -> None:
    assert us.user_id
    first, second, third, fourth = meters_of(us.user_id, 4)
    batch = checked(us, *((each.pk, BD) for each in (first, second, third, fourth)))
    change_details(first, at=timezone.now(), because="8.4", told_by=None, esme_variant=C)
    Device.objects.filter(pk=second.pk).update(smi_status=SmiStatus.DECOMMISSIONED)
    Device.objects.filter(pk=third.pk).delete()

    batch = worked_off(batches.apply(batch.reference, by=us))

    assert (batch.done, batch.conflicts) == (1, 3)
    assert list(findings(batch).values()) == [
        "changed_since_the_check",
        "variant_not_in_this_status",
        "not_in_the_inventory",
        "",
    ]
    assert variants(first, second, fourth) == [C, A, BD]
    assert DeviceDetailChange.objects.filter(batch=batch).count() == 1


def test_a_row_whose_rule_became_another_is_not_applied(us: Actor) -> None:
    assert us.user_id
    device = meter_of(us.user_id, SmiStatus.PENDING, notified_by_id=us.user_id)
    batch = checked(us, (device.pk, BD))
    Device.objects.filter(pk=device.pk).update(smi_status=SmiStatus.WHITELISTED)

    batch = worked_off(batches.apply(batch.reference, by=us))

    assert findings(batch) == {2: "rule_no_longer_holds"}
    assert variants(device) == [A]


def test_a_batch_is_reverted_where_nothing_changed_since(us: Actor) -> None:
    assert us.user_id
    first, second, third = meters_of(us.user_id, 3)
    Device.objects.filter(pk=first.pk).update(esme_variant=None)
    batch = applied(us, *((each.pk, BD) for each in (first, second, third)))
    now = timezone.now()
    second.refresh_from_db()
    change_details(second, at=now, because="8.4", told_by=None, esme_variant=C)
    third.refresh_from_db()
    change_details(third, at=now, because="8.4", told_by=None, esme_variant=C)
    change_details(third, at=now, because="8.4", told_by=None, esme_variant=BD)

    batch = worked_off(batches.revert(batch.reference, by=us))

    assert variants(first, second, third) == [None, C, BD]
    assert (batch.state, batch.done, batch.undone) == ("reverted", 3, 1)
    assert list(findings(batch).values()) == ["", "kept_changed_afterwards", "kept_changed_afterwards"]
    last = DeviceDetailChange.objects.filter(device_id=first.pk).latest("id")
    assert (last.before, last.after, last.because) == (BD, None, "file reverted: responsible_supplier")


def test_conflicts_of_the_apply_are_not_reverted(us: Actor) -> None:
    assert us.user_id
    first, second = meters_of(us.user_id, 2)
    batch = checked(us, (first.pk, BD), (second.pk, BD))
    change_details(first, at=timezone.now(), because="8.4", told_by=None, esme_variant=BD)

    worked_off(batches.apply(batch.reference, by=us))
    batch = worked_off(batches.revert(batch.reference, by=us))

    assert variants(first, second) == [BD, A]
    assert (batch.done, batch.conflicts, batch.undone) == (1, 1, 1)


def test_who_lost_the_meter_point_cannot_revert(us: Actor, ivan: Person) -> None:
    assert us.user_id
    device = meter_of(us.user_id)
    batch = applied(us, (device.pk, BD))
    Device.objects.filter(pk=device.pk).update(
        import_meter_point=meter_of(actor_of(ivan).user_id).import_meter_point_id
    )

    batch = worked_off(batches.revert(batch.reference, by=us))

    assert findings(batch) == {2: "kept_only_the_responsible_supplier"}
    assert variants(device) == [BD]


def test_a_kill_at_any_chunk_loses_and_doubles_nothing(us: Actor) -> None:
    """A step that raises after the earlier ones were committed: whoever comes next goes on from there."""
    assert us.user_id
    devices = meters_of(us.user_id, 7)
    with mock.patch.object(engine, "CHUNK", 2):
        batch = checked(us, *((each.pk, BD) for each in devices))
        batches.apply(batch.reference, by=us)
        real, calls = statements.facts_of, iter([1, 2])

        def killed(found: CorrectionBatch) -> dict[str, object]:
            if next(calls, None) is None:
                raise KeyboardInterrupt
            return real(found)

        with mock.patch.object(statements, "facts_of", killed), pytest.raises(KeyboardInterrupt):
            engine.carry_on(batch.pk)

        batch.refresh_from_db()
        assert (batch.state, batch.done, batch.at_line) == ("applying", 4, 5)
        assert engine.batches_to_do() == [batch.pk]
        batch = worked_off(batch)

    assert (batch.state, batch.done, batch.conflicts) == ("applied", 7, 0)
    assert variants(*devices) == [BD] * 7
    assert DeviceDetailChange.objects.filter(batch=batch).count() == 7


def test_a_step_that_fails_leaves_no_half_of_it(us: Actor) -> None:
    assert us.user_id
    devices = meters_of(us.user_id, 3)
    batch = checked(us, *((each.pk, BD) for each in devices))
    batches.apply(batch.reference, by=us)

    with mock.patch.object(engine, "_count", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        engine.carry_on(batch.pk)

    assert variants(*devices) == [A] * 3
    assert not DeviceDetailChange.objects.exists()
    assert worked_off(batch).done == 3


def test_two_files_over_the_same_devices_change_each_once(us: Actor) -> None:
    assert us.user_id
    devices = meters_of(us.user_id, 5)
    first = checked(us, *((each.pk, BD) for each in devices))
    second = checked(us, *((each.pk, C) for each in reversed(devices)))
    batches.apply(first.reference, by=us)
    batches.apply(second.reference, by=us)
    with mock.patch.object(engine, "CHUNK", 2):
        while engine.carry_on(first.pk, seconds=0) | engine.carry_on(second.pk, seconds=0):
            pass

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.done + second.done == 5
    assert first.conflicts + second.conflicts == 5
    assert DeviceDetailChange.objects.count() == 5


def test_two_workers_at_the_same_devices_wait_for_each_other(us: Actor) -> None:
    assert us.user_id
    devices = meters_of(us.user_id, 12)
    files = [
        checked(us, *((each.pk, BD) for each in devices)),
        checked(us, *((each.pk, C) for each in reversed(devices))),
    ]
    for batch in files:
        batches.apply(batch.reference, by=us)

    def work(batch: CorrectionBatch) -> None:
        try:
            while engine.carry_on(batch.pk):
                pass
        finally:
            connection.close()

    with mock.patch.object(engine, "CHUNK", 4), ThreadPoolExecutor(4) as pool:
        list(pool.map(work, files * 2))

    for batch in files:
        batch.refresh_from_db()
    assert [batch.state for batch in files] == ["applied", "applied"]
    assert sum(batch.done for batch in files) == sum(batch.conflicts for batch in files) == 12
    assert DeviceDetailChange.objects.count() == 12


def test_whoever_finds_a_file_locked_leaves_it(us: Actor) -> None:
    assert us.user_id
    batch = sent(us, (meter_of(us.user_id).pk, BD))
    with transaction.atomic():
        CorrectionBatch.objects.select_for_update().get(pk=batch.pk)
    assert engine.carry_on(batch.pk) is False
    batch.refresh_from_db()
    assert batch.state == CorrectionState.CHECKED
    assert engine.carry_on(batch.pk) is False


def test_an_export_supplier_and_a_stand_in_are_responsible_too(us: Actor, ivan: Person) -> None:
    """Not only who is registered as Import Supplier, which most devices are asked first."""
    assert us.user_id
    ended = meter_of(us.user_id, notified_by_id=actor_of(ivan).user_id)
    Registration.objects.filter(meter_point=ended.import_meter_point).update(to_date=day(-1))
    exporting = meter_of(actor_of(ivan).user_id, export_meter_point=MeterPointFactory.create())
    RegistrationFactory.create(
        meter_point=exporting.export_meter_point,
        user_id_id=us.user_id,
        kind=RegistrationKind.EXPORT_SUPPLIER,
    )
    standing_in = meter_of(None, notified_by_id=us.user_id)

    batch = checked(us, *((each.pk, BD) for each in (ended, exporting, standing_in)))

    assert list(findings(batch).values()) == ["only_the_responsible_supplier", "", ""]


def test_the_same_file_twice_is_one_batch(us: Actor) -> None:
    assert us.user_id
    lines = ((meter_of(us.user_id).pk, BD),)

    first, again = sent(us, *lines), sent(us, *lines)

    assert again.pk == first.pk
    assert again.recognised
    worked_off(first)
    worked_off(batches.apply(first.reference, by=us))
    later = checked(us, *lines)
    assert later.pk != first.pk
    assert findings(later) == {2: "already_so"}


def test_rights_taken_away_stop_the_rest(us: Actor, gina: Person) -> None:
    assert us.user_id
    device = meter_of(us.user_id)
    batch = checked(us, (device.pk, BD))
    batches.apply(batch.reference, by=us)
    RoleGrant.objects.filter(person=gina).update(ended_at=timezone.now())

    batch = worked_off(batch)

    assert (batch.state, batch.done, findings(batch)) == ("applied", 0, {2: "may_no_longer"})
    assert variants(device) == [A]


def test_others_and_roles_without_the_right_get_refusals(
    us: Actor, ivan: Person, vera: Person, dana: Person
) -> None:
    assert us.user_id
    batch = checked(us, (meter_of(us.user_id).pk, BD))
    for act in (batches.apply, batches.revert, batches.cancel):
        with pytest.raises(batches.BatchUnknown):
            act(batch.reference, by=actor_of(ivan))
        with pytest.raises(NotAllowed):
            act(batch.reference, by=actor_of(vera))
        with pytest.raises(NotAllowed):
            act(batch.reference, by=actor_of(dana))
    with pytest.raises(NotAllowed):
        batches.send(File(csv_of(("x", BD))), by=actor_of(vera))


def test_a_file_moves_only_as_its_states_allow(us: Actor) -> None:
    assert us.user_id
    batch = checked(us, (meter_of(us.user_id).pk, BD))
    with pytest.raises(NotInThisState):
        batches.revert(batch.reference, by=us)
    batches.cancel(batch.reference, by=us)
    with pytest.raises(NotInThisState):
        batches.apply(batch.reference, by=us)
    assert worked_off(batch).state == CorrectionState.CANCELLED
    empty = checked(us, ("nothing", BD))
    with pytest.raises(batches.NothingToApply):
        batches.apply(empty.reference, by=us)


def test_without_mp125_only_pending_devices_are_corrected(us: Actor, settings: Settings) -> None:
    assert us.user_id
    settings.MP125 = False
    ours, pending = meter_of(us.user_id), meter_of(None, SmiStatus.PENDING, notified_by_id=us.user_id)

    batch = checked(us, (ours.pk, BD), (pending.pk, BD))

    assert findings(batch) == {2: "only_while_pending", 3: ""}
