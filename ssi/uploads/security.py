"""Who is told of tries at what guards the grid: the party's security analysts and SROs, and the DCC desk."""

from datetime import timedelta
from typing import Final

from django.core.cache import cache

from ssi.access.components import Component
from ssi.accounts.models import UserId
from ssi.accounts.recipients import service_desk, who_reach_each
from ssi.uploads import emails_of_the_desk as emails
from ssi.web import security

TOLD_AGAIN_AFTER: Final = timedelta(hours=1)


def tell(tried: security.Try) -> None:
    """Write the e-mails about a try, at most once an hour for each person who tries.

    The cache is a table of the same database and transaction: what is not committed was not told. Should it be
    emptied, one e-mail more is written.
    """
    key = f"access_denied_told:{tried.by.person_id}"
    if not cache.add(key, True, TOLD_AGAIN_AFTER.total_seconds()):
        return
    emails.access_denied(to=[*_watchers(tried.by.party_id), *service_desk()], company=tried.by.party_name)


def _watchers(party_id: int | None) -> list[str]:
    """Return the addresses of the SROs and security analysts of the party, for whichever of its User IDs."""
    if party_id is None:
        return []
    user_ids = UserId.objects.filter(party=party_id).values_list("pk", flat=True)
    reached = who_reach_each(Component.SECURITY_EVENTS, list(user_ids))
    return [address for addresses in reached.values() for address in addresses]


security.add(tell)
