"""A code in escrow answers by its depositor's rule: which requests, when, and what it leaves behind."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.actions import install_code_requests as requests
from incidents.actions.escrow import releasing, withdrawing
from incidents.actions.escrow.releasing import answered_if_raised_by, release_due
from incidents.actions.install_code_requests.closing import close_many
from incidents.models import EscrowedCode, EscrowRelease, InstallCodeRequest, Obligation
from incidents.models.choices import Event, ObligationEnd, Outcome, ReleaseRule, Responsibility, State
from inventory.models import Device, SealedInstallCode
from inventory.models.choices import SmiStatus
from ssi.accounts.models import Person
from ssi.audit import log
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed
from ssi.working_days import LONDON, due
from tests.factories.incidents import CODE, OTHER_CODE, OTHER_CODE_WITH_CRC, answered, device_of, read
from tests.incidents.escrow.depositing import asked_for, deposited, ruled
from tests.personas import actor_of

pytestmark = pytest.mark.django_db

AT_ONCE, NEVER = ReleaseRule.AT_ONCE, ReleaseRule.NEVER
ONE_DAY = ReleaseRule.AFTER_ONE_WORKING_DAY


def state_of(request: InstallCodeRequest) -> str:
    return str(InstallCodeRequest.objects.get(pk=request.pk).state)


def events_of(request: InstallCodeRequest) -> list[str]:
    return list(request.history.order_by("id").values_list("event", flat=True))


class TestAtOnce:
    def test_answers_with_the_very_code(self, gina: Person, ivan: Person) -> None:
        held = deposited(ivan)
        ruled(ivan, AT_ONCE)
        (request,) = asked_for([held], gina)
        assert release_due(timezone.now()) == 1
        assert state_of(request) == State.ANSWERED
        assert read(request, by=actor_of(gina, may_reveal=True)) == CODE
        with pytest.raises(NotAllowed):
            read(request, by=actor_of(ivan, may_reveal=True))

    def test_seals_it_anew_for_the_request(self, gina: Person, ivan: Person) -> None:
        held = deposited(ivan)
        ruled(ivan, AT_ONCE)
        asked_for([held], gina)
        release_due(timezone.now())
        escrowed, given = EscrowedCode.objects.get().code, InstallCodeRequest.objects.get().install_code
        assert escrowed is not None
        assert given is not None
        assert escrowed.pk != given.pk
        assert bytes(escrowed.envelope) != bytes(given.envelope)
        assert given.given_by_id == actor_of(ivan).user_id

    def test_leaves_the_same_record_as_an_answer_by_hand(self, gina: Person, ivan: Person) -> None:
        held = deposited(ivan)
        ruled(ivan, AT_ONCE)
        (request,) = asked_for([held], gina)
        release_due(timezone.now())
        event = AuditEvent.objects.get(event="install_code_request.released")
        assert event.reference == request.reference
        assert event.detail["depositor"] == str(actor_of(ivan).user_id)
        assert event.detail["depositor_party"] == "Brightgrid Supply"
        assert event.detail["rule"] == AT_ONCE
        assert event.detail["from_escrow"] == held.pk
        assert events_of(request)[-1] == Event.RELEASED
        clock = Obligation.objects.get()
        assert (clock.ended_by, clock.in_time) == (ObligationEnd.ANSWERED, True)
        assert log.verify().broken_id is None

    def test_asks_nobody_by_e_mail_and_tells_the_raiser(self, gina: Person, ivan: Person) -> None:
        held = deposited(ivan)
        ruled(ivan, AT_ONCE)
        (request,) = asked_for([held], gina)
        waiting = OutboxMessage.objects.get(event="install_code_request.installer_asked")
        assert waiting.next_attempt_at > timezone.now() + timedelta(seconds=30)
        release_due(timezone.now())
        mail = OutboxMessage.objects.get()
        assert (mail.recipient, mail.event) == (gina.email, "install_code_request.answered")
        assert request.reference in mail.text
        assert str(held.device_id) not in mail.text + mail.html + mail.subject

    def test_answers_whoever_asks_and_one_deposit_answers_several(
        self, gina: Person, rhea: Person, ivan: Person
    ) -> None:
        held = deposited(ivan)
        ruled(ivan, AT_ONCE)
        asked_for([held], gina)
        asked_for([held], rhea)
        assert release_due(timezone.now()) == 2
        assert EscrowRelease.objects.filter(deposit=held).count() == 2
        assert SealedInstallCode.objects.count() == 3
        assert OutboxMessage.objects.filter(event="install_code_request.answered").count() == 2

    def test_answers_what_waited_before_the_deposit(self, gina: Person, ivan: Person) -> None:
        device = device_of(ivan)
        request = requests.raise_one(device_id=device.device_id, by=actor_of(gina))
        ruled(ivan, AT_ONCE)
        assert release_due(timezone.now()) == 0
        held = deposited(ivan, device=device)
        assert release_due(timezone.now()) == 1
        assert state_of(request) == State.ANSWERED
        assert EscrowRelease.objects.get().deposit == held


class TestWhatIsNotReleased:
    def test_nothing_while_the_rule_is_never(self, gina: Person, ivan: Person) -> None:
        held = [deposited(ivan), deposited(ivan)]
        (request, _) = asked_for(held, gina)
        assert release_due(timezone.now()) == 0
        ruled(ivan, AT_ONCE)
        ruled(ivan, NEVER)
        assert release_due(timezone.now()) == 0
        assert state_of(request) == State.ASSIGNED

    def test_nothing_withdrawn(self, gina: Person, ivan: Person) -> None:
        held = deposited(ivan)
        ruled(ivan, AT_ONCE)
        asked_for([held], gina)
        withdrawing.withdraw(device_ids=[held.device_id], by=actor_of(ivan))
        assert release_due(timezone.now()) == 0

    def test_nothing_for_a_device_that_was_commissioned_meanwhile(self, gina: Person, ivan: Person) -> None:
        held = deposited(ivan)
        ruled(ivan, AT_ONCE)
        asked_for([held], gina)
        Device.objects.filter(pk=held.device_id).update(smi_status=SmiStatus.COMMISSIONED)
        assert release_due(timezone.now()) == 0

    def test_nothing_to_a_raiser_whom_registration_data_contradict(self, gina: Person, ivan: Person) -> None:
        held = deposited(ivan)
        ruled(ivan, AT_ONCE)
        (request,) = asked_for([held], gina)
        InstallCodeRequest.objects.filter(pk=request.pk).update(responsibility=Responsibility.CONTRADICTED)
        assert release_due(timezone.now()) == 0

    def test_no_request_that_another_was_given(self, gina: Person, ivan: Person, rhea: Person) -> None:
        held = deposited(ivan)
        ruled(ivan, AT_ONCE)
        (request,) = asked_for([held], gina)
        InstallCodeRequest.objects.filter(pk=request.pk).update(assigned_to=actor_of(rhea).user_id)
        assert release_due(timezone.now()) == 0

    def test_one_that_cannot_be_opened_keeps_no_other_back(self, gina: Person, ivan: Person) -> None:
        broken, whole = deposited(ivan), deposited(ivan)
        ruled(ivan, AT_ONCE)
        waits, goes = asked_for([broken, whole], gina)
        SealedInstallCode.objects.filter(device_id=broken.device_id).update(envelope=b"\x01\x02k1 nothing")
        assert release_due(timezone.now()) == 1
        assert [state_of(waits), state_of(goes)] == [State.ASSIGNED, State.ANSWERED]
        assert SealedInstallCode.objects.count() == 3


class TestAWrongCode:
    def test_is_withdrawn_and_the_installer_is_asked_by_hand(self, gina: Person, ivan: Person) -> None:
        held = deposited(ivan, code=OTHER_CODE_WITH_CRC)
        ruled(ivan, AT_ONCE)
        (request,) = asked_for([held], gina)
        release_due(timezone.now())
        requests.close(reference=request.reference, outcome=Outcome.WRONG_CODE, by=actor_of(gina))
        held.refresh_from_db()
        assert held.was_wrong
        assert held.withdrawn_at is not None
        assert not SealedInstallCode.objects.exists()
        assert AuditEvent.objects.get(event="escrowed_code.found_wrong").detail == {"request": request.reference}
        assert OutboxMessage.objects.filter(event="install_code_request.installer_asked").count() == 1
        assert Obligation.objects.filter(ended_at__isnull=True).count() == 1

    def test_is_not_answered_from_escrow_again_but_by_hand(self, gina: Person, ivan: Person) -> None:
        held = deposited(ivan, code=OTHER_CODE_WITH_CRC)
        ruled(ivan, AT_ONCE)
        (request,) = asked_for([held], gina)
        release_due(timezone.now())
        requests.close(reference=request.reference, outcome=Outcome.WRONG_CODE, by=actor_of(gina))
        deposited(ivan, device=Device.objects.get(pk=held.device_id))
        assert release_due(timezone.now()) == 0
        assert state_of(request) == State.ASSIGNED
        answered(request, by=actor_of(ivan))
        assert read(request, by=actor_of(gina, may_reveal=True)) == CODE

    def test_given_by_hand_touches_no_deposit(self, gina: Person, ivan: Person) -> None:
        held = deposited(ivan)
        (request,) = asked_for([held], gina)
        answered(request, by=actor_of(ivan), code=OTHER_CODE_WITH_CRC)
        requests.close(reference=request.reference, outcome=Outcome.WRONG_CODE, by=actor_of(gina))
        held.refresh_from_db()
        assert held.withdrawn_at is None
        assert not held.was_wrong


class TestAfterOneWorkingDay:
    def test_waits_a_whole_working_day(self, gina: Person, ivan: Person) -> None:
        held = deposited(ivan)
        ruled(ivan, ONE_DAY)
        (request,) = asked_for([held], gina)
        monday = datetime(2026, 8, 24, 10, 0, tzinfo=LONDON)
        InstallCodeRequest.objects.filter(pk=request.pk).update(created_at=monday)
        assert release_due(datetime(2026, 8, 25, 23, 59, tzinfo=LONDON)) == 0
        assert release_due(datetime(2026, 8, 26, 0, 0, tzinfo=LONDON)) == 1

    def test_tells_the_installer_as_usual(self, gina: Person, ivan: Person) -> None:
        held = deposited(ivan)
        ruled(ivan, ONE_DAY)
        asked_for([held], gina)
        waiting = OutboxMessage.objects.get(event="install_code_request.installer_asked")
        assert waiting.next_attempt_at <= timezone.now()

    @settings(deadline=None)
    @given(
        now=st.datetimes(min_value=datetime(2021, 1, 1), max_value=datetime(2039, 12, 1)),  # noqa: DTZ001
        minutes=st.integers(min_value=0, max_value=14 * 24 * 60),
    )
    def test_is_counted_as_the_obligation_is(self, now: datetime, minutes: int) -> None:
        at = now.replace(tzinfo=LONDON, microsecond=0)
        raised_at = datetime.fromtimestamp(at.timestamp() - 60 * minutes, LONDON)
        assert (raised_at <= answered_if_raised_by(at)) == (due(raised_at, 1) < at.date())


def test_many_are_released_in_chunks_with_one_e_mail(
    gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "CHUNK", 3)
    held = [deposited(ivan) for _ in range(8)]
    ruled(ivan, AT_ONCE)
    asked_for(held, gina)
    assert release_due(timezone.now()) == 8
    assert EscrowRelease.objects.filter(raiser_told_at__isnull=False).count() == 8
    mail = OutboxMessage.objects.get(event="install_code_request.answered")
    assert mail.subject == "Requests for Install Code: 8 answered"
    assert release_due(timezone.now()) == 0
    assert OutboxMessage.objects.filter(event="install_code_request.answered").count() == 1
    assert OTHER_CODE not in mail.text


def test_codes_found_wrong_together_leave_escrow_together(gina: Person, rhea: Person, ivan: Person) -> None:
    held = [deposited(ivan) for _ in range(4)]
    ruled(ivan, AT_ONCE)
    asked_for(held, gina)
    asked_for(held[3:], rhea)
    assert release_due(timezone.now()) == 5
    by = actor_of(gina)
    devices = [each.device_id for each in held[:3]]
    found = InstallCodeRequest.objects.filter(raised_by=by.user_id, device_id__in=devices)
    with transaction.atomic():
        close_many(list(found.select_for_update()), outcome=Outcome.WRONG_CODE, by=by)
    assert list(EscrowedCode.objects.held()) == held[3:]
    assert EscrowedCode.objects.filter(was_wrong=True).count() == 3
    assert AuditEvent.objects.filter(event="escrowed_code.found_wrong").count() == 3
    assert InstallCodeRequest.objects.filter(state=State.ASSIGNED).count() == 3
    assert release_due(timezone.now()) == 0
