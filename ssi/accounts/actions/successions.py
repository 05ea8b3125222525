"""Successions: the DCC service desk records who took over a User ID, and ends what was wrong or is over."""

from datetime import date
from http import HTTPStatus

from django.db import connection, transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import Succession, UserId
from ssi.accounts.models.succession import TakenOverBecause
from ssi.audit import log
from ssi.eui64 import Eui64
from ssi.refusals import NotInThisState, Refusal


class NobodySucceedsThemselves(Refusal):
    """{user_id} cannot take over from itself."""

    suggestion = "Choose the User ID of the party that took the business over."
    field = "successor"


class SuccessorHasLeft(Refusal):
    """{party} has left the market, so it cannot be asked in another's place."""

    suggestion = "Choose the party that holds the business today."
    field = "successor"
    source = "MP121 R7"


class SuccessionsInACircle(Refusal):
    """{user_id} took over from {successor}, perhaps through others, so {successor} cannot succeed it."""

    suggestion = "End the succession that is wrong first."
    field = "successor"
    status = HTTPStatus.CONFLICT


class TakenOverAlready(Refusal):
    """{user_id} is taken over already, by {successor}."""

    suggestion = "End that succession first, or, if it was passed on since, enter who took over from {successor}."
    field = "user_id"
    status = HTTPStatus.CONFLICT


@transaction.atomic
def enter(*, eui: Eui64, successor: Eui64, from_date: date, because: TakenOverBecause, by: Actor) -> Succession:
    """Record that `successor` took over the User ID `eui` from `from_date` on, which may lie ahead.

    Raises NobodySucceedsThemselves, SuccessorHasLeft, TakenOverAlready, SuccessionsInACircle.
    """
    by.require(Component.SERVICE_DESK)
    if eui == successor:
        raise NobodySucceedsThemselves(user_id=eui)
    new = UserId.objects.select_related("party").get(eui=successor)
    if new.party.left_date is not None:
        raise SuccessorHasLeft(party=new.party.name)
    links = _locked_links()
    if eui in links:
        raise TakenOverAlready(user_id=eui, successor=links[eui])
    if _leads_to(eui, successor, links):
        raise SuccessionsInACircle(user_id=eui, successor=successor)
    succession = Succession.objects.create(
        user_id_id=eui,
        successor=new,
        from_date=from_date,
        because=because,
        entered_by=by.person_email or by.person_name,
    )
    facts = {"successor": str(successor), "from_date": from_date.isoformat(), "because": str(because)}
    log.record("succession.entered", by=by, about=succession, **facts)
    return succession


@transaction.atomic
def end(*, succession_id: int, by: Actor) -> Succession:
    """End a succession: from now on nobody is asked in that User ID's place. Raises NotInThisState."""
    by.require(Component.SERVICE_DESK)
    succession = Succession.objects.select_for_update(no_key=True).get(pk=succession_id)
    if succession.ended_at is not None:
        raise NotInThisState(what="the succession", state="ended already")
    succession.ended_at = timezone.now()
    succession.ended_by = by.person_email or by.person_name
    succession.save(update_fields=["ended_at", "ended_by"])
    log.record("succession.ended", by=by, about=succession, successor=str(succession.successor_id))
    return succession


def _locked_links() -> dict[Eui64, Eui64]:
    """Return who is taken over by whom, with the small table locked: two links at once could close a circle."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_succession IN SHARE ROW EXCLUSIVE MODE")
    return dict(Succession.objects.in_force().values_list("user_id", "successor"))


def _leads_to(wanted: Eui64, start: Eui64, links: dict[Eui64, Eui64]) -> bool:
    """Tell whether the chain that begins at `start` comes to `wanted`; without circles it ends."""
    at: Eui64 | None = start
    while at is not None and at != wanted:
        at = links.get(at)
    return at == wanted
