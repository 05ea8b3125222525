"""The alert about a party that asks for far more install codes than it gains meter points."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from incidents import recipients
from incidents.emails import responsibility as emails
from incidents.models import AskingAlert, InstallCodeRequest
from inventory.models import Registration
from inventory.models.choices import RegistrationKind

LISTED_IN_E_MAIL = 20

# Asked: by the quota's counters. Gained: registrations as a supplier that began in these days or are agreed.
_RAISE = """
WITH asked AS (
    SELECT party_id, sum(raised) AS number FROM incidents_partyday
    WHERE on_date > %(today)s - %(days)s AND on_date <= %(today)s
    GROUP BY party_id HAVING sum(raised) > %(at_least)s
), gained AS (
    SELECT holder.party_id, count(*) AS number
    FROM asked
    JOIN accounts_userid holder ON holder.party_id = asked.party_id
    JOIN inventory_registration there ON there.user_id = holder.eui
    WHERE there.kind = ANY(%(kinds)s)
        AND there.from_date > %(today)s - %(days)s AND there.from_date <= %(today)s + %(agreed_days)s
    GROUP BY holder.party_id
)
INSERT INTO incidents_askingalert (party_id, from_date, raised_at, asked, gained)
SELECT asked.party_id, %(week)s, %(now)s, asked.number, coalesce(gained.number, 0)
FROM asked LEFT JOIN gained ON gained.party_id = asked.party_id
WHERE asked.number > %(times)s * coalesce(gained.number, 0)
ON CONFLICT (party_id, from_date) DO NOTHING
RETURNING party_id
"""


@transaction.atomic
def raise_alerts(now: datetime | None = None) -> int:
    """Alert the desk to each party that asked far more than it gained, once a week; return how many are new.

    Far more is over SSI_ASKED_ALERT_AT_LEAST and over SSI_ASKED_ALERT_TIMES as many as it gained, in the last
    SSI_ASKED_ALERT_DAYS. Without any registration data nobody knows what anybody gained, and nobody is alerted.
    """
    now = now or timezone.now()
    if not Registration.objects.exists():
        return 0
    today = timezone.localdate(now)
    with connection.cursor() as cursor:
        cursor.execute(
            _RAISE,
            {
                "today": today,
                "week": today - timedelta(days=today.weekday()),
                "now": now,
                "days": settings.SSI_ASKED_ALERT_DAYS,
                "at_least": settings.SSI_ASKED_ALERT_AT_LEAST,
                "times": settings.SSI_ASKED_ALERT_TIMES,
                "agreed_days": settings.SSI_RESPONSIBILITY_AGREED_DAYS,
                "kinds": [RegistrationKind.IMPORT_SUPPLIER.value, RegistrationKind.GAS_SUPPLIER.value],
            },
        )
        parties = [party for (party,) in cursor.fetchall()]
    for alert in AskingAlert.objects.filter(party__in=parties, raised_at=now).order_by("party"):
        emails.asks_more_than_it_gains(alert, _newest_of(alert.party_id), to=recipients.service_desk())
    return len(parties)


def _newest_of(party_id: int) -> list[str]:
    """Return the references of the newest requests of a party: the e-mail names it no other way."""
    newest = InstallCodeRequest.objects.filter(raised_by_party=party_id).order_by("-id")
    return list(newest.values_list("reference", flat=True)[:LISTED_IN_E_MAIL])
