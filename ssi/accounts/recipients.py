"""Whose e-mail addresses: those of the people who reach a Functional Component, never a list somebody forgot."""

from collections.abc import Collection
from functools import cache

from django.db.models import QuerySet

from ssi.access.components import Component
from ssi.accounts.models import Person, RoleGrant, UserId
from ssi.accounts.models.people import RoleGrantQuerySet
from ssi.eui64 import Eui64
from ssi.prepared import Prepared, Slot


def service_desk() -> list[str]:
    """Return the addresses of those who work at the DCC service desk."""
    desk = Person.objects.filter(is_dcc_staff=True, is_active=True)
    return list(desk.order_by("email").values_list("email", flat=True))


def who_reach(component: Component, user_id: Eui64) -> list[str]:
    """Return the addresses of those who reach `component` for a User ID."""
    return _reaching(component)(user_id=user_id)


@cache
def _reaching(component: Component) -> Prepared[str]:
    def query() -> "QuerySet[RoleGrant, str]":
        held = _grants_reaching(component).filter(acting_for=Slot("user_id", UserId._meta.pk))
        return held.order_by("person__email").values_list("person__email", flat=True).distinct()

    return Prepared(query)


def sros_of(party_id: int) -> list[str]:
    """Return the addresses of a party's Senior Responsible Officers, for whichever of its User IDs."""
    held = _grants_reaching(Component.ARO_NOMINATION).filter(acting_for__party=party_id)
    return list(held.order_by("person__email").values_list("person__email", flat=True).distinct())


def account_of_party(email: str, party_id: int) -> list[str]:
    """Return the address if an open account of that party has it, else nothing."""
    found = Person.objects.filter(email=email, party=party_id, is_active=True)
    return list(found.values_list("email", flat=True))


def who_reach_each(component: Component, user_ids: Collection[Eui64]) -> dict[Eui64, list[str]]:
    """Return the addresses of those who reach `component` for each of many User IDs; one query."""
    found: dict[Eui64, list[str]] = {user_id: [] for user_id in user_ids}
    grants = _grants_reaching(component).filter(acting_for__in=user_ids)
    for user_id, address in grants.values_list("acting_for", "person__email").distinct():
        found[user_id].append(address)
    return {user_id: sorted(addresses) for user_id, addresses in found.items()}


def all_who_reach(component: Component) -> frozenset[Eui64]:
    """Return every User ID for which somebody reaches `component`; one query."""
    return frozenset(_grants_reaching(component).values_list("acting_for", flat=True))


def _grants_reaching(component: Component) -> RoleGrantQuerySet:
    return RoleGrant.objects.in_force().filter(
        job_type_role__in=component.rule.job_type_roles, person__is_active=True
    )
