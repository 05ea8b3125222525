"""Submitting: who may, what must be said, where it goes, and what stands in its way."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from ssi.access.roles import JobTypeRole
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed, NotInThisState
from ssi.uploads.actions import submitting
from ssi.uploads.actions.accepting import (
    AnotherSetIsSubmitted,
    ChangedMeanwhile,
    FileWasAccepted,
    NewerWasAccepted,
)
from ssi.uploads.actions.rechecking import check_again_where_changed
from ssi.uploads.actions.rights import RoleEnded
from ssi.uploads.models import Upload, UploadStep
from ssi.uploads.models.choices import Kind, State, Step
from ssi.uploads.search.uploads import UploadUnknown
from tests.personas import actor_of
from tests.ssi.uploads.screens.making import MUCH_HIGHER, officer, upload_in, with_findings, with_steps

pytestmark = pytest.mark.django_db


def submit(upload: Upload, by: Person, *, checked: bool = False) -> Upload:
    return submitting.submit(reference=upload.reference, warnings_checked=checked, by=actor_of(by))


def told(event: str) -> set[str]:
    """Return who is written to of an event."""
    return set(OutboxMessage.objects.filter(event=event).values_list("recipient", flat=True))


def test_goes_to_dcc(aroha: Person, sunil: Person, dana: Person) -> None:
    upload = submit(upload_in(State.CHECKED, aroha), aroha)
    upload.refresh_from_db()
    assert upload.state == State.ACCEPTED
    assert (upload.submitted_by, upload.approved_by, upload.warnings_checked_by) == (aroha, None, None)
    assert told("upload.accepted") == {dana.email}
    event = AuditEvent.objects.get(event="upload.submitted")
    assert (event.reference, event.person_email) == (upload.reference, aroha.email)


@time_machine.travel("2026-08-28T17:30:00+01:00")
def test_dcc_has_a_working_day(aroha: Person) -> None:
    """Past five on the Friday before the August bank holiday: received on Tuesday, confirmed by Wednesday."""
    assert submit(upload_in(State.CHECKED, aroha), aroha).confirm_due_date == date(2026, 9, 2)


def test_any_aro_of_the_user_id_may(aroha: Person) -> None:
    other = officer(aroha)
    upload = submit(upload_in(State.CHECKED, aroha), other)
    assert (upload.uploaded_by, upload.submitted_by_id) == (aroha, other.pk)


@pytest.mark.parametrize("persona", ["vera", "adam", "gina", "sunil", "ivan", "olu"])
def test_nobody_else_of_any_party_may(persona: str, aroha: Person, request: pytest.FixtureRequest) -> None:
    upload = upload_in(State.CHECKED, aroha)
    with pytest.raises((NotAllowed, UploadUnknown)):
        submit(upload, request.getfixturevalue(persona))
    assert Upload.objects.get().state == State.CHECKED


def test_to_another_party_it_does_not_exist(aroha: Person, bela: Person) -> None:
    with pytest.raises(UploadUnknown):
        submit(upload_in(State.CHECKED, aroha), bela)


def test_the_desk_submits_nothing(aroha: Person, dana: Person) -> None:
    with pytest.raises(UploadUnknown):
        submit(upload_in(State.CHECKED, aroha), dana)


@pytest.mark.parametrize("state", [state for state in State if state != State.CHECKED])
def test_only_what_is_checked_and_once(state: State, aroha: Person) -> None:
    with pytest.raises(NotInThisState):
        submit(upload_in(state, aroha), aroha)


def test_a_role_that_ended_a_second_ago_counts_no_more(aroha: Person) -> None:
    upload, was = upload_in(State.CHECKED, aroha), actor_of(aroha)
    aroha.grants.update(ended_at=timezone.now())
    with pytest.raises(RoleEnded):
        submitting.submit(reference=upload.reference, warnings_checked=False, by=was)
    assert Upload.objects.get().state == State.CHECKED


class TestWarnings:
    def test_must_be_said_to_be_checked(self, aroha: Person) -> None:
        upload = with_findings(upload_in(State.CHECKED, aroha), "W50", 2)
        with pytest.raises(submitting.WarningsNotChecked) as refused:
            submit(upload, aroha)
        assert "2" in refused.value.message

    def test_who_said_so_is_kept(self, aroha: Person) -> None:
        upload = submit(with_findings(upload_in(State.CHECKED, aroha), "W50"), aroha, checked=True)
        assert upload.warnings_checked_by_id == aroha.pk

    def test_without_any_nobody_has_checked(self, aroha: Person) -> None:
        assert submit(upload_in(State.CHECKED, aroha), aroha, checked=True).warnings_checked_by_id is None


class TestSecondOfficer:
    def test_is_asked_before_dcc_sees_it(self, aroha: Person, sunil: Person, dana: Person) -> None:
        other = officer(aroha)
        upload = submit(upload_in(State.CHECKED, aroha, second_because=[MUCH_HIGHER]), aroha)
        assert upload.state == State.AWAITING_APPROVAL
        assert upload.confirm_due_date is None
        assert told("upload.awaits_approval") == {sunil.email, other.email}
        assert told("upload.accepted") == set()

    def test_is_not_asked_who_took_part(self, aroha: Person, sunil: Person) -> None:
        signer = officer(aroha)
        upload = upload_in(State.CHECKED, aroha, signer=signer, second_because=[MUCH_HIGHER])
        submit(upload, officer(aroha))
        assert told("upload.awaits_approval") == {sunil.email}


class TestOneAtATime:
    def test_another_set_is_named(self, aroha: Person) -> None:
        first = submit(upload_in(State.CHECKED, aroha), aroha)
        with pytest.raises(AnotherSetIsSubmitted) as refused:
            submit(upload_in(State.CHECKED, aroha), officer(aroha))
        assert first.reference in refused.value.message
        assert first.reference in refused.value.way_out

    def test_of_another_role_is_another_set(self, aroha: Person) -> None:
        submit(upload_in(State.CHECKED, aroha), aroha)
        assert submit(upload_in(State.CHECKED, aroha, user_role="GS"), aroha).state == State.ACCEPTED

    @pytest.mark.parametrize(
        "other", [State.ACCEPTED, State.APPLIED, State.SUPERSEDED, State.WITHDRAWN, State.REJECTED]
    )
    def test_the_same_file_is_accepted_once_whatever_became_of_it(self, other: State, aroha: Person) -> None:
        facts: dict[str, Any] = {"sha256": "a" * 64}
        first = upload_in(other, aroha, user_role="GS", accepted_at=timezone.now(), **facts)
        with pytest.raises(FileWasAccepted) as refused:
            submit(upload_in(State.CHECKED, aroha, **facts), aroha)
        assert first.reference in refused.value.message

    def test_a_rejected_file_may_come_again(self, aroha: Person) -> None:
        upload_in(State.REJECTED, aroha, sha256="a" * 64)
        assert submit(upload_in(State.CHECKED, aroha, sha256="a" * 64), aroha).state == State.ACCEPTED


class TestChangedMeanwhile:
    def test_what_is_submitted_is_what_was_shown(self, aroha: Person) -> None:
        old = upload_in(State.SUPERSEDED, aroha)
        upload = upload_in(State.CHECKED, aroha, compared_with=old)
        upload_in(State.APPLIED, aroha)
        with pytest.raises(ChangedMeanwhile) as refused:
            submit(upload, aroha)
        assert "again" in refused.value.way_out

    def test_what_was_created_before_the_set_in_force_is_not_submitted(self, aroha: Person) -> None:
        now = timezone.now()
        applied = upload_in(State.APPLIED, aroha, file_created_at=now)
        upload = upload_in(State.CHECKED, aroha, compared_with=applied, file_created_at=now)
        with pytest.raises(NewerWasAccepted, match="not before"):
            submit(upload, aroha)

    def test_what_changed_is_checked_again(self, aroha: Person) -> None:
        upload = with_findings(with_steps(upload_in(State.CHECKED, aroha, second_because=["x"])), "W51")
        upload_in(State.APPLIED, aroha)
        assert check_again_where_changed() == 1
        upload.refresh_from_db()
        assert (upload.state, upload.warnings, upload.second_because) == (State.RECEIVED, 0, [])
        assert not upload.found.exists()
        assert not UploadStep.objects.filter(upload=upload, step=Step.CHECK).exists()
        assert UploadStep.objects.filter(upload=upload, step=Step.PARSE).exists()
        assert AuditEvent.objects.filter(event="upload.checked_again", via="system").count() == 1
        assert check_again_where_changed() == 0

    def test_what_did_not_change_is_left(self, aroha: Person) -> None:
        applied = upload_in(State.APPLIED, aroha)
        upload_in(State.CHECKED, aroha, compared_with=applied)
        upload_in(State.CHECKED, aroha, user_role="GS")
        upload_in(State.CHECKED, aroha, kind=Kind.EXIT_QUARANTINE, event_ref=1)
        assert check_again_where_changed() == 0


class TestByItself:
    def asked(self, by: Person, **facts: Any) -> Upload:
        return upload_in(State.CHECKED, by, submit_when_checked=True, **facts)

    def test_for_who_uploaded_it(self, aroha: Person) -> None:
        upload = self.asked(aroha)
        assert submitting.submit_automatically(upload)
        assert (upload.state, upload.submitted_by_id) == (State.ACCEPTED, aroha.pk)
        assert AuditEvent.objects.get(event="upload.submitted").person_email == aroha.email

    def test_only_if_asked_for(self, aroha: Person) -> None:
        assert not submitting.submit_automatically(upload_in(State.CHECKED, aroha))
        assert told("upload.checked") == set()

    @pytest.mark.parametrize("facts", [{"warnings": 1}, {"second_because": [MUCH_HIGHER]}])
    def test_never_past_a_person(self, facts: dict[str, Any], aroha: Person) -> None:
        upload = self.asked(aroha, **facts)
        assert not submitting.submit_automatically(upload)
        assert upload.state == State.CHECKED
        assert told("upload.checked") == {aroha.email}

    def test_never_without_the_right(self, aroha: Person) -> None:
        other = officer(aroha)
        upload = self.asked(aroha)
        aroha.grants.update(ended_at=timezone.now())
        assert not submitting.submit_automatically(upload)
        assert upload.state == State.CHECKED
        assert told("upload.checked") == {other.email}

    def test_never_past_another_set(self, aroha: Person) -> None:
        upload_in(State.ACCEPTED, aroha)
        upload = self.asked(aroha)
        assert not submitting.submit_automatically(upload)
        assert upload.state == State.CHECKED

    def test_an_sro_alone_submits_nothing(self, sunil: Person, aroha: Person) -> None:
        upload = self.asked(aroha)
        Upload.objects.filter(pk=upload.pk).update(uploaded_by=sunil)
        upload.refresh_from_db()
        assert JobTypeRole.ARO not in {grant.job_type_role for grant in sunil.grants.all()}
        assert not submitting.submit_automatically(upload)
