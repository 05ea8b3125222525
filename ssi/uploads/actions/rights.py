"""Whether somebody may do a thing at this very moment: a role that ended a second ago counts no more."""

from http import HTTPStatus

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import Person, RoleGrant
from ssi.refusals import Refusal


class RoleEnded(Refusal):
    """Your role for this User ID has ended."""

    suggestion = "Ask your Senior Responsible Officer, or the DCC service desk, if it should not have."
    status = HTTPStatus.FORBIDDEN
    source = "DP108: ending a person's role takes effect at once"


def require_now(by: Actor, component: Component) -> None:
    """Pass if a grant of `by` that reaches `component` is in force; it cannot end before the transaction does.

    Whoever acts was let in by what they held when the page or call began; this asks once more, under a lock.
    Raises RoleEnded.
    """
    if by.is_system or _is_of_dcc_now(by):
        return
    grants = (
        RoleGrant.objects.in_force()
        .select_for_update(of=("self",), no_key=True)
        .filter(person_id=by.person_id or 0, person__is_active=True, acting_for=by.user_id)
        .filter(job_type_role__in=component.rule.job_type_roles)
    )
    if not list(grants.values_list("pk", flat=True)):
        raise RoleEnded


def _is_of_dcc_now(by: Actor) -> bool:
    """Tell whether somebody of DCC's staff acts whose account is open; what DCC may do, the move itself says."""
    desk = Person.objects.select_for_update(no_key=True).filter(is_dcc_staff=True, is_active=True)
    return by.is_dcc and desk.filter(pk=by.person_id or 0).first() is not None
