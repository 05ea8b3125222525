"""Two at once: of two sets, of two copies of a file, of two officers and of two moves one wins."""

import threading
from collections.abc import Callable, Sequence

import pytest
from django.db import connection

from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.refusals import NotInThisState, Refusal
from ssi.uploads.actions import approving, submitting, withdrawing
from ssi.uploads.actions.accepting import AnotherSetIsSubmitted, FileWasAccepted
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
