"""Who calls the API: the person whose bearer token it is, acting as they would on screen."""

from typing import Final

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from ssi.access.actor import Actor
from ssi.accounts.acting import Choice, actor_for, choices_of, default_choice
from ssi.accounts.actions.sessions import ChoiceNotHeld
from ssi.accounts.models import ApiToken, Person
from ssi.accounts.models.tokens import digest_of
from ssi.prepared import Prepared, Slot

ACTING_AS_HEADER = "Acting-As"

_USABLE: Final = Prepared(
    lambda: (
        ApiToken.objects.usable(Slot("now", ApiToken._meta.get_field("created_at")))
        .select_related("person__party")
        .filter(digest=Slot("digest", ApiToken._meta.get_field("digest")))
    )
)


class TokenAuth(HttpBearer):
    """Gives operations the actor as `request.auth`; no or a bad token is Ninja's 401.

    `Acting-As: <User ID>/<User Role>` chooses among what the person holds, as the switch on screen does; without
    it their first choice counts. Raises ChoiceNotHeld for one they do not hold.
    """

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Return who calls, or None if the token is not one that works now."""
        row = _USABLE.first(now=timezone.now(), digest=digest_of(token))
        if row is None:
            return None
        choice = _choice(row.person, request.headers.get(ACTING_AS_HEADER, ""))
        return actor_for(row.person, choice, via="api", may_reveal=row.can_reveal)


def _choice(person: Person, wanted: str) -> Choice | None:
    choices = [] if person.is_dcc_staff or person.is_feed else choices_of(person)
    if not wanted:
        return default_choice(choices)
    choice = next((each for each in choices if each.value.casefold() == wanted.strip().casefold()), None)
    if choice is None:
        raise ChoiceNotHeld
    return choice
