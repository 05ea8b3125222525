"""Who is written to: the people who may act, never a shared list somebody forgot about."""

from collections.abc import Collection

from incidents.models import InstallCodeRequest
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import Person, RoleGrant, UserId
from ssi.accounts.models.people import RoleGrantQuerySet
from ssi.eui64 import Eui64


def who_may_answer(installer: UserId) -> list[str]:
    """Return the e-mail addresses of those who may answer requests for `installer`."""
    return _who_reach(Component.INSTALL_CODE_REQUEST_RESPOND, installer.eui)


def who_may_answer_for(user_id: Eui64) -> list[str]:
    """Return the addresses of those who may answer requests for a User ID."""
    return _who_reach(Component.INSTALL_CODE_REQUEST_RESPOND, user_id)


def all_who_can_answer() -> frozenset[Eui64]:
    """Return every User ID for which somebody may answer requests; one query."""
    return frozenset(_grants_reaching(Component.INSTALL_CODE_REQUEST_RESPOND).values_list("acting_for", flat=True))


def who_may_answer_for_each(user_ids: Collection[Eui64]) -> dict[Eui64, list[str]]:
    """Return the addresses of those who may answer requests for each of many User IDs; one query."""
    return _who_reach_each(Component.INSTALL_CODE_REQUEST_RESPOND, user_ids)


def who_may_read_answers_for_each(user_ids: Collection[Eui64]) -> dict[Eui64, list[str]]:
    """Return the addresses of those who may work with what each of many User IDs raised; one query."""
    return _who_reach_each(Component.INSTALL_CODE_REQUEST_RAISE, user_ids)


def service_desk() -> list[str]:
    """Return the addresses of those who work at the DCC service desk."""
    desk = Person.objects.filter(is_dcc_staff=True, is_active=True)
    return list(desk.order_by("email").values_list("email", flat=True))


def installer_of(request: InstallCodeRequest) -> list[str]:
    """Return the addresses of those who may answer `request`; none while nobody is asked."""
    if request.assigned_to_id is None:
        return []
    return _who_reach(Component.INSTALL_CODE_REQUEST_RESPOND, request.assigned_to_id)


def who_may_read_the_answer(request: InstallCodeRequest) -> list[str]:
    """Return the addresses of those who may work with the request on the raiser's side."""
    return who_may_read_answers_for(request.raised_by_id)


def who_may_read_answers_for(user_id: Eui64) -> list[str]:
    """Return the addresses of those who may work with the requests that a User ID raised."""
    return _who_reach(Component.INSTALL_CODE_REQUEST_RAISE, user_id)


def everyone_but(actor: Actor, request: InstallCodeRequest) -> list[str]:
    """Return both sides' addresses without the side of `actor`, who knows already."""
    sides = {request.raised_by_id: who_may_read_the_answer(request)}
    if request.assigned_to_id is not None:
        sides[request.assigned_to_id] = installer_of(request)
    return [address for user_id, addresses in sides.items() if user_id != actor.user_id for address in addresses]


def _who_reach(component: Component, user_id: Eui64) -> list[str]:
    return list(
        _grants_reaching(component)
        .filter(acting_for=user_id)
        .order_by("person__email")
        .values_list("person__email", flat=True)
        .distinct()
    )


def _who_reach_each(component: Component, user_ids: Collection[Eui64]) -> dict[Eui64, list[str]]:
    found: dict[Eui64, list[str]] = {user_id: [] for user_id in user_ids}
    grants = _grants_reaching(component).filter(acting_for__in=user_ids)
    for user_id, address in grants.values_list("acting_for", "person__email").distinct():
        found[user_id].append(address)
    return {user_id: sorted(addresses) for user_id, addresses in found.items()}


def _grants_reaching(component: Component) -> RoleGrantQuerySet:
    return RoleGrant.objects.in_force().filter(
        job_type_role__in=component.rule.job_type_roles, person__is_active=True
    )
