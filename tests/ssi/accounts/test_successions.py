"""Successions: who took over a failed supplier's User ID, in a chain if need be, and never in a circle."""

import threading
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts import search
from ssi.accounts.actions import parties, successions
from ssi.accounts.actions.successions import (
    NobodySucceedsThemselves,
    SuccessionsInACircle,
    SuccessorHasLeft,
    TakenOverAlready,
)
from ssi.accounts.models import Person, Succession, UserId
from ssi.accounts.models.succession import TakenOverBecause
from ssi.audit.models import AuditEvent
from ssi.refusals import NotAllowed, NotInThisState, Refusal
from tests.factories.accounts import PartyFactory, UserIdFactory
from tests.personas import actor_of, client_of

DESK = Actor.system()
SPRING, SUMMER, AUTUMN = date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)


def holders(count: int) -> list[UserId]:
    return [UserIdFactory.create(party=PartyFactory.create()) for _ in range(count)]


def taken_over(user_id: UserId, by: UserId, from_date: date = SPRING) -> Succession:
    because = TakenOverBecause.SUPPLIER_OF_LAST_RESORT
    return successions.enter(eui=user_id.eui, successor=by.eui, from_date=from_date, because=because, by=DESK)


def heir(user_id: UserId, on: date | None = None) -> UserId | None:
    found = search.successor_of(user_id.eui, on)
    return found.user_id if found else None


pytestmark = pytest.mark.django_db


# --- Finding ---------------------------------------------------------------------------------------------------


def test_successor_is_found_from_its_first_day_on() -> None:
    old, new = holders(2)
    taken_over(old, new, SUMMER)
    assert heir(old, SUMMER - timedelta(days=1)) is None
    assert heir(old, SUMMER) == new
    assert heir(old) == new
    assert heir(new) is None
    found = search.successor_of(old.eui)
    assert found is not None
    assert (found.since_date, found.because) == (SUMMER, "Supplier of Last Resort")


def test_chain_is_followed_as_far_as_the_day_allows() -> None:
    first, second, third, fourth = holders(4)
    taken_over(first, second, SPRING)
    taken_over(second, third, SUMMER)
    taken_over(third, fourth, AUTUMN)
    assert heir(first, SPRING) == second
    assert heir(first, SUMMER) == third
    assert heir(first, AUTUMN) == heir(second, AUTUMN) == fourth
    found = search.successor_of(first.eui, AUTUMN)
    assert found is not None
    assert found.since_date == AUTUMN


def test_all_successors_are_one_query_with_their_parties(django_assert_num_queries: Any) -> None:
    chain = holders(5)
    for old, new in pairwise(chain):
        taken_over(old, new)
    with django_assert_num_queries(1):
        found = search.successors()
        assert {each.user_id.party.name for each in found.values()} == {chain[-1].party.name}
    assert found.keys() == {each.eui for each in chain[:-1]}


def test_ended_succession_counts_no_more_and_another_may_be_entered() -> None:
    old, new, other = holders(3)
    succession = taken_over(old, new)
    successions.end(succession_id=succession.pk, by=DESK)
    assert heir(old) is None
    taken_over(old, other)
    assert heir(old) == other
    assert Succession.objects.count() == 2


# --- Refusals --------------------------------------------------------------------------------------------------


def test_nobody_succeeds_themselves() -> None:
    [one] = holders(1)
    with pytest.raises(NobodySucceedsThemselves):
        taken_over(one, one)


def test_successor_must_be_in_the_market() -> None:
    old, new = holders(2)
    parties.mark_left(party_id=new.party_id, left_date=timezone.localdate(), by=DESK)
    with pytest.raises(SuccessorHasLeft, match=new.party.name):
        taken_over(old, new)


def test_one_successor_at_a_time() -> None:
    old, new, other = holders(3)
    taken_over(old, new)
    with pytest.raises(TakenOverAlready, match=str(new.eui)):
        taken_over(old, other)


@pytest.mark.parametrize("length", [2, 3, 5])
def test_no_circle_however_long(length: int) -> None:
    chain = holders(length)
    for old, new in pairwise(chain):
        taken_over(old, new, AUTUMN)
    with pytest.raises(SuccessionsInACircle):
        taken_over(chain[-1], chain[0], SPRING)
    assert Succession.objects.count() == length - 1


def test_ending_twice_is_refused() -> None:
    old, new = holders(2)
    succession = taken_over(old, new)
    successions.end(succession_id=succession.pk, by=DESK)
    with pytest.raises(NotInThisState, match="ended already"):
        successions.end(succession_id=succession.pk, by=DESK)


def test_only_the_desk(gina: Person) -> None:
    old, new = holders(2)
    by = actor_of(gina)
    with pytest.raises(NotAllowed):
        successions.enter(eui=old.eui, successor=new.eui, from_date=SPRING, because=TakenOverBecause.OTHER, by=by)
    succession = taken_over(old, new)
    with pytest.raises(NotAllowed):
        successions.end(succession_id=succession.pk, by=by)


def test_the_database_says_it_too() -> None:
    old, new = holders(2)
    taken_over(old, new)
    for successor in (old, new):
        with pytest.raises(IntegrityError), transaction.atomic():
            Succession.objects.create(
                user_id=old, successor=successor, from_date=SPRING, because="other", entered_by="x"
            )


@pytest.mark.django_db(transaction=True)
def test_two_at_once_close_no_circle() -> None:
    one, two = holders(2)
    start = threading.Barrier(2)
    refused: list[Refusal] = []

    def enter(old: UserId, new: UserId) -> None:
        connection.ensure_connection()
        start.wait()
        try:
            taken_over(old, new)
        except Refusal as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=enter, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert [type(each) for each in refused] == [SuccessionsInACircle]
    assert Succession.objects.count() == 1


# --- At the desk -----------------------------------------------------------------------------------------------


@pytest.fixture
def desk(dana: Person) -> Client:
    return client_of(dana)


def sent(desk: Client, path: str, **fields: Any) -> str:
    return desk.post(f"/admin/accounts/succession/{path}", fields, follow=True).content.decode()


def test_the_desk_enters_and_ends_it(desk: Client, dana: Person) -> None:
    old, new = holders(2)
    fields = {"user_id": old.pk, "successor": new.pk, "from_date": "2026-07-01", "because": "trade_sale"}
    sent(desk, "add/", **fields)
    succession = Succession.objects.get()
    assert (succession.user_id, succession.successor, succession.entered_by) == (old, new, dana.email)
    page = desk.get("/admin/accounts/succession/").content.decode()
    assert "Sale of the business" in page
    assert new.party.name in page
    assert "Ended: nobody is asked in the place of" in sent(desk, f"{succession.pk}/end/")
    assert old.party.name not in desk.get("/admin/accounts/succession/?standing=open").content.decode()
    assert old.party.name in desk.get("/admin/accounts/succession/?standing=ended").content.decode()
    events = AuditEvent.objects.filter(about="succession", reference=str(old.eui)).order_by("id")
    assert [event.event for event in events] == ["succession.entered", "succession.ended"]
    assert events[0].detail == {"successor": str(new.eui), "from_date": "2026-07-01", "because": "trade_sale"}


def test_refusal_comes_back_with_the_form(desk: Client) -> None:
    old, new = holders(2)
    taken_over(old, new)
    fields = {"from_date": "2026-07-01", "because": "other"}
    assert "is taken over already" in sent(desk, "add/", user_id=old.pk, successor=new.pk, **fields)
    assert "cannot succeed it" in sent(desk, "add/", user_id=new.pk, successor=old.pk, **fields)
    assert "cannot take over from itself" in sent(desk, "add/", user_id=old.pk, successor=old.pk, **fields)
    assert Succession.objects.count() == 1


def test_nothing_is_changed_afterwards(desk: Client) -> None:
    old, new, other = holders(3)
    succession = taken_over(old, new)
    fields = {"user_id": old.pk, "successor": other.pk, "from_date": "2026-07-01", "because": "other"}
    assert desk.post(f"/admin/accounts/succession/{succession.pk}/change/", fields).status_code == 403
    assert desk.get(f"/admin/accounts/succession/{succession.pk}/change/").status_code == 200
    succession.refresh_from_db()
    assert succession.successor == new
