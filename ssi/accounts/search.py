"""Finding accounts and what they hold."""

from collections.abc import Sequence
from typing import Any

from ssi.access.roles import CONFIRMED_BY_DCC
from ssi.accounts.demo_accounts import DEMO_ACCOUNTS, DEMO_EMAILS
from ssi.accounts.models import Person, RoleGrant


def demo_accounts() -> list[dict[str, Any]]:
    """Return the demo's accounts that are here and may sign in, as the sign-in page lists them."""
    here = set(Person.objects.filter(email__in=DEMO_EMAILS, is_active=True).values_list("email", flat=True))
    return [
        {"email": each.email, "name": each.name, "who": each.who, "job_type_roles": each.roles_in_words}
        for each in DEMO_ACCOUNTS
        if each.email in here
    ]


def grants_awaiting_confirmation(person: Person) -> Sequence[RoleGrant]:
    """Return the grants of `person` that count only once DCC has confirmed them."""
    waiting = RoleGrant.objects.filter(
        person=person, ended_at__isnull=True, confirmed_at__isnull=True, job_type_role__in=CONFIRMED_BY_DCC
    )
    return list(waiting.order_by("granted_at"))
