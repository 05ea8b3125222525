"""DCC alerts QuarantinedRequest: what is held, for whom, in whose trail it stands, and what changes nothing."""

import datetime as dt
import itertools
from dataclasses import replace
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from inventory.actions.audit_trail.recording import Entry, keep
from inventory.duis.answers import Answer
from inventory.duis.messages import DccAlert, QuarantinedRequest, RequestId
from inventory.models import AuditTrailEntry, AwaitedResponse
from inventory.models.choices import TrailKind
from ssi.access.roles import JobTypeRole
from ssi.accounts.models import UserId
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.notifications.models import OutboxMessage
from ssi.uploads.models import QuarantinedCommunication, QuarantineEvent
from ssi.uploads.models.choices import Breach, Fate
from tests.factories.accounts import RoleGrantFactory, UserIdFactory
from tests.inventory.duis import messages as duis
from tests.inventory.duis.applying import apply, register
from tests.inventory.service_requests.sending import BROKER, build_home, send

pytestmark = pytest.mark.django_db

METER = Eui64.parse(duis.METER)
EVENT_REF = 10**20 - 1
AT = timezone.now().replace(microsecond=0) - dt.timedelta(hours=2)
_alert_counters = itertools.count(5_000)


@pytest.fixture
def user() -> UserId:
    return UserIdFactory.create()


def alerted(
    user_id: UserId | Eui64,
    counter: int = 8,
    *,
    target: Eui64 = METER,
    event_ref: int = EVENT_REF,
    breach: Breach = Breach.USER_THRESHOLD,
    at: dt.datetime = AT,
    **changed: Any,
) -> Answer:
    """Tell that a request of the User is quarantined, under a new ResponseID to the User."""
    eui = user_id.eui if isinstance(user_id, UserId) else user_id
    payload = QuarantinedRequest(breach, RequestId(eui, target, counter), event_ref)
    return send(replace(DccAlert("N999", at, payload, eui, BROKER, next(_alert_counters)), **changed))


def event() -> QuarantineEvent:
    return QuarantineEvent.objects.get()


def written_to() -> dict[str, list[str]]:
    rows = OutboxMessage.objects.order_by("event", "recipient").values_list("event", "recipient")
    return {name: [each for _, each in group] for name, group in itertools.groupby(rows, key=lambda row: row[0])}


def test_an_alert_holds_its_request(user: UserId) -> None:
    answer = alerted(user)
    assert (answer.response_code, answer.suggestion) == ("I0", "")
    assert f"held under quarantine event {EVENT_REF}" in answer.detail
    held = QuarantinedCommunication.objects.get()
    assert (held.target, int(held.counter), held.srv, held.held_at) == (METER, 8, "", AT)
    assert held.fate == Fate.HELD
    opened = event()
    assert (opened.user_id_id, int(opened.event_ref)) == (user.eui, EVENT_REF)
    assert opened.breach == Breach.USER_THRESHOLD
    assert (opened.held, opened.decided, opened.began_at) == (1, 0, AT)
    assert opened.due_at == AT + dt.timedelta(hours=24)
    kept = AuditTrailEntry.objects.get()
    assert (kept.user_id, kept.kind, kept.detail) == (user.eui, TrailKind.DCC_ALERT, answer.detail)


def test_a_whole_alert_as_dcc_sends_it() -> None:
    user = register()
    breach = (
        f"<sr:RequestID>{user.eui}:{METER}:18446744073709551615</sr:RequestID>"
        f"<sr:QuarantineEventRef>{EVENT_REF}</sr:QuarantineEventRef>"
    )
    payload = f"<sr:ADDCCThresholdBreach>{breach}</sr:ADDCCThresholdBreach>"
    alert = duis.dcc_alert("N999", f"<sr:QuarantinedRequest>{payload}</sr:QuarantinedRequest>")
    assert apply(alert).response_code == "I0"
    assert QuarantinedCommunication.objects.get().counter == 2**64 - 1
    assert (event().breach, int(event().event_ref)) == (Breach.DCC_THRESHOLD.value, EVENT_REF)


@override_settings(SSI_QUARANTINE_DECISION_HOURS=6)
def test_one_event_holds_many_and_is_due_by_its_first(user: UserId) -> None:
    alerted(user, 8)
    alerted(user, 9, at=AT + dt.timedelta(minutes=5))
    alerted(user, 10, at=AT - dt.timedelta(minutes=5))
    alerted(user, 11, event_ref=7)
    first = QuarantineEvent.objects.get(event_ref=EVENT_REF)
    assert (first.held, first.began_at) == (3, AT - dt.timedelta(minutes=5))
    assert first.due_at == AT + dt.timedelta(hours=5, minutes=55)
    assert QuarantineEvent.objects.get(event_ref=7).held == 1


def test_two_users_may_have_the_same_reference(user: UserId) -> None:
    other = UserIdFactory.create()
    alerted(user)
    alerted(other)
    assert sorted(QuarantineEvent.objects.values_list("user_id", "held")) == sorted(
        [(user.eui, 1), (other.eui, 1)]
    )


def test_the_event_is_recorded_and_told_once(user: UserId) -> None:
    for role in (JobTypeRole.ARO, JobTypeRole.SRO, JobTypeRole.SEC, JobTypeRole.OPS):
        grant = RoleGrantFactory.create(acting_for=user, job_type_role=role, person__party=user.party)
        grant.person.email = f"{role.lower()}@invented.example"
        grant.person.save(update_fields=["email"])
    alerted(user, 8)
    alerted(user, 9)
    assert written_to() == {
        "quarantine_event.opened": ["aro@invented.example"],
        "quarantine_event.opened_copy": ["sec@invented.example", "sro@invented.example"],
    }
    recorded = AuditEvent.objects.get(event="quarantine_event.opened")
    assert (recorded.about, recorded.reference) == ("quarantine_event", event().reference)
    assert recorded.detail["event_ref"] == str(EVENT_REF)
    letter = OutboxMessage.objects.filter(event="quarantine_event.opened").get()
    assert event().reference in letter.text
    assert str(METER) not in letter.text + letter.html
    assert str(EVENT_REF) not in letter.text + letter.html


# --- What changes nothing ---


def test_the_very_same_alert_comes_again(user: UserId) -> None:
    alerted(user, counter=8)
    first = event()
    payload = QuarantinedRequest(Breach.USER_THRESHOLD, RequestId(user.eui, METER, 9), EVENT_REF)
    alert = DccAlert("N999", AT, payload, user.eui, BROKER, 77)
    assert send(alert).response_code == "I0"
    assert send(alert).response_code == "SSI-ALERT-DOUBLED"
    assert event().held == first.held + 1


@pytest.mark.parametrize(
    ("fate", "word"),
    [
        (Fate.HELD, "held"),
        (Fate.DECIDED, "decided about"),
        (Fate.RELEASED, "released"),
        (Fate.DELETED, "deleted"),
    ],
)
def test_told_again_under_another_response_id(user: UserId, fate: Fate, word: str) -> None:
    alerted(user)
    QuarantinedCommunication.objects.update(fate=fate)
    answer = alerted(user)
    assert (answer.response_code, f"is {word} in quarantine event" in answer.detail) == ("I0", True)
    assert "nothing was changed" in answer.detail
    assert (event().held, QuarantinedCommunication.objects.get().fate) == (1, fate)


def test_an_originator_unknown_here_has_nothing_held() -> None:
    answer = alerted(Eui64.parse("90-B3-D5-1F-3E-00-00-01"))
    assert (answer.response_code, "not a User ID known here" in answer.detail) == ("I0", True)
    assert not QuarantineEvent.objects.exists()


def test_an_alert_to_another_user_is_refused_and_tells_it_nothing(user: UserId) -> None:
    other = UserIdFactory.create()
    answer = alerted(user, recipient=other.eui)
    assert answer.response_code == "SSI-QUARANTINE-USER"
    assert not QuarantineEvent.objects.exists()
    kept = AuditTrailEntry.objects.get()
    assert (kept.user_id, kept.target, kept.counter) == (other.eui, None, None)
    assert str(user.eui) not in kept.detail


def test_an_alert_that_names_no_recipient_is_its_originator_s(user: UserId) -> None:
    assert alerted(user, recipient=None, sender=None).response_code == "I0"
    assert (event().held, AuditTrailEntry.objects.get().user_id) == (1, user.eui)


def test_an_event_keeps_the_breach_it_was_opened_with(user: UserId) -> None:
    alerted(user, 8)
    answer = alerted(user, 9, breach=Breach.ATTRIBUTE_LIMITS)
    assert "opened as “User's Anomaly Detection Threshold exceeded” and stays so" in answer.detail
    assert (event().held, event().breach) == (2, Breach.USER_THRESHOLD)


def test_an_event_that_was_over_opens_again(user: UserId) -> None:
    RoleGrantFactory.create(acting_for=user, job_type_role=JobTypeRole.ARO, person__party=user.party)
    alerted(user, 8)
    QuarantinedCommunication.objects.update(fate=Fate.RELEASED)
    QuarantineEvent.objects.update(held=0, released=1, reminded_at=AT, overdue_told_at=AT)
    later = AT + dt.timedelta(hours=1)
    alerted(user, 9, at=later)
    again = event()
    assert (again.held, again.released, again.began_at, again.due_at - later) == (1, 1, AT, dt.timedelta(hours=24))
    assert (again.reminded_at, again.overdue_told_at) == (None, None)
    assert OutboxMessage.objects.filter(event="quarantine_event.opened").count() == 2
    assert AuditEvent.objects.filter(event="quarantine_event.opened_again").count() == 1


# --- The Service Reference Variant ---


def test_the_srv_is_that_of_the_user_s_own_trail(user: UserId) -> None:
    sent: dict[str, Any] = {
        "kind": TrailKind.SERVICE_REQUEST,
        "code": "I99",
        "detail": "",
        "target": METER,
        "device_id": METER,
    }
    keep(Entry(at=AT, user_id=UserIdFactory.create().eui, srv="1.1.1", counter=8, **sent))
    keep(Entry(at=AT, user_id=user.eui, srv="7.4", counter=9, **sent))
    alerted(user, 8)
    assert QuarantinedCommunication.objects.get().srv == ""
    keep(Entry(at=AT, user_id=user.eui, srv="6.23", counter=8, **sent))
    alerted(user, 8)
    assert QuarantinedCommunication.objects.get().srv == "6.23"


def test_the_srv_of_what_awaits_its_response(user: UserId) -> None:
    AwaitedResponse.objects.create(
        originator=user.eui, target=METER, counter=8, srv="8.11", device_id=BROKER, sent_at=AT
    )
    alerted(user, 8)
    assert QuarantinedCommunication.objects.get().srv == "8.11"


def test_the_trail_finds_the_alert_under_a_device_of_the_inventory() -> None:
    home = build_home()
    alerted(home.supplier, target=home.esme.device_id)
    alerted(home.supplier, target=BROKER)
    assert set(AuditTrailEntry.objects.values_list("device_id", flat=True)) == {home.esme.device_id, None}
