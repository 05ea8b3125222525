"""When a request changes hands: whose clock runs, who reads what was written before, and who is left to ask."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from incidents.actions import install_code_requests as actions
from incidents.models import InstallCodeRequest
from incidents.models.choices import DeclineReason, Event, Outcome, State
from incidents.search import install_code_requests as search
from ssi.access.actor import Actor
from ssi.access.roles import JobTypeRole
from ssi.accounts.models import Party, Person, RoleGrant
from ssi.refusals import NotAllowed
from tests.factories.incidents import answered, raised
from tests.personas import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def rerouted(gina: Person, ivan: Person, rhea: Person, dana: Person) -> InstallCodeRequest:
    """Return a request that Ivan's company wrote on and declined, and that the desk gave to Rhea's."""
    request = raised(gina, ivan)
    actions.add_note(reference=request.reference, text="We sold this meter.", by=actor_of(ivan))
    actions.decline(
        reference=request.reference,
        reason=DeclineReason.DEVICE_TRANSFERRED,
        detail="Sold under a contract that is nobody's business.",
        by=actor_of(ivan),
    )
    to = actor_of(rhea).user.user_id
    return actions.reroute(reference=request.reference, to=to, reason="It holds the code now.", by=actor_of(dana))


def events(request: InstallCodeRequest, by: Actor) -> list[str]:
    return [step.event for step in search.history_of(request, by=by)]


def test_who_is_asked_next_does_not_read_what_the_one_before_wrote(
    rerouted: InstallCodeRequest, gina: Person, rhea: Person, dana: Person
) -> None:
    assert events(rerouted, actor_of(rhea)) == [Event.RAISED, Event.REROUTED]
    everything = [Event.RAISED, Event.ASSIGNED, Event.NOTE_ADDED, Event.DECLINED, Event.REROUTED]
    assert events(rerouted, actor_of(gina)) == events(rerouted, actor_of(dana)) == everything


def test_a_wrong_code_returned_leaves_the_same_installer_its_history(gina: Person, ivan: Person) -> None:
    request = raised(gina, ivan)
    answered(request, by=actor_of(ivan))
    actions.close(reference=request.reference, outcome=Outcome.WRONG_CODE, by=actor_of(gina))
    assert events(request, actor_of(ivan)) == [Event.RAISED, Event.ASSIGNED, Event.ANSWERED, Event.RETURNED]


def test_an_email_to_the_one_before_starts_nobodys_clock(rerouted: InstallCodeRequest) -> None:
    step = rerouted.history.get(event=Event.REROUTED)
    late = timezone.now() + timedelta(days=3)
    actions.notice_given(reference=rerouted.reference, at=late, asked_at=step.at - timedelta(seconds=1))
    rerouted.refresh_from_db()
    assert rerouted.notified_at is None
    actions.notice_given(reference=rerouted.reference, at=late, asked_at=step.at + timedelta(seconds=1))
    rerouted.refresh_from_db()
    assert rerouted.notified_at == late


def test_a_wrong_code_of_an_installer_that_left_goes_to_the_desk(gina: Person, ivan: Person) -> None:
    request = raised(gina, ivan)
    answered(request, by=actor_of(ivan))
    Party.objects.filter(name="Brightgrid Supply").update(left_date=date(2026, 1, 1))
    returned = actions.close(reference=request.reference, outcome=Outcome.WRONG_CODE, by=actor_of(gina))
    assert returned.state == State.WITH_SERVICE_DESK
    assert "has left the market" in returned.with_desk_because
    assert returned.due_date is None
    assert returned.install_code is None


def test_who_may_raise_but_not_close_does_not_close(gina: Person, ivan: Person) -> None:
    """The matrix: INST raises and withdraws (FC07a), OPS and SVCM close (FC06)."""
    RoleGrant.objects.filter(person=gina).exclude(job_type_role=JobTypeRole.OPS).delete()
    RoleGrant.objects.filter(person=gina).update(job_type_role=JobTypeRole.INST)
    request = raised(gina, ivan)
    answered(request, by=actor_of(ivan))
    with pytest.raises(NotAllowed) as refused:
        actions.close(reference=request.reference, outcome=Outcome.WORKED, by=actor_of(gina))
    assert refused.value.way_out
