"""Finding accounts and what they hold."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.actions.officers import OfficerUnknown
from ssi.accounts.demo_accounts import DEMO_ACCOUNTS, DEMO_EMAILS
from ssi.accounts.models import Officer, Person, RoleGrant, Succession, UserId
from ssi.accounts.models.officers import OPEN, Standing
from ssi.accounts.models.succession import TakenOverBecause
from ssi.eui64 import Eui64
from ssi.notifications.notices import DIGEST, Notice, declared
from ssi.prepared import Prepared, Slot
from ssi.web.pages import Page, page_of

MOST_OFFICERS = 500

_BECAUSE: Final = {value: str(label) for value, label in TakenOverBecause.choices}
_SUCCESSIONS: Final = Prepared(
    lambda: (
        Succession.objects.in_force()
        .filter(from_date__lte=Slot("on", Succession._meta.get_field("from_date")))
        .select_related("successor__party")
    )
)


def demo_accounts() -> list[dict[str, Any]]:
    """Return the demo's accounts that are here and may sign in, as the sign-in page lists them."""
    here = set(Person.objects.filter(email__in=DEMO_EMAILS, is_active=True).values_list("email", flat=True))
    return [
        {"email": each.email, "name": each.name, "who": each.who, "job_type_roles": each.roles_in_words}
        for each in DEMO_ACCOUNTS
        if each.email in here
    ]


def nominations_awaiting(person: Person) -> Sequence[Officer]:
    """Return as what `person` is nominated by their party, which counts only once DCC has confirmed it."""
    waiting = Officer.objects.filter(party=person.party_id, email=person.email, standing=Standing.NOMINATED)
    return list(waiting.order_by("nominated_at"))


def open_officers(actor: Actor) -> Sequence[Officer]:
    """Return the nominated and registered officers of the actor's party, nominations first; a few dozen."""
    found = Officer.objects.visible_to(actor).filter(standing__in=OPEN).select_related("person", "acting_for")
    return list(found.order_by("-standing", "name", "acting_for")[:MOST_OFFICERS])


def earlier_officers(actor: Actor, *, cursor: str = "") -> Page[Officer]:
    """Return a page of the party's entries that have ended, the newest first. Raises CursorUnknown."""
    found = Officer.objects.visible_to(actor).exclude(standing__in=OPEN)
    return page_of(found, key=("-id",), cursor=cursor)


def officer_of(reference: str, actor: Actor) -> Officer:
    """Return an entry of the register with what its page names. Raises OfficerUnknown."""
    found = Officer.objects.visible_to(actor).select_related("person", "acting_for", "party")
    officer = found.filter(reference=reference).first()
    if officer is None:
        raise OfficerUnknown(reference=reference)
    return officer


def notices_reaching(actor: Actor) -> Sequence[Notice]:
    """Return the kinds of e-mail that whoever acts may get, by all roles they hold for whichever User ID."""
    grants = RoleGrant.objects.in_force().filter(person=actor.person_id)
    roles = set() if actor.is_dcc else set(grants.values_list("job_type_role", flat=True))
    return [notice for notice in declared() if notice is not DIGEST and _reaches(notice, actor, roles)]


def _reaches(notice: Notice, actor: Actor, roles: Set[str]) -> bool:
    if not notice.reaches:
        return True
    if actor.is_dcc:
        return Component.SERVICE_DESK in notice.reaches
    return any(roles & component.rule.job_type_roles for component in notice.reaches)


@dataclass(frozen=True, slots=True)
class Successor:
    """Who holds a User ID's devices and duties now: `user_id`, with its party, since `since_date`, and why."""

    user_id: UserId
    since_date: date
    because: str


def successor_of(user_id: Eui64, on: date | None = None) -> Successor | None:
    """Return who holds `user_id`'s business on a day (today), or None if nobody took it over; one query.

    It follows chains: taken over by one that was itself taken over. Whoever stands at the end may have left the
    market as well; look at its party.
    """
    return successors(on).get(user_id)


def successors(on: date | None = None) -> Mapping[Eui64, Successor]:
    """Return every User ID that was taken over, with who stands at the end of its chain on a day; one query.

    There are as many rows as suppliers ever failed: a few dozen.
    """
    links = {link.user_id_id: link for link in _SUCCESSIONS(on=on or timezone.localdate())}
    return {user_id: _at_the_end(links, user_id) for user_id in links}


def _at_the_end(links: Mapping[Eui64, Succession], user_id: Eui64) -> Successor:
    """Follow the chain from `user_id`; `enter` lets no circle arise, and a chain is no longer than all links."""
    link = links[user_id]
    since_date = link.from_date
    for _ in links:
        if link.successor_id not in links:
            break
        link = links[link.successor_id]
        since_date = max(since_date, link.from_date)
    return Successor(link.successor, since_date, _BECAUSE.get(link.because, link.because))
