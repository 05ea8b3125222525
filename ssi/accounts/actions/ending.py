"""Ending what a person is at just now: sessions with the very next click, API tokens with the next call."""

from django.db.models import QuerySet
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.models import ApiToken, Person
from ssi.audit import log


def end_sessions_and_tokens(people: QuerySet[Person], *, by: Actor) -> None:
    """End every session and token of `people` in the caller's transaction; they may sign in again.

    Whoever keeps an account then acts with the roles they have left. A program needs a new token.
    """
    now = timezone.now()
    people.update(sessions_ended_at=now)
    theirs = ApiToken.objects.filter(person__in=people, ended_at__isnull=True)
    ended = list(theirs.select_related("person").select_for_update(of=("self",), no_key=True).order_by("pk"))
    ApiToken.objects.filter(pk__in=[token.pk for token in ended]).update(ended_at=now)
    log.record_many("api_token.ended", by=by, about=ended)
