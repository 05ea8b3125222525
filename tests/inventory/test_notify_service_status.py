"""Telling registration systems of DCC Service Statuses: which files there are, what they tell, what is marked."""

import csv
import io
import threading
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from inventory.actions.meter_points import notify_service_status, notifying
from inventory.jobs import notify_registration_systems
from inventory.models import MeterPoint, ServiceStatusChange, ServiceStatusFile
from inventory.models.choices import DccServiceStatus, Fuel
from inventory.search import service_status as search
from inventory.service_status_files import content_of
from ssi.access.actor import Actor
from ssi.audit.models import AuditEvent
from tests.factories.inventory import MeterPointFactory
from tests.factories.service_status import A, N, active_point, moved, waiting

pytestmark = pytest.mark.django_db
MPRN = "3938424403"
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def notified(*fuels: Fuel, **facts: Any) -> list[ServiceStatusFile]:
    given: dict[str, Any] = {"at": timezone.now(), "fuels": fuels or tuple(Fuel)} | facts
    return notify_service_status(by=Actor.system(), **given)


def read(file: ServiceStatusFile) -> list[list[str]]:
    content = content_of(file, search.lines_of(file))
    assert file.sha256 == sha256(content).hexdigest()
    return list(csv.reader(io.StringIO(content.decode("ascii"), newline="")))


def told(file: ServiceStatusFile) -> dict[str, str]:
    return {mpxn: status for kind, mpxn, status, _ in read(file)[1:-1] if kind == "D"}


def changed(mpxn: str, *statuses: DccServiceStatus) -> MeterPoint:
    """Return a meter point that went through these statuses, none of which was told."""
    point = MeterPointFactory.create(mpxn=mpxn)
    for status in statuses:
        before = point.dcc_service_status
        ServiceStatusChange.objects.create(
            at=NOON, meter_point=point, from_status=before, to_status=status, because="test"
        )
        point.dcc_service_status = status
        MeterPoint.objects.filter(pk=point.pk).update(dcc_service_status=status)
    return point


def test_nothing_to_tell_makes_no_file() -> None:
    assert notified() == []
    assert not AuditEvent.objects.filter(event="service_status.notified").exists()


def test_each_mpas_and_xoserve_get_a_file_of_their_own() -> None:
    for mpxn in ("2000007794886", "2000020479229", "1200031501010", MPRN):
        active_point(mpxn)
    files = notified()
    assert [(file.recipient, file.number, file.rows) for file in files] == [
        ("12", 1, 1),
        ("20", 1, 2),
        ("gas", 1, 1),
    ]
    assert [told(file) for file in files] == [
        {"1200031501010": "A"},
        {"2000007794886": "A", "2000020479229": "A"},
        {MPRN: "A"},
    ]
    assert waiting() == 0
    assert notified() == []


def test_a_file_has_a_header_its_rows_by_mpxn_and_a_trailer() -> None:
    changed("2000020479229", A)
    changed("2000007794886", A)
    [file] = notified(at=datetime(2026, 7, 2, 1, 30, tzinfo=UTC))
    assert read(file) == [
        ["H", "DCC", "Electricity", "20", "000001", "2026-07-02T01:30:00Z"],
        ["D", "2000007794886", "A", "2026-07-01T12:00:00Z"],
        ["D", "2000020479229", "A", "2026-07-01T12:00:00Z"],
        ["T", "2"],
    ]


def test_a_point_that_changed_often_is_told_once_with_its_last_status() -> None:
    point, meter = active_point("2000007794886")
    moved(meter, "decommission")
    [file] = notified()
    assert told(file) == {point.mpxn: "N"}
    assert ServiceStatusChange.objects.filter(file=file).count() == 2
    assert file.rows == 1


def test_files_of_a_recipient_are_numbered_and_the_former_stay_as_they_were() -> None:
    point, meter = active_point("2000007794886")
    [first] = notified()
    before = read(first)
    moved(meter, "decommission")
    [second] = notified()
    assert (first.number, second.number) == (1, 2)
    assert told(second) == {point.mpxn: "N"}
    assert read(first) == before


def test_as_many_files_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifying, "MOST_ROWS", 2)
    mpxns = [f"20000000000{number:02d}" for number in range(5)]
    for mpxn in reversed(mpxns):
        changed(mpxn, A, N)
    changed(MPRN, A)
    files = notified()
    assert [(file.recipient, file.number, file.rows) for file in files] == [
        ("20", 1, 2),
        ("20", 2, 2),
        ("20", 3, 1),
        ("gas", 1, 1),
    ]
    assert [mpxn for file in files[:3] for mpxn in told(file)] == mpxns
    changed("2000007794886", A)
    assert notified()[0].number == 4


@pytest.mark.parametrize("fuel", list(Fuel))
def test_one_fuel_alone_leaves_the_other_waiting(fuel: Fuel) -> None:
    changed("2000007794886", A)
    changed(MPRN, A)
    [file] = notified(fuel)
    assert file.fuel == fuel
    assert waiting() == 1


@pytest.mark.parametrize(
    ("switch", "held", "recipients"),
    [("MP077_ELECTRICITY", "2000007794886", ["20", "gas"]), ("MP077_GAS", MPRN, ["20", "gas"])],
)
def test_n_waits_for_its_fuels_switch(switch: str, held: str, recipients: list[str]) -> None:
    points = [changed(mpxn, A) for mpxn in ("2000007794886", MPRN)]
    assert [file.recipient for file in notified()] == recipients
    for point in points:
        ServiceStatusChange.objects.create(
            at=NOON, meter_point=point, from_status=A, to_status=N, because="decommission"
        )
    with override_settings(**{switch: False}):
        files = notified()
        assert [list(told(file).values()) for file in files] == [["N"]]
        assert held not in told(files[0])
        assert notified() == []
        assert [each.are_n_held for each in search.waiting()] == [True]
    [file] = notified()
    assert told(file) == {held: "N"}


@override_settings(MP077_ELECTRICITY=False)
def test_a_is_told_even_if_an_n_after_it_must_wait() -> None:
    point = changed("2000007794886", A, N)
    [file] = notified()
    assert told(file) == {point.mpxn: "A"}
    assert waiting() == 1
    with override_settings(MP077_ELECTRICITY=True):
        assert told(notified()[0]) == {point.mpxn: "N"}


@override_settings(MP077_ELECTRICITY=False)
def test_an_n_that_an_a_has_overtaken_is_never_told() -> None:
    point = changed("2000007794886", A, N, A)
    [file] = notified()
    assert told(file) == {point.mpxn: "A"}
    assert waiting() == 0
    with override_settings(MP077_ELECTRICITY=True):
        assert notified() == []


def went(point: MeterPoint, *statuses: DccServiceStatus) -> None:
    """Let a meter point go through more statuses."""
    for status in statuses:
        point.refresh_from_db()
        ServiceStatusChange.objects.create(
            at=NOON, meter_point=point, from_status=point.dcc_service_status, to_status=status, because="test"
        )
        MeterPoint.objects.filter(pk=point.pk).update(dcc_service_status=status)


def test_a_point_that_came_back_to_what_was_told_is_not_told_again() -> None:
    back, gone = changed("2000007794886", A), changed("2000020479229", A)
    [first] = notified()
    before = read(first)
    went(back, N, A)
    assert notified() == []
    assert waiting() == 2
    went(gone, N)
    [second] = notified()
    assert (second.rows, told(second)) == (1, {gone.mpxn: "N"})
    assert waiting() == 0
    assert ServiceStatusChange.objects.filter(file=second).count() == 3
    went(back, N)
    went(gone, A, N)
    [third] = notified()
    assert (third.rows, told(third)) == (1, {back.mpxn: "N"})
    assert [read(first), told(second)] == [before, {gone.mpxn: "N"}]


def test_a_point_that_came_back_and_went_before_a_file_was_made_is_told() -> None:
    point = changed("2000007794886", A)
    notified()
    went(point, N, A)
    assert notified() == []
    went(point, N)
    [file] = notified()
    assert told(file) == {point.mpxn: "N"}
    assert waiting() == 0


@override_settings(MP077_ELECTRICITY=False)
def test_an_n_that_had_to_wait_and_was_overtaken_tells_no_a_again() -> None:
    point = changed("2000007794886", A)
    notified()
    went(point, N)
    assert notified() == []
    went(point, A)
    assert notified() == []
    changed("2000020479229", A)
    [file] = notified()
    assert told(file) == {"2000020479229": "A"}
    assert waiting() == 0


def test_points_that_came_back_take_no_place_in_full_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifying, "MOST_ROWS", 2)
    back = [changed(f"20000000000{number:02d}", A) for number in range(3)]
    notified()
    for point in back:
        went(point, N, A)
    for number in range(10, 13):
        changed(f"20000000000{number:02d}", A)
    assert [(file.rows, len(told(file))) for file in notified()] == [(2, 2), (1, 1)]
    assert waiting() == 0


def test_a_rehearsal_says_what_there_would_be_and_changes_nothing() -> None:
    changed("2000007794886", A)
    [file] = notified(is_rehearsal=True)
    assert (file.recipient, file.rows, len(file.sha256)) == ("20", 1, 64)
    assert waiting() == 1
    assert not ServiceStatusFile.objects.exists()
    assert notified()[0].number == 1


def test_each_file_is_in_the_audit_log() -> None:
    changed("2000007794886", A)
    [file] = notified()
    event = AuditEvent.objects.get(event="service_status.notified")
    assert event.reference == "20 000001"
    assert event.detail == {"rows": 1, "sha256": file.sha256}


def test_the_command_names_its_files(capsys: pytest.CaptureFixture[str]) -> None:
    changed("2000007794886", A)
    changed(MPRN, A)
    call_command("notify_service_status", "--dry-run")
    shown = capsys.readouterr()
    assert "dcc-service-status-20-000001.csv rows=1 sha256=" in shown.out
    assert "2 files, 2 meter points. This was a dry run." in shown.err
    call_command("notify_service_status", "--fuel", "gas")
    assert capsys.readouterr().out.startswith("dcc-service-status-gas-000001.csv rows=1")
    assert waiting() == 1


def test_the_clock_tells_every_night() -> None:
    changed("2000007794886", A)
    notify_registration_systems(later=True)
    notify_registration_systems()
    assert ServiceStatusFile.objects.count() == 1
    assert waiting() == 0


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_tell_everything_once() -> None:
    for number in range(40):
        changed(f"20000000000{number:02d}", A)
    both, made, failures = threading.Barrier(2, timeout=30), [], []

    def run() -> None:
        try:
            both.wait()
            made.extend(notified())
        except Exception as trouble:  # noqa: BLE001 - told to the test
            failures.append(trouble)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [(file.number, file.rows) for file in made] == [(1, 40)]
    assert waiting() == 0


def test_the_first_run_tells_45_000_points_in_one_go() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inventory_meterpoint (mpxn, post_code, address_identifier, dcc_service_status)"
            " SELECT (1000000000000 + n % 2 * 1000000000000 + n)::text, '', '', 2 FROM generate_series(1, 45000) n"
        )
        cursor.execute(
            "INSERT INTO inventory_servicestatuschange (at, meter_point_id, from_status, to_status, because)"
            " SELECT now(), id, 1, 2, 'first run' FROM inventory_meterpoint"
        )
        cursor.execute("ANALYZE inventory_meterpoint")  # as the database does by itself, or the plan is chance
        cursor.execute("ANALYZE inventory_servicestatuschange")
    files = notified()
    assert [(file.recipient, file.rows) for file in files] == [
        ("10", 20_000),
        ("10", 2_500),
        ("20", 20_000),
        ("20", 2_500),
    ]
    assert waiting() == 0
    assert sum(len(told(file)) for file in files) == 45_000
