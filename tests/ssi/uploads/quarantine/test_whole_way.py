"""The whole way of an Exit Quarantine file: held, decided, built, signed, sent, confirmed, carried out."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.refusals import Refusal
from ssi.uploads import storage
from ssi.uploads.actions import applying, confirming, submitting, withdrawing
from ssi.uploads.actions.quarantine import deciding, holding, preparing
from ssi.uploads.kinds import exit_quarantine
from ssi.uploads.kinds.exit_quarantine import DecidedMeanwhile
from ssi.uploads.kinds.file_references import ReferenceWithdrawnMeanwhile
from ssi.uploads.models import DecisionLine, PreparedFile, QuarantinedCommunication, QuarantineEvent, Upload
from ssi.uploads.models.choices import Breach, Decision, Fate, State
from ssi.uploads.search.quarantine import Narrowing
from tests.factories.quarantine import FIRST_TARGET, decisions_of, event_of, held_in
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db
Sent = Callable[..., Upload]


def counts(event: QuarantineEvent) -> tuple[int, int, int, int]:
    """Return held, decided, released and deleted of an event; they are those of its communications."""
    event.refresh_from_db()
    found = (event.held, event.decided, event.released, event.deleted)
    fates = QuarantinedCommunication.objects.filter(event=event)
    assert found == tuple(fates.filter(fate=fate).count() for fate in Fate)
    return found


def submitted(upload: Upload, by: Actor) -> Upload:
    submitting.submit(reference=upload.reference, warnings_checked=False, by=by)
    upload.refresh_from_db()
    return upload


def carried_out(upload: Upload, desk: Person) -> Upload:
    confirming.confirm(reference=upload.reference, unscanned_accepted=True, by=actor_of(desk))
    assert applying.apply_due(reference=upload.reference) == 1
    upload.refresh_from_db()
    return upload


def test_from_the_alert_to_every_communication_s_end(aroha: Person, dana: Person, by: Actor, sent: Sent) -> None:
    other = event_of(aroha.grants.get().acting_for, 2, event_ref=1)
    for counter in range(4):
        held = holding.hold(
            user_id=other.user_id_id,
            target=held_in(other)[0].target,
            counter=counter,
            event_ref=4711,
            breach=Breach.USER_THRESHOLD,
            alerted_at=other.began_at,
            srv="7.4" if counter else "6.23",
        )
    assert held
    event = held.event
    deciding.decide(reference=event.reference, decision=Decision.DELETE, by=by)
    keep = Narrowing(srv="6.23")
    deciding.decide(reference=event.reference, decision=Decision.RELEASE, narrowing=keep, by=by)
    prepared = preparing.prepare(reference=event.reference, by=by)
    with storage.opened(prepared.stored_as, prepared.sha256) as content:
        upload = sent(event, file=(prepared.file_name, content.read()))
    assert (upload.state, upload.findings, upload.lines) == (State.CHECKED, 0, 6)
    assert counts(event) == (4, 0, 0, 0)
    assert submitted(upload, by).state == State.ACCEPTED
    assert counts(event) == (0, 4, 0, 0)
    assert {each.decided_in_id for each in held_in(event)} == {upload.pk}
    assert carried_out(upload, dana).state == State.APPLIED
    assert counts(event) == (0, 0, 1, 3)
    assert [(each.fate, each.decision, each.ended_at is None) for each in held_in(event)] == [
        ("released", "RELEASE", False),
        *[("deleted", "DELETE", False)] * 3,
    ]
    prepared.refresh_from_db()
    assert prepared.used_by_id == upload.pk
    assert counts(other) == (2, 0, 0, 0)


def test_a_file_with_findings_changes_nothing(event: QuarantineEvent, sent: Sent) -> None:
    upload = sent(event, decisions_of(event)[1:])
    assert (upload.state, upload.findings) == (State.REJECTED, 1)
    assert upload.found.get().code == "F63"
    assert counts(event) == (3, 0, 0, 0)
    assert not DecisionLine.objects.exists()


def test_what_is_quarantined_later_stays_for_the_next_file(
    event: QuarantineEvent, by: Actor, aroha: Person, dana: Person, sent: Sent
) -> None:
    upload = sent(event)
    holding.hold(
        user_id=event.user_id_id,
        target=held_in(event)[0].target,
        counter=1,
        event_ref=4711,
        breach=Breach.USER_THRESHOLD,
        alerted_at=event.began_at,
    )
    page = client_of(aroha).get(f"/uploads/{upload.reference}/submit/").content.decode()
    assert "1 more was quarantined since this file was checked; it stays held and needs another file." in page
    submitted(upload, by)
    assert counts(event) == (1, 3, 0, 0)
    carried_out(upload, dana)
    assert counts(event) == (1, 0, 3, 0)
    again = sent(event, [each for each in decisions_of(event) if each[0].endswith(":1")])
    assert again.findings == 0


def test_a_withdrawn_file_leaves_all_held(event: QuarantineEvent, by: Actor, sent: Sent) -> None:
    deciding.decide(reference=event.reference, decision=Decision.RELEASE, by=by)
    prepared = preparing.prepare(reference=event.reference, by=by)
    with storage.opened(prepared.stored_as, prepared.sha256) as content:
        file = (prepared.file_name, content.read())
    upload = submitted(sent(event, file=file), by)
    withdrawing.withdraw(reference=upload.reference, by=by)
    assert counts(event) == (3, 0, 0, 0)
    assert {(each.decision, each.decided_in_id) for each in held_in(event)} == {("", None)}
    again = sent(event, file=file)
    assert list(again.found.values_list("code", flat=True)) == ["F04", "F04"], "the same file counts once"
    assert PreparedFile.objects.get().used_by == upload
    assert sent(event).findings == 0, "another one decides about the same"


def test_a_refused_file_leaves_all_held(event: QuarantineEvent, by: Actor, dana: Person, sent: Sent) -> None:
    upload = submitted(sent(event), by)
    confirming.refuse(reference=upload.reference, because="Not agreed.", by=actor_of(dana))
    assert counts(event) == (3, 0, 0, 0)


def test_of_two_files_the_first_submitted_counts(event: QuarantineEvent, by: Actor, sent: Sent) -> None:
    first = sent(event)
    second = sent(event, decisions_of(event, "DELETE"))
    assert (first.state, second.state) == (State.CHECKED, State.CHECKED)
    submitted(second, by)
    with pytest.raises(DecidedMeanwhile, match="3 of the communications"):
        submitting.submit(reference=first.reference, warnings_checked=False, by=by)
    first.refresh_from_db()
    assert first.state == State.CHECKED
    assert counts(event) == (0, 3, 0, 0)
    assert {each.decision for each in held_in(event)} == {"DELETE"}
    assert sent(event).found.count() == 3  # F60, each


def test_one_line_that_is_decided_already_stops_all(event: QuarantineEvent, by: Actor, sent: Sent) -> None:
    upload = sent(event)
    QuarantinedCommunication.objects.filter(pk=held_in(event)[1].pk).update(fate=Fate.RELEASED)
    QuarantineEvent.objects.update(held=2, released=1)
    with pytest.raises(DecidedMeanwhile, match="1 of the communications"):
        submitting.submit(reference=upload.reference, warnings_checked=False, by=by)
    assert counts(event) == (2, 0, 1, 0)


def test_a_used_reference_is_not_used_again(event: QuarantineEvent, by: Actor, dana: Person, sent: Sent) -> None:
    deciding.decide(reference=event.reference, decision=Decision.RELEASE, by=by)
    prepared = preparing.prepare(reference=event.reference, by=by)
    with storage.opened(prepared.stored_as, prepared.sha256) as content:
        file = (prepared.file_name, content.read())
    carried_out(submitted(sent(event, file=file), by), dana)
    codes = sorted(sent(event, file=file).found.values_list("code", flat=True))
    assert codes == ["F04", "F04", "F60", "F60", "F60"]


def test_a_decision_that_changed_after_the_check_is_not_signed_away(
    event: QuarantineEvent, by: Actor, sent: Sent
) -> None:
    """The file that was checked says RELEASE; on screen it is DELETE since."""
    deciding.decide(reference=event.reference, decision=Decision.RELEASE, by=by)
    prepared = preparing.prepare(reference=event.reference, by=by)
    with storage.opened(prepared.stored_as, prepared.sha256) as content:
        upload = sent(event, file=(prepared.file_name, content.read()))
    assert upload.findings == 0
    deciding.decide(reference=event.reference, decision=Decision.DELETE, by=by)
    with pytest.raises(ReferenceWithdrawnMeanwhile, match=f"{prepared.reference} was withdrawn on") as refused:
        submitting.submit(reference=upload.reference, warnings_checked=False, by=by)
    assert "prepare it again" in refused.value.way_out
    assert counts(event) == (3, 0, 0, 0)


# --- Killed between ---


class Killed(Exception):  # noqa: N818 - what a kill looks like from inside
    """The worker is gone."""


def _dies(*_: Any, **__: Any) -> None:
    raise Killed


def test_killed_while_it_is_accepted(
    event: QuarantineEvent, by: Actor, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = sent(event)
    with monkeypatch.context() as dying:
        dying.setattr(exit_quarantine, "_recount", _dies)
        with pytest.raises(Killed):
            submitting.submit(reference=upload.reference, warnings_checked=False, by=by)
    assert counts(event) == (3, 0, 0, 0)
    submitted(upload, by)
    assert counts(event) == (0, 3, 0, 0)


def test_killed_while_it_is_carried_out(
    event: QuarantineEvent, by: Actor, dana: Person, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = submitted(sent(event), by)
    confirming.confirm(reference=upload.reference, unscanned_accepted=True, by=actor_of(dana))
    with monkeypatch.context() as dying:
        dying.setattr(exit_quarantine, "_recount", _dies)
        with pytest.raises(Killed):
            applying.apply_due(reference=upload.reference)
    assert counts(event) == (0, 3, 0, 0)
    assert applying.apply_due(reference=upload.reference) == 1
    assert applying.apply_due(reference=upload.reference) == 0
    assert counts(event) == (0, 0, 3, 0)


def test_not_all_there_is_nothing_carried_out(event: QuarantineEvent, by: Actor, dana: Person, sent: Sent) -> None:
    upload = submitted(sent(event), by)
    confirming.confirm(reference=upload.reference, unscanned_accepted=True, by=actor_of(dana))
    QuarantinedCommunication.objects.filter(pk=held_in(event)[0].pk).update(decided_in=None)
    with pytest.raises(exit_quarantine.NotAllThere, match="2 of 3"):
        applying.apply_due(reference=upload.reference)
    assert counts(event) == (0, 3, 0, 0)


# --- Two at once ---


@pytest.mark.django_db(transaction=True)
def test_two_aros_submit_at_the_same_moment(event: QuarantineEvent, by: Actor, sent: Sent) -> None:
    uploads = [sent(event), sent(event, decisions_of(event, "DELETE"))]
    together, outcomes = Barrier(2), []

    def submit(upload: Upload) -> None:
        together.wait()
        try:
            submitting.submit(reference=upload.reference, warnings_checked=False, by=by)
            outcomes.append("submitted")
        except Refusal as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [Thread(target=submit, args=[each]) for each in uploads]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(outcomes) == ["DecidedMeanwhile", "submitted"]
    assert counts(event) == (0, 3, 0, 0)
    assert len({each.decided_in_id for each in held_in(event)}) == 1


@pytest.mark.django_db(transaction=True)
def test_alerts_at_the_same_moment_lose_none(aroha: Person) -> None:
    user_id, target = aroha.grants.get().acting_for, FIRST_TARGET
    together = Barrier(4)

    def hold(begin: int) -> None:
        together.wait()
        for counter in range(begin, begin + 5):
            with transaction.atomic():
                holding.hold(
                    user_id=user_id.pk,
                    target=target,
                    counter=counter,
                    event_ref=9,
                    breach=Breach.DCC_THRESHOLD,
                    alerted_at=timezone.now(),
                )
        connection.close()

    threads = [Thread(target=hold, args=[number * 3]) for number in range(4)]  # each pair shares two of them
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert counts(QuarantineEvent.objects.get()) == (14, 0, 0, 0)
