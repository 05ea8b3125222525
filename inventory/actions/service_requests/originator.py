"""Who sent a Service Request, and whether a User in that role may send it."""

from collections.abc import Collection

from inventory.duis.messages import RequestId
from inventory.duis.refusals import DuisRefusal
from ssi.access.roles import UserRole
from ssi.accounts.models import UserId


class OriginatorUnknown(DuisRefusal):
    """The originator {user_id} is not a User ID of a Party in a User Role that DCC knows."""

    code = "E1"
    suggestion = "Check the first part of RequestID, or ask the DCC service desk to register the User ID."
    source = "DUIS response codes: the User and User Role must be a valid SEC Party and role"


class RoleNotEligible(DuisRefusal):
    """The originator {user_id} holds the User Role {held}, and {srv} is for {eligible}."""

    code = "E2"
    suggestion = "Send it under a User ID that holds one of those User Roles."
    source = "DUIS response codes; DUIS eligible User Roles of each Service Reference Variant"


class CommandVariantNotApplicable(DuisRefusal):
    """Command Variant {given} does not apply to {srv}."""

    code = "E12"
    suggestion = "Give {allowed}."
    source = "DUIS response codes; DUIS 5.4 schema, notes on Service Reference Variants"


def require_originator(request_id: RequestId, *, srv: str, eligible: Collection[UserRole]) -> UserId:
    """Return the User ID that sent a request. Raises OriginatorUnknown or RoleNotEligible.

    A message does not say in which of its User Roles a User ID acts, so any that is eligible will do.
    """
    user_id = UserId.objects.current().filter(eui=request_id.originator).prefetch_related("roles").first()
    held = {role.user_role for role in user_id.roles.all()} if user_id else set()
    if user_id is None or not held:
        raise OriginatorUnknown(user_id=request_id.originator)
    if held.isdisjoint(eligible):
        raise RoleNotEligible(
            user_id=request_id.originator, held=_in_order(held), srv=srv, eligible=_in_order(eligible)
        )
    return user_id


def require_command_variant(given: int, *, srv: str, allowed: Collection[int]) -> None:
    """Pass if the Command Variant applies to the request; raise CommandVariantNotApplicable otherwise."""
    if given not in allowed:
        names = " or ".join(str(each) for each in sorted(allowed))
        raise CommandVariantNotApplicable(given=given, srv=srv, allowed=f"Command Variant {names}")


def _in_order(roles: Collection[str]) -> str:
    return ", ".join(role.value for role in UserRole if role in roles)
