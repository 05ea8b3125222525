"""Sealed codes go when their time has come, or when nothing holds them any more; nothing else goes."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from incidents.actions import install_code_requests as actions
from incidents.actions.install_code_requests.revealing import RevealPermitSpent
from incidents.models import EscrowedCode, InstallCodeRequest
from incidents.models.choices import Outcome, State
from inventory.actions import install_codes
from inventory.actions.install_codes import erasing
from inventory.install_code import InstallCode
from inventory.jobs import SCHEDULE, erase_install_codes, erase_orphaned_install_codes
from inventory.models import SealedInstallCode
from ssi.accounts.models import Person, UserId
from ssi.audit.models import AuditEvent
from ssi.celery import collect_schedule
from ssi.refusals import NotInThisState
from tests.factories.accounts import UserIdFactory
from tests.factories.incidents import request_in
from tests.factories.inventory import FIRST_DEVICE_ID
from tests.personas import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def sealed(**facts: object) -> SealedInstallCode:
    code = SealedInstallCode(device_id=FIRST_DEVICE_ID, given_by=UserIdFactory.create(), **facts)
    code.put(InstallCode(b"0123456789ABCDEF"))
    code.save(force_insert=True)
    return code


def closed(gina: Person, ivan: Person) -> InstallCodeRequest:
    return request_in(State.CLOSED, gina, ivan)


class TestAfterClosing:
    def test_the_code_is_kept_for_a_while_and_then_erased(
        self, gina: Person, ivan: Person, settings: Settings
    ) -> None:
        settings.SSI_CODES_KEPT_HOURS = 36
        request = closed(gina, ivan)
        code = SealedInstallCode.objects.get()
        assert request.install_code_id == code.pk
        assert request.ended_at
        assert code.erase_at == request.ended_at + timedelta(hours=36)
        assert install_codes.erase_due() == 0
        SealedInstallCode.objects.update(erase_at=timezone.now())
        assert install_codes.erase_due() == 1
        after = InstallCodeRequest.objects.get(pk=request.pk)
        assert (after.state, after.install_code_id) == (State.CLOSED, None)

    def test_with_no_hours_the_next_sweep_takes_it(self, gina: Person, ivan: Person, settings: Settings) -> None:
        settings.SSI_CODES_KEPT_HOURS = 0
        closed(gina, ivan)
        erase_install_codes(later="ignored")
        assert not SealedInstallCode.objects.exists()

    def test_nobody_reads_it_any_more(self, gina: Person, ivan: Person) -> None:
        request = request_in(State.ANSWERED, gina, ivan)
        by = actor_of(gina, may_reveal=True)
        permit = actions.permit_reveal(reference=request.reference, reason="To join it.", by=by)
        actions.close(reference=request.reference, outcome=Outcome.WORKED, by=by)
        assert SealedInstallCode.objects.exists()
        with pytest.raises(NotInThisState):
            actions.permit_reveal(reference=request.reference, reason="Once more.", by=by)
        with pytest.raises(RevealPermitSpent):
            actions.open_code(permit=permit, by=by)

    def test_a_wrong_code_goes_at_once(self, gina: Person, ivan: Person) -> None:
        request = request_in(State.ANSWERED, gina, ivan)
        actions.close(reference=request.reference, outcome=Outcome.WRONG_CODE, by=actor_of(gina))
        assert not SealedInstallCode.objects.exists()

    def test_a_batch_is_one_audit_event_that_names_rows_and_no_code(
        self, gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(erasing, "BATCH", 2)
        codes = [sealed(erase_at=timezone.now() - DAY) for _ in range(5)]
        kept = [
            sealed(),
            sealed(erase_at=timezone.now() + DAY),
            request_in(State.ANSWERED, gina, ivan).install_code,
        ]
        assert install_codes.erase_due() == 5
        events = AuditEvent.objects.filter(event="install_code.erased").order_by("id")
        assert [event.reference for event in events] == ["2 codes", "2 codes", "1 code"]
        named = [code for event in events for code in event.detail["codes"]]
        assert sorted(named) == sorted(str(code.pk) for code in codes)
        assert set(SealedInstallCode.objects.values_list("pk", flat=True)) == {code.pk for code in kept if code}
        assert install_codes.erase_due() == 0
        assert events.count() == 3


class TestOrphans:
    def test_what_nothing_holds_goes_after_a_day(self, gina: Person, ivan: Person) -> None:
        long_ago = timezone.now() - 2 * DAY
        orphan, fresh, held = sealed(given_at=long_ago), sealed(), sealed(given_at=long_ago)
        depositor = UserId.objects.get(pk=actor_of(ivan).user.user_id)
        EscrowedCode.objects.create(device_id=FIRST_DEVICE_ID, deposited_by=depositor, code=held)
        answer = request_in(State.ANSWERED, gina, ivan).install_code
        assert answer
        SealedInstallCode.objects.filter(pk=answer.pk).update(given_at=long_ago)
        erase_orphaned_install_codes()
        left = set(SealedInstallCode.objects.values_list("pk", flat=True))
        assert left == {fresh.pk, held.pk, answer.pk}
        assert AuditEvent.objects.get(event="install_code.erased").detail["codes"] == [str(orphan.pk)]

    def test_the_code_of_a_request_that_is_no_more_goes(self, gina: Person, ivan: Person) -> None:
        request = request_in(State.ANSWERED, gina, ivan)
        SealedInstallCode.objects.update(given_at=timezone.now() - 2 * DAY)
        InstallCodeRequest.objects.filter(pk=request.pk).delete()
        assert install_codes.erase_orphans() == 1


def test_the_clock_does_both() -> None:
    assert collect_schedule().keys() >= SCHEDULE.keys()
    assert SCHEDULE["install-codes-erase"]["schedule"] == 300.0
