"""When a role, an account or a party ends, the very next click and the very next call fail."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.actions import grants, officers, parties, people
from ssi.accounts.demo_accounts import DEMO_PASSWORD
from ssi.accounts.middleware import WHY_SIGNED_OUT
from ssi.accounts.models import ApiToken, Person, RoleGrant
from ssi.accounts.models.officers import EndedBecause
from ssi.audit.models import AuditEvent
from tests.factories.accounts import RoleGrantFactory, officer_in_register
from tests.personas import actor_of, client_of
from tests.tokens import bearer

pytestmark = pytest.mark.django_db
CALL = "/api/v1/devices"
End = Callable[[Person, Actor], object]


def signed_in(person: Person) -> Client:
    """Return a browser in which `person` signed in with their password."""
    browser = Client()
    answer = browser.post("/sign-in/", {"login": person.email, "password": DEMO_PASSWORD})
    assert answer.status_code == 302
    return browser


def end_one_role(person: Person, desk: Actor) -> None:
    grants.end_grant(grant_id=RoleGrant.objects.filter(person=person, ended_at=None)[0].pk, by=desk)


def close_account(person: Person, desk: Actor) -> None:
    people.close_account(person_id=person.pk, by=desk)


def party_leaves(person: Person, desk: Actor) -> None:
    parties.mark_left(party_id=person.party_id or 0, left_date=timezone.localdate(), by=desk)


@pytest.mark.parametrize("end", [end_one_role, close_account, party_leaves])
def test_next_click_and_next_call_fail(end: End, gina: Person, dana: Person) -> None:
    browser, program = signed_in(gina), Client(headers=bearer(gina))
    assert browser.get("/access/").status_code == program.get(CALL).status_code == 200
    end(gina, actor_of(dana))
    assert program.get(CALL).status_code == 401
    answer = browser.get("/access/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/access/")
    assert browser.get("/").status_code == 302
    assert AuditEvent.objects.filter(event="api_token.ended").count() == 1


@pytest.mark.parametrize("end", [end_one_role, party_leaves])
def test_sign_in_page_says_why_and_one_signs_in_again(end: End, gina: Person, dana: Person) -> None:
    browser = signed_in(gina)
    end(gina, actor_of(dana))
    assert WHY_SIGNED_OUT in browser.get("/access/", follow=True).content.decode()
    assert signed_in(gina).get("/access/").status_code == 200


def test_role_that_is_left_goes_on_after_signing_in_again(gina: Person, dana: Person) -> None:
    ended = RoleGrant.objects.get(person=gina, job_type_role="OPS")
    grants.end_grant(grant_id=ended.pk, by=actor_of(dana))
    assert [role.value for role in actor_of(gina).job_type_roles] == ["SVCM"]
    assert signed_in(gina).get("/devices/").status_code == 200


def test_others_sessions_and_tokens_go_on(gina: Person, vera: Person, dana: Person) -> None:
    browser, program = signed_in(vera), Client(headers=bearer(vera))
    end_one_role(gina, actor_of(dana))
    assert browser.get("/access/").status_code == program.get(CALL).status_code == 200
    assert Person.objects.get(pk=vera.pk).sessions_ended_at is None


def test_reopened_account_gets_back_neither_session_nor_token(gina: Person, dana: Person) -> None:
    browser, program = signed_in(gina), Client(headers=bearer(gina))
    close_account(gina, actor_of(dana))
    people.reopen_account(person_id=gina.pk, by=actor_of(dana))
    assert browser.get("/access/").status_code == 302
    assert program.get(CALL).status_code == 401


def test_party_that_returns_gets_its_roles_but_no_session_back(gina: Person, dana: Person) -> None:
    browser = signed_in(gina)
    party_leaves(gina, actor_of(dana))
    parties.mark_returned(party_id=gina.party_id or 0, by=actor_of(dana))
    assert browser.get("/access/").status_code == 302
    assert actor_of(gina).user_id is not None


def test_aro_whose_role_an_sro_ends_is_out_with_the_next_click(aroha: Person, sunil: Person) -> None:
    browser, program = signed_in(aroha), Client(headers=bearer(aroha))
    assert browser.get("/access/").status_code == 200
    assert program.get("/api/v1/openapi.json").status_code == 200
    officer = officer_in_register(aroha)
    officers.end(reference=officer.reference, because=EndedBecause.KEY_LOST, by=actor_of(sunil))
    assert browser.get("/access/").status_code == 302
    assert program.get("/api/v1/uploads").status_code == 401
    assert not ApiToken.objects.filter(person=aroha, ended_at=None).exists()


def test_session_that_begins_later_than_the_end_goes_on(gina: Person, dana: Person) -> None:
    end_one_role(gina, actor_of(dana))
    assert client_of(gina).get("/access/").status_code == 200


def test_post_that_was_under_way_does_nothing(aroha: Person, dana: Person) -> None:
    """The form was open when the role ended: what is sent with it does not get as far as its view."""
    RoleGrantFactory.create(person=aroha, acting_for=RoleGrant.objects.get(person=aroha).acting_for)
    browser = signed_in(aroha)
    end_one_role(aroha, actor_of(dana))
    before = AuditEvent.objects.count()
    answer = browser.post("/access/acting-as/", {"acting_as": "x"})
    assert answer["Location"].startswith("/sign-in/")
    assert AuditEvent.objects.count() == before
