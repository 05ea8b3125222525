"""Every move by everyone from every state: allowed exactly where the table below says, and else without a trace.

The table is written out here on purpose: it is what MP121 asks for, not what the code happens to do.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from incidents import moves
from incidents.actions import install_code_requests as actions
from incidents.actions.install_code_requests.locking import RequestUnknown
from incidents.actions.install_code_requests.raising import AlreadyRequested
from incidents.models import InstallCodeRequest, InstallCodeRequestEvent, Obligation
from incidents.models.choices import DeclineReason, Outcome, State
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.access.roles import JobTypeRole
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed, NotInThisState, Refusal
from tests.factories.accounts import PersonFactory, RoleGrantFactory
from tests.factories.incidents import CODE, CODE_WITH_CRC, device_of, read
from tests.personas import actor_of

WAITING = {State.ASSIGNED, State.WITH_SERVICE_DESK}
OPEN = WAITING | {State.ANSWERED}

TABLE: dict[str, tuple[str, dict[State, State]]] = {
    # move: whose, and from which state to which
    "answer": ("installer", {State.ASSIGNED: State.ANSWERED}),
    "decline": ("installer", {State.ASSIGNED: State.WITH_SERVICE_DESK}),
    "reveal": ("raiser", {State.ANSWERED: State.ANSWERED}),
    "close": ("closer", {State.ANSWERED: State.CLOSED}),
    "return": ("closer", {State.ANSWERED: State.ASSIGNED}),
    "withdraw": ("raiser", dict.fromkeys(WAITING, State.WITHDRAWN)),
    "notes": ("either side or the desk", {state: state for state in OPEN}),
    "reroute": ("desk", dict.fromkeys(WAITING, State.ASSIGNED)),
    "unlock": ("desk", {State.ANSWERED: State.ANSWERED}),
}

DEMO_STAFF = ("gina", "vera", "aroha", "ivan", "bela", "rhea", "nils", "olu")
SUPPLIERS_STAFF = (*DEMO_STAFF, "inga", "seth")
WORKERS = {"gina", "ivan", "rhea", "nils", "inga"}  # OPS, INST or SVCM
CLOSERS = WORKERS - {"inga"}  # OPS or SVCM: FC06
RAISERS = WORKERS - {"nils"}  # who is no supplier
PARTY = {
    "gina": "Northlight", "vera": "Northlight", "aroha": "Northlight", "inga": "Northlight",
    "ivan": "Brightgrid", "bela": "Brightgrid", "seth": "Brightgrid",
    "rhea": "Harbourline", "nils": "Pennine", "olu": "Thirdways",
}  # fmt: skip
EVERYONE = (*SUPPLIERS_STAFF, "dana")
ASKABLE = {"Brightgrid": "ivan", "Harbourline": "rhea", "Pennine": "nils"}


@dataclass
class Expected:
    """The request as the table says it must be."""

    state: State = State.ASSIGNED
    raiser: str = "Northlight"
    asked: str = "Brightgrid"
    reveals: int = 0
    allowed: int = 5

    @property
    def is_read_out(self) -> bool:
        return self.reveals >= self.allowed


@dataclass
class World:
    """The people of a run; made once, since they do not change."""

    actors: dict[str, Actor] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)


class RequestMachine(RuleBasedStateMachine):
    """Carries one request about, by anyone's hand."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example._from_testcase = True  # type: ignore[attr-defined]  # so that "committed" can be asked for
        self.example.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @initialize()
    def raise_a_request(self) -> None:
        device = device_of(self.world.people["ivan"])
        request = actions.raise_one(device_id=device.device_id, by=self.world.actors["gina"])
        self.device_id, self.reference, self.expected = device.device_id, request.reference, Expected()

    @property
    def request(self) -> InstallCodeRequest:
        return InstallCodeRequest.objects.get(reference=self.reference)

    # --- What should happen ---------------------------------------------------------------------------------

    def sees(self, who: str) -> bool:
        return who == "dana" or PARTY[who] in {self.expected.raiser, self.expected.asked}

    def may(self, who: str, move: str) -> bool:
        whose = TABLE[move][0]
        is_raiser = PARTY.get(who) == self.expected.raiser and who in WORKERS
        is_installer = PARTY.get(who) == self.expected.asked and who in WORKERS
        return {
            "installer": is_installer,
            "raiser": is_raiser,
            "closer": is_raiser and who in CLOSERS,
            "desk": who == "dana",
            "either side or the desk": is_raiser or is_installer or who == "dana",
        }[whose]

    def refusal_of(self, who: str, move: str) -> type[Refusal] | None:
        if move in {"reroute", "unlock"} and who != "dana":
            return NotAllowed  # these are nobody else's, whatever they see
        if not self.sees(who):
            return RequestUnknown
        if not self.may(who, move):
            return NotAllowed
        if move in {"reveal", "unlock"} and self.expected.is_read_out is (move == "reveal"):
            return NotInThisState
        return None if self.expected.state in TABLE[move][1] else NotInThisState

    # --- What happens ---------------------------------------------------------------------------------------

    def call(self, who: str, move: str, to: str) -> Callable[[], Any]:
        by, reference = self.world.actors[who], self.reference
        calls: dict[str, Callable[[], Any]] = {
            "answer": lambda: actions.answer(reference=reference, install_code=CODE_WITH_CRC, by=by),
            "decline": lambda: actions.decline(reference=reference, reason=DeclineReason.CODE_LOST, by=by),
            "reveal": lambda: self.check_code(by),
            "close": lambda: actions.close(reference=reference, outcome=Outcome.WORKED, by=by),
            "return": lambda: actions.close(reference=reference, outcome=Outcome.WRONG_CODE, by=by),
            "withdraw": lambda: actions.withdraw(reference=reference, reason="Not needed.", by=by),
            "notes": lambda: actions.add_note(reference=reference, text="The meter is behind the stairs.", by=by),
            "unlock": lambda: actions.unlock(reference=reference, reason="The first visit failed.", by=by),
            "reroute": lambda: actions.reroute(
                reference=reference, to=self.world.actors[ASKABLE[to]].user.user_id, reason="They hold it.", by=by
            ),
        }
        return calls[move]

    def check_code(self, by: Actor) -> None:
        assert read(self.request, by=by) == CODE

    @rule(who=st.sampled_from(EVERYONE), move=st.sampled_from(sorted(TABLE)), to=st.sampled_from(sorted(ASKABLE)))
    def anyone_tries_anything(self, who: str, move: str, to: str) -> None:
        if move == "reroute" and self.expected.state == State.ASSIGNED and to == self.expected.asked:
            return  # whoever is asked already is not asked again; that has a test of its own
        refusal = self.refusal_of(who, move)
        self.check_offer(who, move, refusal)
        before = self.traces()
        if refusal is None:
            self.call(who, move, to)()
            self.follow(move, to)
            assert self.traces()["audit"] == before["audit"] + 1
            return
        with pytest.raises(refusal):
            self.call(who, move, to)()
        assert self.traces() == before

    def check_offer(self, who: str, move: str, refusal: type[Refusal] | None) -> None:
        """The page and the API offer exactly what the table allows."""
        if not self.sees(who):
            return
        verb = moves.Verb("close" if move == "return" else move)
        offered = moves.why_not(self.request, verb, self.world.actors[who])
        assert (offered is None) == (refusal is None)
        assert refusal is None or isinstance(offered, refusal)

    def follow(self, move: str, to: str) -> None:
        self.expected.state = TABLE[move][1][self.expected.state]
        if move == "reroute":
            self.expected.asked = to
        if move in {"answer", "reveal"}:
            self.expected.reveals = self.expected.reveals + 1 if move == "reveal" else 0
        if move in {"answer", "unlock"}:
            self.expected.allowed = self.expected.reveals + 5

    @rule(who=st.sampled_from(SUPPLIERS_STAFF))
    def anyone_asks_for_the_same_device(self, who: str) -> None:
        before = self.traces()
        by = self.world.actors[who]
        if who not in RAISERS:
            expected: type[Refusal] = NotAllowed
        elif PARTY[who] == "Northlight" and self.expected.state in OPEN:
            expected = AlreadyRequested
        else:
            with transaction.atomic():
                other = actions.raise_one(device_id=self.device_id, by=by)
                own = PARTY[who] == "Brightgrid"  # which pre-notified it: only the desk can look further
                assert other.state == (State.WITH_SERVICE_DESK if own else State.ASSIGNED)
                transaction.set_rollback(True)
            return
        with pytest.raises(expected):
            actions.raise_one(device_id=self.device_id, by=by)
        assert self.traces() == before

    def traces(self) -> dict[str, Any]:
        """Everything a refused call might have left behind."""
        return {
            "audit": AuditEvent.objects.count(),
            "request": InstallCodeRequest.objects.filter(reference=self.reference).values().get(),
            "requests": InstallCodeRequest.objects.count(),
            "history": InstallCodeRequestEvent.objects.count(),
            "outbox": OutboxMessage.objects.count(),
            "clocks": list(Obligation.objects.order_by("pk").values()),
            "codes": sorted(map(str, SealedInstallCode.objects.values_list("pk", flat=True))),
        }

    # --- What always holds ----------------------------------------------------------------------------------

    @invariant()
    def the_request_is_as_the_table_says(self) -> None:
        if not hasattr(self, "reference"):
            return
        request, expected = self.request, self.expected
        assert request.state == expected.state
        assert request.assigned_to is not None
        assert request.assigned_to.party.name.startswith(expected.asked)
        assert (request.reveals, request.reveals_allowed) == (expected.reveals, expected.allowed)
        assert (request.ended_at is not None) == (request.state in {State.CLOSED, State.WITHDRAWN})
        has_code = request.state in {State.ANSWERED, State.CLOSED}  # erased some time after closing
        assert (request.install_code is not None) == has_code
        assert SealedInstallCode.objects.count() == has_code
        assert (request.due_date is not None) or request.state in {State.WITH_SERVICE_DESK, State.WITHDRAWN}


def colleague(of: Person, name: str, role: JobTypeRole) -> Person:
    """Return somebody who works for the same User ID with one other Job Type Role."""
    person = PersonFactory.create(name=name, party=of.party)
    RoleGrantFactory.create(person=person, acting_for_id=actor_of(of).user.user_id, job_type_role=role)
    return person


def test_a_request_moves_exactly_where_the_table_says(db: None, request: pytest.FixtureRequest) -> None:
    people: dict[str, Person] = {name: request.getfixturevalue(name) for name in (*DEMO_STAFF, "dana")}
    people["inga"] = colleague(people["gina"], "Inga", JobTypeRole.INST)
    people["seth"] = colleague(people["ivan"], "Seth", JobTypeRole.SEC)
    actors = {name: actor_of(person, may_reveal=True) for name, person in people.items()}
    RequestMachine.world = World(actors=actors, people=people)
    run_state_machine_as_test(
        RequestMachine,
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
