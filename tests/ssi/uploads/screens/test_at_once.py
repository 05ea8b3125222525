"""Two at once: of two sets, of two copies of a file, of two officers and of two moves one wins."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.refusals import NotInThisState, Refusal
from ssi.uploads.actions import applying, approving, submitting, withdrawing
from ssi.uploads.actions.accepting import AnotherSetIsSubmitted, ChangedMeanwhile, FileWasAccepted
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import State
from tests.personas import actor_of
from tests.ssi.uploads.screens.making import officer, upload_in

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*moves: Callable[[], object]) -> list[Refusal]:
    """Make the moves at the same moment; return what was refused."""
    refused: list[Refusal] = []
    together = threading.Barrier(len(moves))

    def run(move: Callable[[], object]) -> None:
        try:
            together.wait(timeout=30)
            move()
        except Refusal as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(move,)) for move in moves]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)
    return refused


def submission(upload: Upload, by: Actor) -> Callable[[], object]:
    return lambda: submitting.submit(reference=upload.reference, warnings_checked=False, by=by)


def states(uploads: Sequence[Upload]) -> list[str]:
    return sorted(Upload.objects.filter(pk__in=[each.pk for each in uploads]).values_list("state", flat=True))


def test_of_two_sets_one_wins(aroha: Person) -> None:
    two = [upload_in(State.CHECKED, aroha), upload_in(State.CHECKED, aroha)]
    actors = [actor_of(aroha), actor_of(officer(aroha))]
    refused = at_once(*(submission(upload, by) for upload, by in zip(two, actors, strict=True)))
    assert [type(each) for each in refused] == [AnotherSetIsSubmitted]
    assert states(two) == ["accepted", "checked"]
    winner = Upload.objects.get(state=State.ACCEPTED)
    assert winner.reference in refused[0].message
    assert AuditEvent.objects.filter(event="upload.submitted").count() == 1


def test_of_two_copies_of_a_file_one_wins(aroha: Person) -> None:
    """For different User Roles, so that it is the file that is refused and not the set."""
    two = [upload_in(State.CHECKED, aroha, sha256="a" * 64, user_role=role) for role in ("IS", "GS")]
    actors = [actor_of(aroha), actor_of(officer(aroha))]
    refused = at_once(*(submission(upload, by) for upload, by in zip(two, actors, strict=True)))
    assert [type(each) for each in refused] == [FileWasAccepted]
    assert states(two) == ["accepted", "checked"]


def test_what_is_submitted_while_another_set_comes_into_force_is_not_stale(aroha: Person) -> None:
    """The worker that applies holds its transaction; who submits meanwhile looks only after it has ended."""
    coming = upload_in(State.ACCEPTED, aroha, confirmed_at=timezone.now())
    upload = upload_in(State.CHECKED, aroha)
    is_applied, may_commit = threading.Event(), threading.Event()
    refused: list[Refusal] = []

    def apply() -> None:
        try:
            with transaction.atomic():
                assert applying.apply_due(reference=coming.reference) == 1
                is_applied.set()
                assert may_commit.wait(timeout=30)
        finally:
            connection.close()

    def submit() -> None:
        try:
            submission(upload, actor_of(aroha))()
        except Refusal as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=apply), threading.Thread(target=submit)]
    threads[0].start()
    assert is_applied.wait(timeout=30)
    threads[1].start()
    wait_for_somebody_waiting()
    may_commit.set()
    for each in threads:
        each.join(timeout=60)
    assert [type(each) for each in refused] == [ChangedMeanwhile]
    assert states([coming, upload]) == ["applied", "checked"]


def wait_for_somebody_waiting() -> None:
    """Return once a connection to this database waits for another's lock."""
    for _ in range(600):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def test_of_two_officers_one_approves(aroha: Person, sunil: Person) -> None:
    upload = upload_in(State.AWAITING_APPROVAL, aroha)
    actors = [actor_of(sunil), actor_of(officer(aroha))]
    refused = at_once(*(lambda by=by: approving.approve(reference=upload.reference, by=by) for by in actors))
    assert [type(each) for each in refused] == [NotInThisState]
    assert AuditEvent.objects.filter(event="upload.approved").count() == 1


def test_it_is_approved_or_declined_never_both(aroha: Person, sunil: Person) -> None:
    upload = upload_in(State.AWAITING_APPROVAL, aroha)
    first, second = actor_of(sunil), actor_of(officer(aroha))
    refused = at_once(
        lambda: approving.approve(reference=upload.reference, by=first),
        lambda: approving.decline(reference=upload.reference, because="No.", by=second),
    )
    assert [type(each) for each in refused] == [NotInThisState]
    assert states([upload])[0] in {"accepted", "rejected"}


def test_it_may_be_withdrawn_while_it_is_submitted(aroha: Person) -> None:
    """Whichever comes first: it ends withdrawn, since what was submitted can still be withdrawn."""
    upload = upload_in(State.CHECKED, aroha)
    by, other = actor_of(aroha), actor_of(officer(aroha))
    at_once(submission(upload, by), lambda: withdrawing.withdraw(reference=upload.reference, by=other))
    assert states([upload]) == ["withdrawn"]
