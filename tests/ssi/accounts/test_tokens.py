"""Tokens: issued at the terminal, good for one person, shown once."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.roles import UserRole
from ssi.accounts.actions.people import AccountClosed
from ssi.accounts.actions.sessions import ChoiceNotHeld
from ssi.accounts.actions.tokens import end_token, issue
from ssi.accounts.demo_accounts import NORTHLIGHT
from ssi.accounts.models import ApiToken, Person
from ssi.accounts.tokens import TokenAuth
from ssi.audit.models import AuditEvent
from ssi.refusals import NotAllowed
from tests.personas import actor_of

pytestmark = pytest.mark.django_db


def caller(token: str, acting_as: str = "") -> Actor | None:
    headers = {"Acting-As": acting_as} if acting_as else {}
    return TokenAuth().authenticate(RequestFactory().get("/api/v1/devices", headers=headers), token)


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("api_token", *arguments, stdout=out)
    return out.getvalue()


def test_command_prints_the_token_and_nothing_else(gina: Person) -> None:
    token = printed("gina@northlight.example")
    assert token.endswith("\n")
    assert len(token.split()) == 1
    actor = caller(token.strip())
    assert actor is not None
    assert (actor.person_id, actor.user_role, actor.via, actor.may_reveal) == (gina.pk, UserRole.IS, "api", False)


def test_token_is_kept_as_a_digest_only(gina: Person) -> None:
    token = printed(gina.email).strip()
    row = ApiToken.objects.get()
    assert token.encode() not in bytes(row.digest)
    event = AuditEvent.objects.get()
    assert event.event == "api_token.issued"
    assert token not in f"{event.reference}{event.detail}"


def test_revealing_token_works_for_a_day(gina: Person) -> None:
    token = printed("Gina@Northlight.example", "--reveal").strip()
    actor = caller(token)
    assert actor is not None
    assert actor.may_reveal
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        assert caller(token) is None


def test_other_tokens_do_not_grow_old(gina: Person) -> None:
    token = printed(gina.email).strip()
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        assert caller(token) is not None


@pytest.mark.parametrize("token", ["", "ssi_", "ssi_x", "x" * 10_000, "\x00", "é"])
def test_made_up_token_is_nobody(gina: Person, token: str) -> None:
    assert caller(token) is None


def test_closed_account_calls_no_more_and_gets_no_token(gina: Person) -> None:
    token = printed(gina.email).strip()
    Person.objects.update(is_active=False)
    assert caller(token) is None
    with pytest.raises(CommandError, match=r"is closed\. Reopen it"):
        printed(gina.email)
    with pytest.raises(AccountClosed):
        issue(person=Person.objects.get(), can_reveal=False, by=Actor.system())


def test_unknown_address_says_what_to_do(db: None) -> None:
    with pytest.raises(CommandError, match=r"No account has the address .* Check the spelling"):
        printed("nobody@northlight.example")


def test_ended_token_calls_no_more(gina: Person, dana: Person) -> None:
    token = printed(gina.email).strip()
    end_token(token_id=ApiToken.objects.get().pk, by=actor_of(dana))
    assert caller(token) is None


@pytest.mark.parametrize("acting_as", [f"{NORTHLIGHT.user_id}/GS", f"{NORTHLIGHT.user_id.lower()}/gs"])
def test_header_chooses_among_what_one_holds(gina: Person, acting_as: str) -> None:
    actor = caller(printed(gina.email).strip(), acting_as)
    assert actor is not None
    assert actor.user_role is UserRole.GS


def test_header_gives_nothing_one_does_not_hold(gina: Person, dana: Person, ivan: Person) -> None:
    token = printed(gina.email).strip()
    for other in ("90-B3-D5-1F-30-01-00-00/IS", f"{NORTHLIGHT.user_id}/ED", "x"):
        with pytest.raises(ChoiceNotHeld):
            caller(token, other)
    with pytest.raises(ChoiceNotHeld):
        caller(printed(dana.email).strip(), f"{NORTHLIGHT.user_id}/IS")


def test_desk_has_tokens_too(dana: Person) -> None:
    actor = caller(printed(dana.email).strip())
    assert actor is not None
    assert actor.is_dcc


def test_nobody_issues_a_token_on_screen(gina: Person, dana: Person) -> None:
    for person in (gina, dana):
        with pytest.raises(NotAllowed):
            issue(person=gina, can_reveal=True, by=actor_of(person))
