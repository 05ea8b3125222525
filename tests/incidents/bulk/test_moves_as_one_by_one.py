"""Many requests moved at once have the outcome they would have had one by one: state, texts, clocks, refusal."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from incidents.actions import install_code_requests as actions
from incidents.actions.bulk import engine, findings
from incidents.actions.bulk.engine import Instruction
from incidents.actions.bulk.rows import NewRow
from incidents.models import BulkJob, BulkRow, InstallCodeRequest
from incidents.models.choices import BulkKind, DeclineReason, Outcome, State
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.accounts.actions import parties
from ssi.accounts.models import Person
from ssi.refusals import Refusal
from tests.factories.accounts import PartyFactory, PersonFactory, RoleGrantFactory, UserIdFactory
from tests.factories.batches import worked_off
from tests.factories.incidents import answered, raised, request_in, told
from tests.incidents.bulk.test_same_as_one_by_one import story_of, undone
from tests.personas import actor_of

pytestmark = pytest.mark.django_db
STATES = [State.ASSIGNED, State.ANSWERED, State.WITH_SERVICE_DESK, State.CLOSED, State.WITHDRAWN]

Alone = Callable[[str, Actor], object]


def _close(outcome: Outcome, reference: str, by: Actor) -> object:
    return actions.close(reference=reference, outcome=outcome, by=by)


MOVES: dict[str, tuple[BulkKind, dict[str, str], Alone]] = {
    **{
        f"close {outcome}": (
            BulkKind.CLOSE,
            {"outcome": outcome.value},
            partial(_close, outcome),
        )
        for outcome in Outcome
    },
    "withdraw": (
        BulkKind.WITHDRAW,
        {"reason": "The home was lost."},
        lambda reference, by: actions.withdraw(reference=reference, reason="The home was lost.", by=by),
    ),
    "decline": (
        BulkKind.DECLINE,
        {"reason": "device_transferred", "detail": "To Harbourline."},
        lambda reference, by: actions.decline(
            reference=reference, reason=DeclineReason.DEVICE_TRANSFERRED, detail="To Harbourline.", by=by
        ),
    ),
}


def supplier(name: str) -> Person:
    user_id = UserIdFactory.create(party=PartyFactory.create(name=name))
    person = PersonFactory.create(party=user_id.party)
    RoleGrantFactory.create(person=person, acting_for=user_id)
    return person


@pytest.fixture
def requests(gina: Person, ivan: Person, rhea: Person) -> list[InstallCodeRequest]:
    """Return requests in every state, told of and not, of one's own and others', to suppliers here and gone."""
    gone, empty = supplier("Gone"), supplier("Empty")
    found = [request_in(state, gina, installer) for state in STATES for installer in (ivan, gone, empty)]
    found += [told(raised(gina, ivan)), answered(told(raised(gina, ivan)), by=actor_of(ivan))]
    found += [request_in(state, ivan, gina) for state in (State.ASSIGNED, State.ANSWERED)]
    found += [request_in(state, rhea, gina) for state in (State.ASSIGNED, State.ANSWERED)]
    assert gone.party_id is not None
    parties.mark_left(party_id=gone.party_id, left_date=timezone.localdate(), by=Actor.system())
    Person.objects.filter(pk=empty.pk).update(is_active=False)
    return found


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("who", ["gina", "ivan"])
@time_machine.travel("2026-11-18T11:00:00Z", tick=False)
def test_in_bulk_as_one_by_one(
    move: str, who: str, requests: list[InstallCodeRequest], gina: Person, ivan: Person
) -> None:
    by = {"gina": gina, "ivan": ivan}[who]
    kind, facts, alone = MOVES[move]
    one_by_one = {each.reference: outcome_alone(each, alone, actor_of(by)) for each in requests}
    job = moved(kind, facts, requests, by)
    in_bulk = {row.given: outcome_of(row) for row in BulkRow.objects.filter(job=job)}
    assert in_bulk == one_by_one
    assert job.carried_out + job.refused == len(requests)


def outcome_alone(request: InstallCodeRequest, alone: Alone, by: Actor) -> Any:
    with undone():
        try:
            alone(request.reference, by)
        except Refusal as refusal:
            return type(refusal).__name__, refusal.message
        return told_of(request)


def outcome_of(row: BulkRow) -> Any:
    refusal = findings.refusal_of(row)
    if refusal is not None or row.request is None:
        return type(refusal).__name__, refusal.message if refusal else ""
    return told_of(row.request)


def told_of(request: InstallCodeRequest) -> dict[str, Any]:
    story = story_of(request)
    held = story.pop("install_code_id")
    codes = SealedInstallCode.objects.filter(device_id=request.device_id).values_list("pk", "erase_at")
    return {**story, "codes": [(held == key, erase_at) for key, erase_at in codes]}


def moved(kind: BulkKind, facts: dict[str, str], requests: list[InstallCodeRequest], by: Person) -> BulkJob:
    rows = [NewRow(line, each.reference, each.device_id, each.pk) for line, each in enumerate(requests, start=1)]
    instruction = Instruction(kind=kind, sha256="0" * 64, rows=rows, facts=facts, confirmed=True)
    return worked_off(engine.begin(instruction, by=actor_of(by)))
