"""Device alerts and DCC alerts: what moves, what does not, and in whose audit trail each stands."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from inventory.duis.messages import DccAlert, DeviceAlert, OtherAlert, StatusChange, StatusChangeEvent
from inventory.models import AuditTrailEntry, Device, RemovedDevice
from inventory.models.choices import Removal, SmiStatus, TrailKind
from inventory.search.service_requests import same_request
from ssi.access.actor import Actor
from ssi.accounts.models import Succession
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.inventory.service_requests.sending import (
    BROKER,
    Home,
    alert,
    build_home,
    device_alert,
    history,
    put,
    request_id,
    send,
    status,
    tell,
)

pytestmark = pytest.mark.django_db
NO_DEVICE = Eui64.parse("02-5A-01-00-00-00-0E-99")
P, W, INC, C, D, S = (
    SmiStatus.PENDING,
    SmiStatus.WHITELISTED,
    SmiStatus.INSTALLED_NOT_COMMISSIONED,
    SmiStatus.COMMISSIONED,
    SmiStatus.DECOMMISSIONED,
    SmiStatus.SUSPENDED,
)
N, R = SmiStatus.RECOVERY, SmiStatus.RECOVERED


@pytest.fixture
def home() -> Home:
    return build_home(C)


@pytest.mark.parametrize(
    ("what", "name", "before", "steps"),
    [
        (StatusChange.SUSPENDED, "esme", C, [(C, S)]),
        (StatusChange.SUSPENDED, "esme", INC, [(INC, S)]),
        (StatusChange.SUSPENDED, "esme", S, []),
        (StatusChange.SUSPENDED, "esme", P, []),
        (StatusChange.SUSPENDED, "gpf", C, []),
        (StatusChange.SUSPENDED, "ihd", None, []),
        (StatusChange.RESTORED, "esme", S, [(S, INC)]),
        (StatusChange.RESTORED, "esme", C, []),
        (StatusChange.DECOMMISSIONED, "esme", C, [(C, D)]),
        (StatusChange.DECOMMISSIONED, "esme", D, []),
        (StatusChange.HUB_DECOMMISSIONED, "hub", C, [(C, D)]),
        (StatusChange.HUB_DECOMMISSIONED, "esme", C, []),
        (StatusChange.RECOVERING, "esme", C, [(C, N)]),
        (StatusChange.RECOVERED, "esme", N, [(N, R)]),
        (StatusChange.RECOVERED, "esme", C, [(C, N), (N, R)]),
        (StatusChange.RECOVERED, "esme", P, []),
        (StatusChange.IDENTITY, "esme", C, []),
    ],
)
def test_the_inventory_follows_what_an_alert_says(
    home: Home, what: StatusChange, name: str, before: SmiStatus | None, steps: list[tuple[int, int]]
) -> None:
    device = getattr(home, name)
    if before is not None:
        put(device, before)
    answer = alert(device, what, "N28")
    assert (answer.response_code, what.value in answer.detail) == ("I0", True)
    assert [step[:2] for step in history(device)] == steps
    kept = AuditTrailEntry.objects.get()
    assert (kept.user_id, kept.kind, kept.code, kept.device_id) == (
        home.supplier.eui,
        TrailKind.DCC_ALERT,
        "N28",
        device.device_id,
    )


def test_a_suspended_device_goes_back_to_where_it_was(home: Home) -> None:
    for before in (C, INC):
        put(home.esme, before)
        alert(home.esme, StatusChange.SUSPENDED, "N28")
        assert status(home.esme) is S
        alert(home.esme, StatusChange.RESTORED, "N29")
        assert status(home.esme) is before


def test_a_hub_goes_with_its_gpf(home: Home) -> None:
    alert(home.hub, StatusChange.HUB_DECOMMISSIONED)
    assert (status(home.hub), status(home.gpf), status(home.esme)) == (D, D, C)


def test_n8_removes_a_pending_device_and_tells_its_notifying_party(home: Home) -> None:
    put(home.ppmid, P)
    notified_by = UserIdFactory.create()
    Device.objects.filter(pk=home.ppmid.pk).update(notified_by=notified_by)
    assert alert(home.ppmid, StatusChange.REMOVED, "N8").response_code == "I0"
    assert not Device.objects.filter(pk=home.ppmid.pk).exists()
    assert RemovedDevice.objects.get().how == Removal.HOUSEKEEPING
    assert users_told() == sorted([notified_by.eui, home.supplier.eui])
    again = alert(home.ppmid, StatusChange.REMOVED, "N8")
    assert (again.response_code, "not in the inventory" in again.detail) == ("I0", True)


def test_n8_leaves_a_device_that_moved_on(home: Home) -> None:
    alert(home.ppmid, StatusChange.REMOVED, "N8")
    assert status(home.ppmid) is C


def users_told() -> list[Eui64]:
    return sorted(AuditTrailEntry.objects.values_list("user_id", flat=True))


def test_a_change_of_status_is_for_its_recipient_and_for_whom_it_concerns(home: Home) -> None:
    recipient = UserIdFactory.create()
    alert(home.esme, StatusChange.SUSPENDED, recipient=recipient)
    assert users_told() == sorted([recipient.eui, home.supplier.eui])
    alert(home.gsme, StatusChange.SUSPENDED, recipient=home.supplier)
    assert AuditTrailEntry.objects.get(device_id=home.gsme.pk).user_id == home.supplier.eui


def test_any_other_alert_is_its_recipient_s_alone(home: Home) -> None:
    recipient = UserIdFactory.create()
    send(DccAlert("AD1", timezone.now(), OtherAlert("PowerOutageEvent", None, home.hub.pk), recipient.eui))
    assert users_told() == [recipient.eui]


def test_n8_reaches_who_took_the_notifying_party_over(home: Home) -> None:
    put(home.ppmid, P)
    failed, successor = UserIdFactory.create(), UserIdFactory.create()
    Succession.objects.create(user_id=failed, successor=successor, from_date=timezone.localdate())
    Device.objects.filter(pk=home.ppmid.pk).update(notified_by=failed)
    recipient = UserIdFactory.create()
    alert(home.ppmid, StatusChange.REMOVED, "N8", recipient=recipient)
    assert users_told() == sorted([successor.eui, home.supplier.eui, recipient.eui])


# --- Twice, from another, from the future ---


def suspended(home: Home, counter: int, **changes: Any) -> DccAlert:
    """Return the alert that a home's meter was suspended, with a whole ResponseID."""
    payload = StatusChangeEvent(home.esme.device_id, StatusChange.SUSPENDED)
    told = DccAlert("N28", timezone.now(), payload, home.supplier.eui, BROKER, counter)
    return replace(told, **changes)


def test_the_very_same_alert_is_taken_once(home: Home) -> None:
    other = UserIdFactory.create()
    assert send(suspended(home, 12)).response_code == "I0"
    alert(home.esme, StatusChange.RESTORED, "N29")
    again = send(suspended(home, 12))
    assert (again.response_code, status(home.esme), len(history(home.esme))) == ("SSI-ALERT-DOUBLED", C, 2)
    assert send(replace(suspended(home, 12), code="N29")).response_code == "I0"
    assert send(suspended(home, 12, recipient=other.eui)).response_code == "I0"
    assert send(suspended(home, 13)).response_code == "I0"


def test_the_copy_of_an_alert_to_another_is_not_taken_for_the_own(home: Home) -> None:
    send(suspended(home, 12, recipient=UserIdFactory.create().eui))
    assert home.supplier.eui in users_told()
    assert send(suspended(home, 12)).response_code == "I0"


def test_the_very_same_device_alert_is_taken_once(home: Home) -> None:
    put(home.esme, W)
    told = DeviceAlert(home.esme.device_id, home.supplier.eui, "8183", timezone.now(), 5)
    assert send(told).response_code == "I0"
    put(home.esme, W)
    assert send(told).response_code == "SSI-ALERT-DOUBLED"
    assert status(home.esme) is W
    assert send(replace(told, counter=6)).response_code == "I0"


def test_a_refused_alert_may_come_again(home: Home) -> None:
    Device.objects.filter(pk=home.esme.pk).delete()
    assert send(suspended(home, 12)).response_code == "E19"
    Device.objects.bulk_create([home.esme])
    assert send(suspended(home, 12)).response_code == "I0"


def test_an_alert_is_old_or_of_today(home: Home) -> None:
    now = timezone.now()
    told = DeviceAlert(home.esme.device_id, home.supplier.eui, "8F35", now)
    for message in (suspended(home, 12), told):
        ahead = replace(message, alerted_at=now + dt.timedelta(hours=25))
        assert send(ahead).response_code == "SSI-DATED-AHEAD"
        assert status(home.esme) is C
    for message in (suspended(home, 12), told):
        assert send(replace(message, alerted_at=now - dt.timedelta(days=700))).response_code == "I0"


def test_a_dcc_alert_is_the_dcc_s(home: Home) -> None:
    for sender, what in ((home.supplier.eui, "User ID"), (home.esme.device_id, "device of the inventory")):
        answer = send(suspended(home, 12, sender=sender))
        assert (answer.response_code, what in answer.detail) == ("SSI-ALERT-SENDER", True)
    assert status(home.esme) is C


def test_an_alert_shows_no_request_id(home: Home) -> None:
    asked = home.asked("8.1.1", home.esme)
    send(asked)
    device = home.esme.device_id
    send(DeviceAlert(device, home.supplier.eui, "8F35", timezone.now(), asked.request_id.counter))
    by = Actor(None, user_id=home.supplier.eui)
    request, told = AuditTrailEntry.objects.order_by("kind")
    assert (told.target, int(told.counter or 0)) == (device, asked.request_id.counter)
    assert told.request_id == ""
    assert request.request_id
    assert not same_request(told, by=by)
    assert not same_request(request, by=by)


def test_an_alert_about_an_unknown_device(home: Home) -> None:
    answer = alert(NO_DEVICE, StatusChange.SUSPENDED, recipient=home.supplier)
    assert answer.response_code == "E19"
    kept = AuditTrailEntry.objects.get()
    assert (kept.user_id, kept.code) == (home.supplier.eui, "N28")
    assert "not in the inventory" in kept.detail


def test_8183_says_that_a_device_joined(home: Home) -> None:
    put(home.esme, W)
    assert device_alert(home.esme, "8183", home.supplier).response_code == "I0"
    assert history(home.esme) == [(W, INC, "alert 8183")]
    assert device_alert(home.esme, "8183", home.supplier).response_code == "I0"
    assert len(history(home.esme)) == 1
    assert AuditTrailEntry.objects.filter(kind=TrailKind.DEVICE_ALERT, user_id=home.supplier.eui).count() == 2


@pytest.mark.parametrize("before", [P, C, S, D])
def test_8183_from_elsewhere_moves_nothing(home: Home, before: SmiStatus) -> None:
    put(home.esme, before)
    assert device_alert(home.esme, "8183", home.supplier).response_code == "I0"
    assert status(home.esme) is before


def test_other_device_alerts_are_kept(home: Home) -> None:
    put(home.esme, W)
    device_alert(home.esme, "8F35", home.supplier)
    assert status(home.esme) is W
    assert AuditTrailEntry.objects.get().code == "8F35"


def test_other_dcc_alerts_are_kept_for_whom_they_concern(home: Home) -> None:
    other = UserIdFactory.create()
    now = timezone.now()
    send(DccAlert("AD1", now, OtherAlert("PowerOutageEvent", None, home.hub.device_id)))
    send(DccAlert("N40", now, OtherAlert("CommandFailure", request_id(other.eui))))
    send(DccAlert("N53", now, OtherAlert("CommsHubAlert", None, NO_DEVICE), other.eui))
    send(DccAlert("N999", now, OtherAlert("DUISVersionMismatch")))
    assert sorted(AuditTrailEntry.objects.values_list("user_id", "code")) == sorted(
        [(home.supplier.eui, "AD1"), (other.eui, "N40"), (other.eui, "N53")]
    )


def test_n24_is_its_originator_s(home: Home) -> None:
    put(home.ppmid, P, comms_hub=None)
    asked = home.log_update(home.ppmid)
    send(asked, "8.11")
    tell(asked, "N24")
    told = AuditTrailEntry.objects.get(kind=TrailKind.DCC_ALERT)
    assert (told.user_id, told.code, told.device_id) == (home.supplier.eui, "N24", home.ppmid.device_id)
