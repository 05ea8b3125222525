"""The actor: a person acting for one User ID in one User Role, a member of DCC's staff, or the system itself."""

from dataclasses import dataclass, field
from typing import NamedTuple, Self

from ssi.access.components import Component
from ssi.access.roles import JobTypeRole, UserRole
from ssi.eui64 import Eui64
from ssi.refusals import NotAllowed


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to "may this actor reach that component"; `why` and `way_out` are sentences to read."""

    allowed: bool
    why: str
    way_out: str = ""


class ActingUser(NamedTuple):
    """The SEC User behind an actor: User ID, the Party's key, and the User Role acted in."""

    user_id: Eui64
    party_id: int
    user_role: UserRole


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, fixed for one request, task or command.

    `person_id` is the account's key; `user_id` the User ID acted for (None for DCC's staff and the system), and
    `party_id` its Party's key. `may_reveal` tells that the sign-in is fresh enough, or the token made, to read
    a secret now; `is_feed` that it is DCC's feed, the account of a system that brings DUIS messages and reaches
    nothing else. `via` is "screen", "api", "command", "bulk" or "system".
    """

    person_id: int | None = None
    person_name: str = ""
    person_email: str = ""
    party_id: int | None = None
    party_name: str = ""
    user_id: Eui64 | None = None
    user_role: UserRole | None = None
    job_type_roles: frozenset[JobTypeRole] = field(default_factory=frozenset)
    is_dcc: bool = False
    is_system: bool = False
    is_feed: bool = False
    may_reveal: bool = False
    via: str = "screen"

    @classmethod
    def system(cls) -> Self:
        """Return the portal itself: it assigns, notifies and keeps house."""
        return cls(person_name="The portal", party_name="DCC", is_system=True, via="system")

    @property
    def user(self) -> ActingUser:
        """Return the SEC User acted for; raise NotAllowed for an actor who acts for none."""
        if self.user_id is None or self.party_id is None or self.user_role is None:
            raise NotAllowed(why="You act for no User ID.", way_out="Only a User can do this, not DCC's staff.")
        return ActingUser(self.user_id, self.party_id, self.user_role)

    def may(self, component: Component) -> bool:
        """Tell whether the matrix lets this actor reach `component`."""
        return self.decide(component).allowed

    def decide(self, component: Component) -> Decision:
        """Say whether this actor reaches `component`, why or why not, and what would change it."""
        if self.is_system:
            return Decision(True, "The portal acts for itself.")
        if self.is_feed or self.is_dcc:
            return self._decide_for_dcc(component)
        if self.user_role is None:
            return Decision(
                False,
                "Your account acts for no User ID yet.",
                "Ask your SSI Administration User, or the DCC service desk, to grant you a Job Type Role.",
            )
        return self._decide_for_user(component)

    def _decide_for_dcc(self, component: Component) -> Decision:
        rule = component.rule
        if self.is_feed and rule.feed:
            return Decision(True, "DCC's feed brings DUIS messages.")
        if self.is_feed:
            why = "DCC's feed brings DUIS messages and does nothing else."
            return Decision(False, why, "Use another account.")
        if rule.dcc:
            return Decision(True, "DCC staff reach this component.")
        if rule.feed:
            why = "This is for the account of DCC's feed alone."
            return Decision(False, why, "Use a token of that account.")
        return Decision(False, "DCC staff do not reach this component.", "It belongs to Users alone.")

    def _decide_for_user(self, component: Component) -> Decision:
        rule = component.rule
        if not rule.user_roles:
            return Decision(False, "This component is for DCC staff only.", "Contact the DCC service desk.")
        if self.user_role not in rule.user_roles:
            needed = ", ".join(role.value for role in UserRole if role in rule.user_roles)
            return Decision(
                False,
                f"This needs the User Role {needed}; you act as {self.user_role}.",
                "If your User ID holds such a role, switch to it at the top of the page.",
            )
        held = self.job_type_roles & rule.job_type_roles
        if held:
            names = ", ".join(sorted(held))
            return Decision(True, f"Your Job Type Role {names} reaches it as {self.user_role}.")
        needed = " or ".join(role.value for role in JobTypeRole if role in rule.job_type_roles)
        yours = ", ".join(sorted(self.job_type_roles)) or "none"
        grantor = (
            "the DCC service desk, through your Senior Responsible Officer"
            if rule.job_type_roles <= {JobTypeRole.ARO, JobTypeRole.SRO}
            else "your SSI Administration User or the DCC service desk"
        )
        return Decision(False, f"This needs the Job Type Role {needed}; you hold {yours}.", f"Ask {grantor}.")

    def require(self, *components: Component) -> None:
        """Pass if any of `components` is reached; raise NotAllowed with the first one's reason otherwise."""
        decisions = [self.decide(component) for component in components]
        if not any(decision.allowed for decision in decisions):
            raise NotAllowed(why=decisions[0].why, way_out=decisions[0].way_out)
