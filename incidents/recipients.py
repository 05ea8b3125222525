"""Who is written to: the people who may act, never a shared list somebody forgot about."""

from collections.abc import Collection

from incidents.models import InstallCodeRequest
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import UserId
from ssi.accounts.recipients import all_who_reach, service_desk, who_reach, who_reach_each
from ssi.eui64 import Eui64

__all__ = [
    "all_who_can_answer",
    "everyone_but",
    "installer_of",
    "service_desk",
    "who_may_answer",
    "who_may_answer_for",
    "who_may_answer_for_each",
    "who_may_read_answers_for",
    "who_may_read_answers_for_each",
    "who_may_read_the_answer",
]


def who_may_answer(installer: UserId) -> list[str]:
    """Return the e-mail addresses of those who may answer requests for `installer`."""
    return who_reach(Component.INSTALL_CODE_REQUEST_RESPOND, installer.eui)


def who_may_answer_for(user_id: Eui64) -> list[str]:
    """Return the addresses of those who may answer requests for a User ID."""
    return who_reach(Component.INSTALL_CODE_REQUEST_RESPOND, user_id)


def all_who_can_answer() -> frozenset[Eui64]:
    """Return every User ID for which somebody may answer requests; one query."""
    return all_who_reach(Component.INSTALL_CODE_REQUEST_RESPOND)


def who_may_answer_for_each(user_ids: Collection[Eui64]) -> dict[Eui64, list[str]]:
    """Return the addresses of those who may answer requests for each of many User IDs; one query."""
    return who_reach_each(Component.INSTALL_CODE_REQUEST_RESPOND, user_ids)


def who_may_read_answers_for_each(user_ids: Collection[Eui64]) -> dict[Eui64, list[str]]:
    """Return the addresses of those who may work with what each of many User IDs raised; one query."""
    return who_reach_each(Component.INSTALL_CODE_REQUEST_RAISE, user_ids)


def installer_of(request: InstallCodeRequest) -> list[str]:
    """Return the addresses of those who may answer `request`; none while nobody is asked."""
    if request.assigned_to_id is None:
        return []
    return who_reach(Component.INSTALL_CODE_REQUEST_RESPOND, request.assigned_to_id)


def who_may_read_the_answer(request: InstallCodeRequest) -> list[str]:
    """Return the addresses of those who may work with the request on the raiser's side."""
    return who_may_read_answers_for(request.raised_by_id)


def who_may_read_answers_for(user_id: Eui64) -> list[str]:
    """Return the addresses of those who may work with the requests that a User ID raised."""
    return who_reach(Component.INSTALL_CODE_REQUEST_RAISE, user_id)


def everyone_but(actor: Actor, request: InstallCodeRequest) -> list[str]:
    """Return both sides' addresses without the side of `actor`, who knows already."""
    sides = {request.raised_by_id: who_may_read_the_answer(request)}
    if request.assigned_to_id is not None:
        sides[request.assigned_to_id] = installer_of(request)
    return [address for user_id, addresses in sides.items() if user_id != actor.user_id for address in addresses]
