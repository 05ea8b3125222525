"""Bearer tokens of people's programs: shown once, never kept."""

import secrets

from django.db import transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.actions.people import AccountClosed
from ssi.accounts.models import ApiToken, Person
from ssi.accounts.models.tokens import REVEALING_TOKEN_LIFE, TOKEN_PREFIX, digest_of
from ssi.audit import log
from ssi.refusals import NotAllowed, NotInThisState

TOKEN_BYTES = 32


@transaction.atomic
def issue(*, person: Person, can_reveal: bool, by: Actor) -> str:
    """Return a new token of `person`; with `can_reveal` it may read install codes and works for 24 hours.

    Only the portal's operator issues tokens, at the terminal. Raises AccountClosed.
    """
    if not by.is_system:
        raise NotAllowed(why="Tokens are issued at the terminal.", way_out="Ask whoever operates the portal.")
    if not person.is_active:
        raise AccountClosed(email=person.email)
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    row = ApiToken.objects.create(
        person=person,
        digest=digest_of(token),
        can_reveal=can_reveal,
        expires_at=timezone.now() + REVEALING_TOKEN_LIFE if can_reveal else None,
    )
    log.record("api_token.issued", by=by, about=row, can_reveal=can_reveal)
    return token


@transaction.atomic
def end_token(*, token_id: int, by: Actor) -> ApiToken:
    """Let a token work no more, from the next call on. Raises NotInThisState when it is ended already."""
    by.require(Component.SERVICE_DESK)
    token = ApiToken.objects.select_related("person").select_for_update(of=("self",)).get(pk=token_id)
    if token.ended_at is not None:
        raise NotInThisState(what="the token", state="ended already")
    token.ended_at = timezone.now()
    token.save(update_fields=["ended_at"])
    log.record("api_token.ended", by=by, about=token)
    return token
