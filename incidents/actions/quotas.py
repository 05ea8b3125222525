"""The daily quota of a party: nobody can verify a raiser when it asks, so how often it may ask is limited."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg.types.numeric import Int8

from ssi.prepared import prepared_cursor
from ssi.refusals import Refusal

# One statement: the row's lock lets nobody count past the quota, and the quota is looked up under it.
_CLAIM = """
INSERT INTO incidents_partyday AS counter (party_id, on_date, raised)
SELECT id, %(day)s, %(asked)s FROM accounts_party
WHERE id = %(party)s AND %(asked)s <= coalesce(requests_per_day, %(quota)s)
ON CONFLICT (party_id, on_date) DO UPDATE SET raised = counter.raised + excluded.raised
WHERE counter.raised + excluded.raised
    <= (SELECT coalesce(requests_per_day, %(quota)s) FROM accounts_party WHERE id = %(party)s)
RETURNING raised
"""

_STANDING = """
SELECT party.name, coalesce(party.requests_per_day, %(quota)s), coalesce(counter.raised, 0)
FROM accounts_party party
LEFT JOIN incidents_partyday counter ON counter.party_id = party.id AND counter.on_date = %(day)s
WHERE party.id = %(party)s
"""


class QuotaReached(Refusal):
    """{party} has a quota of {quota} a day: {left} left today, and this asks for {asked}."""

    suggestion = "The count starts anew on {anew}. If you need more before then, ask the DCC service desk."
    status = HTTPStatus.TOO_MANY_REQUESTS
    source = "MP121 R5: the raiser cannot be verified when it asks"


class RaisingStopped(Refusal):
    """{party} may raise no requests at present."""

    suggestion = "Ask the DCC service desk why, and from when you may raise requests again."
    status = HTTPStatus.TOO_MANY_REQUESTS
    source = "MP121 R5: the raiser cannot be verified when it asks"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a party may raise in a day, and what it has raised today."""

    party: str
    quota: int
    raised: int

    @property
    def left(self) -> int:
        """Return how many may still be raised today; a quota that was cut meanwhile leaves none, not less."""
        return max(self.quota - self.raised, 0)


def claim(party_id: int, n: int, now: datetime) -> None:
    """Count `n` requests more for a party on the London day of `now`, or refuse them all.

    One UPSERT: two at once cannot pass the quota together. It holds the day's counter until the caller's
    transaction ends, and goes with it if that fails. Claim after the requests are inserted and before the audit
    log is written: whoever raises takes these in one order, so that no two wait for each other.
    Raises QuotaReached, RaisingStopped.
    """
    day, quota = timezone.localdate(now), default_quota()
    with prepared_cursor() as cursor:
        cursor.execute(_CLAIM, {"party": Int8(party_id), "day": day, "asked": Int8(n), "quota": Int8(quota)})
        if cursor.fetchone() is None:
            raise _refusal(standing_of(party_id, now), n, now)


def refuse_if_reached(party_id: int, n: int, now: datetime) -> None:
    """Refuse as `claim` would, and count nothing: for checks before the deed."""
    standing = standing_of(party_id, now)
    if n > standing.left:
        raise _refusal(standing, n, now)


def standing_of(party_id: int, now: datetime) -> Standing:
    """Return what a party may raise on the London day of `now` and has raised; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"party": party_id, "day": timezone.localdate(now), "quota": default_quota()})
        return Standing(*cursor.fetchone())


def default_quota() -> int:
    """Return what a party may raise in a day unless the desk gave it a number of its own."""
    return int(settings.SSI_REQUESTS_PER_PARTY_AND_DAY)


def _refusal(standing: Standing, asked: int, now: datetime) -> Refusal:
    if standing.quota == 0:
        return RaisingStopped(party=standing.party)
    return QuotaReached(
        party=standing.party,
        quota=f"{standing.quota:,}",
        left=f"{standing.left:,}" if standing.left else "none",
        asked=f"{asked:,}",
        anew=_anew(timezone.localdate(now)),
    )


def _anew(today: date) -> str:
    """Return when the next London day begins, in words."""
    tomorrow = datetime.combine(today + timedelta(days=1), time.min)
    return f"{tomorrow:%A} {tomorrow.day} {tomorrow:%B %Y} at 00:00"
