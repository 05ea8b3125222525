"""Two people make a move at the same moment, on real PostgreSQL: one wins, the other is told, one event."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from incidents.actions import install_code_requests as actions
from incidents.actions.install_code_requests.desk import where
from incidents.actions.install_code_requests.raising import AlreadyRequested
from incidents.actions.install_code_requests.revealing import RevealLimitReached
from incidents.actions.install_code_requests.unlocking import NotLocked
from incidents.models import InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.choices import DeclineReason, Outcome, State
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.access.roles import UserRole
from ssi.accounts.actions import parties
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.refusals import NotInThisState, Refusal
from tests.factories.incidents import CODE_WITH_CRC, OTHER_CODE_WITH_CRC, device_of, request_in
from tests.personas import actor_of

pytestmark = pytest.mark.django_db(transaction=True)

Call = Callable[[], Any]


def at_once(*calls: Call) -> list[Any]:
    """Run `calls` at the same moment, each on its own connection; return what each gave or was refused with."""
    outcomes: list[Any] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def run(number: int, call: Call) -> None:
        connection.ensure_connection()
        start.wait()
        try:
            outcomes[number] = call()
        except Refusal as refusal:
            outcomes[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes


def one_won(outcomes: Sequence[Any], refusal: type[Refusal] = NotInThisState) -> bool:
    refused = [each for each in outcomes if isinstance(each, Refusal)]
    return len(refused) == len(outcomes) - 1 and all(isinstance(each, refusal) for each in refused)


def events(kind: str) -> int:
    return AuditEvent.objects.filter(event=f"install_code_request.{kind}").count()


@pytest.fixture
def raiser(gina: Person) -> Actor:
    return actor_of(gina)


@pytest.fixture
def installer(ivan: Person) -> Actor:
    return actor_of(ivan)


@pytest.mark.parametrize("round_", range(3))
def test_two_answer(gina: Person, ivan: Person, installer: Actor, round_: int) -> None:
    reference = request_in(State.ASSIGNED, gina, ivan).reference
    outcomes = at_once(
        lambda: actions.answer(reference=reference, install_code=CODE_WITH_CRC, by=installer),
        lambda: actions.answer(reference=reference, install_code=OTHER_CODE_WITH_CRC, by=installer),
    )
    assert one_won(outcomes)
    assert events("answered") == 1
    assert SealedInstallCode.objects.count() == 1
    assert InstallCodeRequestEvent.objects.filter(event="answered").count() == 1


@pytest.mark.parametrize("round_", range(3))
def test_one_answers_while_another_declines(gina: Person, ivan: Person, installer: Actor, round_: int) -> None:
    reference = request_in(State.ASSIGNED, gina, ivan).reference
    outcomes = at_once(
        lambda: actions.answer(reference=reference, install_code=CODE_WITH_CRC, by=installer),
        lambda: actions.decline(reference=reference, reason=DeclineReason.CODE_LOST, by=installer),
    )
    assert one_won(outcomes)
    assert events("answered") + events("declined") == 1


@pytest.mark.parametrize("round_", range(3))
def test_the_raiser_withdraws_while_the_installer_answers(
    gina: Person, ivan: Person, raiser: Actor, installer: Actor, round_: int
) -> None:
    reference = request_in(State.ASSIGNED, gina, ivan).reference
    outcomes = at_once(
        lambda: actions.withdraw(reference=reference, reason="Not needed.", by=raiser),
        lambda: actions.answer(reference=reference, install_code=CODE_WITH_CRC, by=installer),
    )
    assert one_won(outcomes)
    assert events("answered") + events("withdrawn") == 1
    assert SealedInstallCode.objects.count() == events("answered")


def test_two_withdraw(gina: Person, ivan: Person, raiser: Actor) -> None:
    reference = request_in(State.ASSIGNED, gina, ivan).reference
    outcomes = at_once(*[lambda: actions.withdraw(reference=reference, reason="Not needed.", by=raiser)] * 2)
    assert one_won(outcomes)
    assert events("withdrawn") == 1


def test_two_decline(gina: Person, ivan: Person, installer: Actor) -> None:
    reference = request_in(State.ASSIGNED, gina, ivan).reference
    decline = DeclineReason.CODE_LOST
    outcomes = at_once(*[lambda: actions.decline(reference=reference, reason=decline, by=installer)] * 2)
    assert one_won(outcomes)
    assert events("declined") == 1


@pytest.mark.parametrize("other", [Outcome.NOT_TRIED, Outcome.WRONG_CODE])
def test_two_close(gina: Person, ivan: Person, raiser: Actor, other: Outcome) -> None:
    reference = request_in(State.ANSWERED, gina, ivan).reference
    outcomes = at_once(
        lambda: actions.close(reference=reference, outcome=Outcome.WORKED, by=raiser),
        lambda: actions.close(reference=reference, outcome=other, by=raiser),
    )
    assert one_won(outcomes)
    assert events("closed") + events("returned") == 1
    assert InstallCodeRequest.objects.get().state in {State.CLOSED, State.ASSIGNED}


def test_two_at_the_desk_reroute(gina: Person, ivan: Person, rhea: Person, nils: Person, dana: Person) -> None:
    request = request_in(State.WITH_SERVICE_DESK, gina, ivan)
    desk, seen = actor_of(dana), where(request)
    targets = [actor_of(each).user.user_id for each in (rhea, nils)]
    outcomes = at_once(
        *(
            partial(
                actions.reroute, reference=request.reference, to=to, reason="They hold it.", by=desk, seen=seen
            )
            for to in targets
        )
    )
    assert one_won(outcomes)
    assert events("rerouted") == 1


@pytest.mark.parametrize("round_", range(3))
def test_the_same_device_is_asked_for_twice_at_once(
    gina: Person, ivan: Person, raiser: Actor, round_: int
) -> None:
    device_id = device_of(ivan).device_id
    outcomes = at_once(*[lambda: actions.raise_one(device_id=device_id, by=raiser)] * 4)
    assert one_won(outcomes, AlreadyRequested)
    assert InstallCodeRequest.objects.count() == 1
    assert events("raised") == 1
    reference = InstallCodeRequest.objects.get().reference
    assert all(reference in each.message for each in outcomes if isinstance(each, Refusal))


def test_two_parties_ask_for_the_same_device_at_once_and_neither_hears_of_the_other(
    gina: Person, rhea: Person, ivan: Person
) -> None:
    device_id = device_of(ivan).device_id
    outcomes = at_once(
        *(lambda who=who: actions.raise_one(device_id=device_id, by=actor_of(who)) for who in (gina, rhea))
    )
    assert not any(isinstance(each, Refusal) for each in outcomes)
    assert InstallCodeRequest.objects.count() == 2


def test_two_reveal_and_both_are_counted(gina: Person, ivan: Person) -> None:
    reference = request_in(State.ANSWERED, gina, ivan).reference
    by = actor_of(gina, may_reveal=True)
    permits = at_once(*[lambda: actions.permit_reveal(reference=reference, reason="To join it.", by=by)] * 3)
    assert sorted(permit.reveals for permit in permits) == [1, 2, 3]
    assert InstallCodeRequest.objects.get().reveals == 3


def test_the_last_reading_is_had_once(gina: Person, ivan: Person) -> None:
    reference = request_in(State.ANSWERED, gina, ivan).reference
    InstallCodeRequest.objects.update(reveals=F("reveals_allowed") - 1)
    by = actor_of(gina, may_reveal=True)
    outcomes = at_once(*[lambda: actions.permit_reveal(reference=reference, reason="To join it.", by=by)] * 4)
    assert one_won(outcomes, RevealLimitReached)
    assert AuditEvent.objects.filter(event="install_code.revealed").count() == 1


def test_two_at_the_desk_unlock(gina: Person, ivan: Person, dana: Person) -> None:
    reference = request_in(State.ANSWERED, gina, ivan).reference
    InstallCodeRequest.objects.update(reveals=F("reveals_allowed"))
    desk = actor_of(dana)
    outcomes = at_once(*[lambda: actions.unlock(reference=reference, reason="The visit failed.", by=desk)] * 3)
    assert one_won(outcomes, NotLocked)
    assert events("unlocked") == 1
    request = InstallCodeRequest.objects.get()
    assert request.reveals_allowed == 2 * request.reveals


def test_the_desk_and_raisers_do_not_lock_each_other_out(
    raiser: Actor, gina: Person, ivan: Person, dana: Person
) -> None:
    """Each raise touches its party's row at its commit, with the audit chain in hand; the desk writes both too."""
    devices = [device_of(ivan).device_id for _ in range(40)]
    desk, roles = actor_of(dana), {UserRole.IS, UserRole.GS}

    def raise_all() -> int:
        return sum(bool(actions.raise_one(device_id=device_id, by=raiser)) for device_id in devices)

    def change_all() -> int:
        for number in range(80):
            parties.change_user_id(
                eui=raiser.user.user_id, user_roles=roles, descriptor=f"number {number}", by=desk
            )
        return 80

    def rename_all() -> int:
        for number in range(40):
            parties.rename_party(party_id=raiser.user.party_id, name=f"Northlight {number}", by=desk)
        return 40

    assert at_once(raise_all, change_all, rename_all) == [40, 80, 40]
