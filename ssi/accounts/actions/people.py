"""People: their accounts are opened, closed and reopened by the DCC service desk; nobody signs up."""

from http import HTTPStatus
from typing import Any, Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts import emails
from ssi.accounts.actions.ending import end_sessions_and_tokens
from ssi.accounts.models import Party, Person
from ssi.audit import log
from ssi.notifications import digests
from ssi.refusals import Refusal

FEED_NAME: Final = "DCC's feed"


class AddressTaken(Refusal):
    """There is an account with the e-mail address {email} already."""

    suggestion = "Open that account, or check the spelling. A closed account can be reopened."
    field = "email"
    status = HTTPStatus.CONFLICT


class PartyOrDcc(Refusal):
    """A person belongs to one party or to DCC's staff, not to both and not to neither."""

    suggestion = "Choose the party, or tick “DCC staff” and leave the party empty."
    field = "party"


class PasswordTooWeak(Refusal):
    """{why}"""  # noqa: D400, D415 - the sentence comes whole from Django's validators

    suggestion = "Take another one, or leave it empty: the person is then e-mailed a link to set their own."
    field = "password"


class OwnAccount(Refusal):
    """You cannot close the account that you are signed in with."""

    suggestion = "Ask a colleague at the desk to do it."
    status = HTTPStatus.CONFLICT
    field = "is_active"


class AccountClosed(Refusal):
    """The account of {email} is closed."""

    suggestion = "Reopen it first, or take another one."
    status = HTTPStatus.CONFLICT


class FeedHasNoPassword(Refusal):
    """{email} is the account of DCC's feed, which never signs in."""

    suggestion = "Give its program a token with the command api_token."
    status = HTTPStatus.CONFLICT


@transaction.atomic
def open_account(
    *, email: str, name: str, party: Party | None, by: Actor, password: str = "", invite: bool = True
) -> Person:
    """Open an account; `party` is None for DCC's staff.

    Without a `password` the person is e-mailed a link to set one, unless `invite` is False.
    Raises AddressTaken, PasswordTooWeak.
    """
    by.require(Component.SERVICE_DESK)
    if password:
        _refuse_weak(password, Person(email=email, name=name))
    person = _create(email=email, name=name, party=party, is_dcc_staff=party is None, password=password or None)
    if invite and not password:
        emails.set_your_password(person)
    whom = party.name if party else "DCC staff"
    log.record("person.account_opened", by=by, about=person, works_for=whom, invited=invite and not password)
    return person


@transaction.atomic
def open_feed_account(*, email: str, by: Actor) -> Person:
    """Open an account for DCC's feed: a program that brings DUIS messages by token, and does nothing else.

    Raises AddressTaken.
    """
    by.require(Component.SERVICE_DESK)
    person = _create(email=email, name=FEED_NAME, is_feed=True)
    log.record("person.account_opened", by=by, about=person, works_for=FEED_NAME, invited=False)
    return person


@transaction.atomic
def correct_name(*, person_id: int, name: str, by: Actor) -> Person:
    """Change how a person is called; the e-mail address stays, since the audit log knows them by it."""
    by.require(Component.SERVICE_DESK)
    person = Person.objects.select_for_update(no_key=True).get(pk=person_id)
    old, person.name = person.name, name
    person.save(update_fields=["name"])
    log.record("person.renamed", by=by, about=person, old_name=old)
    return person


@transaction.atomic
def close_account(*, person_id: int, by: Actor) -> Person:
    """Let a person sign in no more; sessions and tokens end at once, and for good.

    What was to be in their next summary is dropped: it is not for them any more. Raises OwnAccount, AccountClosed.
    """
    by.require(Component.SERVICE_DESK)
    person = Person.objects.select_for_update(no_key=True).get(pk=person_id)
    if person.pk == by.person_id:
        raise OwnAccount
    if not person.is_active:
        raise AccountClosed(email=person.email)
    person.is_active = False
    person.save(update_fields=["is_active"])
    digests.forget(person.email)
    end_sessions_and_tokens(Person.objects.filter(pk=person.pk), by=by)
    log.record("person.account_closed", by=by, about=person)
    return person


@transaction.atomic
def reopen_account(*, person_id: int, by: Actor) -> Person:
    """Let a person sign in again, with the password and the grants they had; what had ended stays so."""
    by.require(Component.SERVICE_DESK)
    person = Person.objects.select_for_update(no_key=True).get(pk=person_id)
    if not person.is_active:
        person.is_active = True
        person.save(update_fields=["is_active"])
        log.record("person.account_reopened", by=by, about=person)
    return person


@transaction.atomic
def send_password_link(*, person_id: int, by: Actor) -> Person:
    """E-mail a person a link with which they set a new password. Raises AccountClosed, FeedHasNoPassword."""
    by.require(Component.SERVICE_DESK)
    person = Person.objects.select_for_update(no_key=True).get(pk=person_id)
    if not person.is_active:
        raise AccountClosed(email=person.email)
    if person.is_feed:
        raise FeedHasNoPassword(email=person.email)
    emails.set_your_password(person)
    log.record("person.password_link_sent", by=by, about=person)
    return person


def _create(*, email: str, name: str, **facts: Any) -> Person:
    try:
        with transaction.atomic():
            return Person.objects.create_person(email=email, name=name, **facts)
    except IntegrityError as taken:
        raise AddressTaken(email=email) from taken


def _refuse_weak(password: str, person: Person) -> None:
    try:
        validate_password(password, person)
    except ValidationError as weak:
        raise PasswordTooWeak(why=" ".join(weak.messages)) from weak
