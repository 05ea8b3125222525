"""Disaster recovery: declared, told on every page, files registered by the pipeline's rules, and its end."""

import io
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.roles import JobTypeRole
from ssi.accounts.models import Person, RoleGrant
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed, NotInThisState
from ssi.uploads.actions import receiving, recovery
from ssi.uploads.models import DisasterRecovery, Upload
from ssi.uploads.models.choices import Kind, State
from ssi.uploads.search import recovery as search
from tests.factories.accounts import DccPersonFactory
from tests.personas import actor_of
from tests.ssi.uploads.screens.making import officer, upload_in, user_id_of, with_findings

pytestmark = pytest.mark.django_db
WHERE = "Send it to files@dcc.example, with its signature."


@pytest.fixture
def desk(dana: Person) -> Actor:
    """Return the desk, acting."""
    return actor_of(dana)


@pytest.fixture
def other_desk(dana: Person) -> Actor:
    """Return another member of DCC's staff, acting."""
    return actor_of(DccPersonFactory.create(name="Duncan"))


@pytest.fixture
def running(desk: Actor) -> DisasterRecovery:
    """Return disaster recovery that was declared an hour ago."""
    time = recovery.declare(because="The network is down.", instructions=WHERE, by=desk)
    DisasterRecovery.objects.filter(pk=time.pk).update(declared_at=timezone.now() - timedelta(hours=1))
    return DisasterRecovery.objects.get(pk=time.pk)


def a_file(content: bytes = b"H,ADT\r\n") -> recovery.SignedFile:
    return recovery.SignedFile(
        kind=Kind.ADT,
        content=io.BytesIO(content),
        name="ADT_x.csv",
        size=len(content),
        signature=b"{}",
        signature_name="ADT_x.csv.sig",
    )


def registered(
    by: Actor, user_id: Eui64, *, came_at: datetime | None = None, said: Person | None = None
) -> Upload:
    return recovery.register(
        file=a_file(),
        for_user_id=user_id,
        came_at=came_at or timezone.now(),
        said_by=said.pk if said else _an_aro_of(user_id),
        by=by,
    )


def _an_aro_of(user_id: Eui64) -> int:
    grant = RoleGrant.objects.filter(acting_for=user_id, job_type_role=JobTypeRole.ARO).first()
    return grant.person_id if grant else 0


def on_word(state: State, by: Person, running: DisasterRecovery, **facts: object) -> Upload:
    """Return a file that came by e-mail, in that state, as DCC's staff registered it."""
    desk = Person.objects.get(pk=running.declared_by_id)
    facts = {"recovery": running, "authorised_by": "Aroha Ngata", "uploaded_by": desk} | facts
    return upload_in(state, by, sent_by_email_at=timezone.now(), **facts)


def test_one_at_a_time(running: DisasterRecovery, desk: Actor) -> None:
    with pytest.raises(recovery.RecoveryIsRunning):
        recovery.declare(because="Again.", instructions="Elsewhere.", by=desk)
    assert search.running() == running
    recovery.end(reference=running.reference, by=desk)
    assert search.running() is None
    with pytest.raises(NotInThisState):
        recovery.end(reference=running.reference, by=desk)
    again = recovery.declare(because="Once more.", instructions=WHERE, by=desk)
    with pytest.raises(NotInThisState):
        recovery.end(reference=running.reference, by=desk)
    assert search.running() == again
    assert [time.recovery.because for time in search.times()] == ["Once more.", "The network is down."]
    events = AuditEvent.objects.filter(about="disaster_recovery").order_by("id").values_list("event", flat=True)
    assert [event.split(".")[1] for event in events] == ["declared", "ended", "declared"]


@pytest.mark.parametrize("persona", ["aroha", "sunil", "gina"])
def test_only_the_desk_declares_ends_and_registers(
    running: DisasterRecovery, persona: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(persona)
    by = actor_of(person)
    with pytest.raises(NotAllowed):
        recovery.declare(because="x", instructions="y", by=by)
    with pytest.raises(NotAllowed):
        recovery.end(reference=running.reference, by=by)
    with pytest.raises(NotAllowed):
        registered(by, user_id_of(person).pk)
    assert search.running() == running


def test_the_portal_takes_no_files_meanwhile(running: DisasterRecovery, aroha: Person) -> None:
    with pytest.raises(receiving.UseEmail) as refused:
        receiving.receive(
            kind=Kind.ADT,
            file=io.BytesIO(b"x"),
            name="x",
            size=1,
            signature=None,
            signature_name="",
            submit_when_checked=False,
            by=actor_of(aroha),
        )
    assert "The network is down" in refused.value.message
    assert refused.value.way_out == WHERE
    assert not Upload.objects.exists()


def test_the_desk_registers_what_came(running: DisasterRecovery, desk: Actor, dana: Person, aroha: Person) -> None:
    upload = registered(desk, user_id_of(aroha).pk)
    upload = Upload.objects.get(pk=upload.pk)
    assert (upload.recovery, upload.uploaded_by, upload.party) == (running, dana, aroha.party)
    assert (upload.authorised_by, upload.said_yes) == (aroha.name, [aroha.pk])
    assert upload.submit_when_checked
    assert [mail.recipient for mail in OutboxMessage.objects.filter(event="upload.registered")] == [aroha.email]
    event = AuditEvent.objects.get(event="upload.registered")
    assert event.detail == {"recovery": running.reference, "authorised_by": aroha.name}


def test_what_came_is_registered_for_some_days_after_the_end(
    running: DisasterRecovery, desk: Actor, aroha: Person
) -> None:
    user_id = user_id_of(aroha).pk
    recovery.end(reference=running.reference, by=desk)
    now = timezone.now()
    upload = registered(desk, user_id, came_at=now - timedelta(minutes=5))
    assert Upload.objects.get(pk=upload.pk).recovery == running
    DisasterRecovery.objects.update(declared_at=now - timedelta(days=9), ended_at=now - timedelta(days=6))
    registered(desk, user_id, came_at=now - timedelta(days=5, hours=1))  # in flight at the end
    with pytest.raises(recovery.NoRecoveryThen):
        registered(desk, user_id, came_at=now - timedelta(days=4))
    DisasterRecovery.objects.update(ended_at=now - timedelta(days=7, hours=1))
    with pytest.raises(recovery.NoRecoveryThen):
        registered(desk, user_id, came_at=now - timedelta(days=8))


def test_it_may_have_come_in_the_minute_of_the_declaration(desk: Actor, aroha: Person) -> None:
    recovery.declare(because="Now.", instructions=WHERE, by=desk)
    assert registered(desk, user_id_of(aroha).pk, came_at=timezone.now() - timedelta(seconds=55))


def test_only_what_came_in_disaster_recovery_is_registered(
    running: DisasterRecovery, desk: Actor, aroha: Person, bela: Person
) -> None:
    user_id, now = user_id_of(aroha).pk, timezone.now()
    with pytest.raises(recovery.NotYet):
        registered(desk, user_id, came_at=now + timedelta(minutes=5))
    with pytest.raises(recovery.NoRecoveryThen):
        registered(desk, user_id, came_at=now - timedelta(hours=2))
    with pytest.raises(recovery.UserIdUnknown):
        registered(desk, Eui64.parse("90-B3-D5-1F-3E-00-00-99"), said=aroha)
    for other in (bela, officer(aroha, JobTypeRole.SEC)):
        with pytest.raises(recovery.NotAnOfficer):
            registered(desk, user_id, said=other)
    assert not Upload.objects.exists()


def test_the_desk_goes_on_with_it_on_the_users_word(
    running: DisasterRecovery, desk: Actor, aroha: Person, sunil: Person
) -> None:
    upload = with_findings(on_word(State.CHECKED, aroha, running), "W50", 1)
    with pytest.raises(Exception, match="warnings"):
        recovery.submit(reference=upload.reference, warnings_checked=False, said_by=aroha.pk, by=desk)
    assert Upload.objects.get(pk=upload.pk).authorised_by == "Aroha Ngata"
    recovery.submit(reference=upload.reference, warnings_checked=True, said_by=sunil.pk, by=desk)
    upload = Upload.objects.get(pk=upload.pk)
    assert upload.state == State.ACCEPTED
    assert upload.authorised_by == f"Aroha Ngata; submitted: {sunil.name}"
    assert upload.warnings_checked_by_id == desk.person_id
    event = AuditEvent.objects.get(event="upload.submitted_on_word")
    assert event.detail == {"authorised_by": sunil.name}


def test_a_second_member_of_staff_hears_a_second_officer(
    running: DisasterRecovery, desk: Actor, other_desk: Actor, aroha: Person, sunil: Person, bela: Person
) -> None:
    upload = on_word(State.CHECKED, aroha, running, second_because=["A threshold goes."])
    recovery.submit(reference=upload.reference, warnings_checked=False, said_by=aroha.pk, by=desk)
    assert Upload.objects.get(pk=upload.pk).state == State.AWAITING_APPROVAL
    with pytest.raises(NotAllowed):
        recovery.approve(reference=upload.reference, said_by=sunil.pk, by=desk)
    with pytest.raises(recovery.SameOfficer):
        recovery.approve(reference=upload.reference, said_by=aroha.pk, by=other_desk)
    Upload.objects.filter(pk=upload.pk).update(signer=sunil)
    with pytest.raises(recovery.SameOfficer):
        recovery.approve(reference=upload.reference, said_by=sunil.pk, by=other_desk)
    Upload.objects.filter(pk=upload.pk).update(signer=aroha)
    for nobody in (bela, Person.objects.get(email=desk.person_email)):
        with pytest.raises(recovery.NotAnOfficer):
            recovery.approve(reference=upload.reference, said_by=nobody.pk, by=other_desk)
    recovery.approve(reference=upload.reference, said_by=sunil.pk, by=other_desk)
    upload = Upload.objects.get(pk=upload.pk)
    assert (upload.state, upload.approved_by_id) == (State.ACCEPTED, other_desk.person_id)


def test_the_longest_names_fit(running: DisasterRecovery, desk: Actor, other_desk: Actor, aroha: Person) -> None:
    said = [officer(aroha, name=letter * 99).pk for letter in "abc"]
    upload = on_word(State.CHECKED, aroha, running, second_because=["x"], authorised_by="z" * 40)
    recovery.submit(reference=upload.reference, warnings_checked=False, said_by=said[0], by=desk)
    recovery.approve(reference=upload.reference, said_by=said[1], by=other_desk)
    recovery.withdraw(reference=upload.reference, said_by=said[2], by=desk)
    assert Upload.objects.get(pk=upload.pk).state == State.WITHDRAWN


def test_of_what_came_in_the_portal_the_desk_submits_nothing(
    running: DisasterRecovery, desk: Actor, aroha: Person
) -> None:
    upload = upload_in(State.ACCEPTED, aroha)
    with pytest.raises(recovery.DidNotComeByEmail):
        recovery.submit(reference=upload.reference, warnings_checked=True, said_by=aroha.pk, by=desk)
    assert Upload.objects.get(pk=upload.pk).state == State.ACCEPTED
