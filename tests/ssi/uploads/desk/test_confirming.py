"""DCC's word: confirming, refusing, and what is overdue."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.calendar.models import CalendarEntry
from ssi.calendar.models import Kind as CalendarKind
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed, NotInThisState
from ssi.uploads import emails, recipients, recounts
from ssi.uploads.actions import confirming, recovery
from ssi.uploads.actions.rights import RoleEnded
from ssi.uploads.kinds.adt import AdtFile
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Scan, State
from ssi.uploads.search import desk as search
from ssi.uploads.search.parts import ended_parts
from ssi.uploads.search.uploads import UploadUnknown
from tests.factories.accounts import DccPersonFactory
from tests.personas import actor_of, client_of
from tests.ssi.uploads.screens.making import officer, upload_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(dana: Person) -> Actor:
    """Return the desk, acting."""
    return actor_of(dana)


@pytest.fixture
def accepted(aroha: Person) -> Upload:
    """Return thresholds that Northlight's ARO submitted."""
    return upload_in(State.ACCEPTED, aroha)


def events_of(upload: Upload) -> list[str]:
    events = AuditEvent.objects.filter(about="upload", reference=upload.reference).order_by("id")
    return list(events.values_list("event", flat=True))


def written_to(event: str) -> list[str]:
    return sorted(OutboxMessage.objects.filter(event=event).values_list("recipient", flat=True))


def again(upload: Upload) -> Upload:
    return Upload.objects.get(pk=upload.pk)


def test_the_desk_confirms(accepted: Upload, desk: Actor, dana: Person, aroha: Person) -> None:
    confirming.confirm(reference=accepted.reference, unscanned_accepted=False, by=desk)
    now = again(accepted)
    assert (now.state, now.confirmed_by) == (State.ACCEPTED, dana)
    assert events_of(accepted) == ["upload.confirmed"]
    assert written_to("upload.confirmed") == [aroha.email]


@pytest.mark.parametrize("persona", ["aroha", "sunil", "bela", "gina"])
def test_nobody_else_confirms_or_refuses(accepted: Upload, persona: str, request: pytest.FixtureRequest) -> None:
    by = actor_of(request.getfixturevalue(persona))
    with pytest.raises((NotAllowed, UploadUnknown)):
        confirming.confirm(reference=accepted.reference, unscanned_accepted=True, by=by)
    with pytest.raises((NotAllowed, UploadUnknown)):
        confirming.refuse(reference=accepted.reference, because="No.", by=by)
    assert again(accepted).confirmed_at is None
    assert again(accepted).state == State.ACCEPTED


def test_an_account_that_was_closed_a_second_ago_confirms_nothing(
    accepted: Upload, desk: Actor, dana: Person
) -> None:
    Person.objects.filter(pk=dana.pk).update(is_active=False)
    with pytest.raises(RoleEnded):
        confirming.confirm(reference=accepted.reference, unscanned_accepted=False, by=desk)


def test_what_was_not_scanned_needs_a_word_of_its_own(aroha: Person, desk: Actor) -> None:
    upload = upload_in(State.ACCEPTED, aroha, scan=Scan.NOT_SCANNED)
    with pytest.raises(confirming.NotScanned) as refused:
        confirming.confirm(reference=upload.reference, unscanned_accepted=False, by=desk)
    assert refused.value.field == "unscanned_accepted"
    assert again(upload).confirmed_at is None
    confirming.confirm(reference=upload.reference, unscanned_accepted=True, by=desk)
    assert events_of(upload) == ["upload.confirmed", "upload.unscanned_accepted"]


def test_what_an_officer_signed_who_is_none_any_more_needs_a_word_of_its_own(
    aroha: Person, sunil: Person, desk: Actor
) -> None:
    upload = upload_in(State.ACCEPTED, aroha, submitted_by=officer(aroha), approved_by=sunil)
    assert ended_parts([upload]) == {upload.pk: []}
    aroha.grants.update(ended_at=datetime(2026, 11, 20, 12, tzinfo=UTC))
    Person.objects.filter(pk=sunil.pk).update(is_active=False)
    with pytest.raises(confirming.RolesEnded) as refused:
        confirming.confirm(reference=upload.reference, unscanned_accepted=False, by=desk)
    signed = f"Signed by {aroha.name}, who is no ARO any more since Fri 20 Nov 2026."
    assert signed in refused.value.message
    assert f"Approved by {sunil.name}, who is no ARO or SRO any more." in refused.value.message
    assert "Submitted" not in refused.value.message
    browser = client_of(Person.objects.get(email=desk.person_email))
    page = f"/uploads/{upload.reference}/confirm/"
    for address in ("/uploads/to-confirm/", page):
        assert signed in browser.get(address).content.decode()
    typed = {"idempotency_key": "8d3a4c1e-7f21-4a55-9e1b-2f6f1c0a9b7d"}
    assert signed in browser.post(page, typed).content.decode()
    assert again(upload).confirmed_at is None
    assert browser.post(page, typed | {"ended_accepted": "on"}).status_code == 302
    assert events_of(upload) == ["upload.confirmed", "upload.ended_accepted"]


@pytest.mark.parametrize("part", ["uploaded_by", "approved_by"])
def test_whoever_spoke_for_the_user_does_not_confirm_for_dcc(
    part: str, aroha: Person, dana: Person, desk: Actor
) -> None:
    others = DccPersonFactory.create(), DccPersonFactory.create()
    facts: dict[str, Any] = {"uploaded_by": others[0], "approved_by": others[1]} | {part: dana}
    time = recovery.declare(because="x", instructions="y", by=desk)
    upload = upload_in(State.ACCEPTED, aroha, recovery=time, **facts)
    with pytest.raises(NotAllowed, match="somebody else must confirm it for DCC") as refused:
        confirming.confirm(reference=upload.reference, unscanned_accepted=False, by=desk)
    assert "open_desk_account" in refused.value.way_out
    browser = client_of(dana)
    assert "somebody else must confirm it for DCC" in browser.get(upload.get_absolute_url()).content.decode()
    assert browser.get(f"/uploads/{upload.reference}/confirm/").status_code == 403
    assert again(upload).confirmed_at is None
    third = DccPersonFactory.create()
    confirming.confirm(reference=upload.reference, unscanned_accepted=False, by=actor_of(third))
    assert again(upload).confirmed_by == third


def test_it_is_confirmed_once(accepted: Upload, desk: Actor) -> None:
    confirming.confirm(reference=accepted.reference, unscanned_accepted=False, by=desk)
    with pytest.raises(NotInThisState):
        confirming.confirm(reference=accepted.reference, unscanned_accepted=False, by=desk)
    assert len(written_to("upload.confirmed")) == 1


@pytest.mark.parametrize("state", [State.RECEIVED, State.CHECKED, State.AWAITING_APPROVAL, State.APPLIED])
def test_only_what_is_with_dcc_can_be_confirmed(aroha: Person, desk: Actor, state: State) -> None:
    upload = upload_in(state, aroha)
    with pytest.raises(NotInThisState if state == State.APPLIED else UploadUnknown):
        confirming.confirm(reference=upload.reference, unscanned_accepted=True, by=desk)


def test_the_desk_refuses_with_a_reason(
    accepted: Upload, desk: Actor, aroha: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up: list[Any] = []
    monkeypatch.setattr(AdtFile, "given_up", lambda kind, upload: given_up.append(upload.pk))
    for because in ("", "   ", "x" * 501):
        with pytest.raises(confirming.WhyMissing):
            confirming.refuse(reference=accepted.reference, because=because, by=desk)
    confirming.refuse(reference=accepted.reference, because=" It is not yours. ", by=desk)
    now = again(accepted)
    assert (now.state, now.ended_because) == (State.REJECTED, "It is not yours.")
    assert given_up == [accepted.pk]
    assert written_to("upload.refused") == [aroha.email]
    assert events_of(accepted) == ["upload.refused"]


def test_what_asked_the_desk_for_its_word_is_taken_back(accepted: Upload, desk: Actor) -> None:
    emails.accepted_for_desk(accepted, to=recipients.service_desk())
    assert written_to("upload.accepted") == [desk.person_email]
    confirming.confirm(reference=accepted.reference, unscanned_accepted=False, by=desk)
    assert written_to("upload.accepted") == []


def test_the_desk_is_told_once_of_what_is_overdue(aroha: Person, bela: Person, desk: Actor) -> None:
    today = timezone.localdate()
    late = upload_in(State.ACCEPTED, aroha, confirm_due_date=today - timedelta(days=1))
    upload_in(State.ACCEPTED, bela, confirm_due_date=today)
    assert search.count_to_confirm() == search.ToConfirm(count=2, overdue=1)
    assert confirming.tell_of_overdue() == 1
    assert confirming.tell_of_overdue() == 0
    assert written_to("upload.overdue") == [desk.person_email]
    assert events_of(late) == ["upload.overdue"]


def test_a_bank_holiday_entered_late_moves_the_day(aroha: Person, bela: Person) -> None:
    thursday = datetime(2026, 7, 9, 9, tzinfo=UTC)
    due = date(2026, 7, 10)
    facts: dict[str, Any] = {"accepted_at": thursday, "confirm_due_date": due, "overdue_told_at": thursday}
    upload = upload_in(State.ACCEPTED, aroha, **facts)
    done = upload_in(State.ACCEPTED, bela, **facts, confirmed_at=thursday)
    assert confirming.recount() == 0
    CalendarEntry.objects.create(on_date=due, kind=CalendarKind.ADDED, name="A royal wedding")
    recounts.recount([])
    assert confirming.recount() == 0
    assert (again(upload).confirm_due_date, again(upload).overdue_told_at) == (date(2026, 7, 13), None)
    assert again(done).confirm_due_date == due


def test_what_is_confirmed_is_not_overdue(aroha: Person, desk: Actor) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    upload = upload_in(State.ACCEPTED, aroha, confirm_due_date=yesterday)
    confirming.confirm(reference=upload.reference, unscanned_accepted=False, by=desk)
    assert confirming.tell_of_overdue() == 0
    assert search.count_to_confirm() == search.NOTHING_TO_CONFIRM
