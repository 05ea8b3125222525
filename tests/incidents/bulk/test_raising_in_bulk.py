"""What a list brings with it: work packs, e-mails, the clock, the quota; and what happens between its steps."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.actions import batches
from incidents.actions import install_code_requests as actions
from incidents.actions.batches import BatchUnknown, NoDeviceGiven, TooManyDevices
from incidents.actions.bulk import engine, findings, raising
from incidents.actions.install_code_requests.raising import NeededByDateIsPast, ResponsibilityNotClaimed
from incidents.actions.quotas import QuotaReached
from incidents.models import BulkJob, BulkRow, InstallCodeRequest, Obligation, PartyDay, WorkPack
from incidents.models.choices import BulkState, State
from inventory.install_code.shown import MASKED
from inventory.models import Device
from inventory.models.choices import SmiStatus
from ssi.accounts.models import Party, Person, RoleGrant, UserId
from ssi.audit import log
from ssi.eui64 import Eui64
from ssi.notifications import delivery
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed, NotInThisState
from tests.factories.accounts import PartyFactory, PersonFactory, RoleGrantFactory, UserIdFactory
from tests.factories.batches import checked, drafted, raised_in_bulk, worked_off
from tests.factories.incidents import device_of
from tests.factories.inventory import DeviceFactory
from tests.personas import actor_of

pytestmark = pytest.mark.django_db


def installer(people: int = 1) -> UserId:
    """Return the User ID of a new supplier where so many people may answer."""
    user_id = UserIdFactory.create(party=PartyFactory.create())
    for _ in range(people):
        RoleGrantFactory.create(person=PersonFactory.create(party=user_id.party), acting_for=user_id)
    return user_id


def devices(many: int, *of: UserId) -> list[Eui64]:
    """Return so many devices that may be asked for, of each of some installers in turn."""
    return [DeviceFactory.create(notified_by=of[number % len(of)]).device_id for number in range(many)]


def refusals(job: BulkJob) -> list[tuple[int, str]]:
    rows = BulkRow.objects.filter(job=job).exclude(finding="").order_by("line")
    return [(row.line, findings.sentence(row)[0]) for row in rows]


# --- Work packs, e-mails, the clock ------------------------------------------------------------------------------


def test_twelve_installers_get_twelve_work_packs_and_twelve_emails(gina: Person) -> None:
    installers = [installer() for _ in range(12)]
    job = raised_in_bulk(gina, devices(36, *installers))
    packs = WorkPack.objects.filter(batch=job)
    assert {pack.installer_id: pack.size for pack in packs} == {each.eui: 3 for each in installers}
    assert OutboxMessage.objects.count() == 12
    assert {each.reference for each in OutboxMessage.objects.all()} == {pack.reference for pack in packs}
    for pack in packs:
        requests = InstallCodeRequest.objects.filter(work_pack=pack)
        assert {each.assigned_to_id for each in requests} == {pack.installer_id}
        assert {each.batch_id for each in requests} == {job.pk}


def test_an_email_names_no_device_and_no_company(gina: Person, ivan: Person) -> None:
    given = [device_of(ivan).device_id for _ in range(3)]
    raised_in_bulk(gina, given)
    email = OutboxMessage.objects.get()
    assert email.subject == f"Work pack {WorkPack.objects.get().reference}: please answer 3 requests"
    for text in (email.subject, email.text, email.html):
        assert "Northlight" not in text
        assert not any(str(each) in text or each.plain in text for each in given)
    assert all(f"/incidents/{each.reference}/" in email.text for each in InstallCodeRequest.objects.all())


def test_what_goes_to_the_desk_is_in_the_batch_but_in_no_work_pack(gina: Person) -> None:
    job = raised_in_bulk(gina, [DeviceFactory.create(notified_by=None).device_id])
    request = InstallCodeRequest.objects.get()
    assert (request.state, request.batch_id, request.work_pack_id) == (State.WITH_SERVICE_DESK, job.pk, None)
    assert not WorkPack.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert not Obligation.objects.exists()


def test_delivery_of_a_packs_email_starts_the_clock_of_all_its_requests(gina: Person) -> None:
    one, other = installer(people=2), installer()
    job = raised_in_bulk(gina, devices(4, one, other))
    OutboxMessage.objects.exclude(reference=WorkPack.objects.get(installer=one).reference).delete()
    delivery.deliver_waiting()
    pack = WorkPack.objects.get(batch=job, installer=one)
    assert pack.notified_at is not None
    told = InstallCodeRequest.objects.filter(work_pack=pack)
    assert [(each.notified_at, each.due_date is None) for each in told] == [(pack.notified_at, False)] * 2
    assert {clock.notified_at for clock in Obligation.objects.filter(installer=one)} == {pack.notified_at}
    assert not Obligation.objects.filter(installer=other, notified_at__isnull=False).exists()


def test_a_pack_is_shown_to_its_installer_only_when_it_is_complete(
    gina: Person, ivan: Person, chunks: None
) -> None:
    job = checked(gina, [device_of(ivan).device_id for _ in range(3)])
    batches.confirm(job.reference, actor_of(gina))
    assert engine._one_step(job.pk)
    assert InstallCodeRequest.objects.count() == 2
    assert not WorkPack.objects.visible_to(actor_of(ivan)).exists()
    assert not OutboxMessage.objects.exists()
    worked_off(job)
    assert WorkPack.objects.visible_to(actor_of(ivan)).get().size == 3
    assert OutboxMessage.objects.count() == 1


def test_what_was_withdrawn_meanwhile_is_not_asked_for(gina: Person, ivan: Person, chunks: None) -> None:
    job = checked(gina, [device_of(ivan).device_id for _ in range(2)])
    batches.confirm(job.reference, actor_of(gina))
    engine._one_step(job.pk)
    for request in InstallCodeRequest.objects.all():
        actions.withdraw(reference=request.reference, reason="Not needed.", by=actor_of(gina))
    OutboxMessage.objects.all().delete()
    worked_off(job)
    assert not OutboxMessage.objects.exists()


# --- Between the check and the deed ------------------------------------------------------------------------------


@pytest.fixture
def chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a step raise two requests."""
    monkeypatch.setattr(raising, "CHUNK", 2)


def test_a_device_that_changed_since_the_check_is_refused_by_itself(gina: Person, ivan: Person) -> None:
    good, commissioned, gone, asked = (device_of(ivan).device_id for _ in range(4))
    job = checked(gina, [good, commissioned, gone, asked])
    assert job.acceptable == 4
    Device.objects.filter(pk=commissioned).update(smi_status=SmiStatus.COMMISSIONED)
    Device.objects.filter(pk=gone).delete()
    other = actions.raise_one(device_id=asked, by=actor_of(gina))
    batches.confirm(job.reference, actor_of(gina))
    job = worked_off(job)
    assert (job.state, job.carried_out, job.refused) == (BulkState.DONE, 1, 3)
    told = dict(refusals(job))
    assert "is Commissioned" in told[2]
    assert "not in the Smart Metering Inventory" in told[3]
    assert other.reference in told[4]
    assert set(InstallCodeRequest.objects.values_list("device_id", flat=True)) == {good, asked}


def test_an_installer_that_left_since_the_check_is_not_asked(gina: Person) -> None:
    gone = installer()
    job = checked(gina, devices(1, gone))
    Party.objects.filter(pk=gone.party_id).update(left_date=timezone.localdate())
    batches.confirm(job.reference, actor_of(gina))
    worked_off(job)
    assert InstallCodeRequest.objects.get().state == State.WITH_SERVICE_DESK


def test_whoever_lost_the_right_meanwhile_raises_no_more(gina: Person, ivan: Person, chunks: None) -> None:
    job = checked(gina, [device_of(ivan).device_id for _ in range(3)])
    batches.confirm(job.reference, actor_of(gina))
    engine._one_step(job.pk)
    RoleGrant.objects.filter(person=gina).update(ended_at=timezone.now())
    job = worked_off(job)
    assert (job.state, job.carried_out, job.refused) == (BulkState.DONE, 2, 1)
    assert "may no longer" in refusals(job)[0][1]
    assert OutboxMessage.objects.count() == 1  # what was raised is told


def test_whoever_is_no_longer_active_raises_nothing(gina: Person, ivan: Person) -> None:
    job = checked(gina, [device_of(ivan).device_id])
    batches.confirm(job.reference, actor_of(gina))
    Person.objects.filter(pk=gina.pk).update(is_active=False)
    assert worked_off(job).refused == 1
    assert not InstallCodeRequest.objects.exists()


def test_a_list_is_raised_in_the_name_of_whoever_confirms_it(gina: Person, ivan: Person) -> None:
    colleague = PersonFactory.create(party=gina.party)
    RoleGrantFactory.create(person=colleague, acting_for_id=actor_of(gina).user_id)
    job = checked(gina, [device_of(ivan).device_id])
    batches.confirm(job.reference, actor_of(colleague))
    RoleGrant.objects.filter(person=gina).update(ended_at=timezone.now())
    job = worked_off(job)
    assert (job.person_id, job.carried_out) == (colleague.pk, 1)


def test_a_taken_reference_is_tried_again(gina: Person, ivan: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = actions.raise_one(device_id=device_of(ivan).device_id, by=actor_of(gina)).reference
    references = iter([taken, taken, "INC000000000001", "INC000000000002"])
    monkeypatch.setattr(raising, "new_reference", lambda: next(references))
    job = raised_in_bulk(gina, [device_of(ivan).device_id for _ in range(2)])
    assert job.carried_out == 2
    assert InstallCodeRequest.objects.count() == 3


# --- Quota, statement, day ---------------------------------------------------------------------------------------


def test_the_quota_is_claimed_once_and_for_the_acceptable_rows(gina: Person, ivan: Person) -> None:
    job = checked(gina, [device_of(ivan).device_id, device_of(ivan).device_id, "1E-5A-FF-00-00-00-00-01"])
    assert not PartyDay.objects.exists()
    batches.confirm(job.reference, actor_of(gina))
    worked_off(job)
    assert PartyDay.objects.get().raised == 2


def test_a_list_above_the_quota_is_not_confirmed(gina: Person, ivan: Person) -> None:
    Party.objects.filter(pk=actor_of(gina).user.party_id).update(requests_per_day=1)
    job = checked(gina, [device_of(ivan).device_id for _ in range(2)])
    with pytest.raises(QuotaReached):
        batches.confirm(job.reference, actor_of(gina))
    assert BulkJob.objects.get().state == BulkState.CHECKED
    assert not PartyDay.objects.filter(raised__gt=0).exists()


def test_the_statement_of_responsibility_is_asked_for_and_recorded(gina: Person, ivan: Person) -> None:
    job = checked(gina, [device_of(ivan).device_id])
    with pytest.raises(ResponsibilityNotClaimed):
        batches.confirm(job.reference, actor_of(gina), responsible=False)
    confirmed = batches.confirm(job.reference, actor_of(gina))
    worked_off(job)
    assert InstallCodeRequest.objects.get().responsibility_claimed_at == confirmed.confirmed_at


def test_the_day_it_is_needed_by_goes_with_every_request(gina: Person, ivan: Person) -> None:
    day = timezone.localdate() + timedelta(days=3)
    raised_in_bulk(gina, [device_of(ivan).device_id], needed_by_date=day)
    assert InstallCodeRequest.objects.get().needed_by_date == day


def test_a_day_that_has_passed_is_refused_also_at_the_confirmation(gina: Person, ivan: Person) -> None:
    given = [device_of(ivan).device_id]
    with pytest.raises(NeededByDateIsPast):
        drafted(gina, given, needed_by_date=timezone.localdate() - timedelta(days=1))
    job = checked(gina, given, needed_by_date=timezone.localdate())
    BulkJob.objects.update(facts={"needed_by_date": date(2020, 1, 1).isoformat()})
    with pytest.raises(NeededByDateIsPast):
        batches.confirm(job.reference, actor_of(gina))


# --- What is refused whole, and who may --------------------------------------------------------------------------


def test_too_long_and_empty_lists_store_nothing(gina: Person) -> None:
    with pytest.raises(TooManyDevices, match="50,001"):
        batches.draft(["x"] * 50_001, actor_of(gina))
    with pytest.raises(NoDeviceGiven):
        batches.draft([], actor_of(gina))
    assert not BulkJob.objects.exists()


@pytest.mark.parametrize("who", ["vera", "nils", "olu", "dana"])
def test_who_may_not_raise_one_may_not_raise_many(who: str, request: pytest.FixtureRequest, gina: Person) -> None:
    somebody = actor_of(request.getfixturevalue(who))
    with pytest.raises(NotAllowed):
        batches.draft(["1E-5A-FF-00-00-00-00-01"], somebody)
    job = checked(gina, ["1E-5A-FF-00-00-00-00-01"])
    with pytest.raises((BatchUnknown, NotAllowed)):
        batches.confirm(job.reference, somebody)
    with pytest.raises((BatchUnknown, NotAllowed)):
        batches.cancel(job.reference, somebody)


def test_others_batches_are_unknown(gina: Person, rhea: Person) -> None:
    job = checked(gina, ["1E-5A-FF-00-00-00-00-01"])
    for act in (batches.confirm, batches.cancel):
        with pytest.raises(BatchUnknown):
            act(job.reference, actor_of(rhea))


def test_a_list_that_was_called_off_cannot_be_confirmed(gina: Person, ivan: Person) -> None:
    job = checked(gina, [device_of(ivan).device_id])
    batches.cancel(job.reference, actor_of(gina))
    with pytest.raises(NotInThisState):
        batches.confirm(job.reference, actor_of(gina))
    assert worked_off(job).state == BulkState.CANCELLED


def test_a_list_called_off_or_without_effect_is_taken_anew(gina: Person, ivan: Person) -> None:
    device = device_of(ivan, smi_status=SmiStatus.COMMISSIONED)
    first = checked(gina, [device.device_id])
    batches.cancel(first.reference, actor_of(gina))
    second = raised_in_bulk(gina, [device.device_id])
    assert (second.state, second.carried_out) == (BulkState.DONE, 0)
    Device.objects.filter(pk=device.pk).update(smi_status=SmiStatus.PENDING)
    third = raised_in_bulk(gina, [device.device_id])
    assert third.carried_out == 1
    assert len({first.pk, second.pk, third.pk}) == 3


def test_a_list_sent_again_on_purpose_meets_its_own_requests(gina: Person, ivan: Person) -> None:
    given = [device_of(ivan).device_id for _ in range(2)]
    first = raised_in_bulk(gina, given)
    assert drafted(gina, given).recognised
    again = checked(gina, given, again=True)
    assert again.pk != first.pk
    assert (again.acceptable, again.refused) == (0, 2)


def test_an_old_check_is_not_taken_for_a_new_one(gina: Person, ivan: Person) -> None:
    given = [device_of(ivan).device_id]
    old = checked(gina, given)
    BulkJob.objects.update(created_at=timezone.now() - timedelta(hours=25))
    new = drafted(gina, given)
    assert new.pk != old.pk
    assert BulkJob.objects.get(pk=old.pk).state == BulkState.CANCELLED


# --- At scale ----------------------------------------------------------------------------------------------------


def queries_of(gina: Person, given: list[Eui64]) -> tuple[int, int]:
    """Return how many queries a list takes to be checked, and to be carried out."""
    with CaptureQueriesContext(connection) as checking:
        job = checked(gina, given)
    batches.confirm(job.reference, actor_of(gina))
    with CaptureQueriesContext(connection) as running:
        assert worked_off(job).carried_out == len(given)
    return len(checking), len(running)


def test_no_query_count_grows_with_the_rows(gina: Person) -> None:
    asked = [installer(), installer()]
    queries_of(gina, devices(4, *asked))  # what is looked up once and kept
    assert queries_of(gina, devices(4, *asked)) == queries_of(gina, devices(60, *asked))


def test_the_chain_of_the_log_holds(gina: Person, ivan: Person) -> None:
    raised_in_bulk(gina, [device_of(ivan).device_id for _ in range(5)])
    assert log.verify().broken_id is None


def test_progress_is_counted_as_it_goes(gina: Person, ivan: Person, chunks: Any) -> None:
    job = checked(gina, [device_of(ivan).device_id for _ in range(5)])
    batches.confirm(job.reference, actor_of(gina))
    seen = []
    while engine._one_step(job.pk):
        seen.append(BulkJob.objects.get(pk=job.pk).carried_out)
    assert seen == [2, 4, 5]


def test_a_list_of_rubbish_is_not_looked_through_for_ever(gina: Person) -> None:
    rubbish = " ".join(["12 ab"] * 300)
    job = checked(gina, *(f"{rubbish} {number}" for number in range(100)), "short")
    shown = list(BulkRow.objects.filter(job=job).order_by("line").values_list("given", flat=True))
    assert shown[-1] == "short"
    assert shown[-2] == MASKED
    assert job.refused == 101
