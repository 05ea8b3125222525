"""Deciding on screen, and building the file: a wish, the last one wins, and nothing half-done."""

import hashlib
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.storage import storages

from ssi.access.actor import Actor
from ssi.accounts.models import Person, RoleGrant
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.refusals import NotAllowed, Refusal
from ssi.uploads import storage
from ssi.uploads.actions.quarantine import deciding, preparing
from ssi.uploads.actions.rights import RoleEnded
from ssi.uploads.models import PreparedFile, QuarantinedCommunication, QuarantineEvent
from ssi.uploads.models.choices import Decision, Fate
from ssi.uploads.search.quarantine import EventUnknown, Narrowing, RequestKey
from tests.factories.quarantine import FIRST_TARGET, decisions_of, event_of, held_in
from tests.factories.uploads import eqf_file
from tests.personas import actor_of

pytestmark = pytest.mark.django_db
RELEASE, DELETE = Decision.RELEASE, Decision.DELETE


def wishes(event: QuarantineEvent) -> list[tuple[str, str]]:
    return [(each.wish, each.wish_because) for each in held_in(event)]


def last_event() -> AuditEvent:
    return AuditEvent.objects.order_by("-id")[0]


def decide(event: QuarantineEvent, decision: Decision | None, by: Actor, **which: Any) -> deciding.Decided:
    return deciding.decide(reference=event.reference, decision=decision, by=by, **which)


def test_the_last_decision_wins_and_both_are_recorded(event: QuarantineEvent, by: Actor, aroha: Person) -> None:
    decide(event, RELEASE, by, because="ours")
    done = decide(event, DELETE, by, because="not ours", narrowing=Narrowing(srv="7.4"))
    assert (done.fitting, done.changed) == (1, 1)
    assert wishes(event) == [("DELETE", "not ours"), ("RELEASE", "ours"), ("RELEASE", "ours")]
    recorded = AuditEvent.objects.filter(event=deciding.DECIDED).order_by("id")
    assert [(each.person_email, each.detail["decision"], each.detail["communications"]) for each in recorded] == [
        (aroha.email, "RELEASE", 3),
        (aroha.email, "DELETE", 1),
    ]
    assert recorded[1].detail["chosen"] == "SRV 7.4"


def test_the_same_again_changes_and_records_nothing(event: QuarantineEvent, by: Actor) -> None:
    decide(event, RELEASE, by)
    before = AuditEvent.objects.count()
    assert decide(event, RELEASE, by) == deciding.Decided(fitting=3, changed=0)
    assert AuditEvent.objects.count() == before


def test_a_decision_is_taken_back(event: QuarantineEvent, by: Actor) -> None:
    decide(event, RELEASE, by, because="ours")
    decide(event, None, by, because="forgotten", chosen=[RequestKey(FIRST_TARGET, 1000)])
    assert wishes(event) == [("", ""), ("RELEASE", "ours"), ("RELEASE", "ours")]


@pytest.mark.parametrize(
    ("narrowing", "expected"),
    [
        (Narrowing(), 3),
        (Narrowing(srv="6.23"), 1),
        (Narrowing(target=FIRST_TARGET), 3),
        (Narrowing(target=FIRST_TARGET, srv="11.3"), 1),
        (Narrowing(is_wished=False), 3),
    ],
)
def test_which_are_meant(event: QuarantineEvent, by: Actor, narrowing: Narrowing, expected: int) -> None:
    assert decide(event, DELETE, by, narrowing=narrowing).fitting == expected


def test_only_what_is_held_is_decided_about(event: QuarantineEvent, by: Actor) -> None:
    first = held_in(event)[0]
    QuarantinedCommunication.objects.filter(pk=first.pk).update(fate=Fate.RELEASED)
    assert decide(event, DELETE, by).fitting == 2
    with pytest.raises(deciding.NothingHeld):
        decide(event, DELETE, by, chosen=[RequestKey(first.target, 1000)])
    with pytest.raises(deciding.NothingHeld):
        decide(event, DELETE, by, narrowing=Narrowing(fate=Fate.RELEASED))


def test_what_is_ticked_must_be_of_this_event(event: QuarantineEvent, by: Actor) -> None:
    other = event_of(event.user_id, 1, event_ref=1)
    QuarantinedCommunication.objects.filter(event=other).update(counter=5)
    with pytest.raises(deciding.NothingHeld):
        decide(event, DELETE, by, chosen=[RequestKey(FIRST_TARGET, 5), RequestKey(Eui64(1), 1000)])
    with pytest.raises(deciding.NothingChosen):
        decide(event, DELETE, by, chosen=[])
    assert wishes(other) == [("", "")]


@pytest.mark.parametrize("because", ["=1", " +1", "@x", "-", "x" * 201, "two\nlines", "\ttab", "bell\a"])
def test_a_reason_fits_the_file(event: QuarantineEvent, by: Actor, because: str) -> None:
    with pytest.raises(deciding.ReasonNotFit):
        decide(event, DELETE, by, because=because)
    assert wishes(event) == [("", "")] * 3


def test_others_decide_nothing(
    event: QuarantineEvent, bela: Person, sunil: Person, gina: Person, dana: Person
) -> None:
    for person, refusal in ((bela, EventUnknown), (sunil, NotAllowed), (gina, NotAllowed), (dana, NotAllowed)):
        for act in (lambda by: decide(event, RELEASE, by), lambda by: prepare(event, by)):
            with pytest.raises(refusal):
                act(actor_of(person))
    assert wishes(event) == [("", "")] * 3


def test_a_role_that_ended_a_second_ago(event: QuarantineEvent, by: Actor, aroha: Person) -> None:
    RoleGrant.objects.filter(person=aroha).delete()
    with pytest.raises(RoleEnded):
        decide(event, RELEASE, by)
    with pytest.raises(RoleEnded):
        prepare(event, by)


# --- The file ---


def prepare(event: QuarantineEvent, by: Actor) -> PreparedFile:
    return preparing.prepare(reference=event.reference, by=by)


def content_of(prepared: PreparedFile) -> bytes:
    with storage.opened(prepared.stored_as, prepared.sha256) as content:
        return content.read()


def test_the_file_is_byte_for_byte_what_a_person_would_write(event: QuarantineEvent, by: Actor) -> None:
    decide(event, RELEASE, by)
    decide(event, DELETE, by, because='wrong "tariff", é', narrowing=Narrowing(srv="6.23"))
    prepared = prepare(event, by)
    decisions: list[tuple[str, ...]] = list(decisions_of(event))
    decisions[1] = (decisions[1][0], "DELETE", 'wrong "tariff", é')
    name, content = eqf_file(
        event.user_id, 4711, decisions, reference=prepared.reference, created_at=prepared.prepared_at
    )
    assert (prepared.file_name, content_of(prepared)) == (name, content)
    assert (prepared.lines, prepared.size) == (3, len(content))
    assert prepared.sha256 == hashlib.sha256(content).hexdigest()
    assert last_event().detail["file"] == prepared.reference


def test_a_file_is_built_of_all_decisions_or_not_at_all(event: QuarantineEvent, by: Actor) -> None:
    decide(event, RELEASE, by, narrowing=Narrowing(srv="7.4"))
    with pytest.raises(preparing.NotAllDecided) as refusal:
        prepare(event, by)
    assert "2 of the 3 communications" in str(refusal.value)
    assert not PreparedFile.objects.exists()


def test_nothing_is_left_to_sign(event: QuarantineEvent, by: Actor) -> None:
    QuarantinedCommunication.objects.update(fate=Fate.DECIDED)
    QuarantineEvent.objects.update(held=0, decided=3)
    with pytest.raises(preparing.NothingToDecide):
        prepare(event, by)


def test_what_is_over_is_left_out(event: QuarantineEvent, by: Actor) -> None:
    QuarantinedCommunication.objects.filter(pk=held_in(event)[0].pk).update(fate=Fate.DELETED)
    QuarantineEvent.objects.update(held=2, deleted=1)
    decide(event, RELEASE, by)
    assert prepare(event, by).lines == 2


def test_a_newer_file_withdraws_the_older(event: QuarantineEvent, by: Actor) -> None:
    decide(event, RELEASE, by)
    older, newer = prepare(event, by), prepare(event, by)
    older.refresh_from_db()
    assert older.withdrawn_at is not None
    assert newer.withdrawn_at is None


def test_a_changed_decision_withdraws_the_file(event: QuarantineEvent, by: Actor) -> None:
    decide(event, RELEASE, by)
    prepared = prepare(event, by)
    decide(event, RELEASE, by)
    prepared.refresh_from_db()
    assert prepared.withdrawn_at is None
    decide(event, DELETE, by, narrowing=Narrowing(srv="7.4"))
    prepared.refresh_from_db()
    assert prepared.withdrawn_at is not None


@pytest.fixture
def kept_names() -> Any:
    """Return what tells which files the storage holds."""

    def names() -> set[str]:
        files = storages[storage.ALIAS]
        months = files.listdir(storage.KEPT)[0] if files.exists(storage.KEPT) else []
        return {f"{month}/{name}" for month in months for name in files.listdir(f"{storage.KEPT}/{month}")[1]}

    return names


def test_a_file_that_would_be_too_large_is_not_kept(
    event: QuarantineEvent, by: Actor, settings: LazySettings, kept_names: Any
) -> None:
    decide(event, RELEASE, by)
    settings.SSI_UPLOAD_MOST_BYTES = 100
    before = kept_names()
    with pytest.raises(Refusal, match="may have 100 bytes"):
        prepare(event, by)
    assert kept_names() == before
    assert not PreparedFile.objects.exists()
