"""Puts the actor onto every request: `request.actor`, and the choices at the top of the page."""

import time
from collections.abc import Callable
from datetime import datetime

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ssi.accounts.acting import actor_for, choices_of, chosen
from ssi.accounts.models import Person

ACTING_AS = "acting_as"
SIGNED_IN_AT = "signed_in_at"
WHY_SIGNED_OUT = (
    "You were signed out because a role of yours ended or your company left the market. "
    "Sign in again to go on with what you may do now."
)


class ActorMiddleware:
    """Sets `request.actor` (None when nobody is signed in), and ends sessions.

    Those older than a working day, and those begun before a role of the person ended.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Work out who acts, then serve the request."""
        request.actor = None  # type: ignore[attr-defined]
        request.acting_choices = []  # type: ignore[attr-defined]
        if isinstance(request.user, Person):
            if request.user.is_feed or self._is_too_old(request):  # the feed has no business on screen
                logout(request)
            elif self._was_ended(request, request.user):
                logout(request)
                messages.info(request, WHY_SIGNED_OUT, fail_silently=True)
            else:
                self._set_actor(request, request.user)
        response = self.get_response(request)
        if request.actor is not None and not response.has_header("Cache-Control"):  # type: ignore[attr-defined]
            response["Cache-Control"] = "private, no-store"  # after sign-out, Back shows nothing
        return response

    def _set_actor(self, request: HttpRequest, person: Person) -> None:
        choices = [] if person.is_dcc_staff else choices_of(person)
        choice = chosen(choices, request.session.get(ACTING_AS))
        request.acting_choices = choices  # type: ignore[attr-defined]
        request.actor = actor_for(person, choice, may_reveal=is_fresh(request))  # type: ignore[attr-defined]

    @staticmethod
    def _is_too_old(request: HttpRequest) -> bool:
        started = request.session.get(SIGNED_IN_AT)
        if started is None:
            request.session[SIGNED_IN_AT] = timezone.now().isoformat()
            return False
        return timezone.now() - datetime.fromisoformat(started) > settings.SSI_SESSION_LIMIT

    @staticmethod
    def _was_ended(request: HttpRequest, person: Person) -> bool:
        started = datetime.fromisoformat(request.session[SIGNED_IN_AT])  # `_is_too_old` saw to it
        return person.sessions_ended_at is not None and started <= person.sessions_ended_at


def is_fresh(request: HttpRequest) -> bool:
    """Tell whether the password was given, at sign-in or again, at most five minutes ago."""
    records = get_authentication_records(request, request.user)
    given_at = [record["at"] for record in records if record.get("method") == "password"]
    return bool(given_at) and time.time() - max(given_at) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
