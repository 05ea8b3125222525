"""The second officer: who may be one, what they do, and what it takes to say no. And taking a file back."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from ssi.access.roles import JobTypeRole
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed, NotInThisState
from ssi.uploads.actions import approving, submitting, withdrawing
from ssi.uploads.actions.accepting import ChangedSinceSubmitted, FileWasAccepted
from ssi.uploads.actions.rights import RoleEnded
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import State
from ssi.uploads.search.uploads import UploadUnknown
from tests.personas import actor_of
from tests.ssi.uploads.screens.making import MUCH_HIGHER, officer, upload_in

pytestmark = pytest.mark.django_db


def test_what_changed_since_it_was_submitted_is_not_approved(aroha: Person, sunil: Person) -> None:
    upload = upload_in(State.AWAITING_APPROVAL, aroha)
    upload_in(State.APPLIED, aroha)
    with pytest.raises(ChangedSinceSubmitted, match="Decline it"):
        approving.approve(reference=upload.reference, by=actor_of(sunil))
    assert Upload.objects.get(pk=upload.pk).state == State.AWAITING_APPROVAL


def told(event: str) -> set[str]:
    return set(OutboxMessage.objects.filter(event=event).values_list("recipient", flat=True))


class TestApproving:
    def test_sends_it_to_dcc(self, aroha: Person, sunil: Person, dana: Person) -> None:
        reference = upload_in(State.AWAITING_APPROVAL, aroha).reference
        upload = approving.approve(reference=reference, by=actor_of(sunil))
        assert (upload.state, upload.approved_by_id) == (State.ACCEPTED, sunil.pk)
        assert upload.confirm_due_date is not None
        assert told("upload.accepted") == {dana.email}
        assert told("upload.approved") == {aroha.email}
        assert AuditEvent.objects.get(event="upload.approved").person_email == sunil.email

    def test_another_aro_may(self, aroha: Person) -> None:
        reference = upload_in(State.AWAITING_APPROVAL, aroha).reference
        assert approving.approve(reference=reference, by=actor_of(officer(aroha))).state == State.ACCEPTED

    @pytest.mark.parametrize("part", ["uploaded_by", "submitted_by", "signer"])
    def test_nobody_who_took_part(self, part: str, aroha: Person) -> None:
        involved = officer(aroha)
        upload = upload_in(State.AWAITING_APPROVAL, aroha, **{part: involved})
        for move in (approving.approve, lambda **of: approving.decline(because="No.", **of)):
            with pytest.raises(NotAllowed):
                move(reference=upload.reference, by=actor_of(involved))
        assert Upload.objects.get().state == State.AWAITING_APPROVAL

    @pytest.mark.parametrize("persona", ["vera", "adam", "gina", "ivan", "bela", "dana"])
    def test_nobody_else(self, persona: str, aroha: Person, request: pytest.FixtureRequest) -> None:
        upload = upload_in(State.AWAITING_APPROVAL, aroha)
        with pytest.raises((NotAllowed, UploadUnknown)):
            approving.approve(reference=upload.reference, by=actor_of(request.getfixturevalue(persona)))
        assert Upload.objects.get().state == State.AWAITING_APPROVAL

    def test_not_with_a_role_that_has_ended(self, aroha: Person, sunil: Person) -> None:
        upload, was = upload_in(State.AWAITING_APPROVAL, aroha), actor_of(sunil)
        sunil.grants.update(ended_at=timezone.now())
        with pytest.raises(RoleEnded):
            approving.approve(reference=upload.reference, by=was)

    def test_once(self, aroha: Person, sunil: Person) -> None:
        reference = upload_in(State.AWAITING_APPROVAL, aroha).reference
        approving.approve(reference=reference, by=actor_of(sunil))
        with pytest.raises(NotInThisState):
            approving.approve(reference=reference, by=actor_of(sunil))
        assert AuditEvent.objects.filter(event="upload.approved").count() == 1

    def test_the_database_takes_no_approval_of_who_submitted(self, aroha: Person) -> None:
        upload = upload_in(State.ACCEPTED, aroha)
        with pytest.raises(IntegrityError, match="nobody_approves_what_they_submitted"), transaction.atomic():
            Upload.objects.filter(pk=upload.pk).update(approved_by=aroha)


class TestDeclining:
    def test_ends_it_with_a_reason(self, aroha: Person, sunil: Person) -> None:
        reference = upload_in(State.AWAITING_APPROVAL, aroha).reference
        upload = approving.decline(reference=reference, because=" Too high. ", by=actor_of(sunil))
        assert (upload.state, upload.ended_because, upload.ended_by_id) == (
            State.REJECTED,
            "Too high.",
            sunil.pk,
        )
        assert told("upload.declined") == {aroha.email}
        assert told("upload.accepted") == set()

    @pytest.mark.parametrize("because", ["", "  ", "x" * 501])
    def test_takes_a_reason(self, because: str, aroha: Person, sunil: Person) -> None:
        reference = upload_in(State.AWAITING_APPROVAL, aroha).reference
        with pytest.raises(approving.ReasonMissing):
            approving.decline(reference=reference, because=because, by=actor_of(sunil))
        assert Upload.objects.get().state == State.AWAITING_APPROVAL

    def test_leaves_room_for_another(self, aroha: Person, sunil: Person) -> None:
        reference = upload_in(State.AWAITING_APPROVAL, aroha).reference
        approving.decline(reference=reference, because="Too high.", by=actor_of(sunil))
        other = upload_in(State.CHECKED, aroha)
        submitting.submit(reference=other.reference, warnings_checked=False, by=actor_of(aroha))


class TestWithdrawing:
    @pytest.mark.parametrize("state", [State.RECEIVED, State.CHECKED, State.AWAITING_APPROVAL, State.ACCEPTED])
    def test_before_it_is_applied(self, state: State, aroha: Person) -> None:
        other = officer(aroha)
        upload = withdrawing.withdraw(reference=upload_in(state, aroha).reference, by=actor_of(other))
        assert (upload.state, upload.ended_by_id) == (State.WITHDRAWN, other.pk)

    @pytest.mark.parametrize("state", [State.APPLIED, State.SUPERSEDED, State.REJECTED, State.WITHDRAWN])
    def test_not_afterwards(self, state: State, aroha: Person) -> None:
        with pytest.raises(NotInThisState):
            withdrawing.withdraw(reference=upload_in(state, aroha).reference, by=actor_of(aroha))

    @pytest.mark.parametrize("state", [State.RECEIVED, State.CHECKED, State.AWAITING_APPROVAL, State.ACCEPTED])
    def test_by_an_sro_of_the_user_id(self, state: State, aroha: Person, sunil: Person) -> None:
        upload = withdrawing.withdraw(reference=upload_in(state, aroha).reference, by=actor_of(sunil))
        assert (upload.state, upload.ended_by_id) == (State.WITHDRAWN, sunil.pk)

    @pytest.mark.parametrize("persona", ["vera", "adam", "gina", "ivan", "bela", "dana"])
    def test_by_nobody_else(self, persona: str, aroha: Person, request: pytest.FixtureRequest) -> None:
        upload = upload_in(State.CHECKED, aroha)
        with pytest.raises((NotAllowed, UploadUnknown)):
            withdrawing.withdraw(reference=upload.reference, by=actor_of(request.getfixturevalue(persona)))

    def test_the_desk_is_told_and_asked_no_more(self, aroha: Person, dana: Person) -> None:
        upload = upload_in(State.CHECKED, aroha)
        submitting.submit(reference=upload.reference, warnings_checked=False, by=actor_of(aroha))
        withdrawing.withdraw(reference=upload.reference, by=actor_of(aroha))
        assert told("upload.accepted") == set()
        assert told("upload.withdrawn") == {dana.email}

    def test_officers_are_asked_no_more(self, aroha: Person, sunil: Person, dana: Person) -> None:
        upload = upload_in(State.CHECKED, aroha, second_because=[MUCH_HIGHER])
        submitting.submit(reference=upload.reference, warnings_checked=False, by=actor_of(aroha))
        assert told("upload.awaits_approval") == {sunil.email}
        withdrawing.withdraw(reference=upload.reference, by=actor_of(aroha))
        assert told("upload.awaits_approval") == set()
        assert told("upload.withdrawn") == set()

    def test_the_same_file_may_not_come_again_once_it_was_accepted(self, aroha: Person) -> None:
        upload = upload_in(State.ACCEPTED, aroha, sha256="a" * 64)
        withdrawing.withdraw(reference=upload.reference, by=actor_of(aroha))
        again = upload_in(State.CHECKED, aroha, sha256="a" * 64)
        with pytest.raises(FileWasAccepted, match=upload.reference):
            submitting.submit(reference=again.reference, warnings_checked=False, by=actor_of(aroha))


def test_an_sro_is_an_officer_and_an_aro_too(aroha: Person, sunil: Person) -> None:
    assert {grant.job_type_role for grant in sunil.grants.all()} == {JobTypeRole.SRO}
    assert {grant.job_type_role for grant in aroha.grants.all()} == {JobTypeRole.ARO}
