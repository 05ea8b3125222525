"""A run removes what is due, leaves what is held, tells each party once, and can be stopped at any moment."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.models.choices import State
from inventory import holds, jobs
from inventory.actions import housekeeping, transactions
from inventory.actions.housekeeping import running, telling
from inventory.models import (
    AuditTrailEntry,
    AwaitedResponse,
    Device,
    HousekeepingNotice,
    HousekeepingRule,
    HousekeepingRun,
    ManualCorrection,
    RemovedDevice,
    TrailMessage,
    TransactionCount,
)
from inventory.models.choices import DeviceType, Removal, SmiStatus, TrailKind
from inventory.search import service_requests
from inventory.search.service_requests import TrailFilters
from ssi.access.actor import Actor
from ssi.accounts.models import Person, Succession, UserId
from ssi.accounts.models.succession import TakenOverBecause
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed
from tests.factories.accounts import UserIdFactory
from tests.factories.housekeeping import due_device, young_device
from tests.factories.incidents import request_in
from tests.factories.inventory import DeviceFactory
from tests.personas import actor_of

pytestmark = pytest.mark.django_db
PORTAL = Actor.system()


def user_of(person: Person) -> UserId:
    return UserId.objects.get(pk=actor_of(person).user.user_id)


def trail_of(person: Person) -> list[TrailMessage]:
    return list(service_requests.trail_page(TrailFilters(), by=actor_of(person)).rows)


def run() -> HousekeepingRun:
    return housekeeping.run(by=PORTAL)[-1]


def test_what_is_due_goes_and_leaves_what_it_must(gina: Person) -> None:
    due, young = due_device(notified_by=user_of(gina)), young_device(notified_by=user_of(gina))
    done = run()
    assert list(Device.objects.values_list("pk", flat=True)) == [young.pk]
    assert (done.removed, done.held, done.finished_at is None) == (1, 0, False)
    kept = RemovedDevice.objects.get()
    assert (kept.device_id, kept.how, kept.run_id) == (due.pk, Removal.HOUSEKEEPING, done.pk)
    assert not AuditTrailEntry.objects.exists()
    (alert,) = trail_of(gina)
    assert (alert.kind, alert.code, alert.user_id) == (TrailKind.DCC_ALERT, "N8", user_of(gina).eui)
    assert alert.device_id == due.pk
    assert "had been Pending for more than 12 months" in alert.detail
    notice = HousekeepingNotice.objects.get()
    assert (notice.party, notice.removed) == (gina.party, 1)
    assert AuditEvent.objects.get(event=running.FINISHED).detail == {"removed": 1, "held": 0}


@pytest.mark.parametrize("status", [each for each in SmiStatus if each != SmiStatus.PENDING])
def test_only_pending_devices_go(status: SmiStatus) -> None:
    due_device(smi_status=status)
    assert run().removed == 0


def test_what_was_seeded_without_a_date_stays() -> None:
    due_device(status_since=None, notified_at=None, notified_by=None)
    assert run().removed == 0


def test_a_device_of_an_unknown_notifying_party_goes_and_nobody_is_told() -> None:
    due_device(notified_by=None)
    assert run().removed == 1
    assert not TrailMessage.objects.filter(user_id__isnull=False).exists()
    assert not HousekeepingNotice.objects.exists()


def test_each_type_has_its_own_rule() -> None:
    for device_type in DeviceType:
        if device_type not in {DeviceType.IHD, DeviceType.CAD}:
            due_device(months=24, device_type=device_type)
    HousekeepingRule.objects.create(device_type=DeviceType.ESME, months=25)
    HousekeepingRule.objects.create(device_type=DeviceType.PPMID, is_excluded=True)
    HousekeepingRule.objects.create(device_type=DeviceType.CHF, months=24)
    run()
    left = set(Device.objects.values_list("device_type", flat=True))
    assert left == {DeviceType.ESME, DeviceType.PPMID, DeviceType.GPF}


def test_the_first_day_over_counts_and_the_last_day_within_does_not() -> None:
    today = due_device(days_over=0)
    due_device(days_over=-1)
    run()
    assert list(RemovedDevice.objects.values_list("device_id", flat=True)) == [today.pk]


# --- Held --------------------------------------------------------------------------------------------------------


def make_due(device_id: Any) -> None:
    since = timezone.now() - timedelta(days=800)
    Device.objects.filter(pk=device_id).update(status_since=since)


@pytest.mark.parametrize(
    ("state", "is_held"),
    [
        (State.ASSIGNED, True),
        (State.WITH_SERVICE_DESK, True),
        (State.ANSWERED, True),
        (State.CLOSED, False),
        (State.WITHDRAWN, False),
    ],
)
def test_an_open_request_for_install_code_holds_its_device(
    gina: Person, ivan: Person, state: State, is_held: bool
) -> None:
    make_due(request_in(state, gina, ivan).device_id)
    done = run()
    assert (done.removed, done.held) == ((0, 1) if is_held else (1, 0))


def test_an_open_manual_correction_holds_its_device(gina: Person) -> None:
    device = due_device()
    assert gina.party is not None
    ManualCorrection.objects.create(
        device_id=device.pk,
        user_id=user_of(gina),
        party=gina.party,
        person=gina,
        manufacturer="2F01",
        model="41A00103",
        reason="Misread",
        current_model=device.device_model,
    )
    assert run().held == 1


@pytest.mark.parametrize(
    ("days", "is_answered", "is_held"), [(0, False, True), (29, False, True), (31, False, False), (1, True, False)]
)
def test_a_request_that_awaits_its_response_holds_its_device(days: int, is_answered: bool, is_held: bool) -> None:
    originator, sent_at = UserIdFactory.create(), timezone.now() - timedelta(days=days)
    device = due_device(notified_by=originator)
    AwaitedResponse.objects.create(
        originator=originator.eui,
        target=DeviceFactory.create().pk,
        counter=1,
        srv="8.11",
        device_id=device.pk,
        sent_at=sent_at,
        answered_at=sent_at if is_answered else None,
    )
    assert holds.reasons_among([device.pk]) == (
        {device.pk: "a Service Request to it awaits its response"} if is_held else {}
    )
    done = run()
    assert (done.removed, done.held) == ((0, 1) if is_held else (1, 0))


def test_held_devices_do_not_keep_a_run_from_the_others(
    gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 2)
    for _ in range(3):
        make_due(request_in(State.ASSIGNED, gina, ivan).device_id)
    due_device(days_over=3)
    due_device()
    done = run()
    assert (done.removed, done.held) == (2, 3)


# --- Telling -----------------------------------------------------------------------------------------------------


def test_one_email_for_each_party_and_run(gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 2)
    for person, number in ((gina, 5), (ivan, 1)):
        for _ in range(number):
            due_device(notified_by=user_of(person))
    done = run()
    assert {notice.party: notice.removed for notice in done.notices.all()} == {gina.party: 5, ivan.party: 1}
    for person, words in ((gina, "5 Pending devices"), (ivan, "1 Pending device")):
        message = OutboxMessage.objects.get(recipient=person.email, event="housekeeping.removed")
        notice = done.notices.get(party=person.party)
        assert message.reference == notice.reference
        assert words in message.text
        assert f"/incidents/{notice.reference}/" in message.text
        for removed in RemovedDevice.objects.all():
            assert str(removed.device_id) not in message.text + message.html + message.subject
    assert not mail.outbox


def test_who_took_a_party_over_is_told_in_its_place(gina: Person, ivan: Person) -> None:
    gone, heir = user_of(ivan), user_of(gina)
    because = TakenOverBecause.SUPPLIER_OF_LAST_RESORT
    Succession.objects.create(user_id=gone, successor=heir, from_date=timezone.localdate(), because=because)
    due_device(notified_by=gone)
    notice = run().notices.get()
    assert notice.party == heir.party
    (alert,) = trail_of(gina)
    assert (alert.code, alert.user_id) == ("N8", heir.eui)
    assert "had been Pending for more than 12 months" in alert.detail
    assert trail_of(ivan) == []
    assert RemovedDevice.objects.get().notified_by == gone.eui


def test_the_alert_says_how_long_the_type_might_be_pending(gina: Person) -> None:
    months = {DeviceType.ESME: 1, DeviceType.GSME: 7, DeviceType.CHF: 3}
    for device_type, number in months.items():
        HousekeepingRule.objects.create(device_type=device_type, months=number)
        due_device(notified_by=user_of(gina), device_type=device_type)
    run()
    told = {each.detail for each in trail_of(gina)}
    assert told == {telling.detail_of(device_type, number) for device_type, number in months.items()}
    assert {each.suggestion for each in trail_of(gina)} == {telling.SUGGESTION}


def test_the_alert_is_found_as_any_other_message(gina: Person) -> None:
    due, _ = due_device(notified_by=user_of(gina)), due_device(notified_by=user_of(gina))
    run()
    by = actor_of(gina)
    for filters, number in (
        (TrailFilters(device_id=due.pk), 1),
        (TrailFilters(code="N8"), 2),
        (TrailFilters(kind=TrailKind.DCC_ALERT), 2),
        (TrailFilters(code="N24"), 0),
        (TrailFilters(srv="8.11"), 0),
        (TrailFilters(before_at=timezone.now() - timedelta(hours=1)), 0),
    ):
        assert len(service_requests.trail_page(filters, by=by).rows) == number, filters
    first = service_requests.trail_page(TrailFilters(), by=by, size=1)
    then = service_requests.trail_page(TrailFilters(), by=by, size=1, cursor=first.next_cursor or "")
    (one,), (another,) = first.rows, then.rows
    assert {one.device_id, another.device_id} == set(RemovedDevice.objects.values_list("device_id", flat=True))
    assert service_requests.entry_at(service_requests.address_key(one), by=by).device_id == one.device_id


# --- Scale, and stops in the middle ------------------------------------------------------------------------------


@pytest.fixture
def statements() -> Callable[[], int]:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            run()
        return len(captured)

    return count


def test_as_many_statements_for_a_thousand_devices_as_for_ten(gina: Person, statements: Callable[[], int]) -> None:
    counts = []
    for number in (10, 1_000):
        one = due_device(notified_by=user_of(gina))
        Device.objects.bulk_create(
            [
                Device(
                    device_id=type(one.pk)(one.pk.as_bigint + 1_000_000 + each),
                    device_type=one.device_type,
                    device_model=one.device_model,
                    notified_by=one.notified_by,
                    status_since=one.status_since,
                    smi_status=SmiStatus.PENDING,
                )
                for each in range(number - 1)
            ]
        )
        counts.append(statements())
    assert counts[0] == counts[1]
    assert RemovedDevice.objects.count() == 1_010


class Killed(BaseException):
    """What kills a run between two batches."""


def test_a_run_killed_between_batches_is_finished_by_the_next(
    gina: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 2)
    for _ in range(5):
        due_device(notified_by=user_of(gina))

    def kill(_: HousekeepingRun) -> None:
        raise Killed

    with pytest.raises(Killed):
        housekeeping.run(by=PORTAL, tell=kill)
    interrupted = HousekeepingRun.objects.get()
    assert (interrupted.removed, interrupted.finished_at) == (2, None)
    assert not OutboxMessage.objects.exists()
    (finished,) = housekeeping.run(by=PORTAL)
    assert (finished.pk, finished.removed) == (interrupted.pk, 5)
    assert finished.notices.get().removed == 5
    assert TrailMessage.objects.count() == 5
    assert OutboxMessage.objects.filter(recipient=gina.email).count() == 1


def test_yesterdays_interrupted_run_is_finished_and_todays_follows() -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    HousekeepingRun.objects.create(run_date=yesterday, started_at=timezone.now() - timedelta(days=1))
    due_device(days_over=0)
    old, new = housekeeping.run(by=PORTAL)
    assert (old.run_date, old.removed) == (yesterday, 0)
    assert (new.run_date, new.removed) == (timezone.localdate(), 1)


def test_the_clock_finishes_an_interrupted_run_and_begins_none() -> None:
    due_device()
    jobs.finish_interrupted_housekeeping()
    assert not HousekeepingRun.objects.exists()
    HousekeepingRun.objects.create(run_date=timezone.localdate(), started_at=timezone.now())
    jobs.finish_interrupted_housekeeping()
    assert HousekeepingRun.objects.get().removed == 1


def test_the_clock_runs_it_every_night() -> None:
    due_device()
    jobs.keep_house()
    jobs.keep_house()
    assert sorted(HousekeepingRun.objects.values_list("removed", flat=True)) == [0, 1]


def test_nobody_but_dcc_and_the_portal_runs_it(gina: Person, dana: Person) -> None:
    with pytest.raises(NotAllowed):
        housekeeping.run(by=actor_of(gina))
    with pytest.raises(NotAllowed):
        housekeeping.simulate(by=actor_of(gina))
    assert housekeeping.run(by=actor_of(dana))


# --- The command -------------------------------------------------------------------------------------------------


def command(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("housekeeping", *arguments, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def test_the_command_runs_it() -> None:
    due_device()
    out, err = command()
    assert out == f"{timezone.localdate()}: 1 device removed, 0 held.\n"
    assert err == "1 device removed\n"


def test_a_simulation_says_what_it_would_do_and_changes_nothing(gina: Person, ivan: Person) -> None:
    due_device(notified_by=user_of(gina))
    due_device(notified_by=user_of(gina), device_type=DeviceType.PPMID)
    due_device(notified_by=None)
    make_due(request_in(State.ASSIGNED, gina, ivan).device_id)
    assert gina.party is not None
    assert ivan.party is not None
    before = set(Device.objects.values_list("pk", flat=True)), OutboxMessage.objects.count()
    out, _ = command("--simulate")
    assert out.splitlines() == [
        "ESME\tnotifying party not known\t1 to remove\t0 held",
        f"ESME\t{ivan.party.name}\t0 to remove\t1 held",
        f"ESME\t{gina.party.name}\t1 to remove\t0 held",
        "PPMID\tNorthlight Energy\t1 to remove\t0 held",
        f"{timezone.localdate()}: would remove 3 devices, 1 held. Nothing was changed.",
    ]
    assert (set(Device.objects.values_list("pk", flat=True)), OutboxMessage.objects.count()) == before
    assert not HousekeepingRun.objects.exists()
    assert not RemovedDevice.objects.exists()


def test_a_device_that_nobody_notified_is_nobodys_message() -> None:
    due_device(notified_by=None)
    housekeeping.run(by=Actor.system())
    assert RemovedDevice.objects.get().pending_months is None
    transactions.refresh()
    assert not TransactionCount.objects.exists()
