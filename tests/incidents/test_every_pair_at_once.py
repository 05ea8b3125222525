"""Every pair of moves that one state permits, on a hundred requests by ten threads at once: one winner each."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations_with_replacement
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from incidents.actions import install_code_requests as actions
from incidents.actions.install_code_requests.desk import where
from incidents.actions.install_code_requests.locking import RequestUnknown
from incidents.models import InstallCodeRequest, InstallCodeRequestEvent, Obligation
from incidents.models.choices import DeclineReason, Outcome, State
from inventory.install_code import parse
from inventory.models import SealedInstallCode
from inventory.models.choices import DeviceType
from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.refusals import NotInThisState
from tests.factories.incidents import CODE_WITH_CRC
from tests.personas import actor_of

pytestmark = pytest.mark.django_db(transaction=True)

REQUESTS, THREADS = 100, 10
LOST = (NotInThisState, RequestUnknown)
"""What the loser hears; of a request that went to another supplier the former one hears nothing at all."""
Move = Callable[[str], object]


@dataclass
class World:
    """Who takes part, and where the requests lay when the desk looked."""

    raiser: Actor
    installer: Actor
    third: Actor
    desk: Actor
    seen: str = ""

    def moves(self) -> dict[str, Move]:
        """Return every move by its name, as a call with the reference."""
        return {
            "answer": lambda ref: actions.answer(reference=ref, install_code=CODE_WITH_CRC, by=self.installer),
            "decline": lambda ref: actions.decline(
                reference=ref, reason=DeclineReason.CODE_LOST, by=self.installer
            ),
            "withdraw": lambda ref: actions.withdraw(reference=ref, reason="Not needed.", by=self.raiser),
            "reroute": lambda ref: actions.reroute(
                reference=ref, to=self.third.user.user_id, reason="They hold it.", by=self.desk, seen=self.seen
            ),
            "close": lambda ref: actions.close(reference=ref, outcome=Outcome.WORKED, by=self.raiser),
            "return": lambda ref: actions.close(reference=ref, outcome=Outcome.WRONG_CODE, by=self.raiser),
        }


RIVALS = {
    State.ASSIGNED: ("answer", "decline", "withdraw", "reroute"),
    State.ANSWERED: ("close", "return"),
    State.WITH_SERVICE_DESK: ("withdraw", "reroute"),
}
PAIRS = [(state, *pair) for state, moves in RIVALS.items() for pair in combinations_with_replacement(moves, 2)]


@pytest.fixture
def world(gina: Person, ivan: Person, rhea: Person, dana: Person) -> World:
    return World(raiser=actor_of(gina), installer=actor_of(ivan), third=actor_of(rhea), desk=actor_of(dana))


FOLLOWS = {("decline", "withdraw"), ("withdraw", "reroute")}
"""Pairs of which one may rightly follow the other: what was declined or re-routed can still be withdrawn."""


@pytest.mark.parametrize(("state", "one", "other"), PAIRS)
def test_one_winner_each(world: World, state: State, one: str, other: str) -> None:
    references = list(requests_in(state, world))
    world.seen = where(InstallCodeRequest.objects.get(reference=references[0]))
    events_before = AuditEvent.objects.count()
    won = race(references, {name: world.moves()[name] for name in (one, other)})
    winners = Counter(reference for _, reference in won.elements())
    assert winners.keys() == set(references)
    assert set(won.values()) == {1}  # nobody makes the same move twice
    assert (one, other) in FOLLOWS or set(winners.values()) == {1}
    if (one, other) in FOLLOWS:
        assert set(InstallCodeRequest.objects.values_list("state", flat=True)) == {State.WITHDRAWN}
    assert AuditEvent.objects.count() - events_before == won.total()
    assert InstallCodeRequestEvent.objects.count() == won.total()
    asked = InstallCodeRequest.objects.filter(state=State.ASSIGNED).values_list("pk", flat=True)
    running = Obligation.objects.filter(ended_at__isnull=True).values_list("request", flat=True)
    assert sorted(running) == sorted(asked)  # a clock runs exactly where somebody is asked


def requests_in(state: State, world: World) -> Iterator[str]:
    """Put requests into the tables as the actions would have left them, and yield their references."""
    now = timezone.now()
    made = [
        InstallCodeRequest(
            state=state,
            device_id=Eui64(0x1E5B000000000000 + number),
            device_type=DeviceType.ESME,
            raised_by_id=world.raiser.user.user_id,
            raised_by_party_id=world.raiser.user.party_id,
            raised_in_role="IS",
            responsibility_claimed_at=now,
            assigned_to_id=world.installer.user.user_id,
            install_code=sealed(number, world) if state == State.ANSWERED else None,
        )
        for number in range(REQUESTS)
    ]
    InstallCodeRequest.objects.bulk_create(made)
    Obligation.objects.bulk_create(
        Obligation(
            request=each,
            installer_id=world.installer.user.user_id,
            asked_at=now,
            ended_at=None if state == State.ASSIGNED else now,
        )
        for each in made
    )
    yield from (each.reference for each in made)


def sealed(number: int, world: World) -> SealedInstallCode:
    code = SealedInstallCode(
        device_id=Eui64(0x1E5B000000000000 + number), given_by_id=world.installer.user.user_id
    )
    code.put(parse(CODE_WITH_CRC))
    code.save(force_insert=True)
    return code


def race(references: Sequence[str], moves: Mapping[str, Move]) -> Counter[tuple[str, str]]:
    """Have ten threads try one of the moves on every request, two and two in one order; count who won which."""
    won: Counter[tuple[str, str]] = Counter()
    surprises: list[Exception] = []
    start = threading.Barrier(THREADS)

    def run(number: int) -> None:
        name, move = list(moves.items())[number % len(moves)]
        mine = list(references)
        Random(number // 2).shuffle(mine)
        start.wait()
        try:
            for reference in mine:
                with suppress(*LOST):
                    move(reference)
                    won[name, reference] += 1
        except Exception as surprise:  # noqa: BLE001 - of a thread, to be shown by the test
            surprises.append(surprise)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    assert surprises == []
    return won
