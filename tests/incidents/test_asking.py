"""Who is asked when the notifying party has left the market: whoever took over, else the desk, and why."""

import json
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from incidents.actions import install_code_requests as actions
from incidents.actions.install_code_requests.raising import AlreadyRequested
from incidents.models import InstallCodeRequest, Obligation, PartyDay
from incidents.models.choices import State
from inventory.models import Device
from ssi.access.actor import Actor
from ssi.accounts.actions import parties, successions
from ssi.accounts.models import Person, RoleGrant, UserId
from ssi.accounts.models.succession import TakenOverBecause
from ssi.notifications.models import OutboxMessage
from tests.factories.accounts import PartyFactory, UserIdFactory
from tests.factories.incidents import device_of, raised
from tests.factories.inventory import DeviceFactory
from tests.incidents.browsing import RAISE, send, text_of
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db
DESK = Actor.system()


@pytest.fixture
def departed(db: None) -> UserId:
    """Return the User ID of a supplier that left the market."""
    user_id = UserIdFactory.create(party=PartyFactory.create(name="Fernleigh Energy"))
    parties.mark_left(party_id=user_id.party_id, left_date=timezone.localdate(), by=DESK)
    return UserId.objects.select_related("party").get(pk=user_id.pk)


def of(person: Person) -> UserId:
    return UserId.objects.select_related("party").get(pk=actor_of(person).user.user_id)


def took_over(old: UserId, new: UserId) -> None:
    because = TakenOverBecause.SUPPLIER_OF_LAST_RESORT
    successions.enter(eui=old.eui, successor=new.eui, from_date=date(2026, 9, 8), because=because, by=DESK)


def raise_for(device: Device, by: Person) -> InstallCodeRequest:
    return actions.raise_one(device_id=device.device_id, by=actor_of(by))


def test_successor_is_asked_and_both_facts_are_said(gina: Person, ivan: Person, departed: UserId) -> None:
    took_over(departed, of(ivan))
    device = DeviceFactory.create(notified_by=departed)
    preview = actions.check_one(device_id=device.device_id, by=actor_of(gina))
    request = raise_for(device, gina)
    assert request.state == State.ASSIGNED
    assert request.assigned_to == preview.installer == of(ivan)
    assert request.assigned_because == preview.because
    assert request.assigned_because == (
        "Fernleigh Energy, which pre-notified this device, left the market; "
        "Brightgrid Supply took over its User IDs on 8 September 2026."
    )
    assert Obligation.objects.get(request=request).installer == of(ivan)
    assert OutboxMessage.objects.get(event="install_code_request.installer_asked").recipient == ivan.email


def test_end_of_the_chain_is_asked(gina: Person, ivan: Person, departed: UserId) -> None:
    between = UserIdFactory.create()
    took_over(departed, between)
    took_over(between, of(ivan))
    assert raise_for(DeviceFactory.create(notified_by=departed), gina).assigned_to == of(ivan)


def test_succession_counts_only_once_the_notifying_party_has_left(
    gina: Person, ivan: Person, rhea: Person
) -> None:
    took_over(of(ivan), of(rhea))
    assert raised(gina, ivan).assigned_to == of(ivan)


def test_without_a_succession_the_desk_looks(gina: Person, departed: UserId) -> None:
    request = raise_for(DeviceFactory.create(notified_by=departed), gina)
    assert request.state == State.WITH_SERVICE_DESK
    assert request.with_desk_because == "Fernleigh Energy, which pre-notified this device, has left the market."


def test_raiser_that_took_over_itself_is_sent_to_the_desk(gina: Person, departed: UserId) -> None:
    took_over(departed, of(gina))
    request = raise_for(DeviceFactory.create(notified_by=departed), gina)
    assert request.state == State.WITH_SERVICE_DESK
    assert "Northlight Energy, which raised this request, so there is no other supplier to ask." in (
        request.with_desk_because
    )


def test_successor_that_has_left_too_cannot_be_asked(gina: Person, ivan: Person, departed: UserId) -> None:
    took_over(departed, of(ivan))
    parties.mark_left(party_id=of(ivan).party_id, left_date=timezone.localdate(), by=DESK)
    request = raise_for(DeviceFactory.create(notified_by=departed), gina)
    assert request.with_desk_because == (
        "Fernleigh Energy, which pre-notified this device, has left the market. "
        "Its User IDs went to Brightgrid Supply, which has left the market as well."
    )


def test_successor_with_nobody_to_answer_cannot_be_asked(gina: Person, ivan: Person, departed: UserId) -> None:
    took_over(departed, of(ivan))
    RoleGrant.objects.filter(person=ivan).update(ended_at=timezone.now())
    request = raise_for(DeviceFactory.create(notified_by=departed), gina)
    assert request.with_desk_because.endswith(
        "Its User IDs went to Brightgrid Supply, where nobody can answer requests yet."
    )


def test_long_names_fit(gina: Person, ivan: Person, departed: UserId) -> None:
    parties.rename_party(party_id=departed.party_id, name="F" * 120, by=DESK)
    parties.rename_party(party_id=of(ivan).party_id, name="B" * 120, by=DESK)
    took_over(departed, of(ivan))
    assert raise_for(DeviceFactory.create(notified_by=departed), gina).assigned_because.startswith("FFF")


# --- The quota, where requests are raised ------------------------------------------------------------------------


def counted(person: Person) -> int:
    return sum(PartyDay.objects.filter(party=person.party).values_list("raised", flat=True))


def stop(person: Person, requests_per_day: int) -> None:
    assert person.party is not None
    parties.set_requests_per_day(party_id=person.party.pk, requests_per_day=requests_per_day, by=DESK)


def test_each_request_raised_is_counted_and_no_refused_one(gina: Person, ivan: Person) -> None:
    first = raised(gina, ivan)
    raised(gina, ivan)
    with pytest.raises(AlreadyRequested):
        actions.raise_one(device_id=first.device_id, by=actor_of(gina))
    assert counted(gina) == 2


def test_screen_says_that_the_quota_is_reached_and_what_to_do(gina: Person, ivan: Person) -> None:
    stop(gina, 1)
    raised(gina, ivan)
    device = device_of(ivan)
    answers = {"device_id": str(device.device_id), "responsible": "on"}
    page = text_of(send(client_of(gina), RAISE, **answers))
    assert "has a quota of 1 a day: none left today" in page
    assert "ask the DCC service desk" in page
    assert InstallCodeRequest.objects.count() == 1


def test_api_answers_429(gina: Person, ivan: Person, northlight: Client) -> None:
    stop(gina, 0)
    body = json.dumps({"device_id": str(device_of(ivan).device_id)})
    answer = northlight.post("/api/v1/install-code-requests", body, content_type="application/json")
    assert answer.status_code == 429
    assert answer.json()["title"] == "Raising stopped"
    assert not InstallCodeRequest.objects.exists()
    assert counted(gina) == 0
