"""Who is there: parties and their User IDs, people and their Job Type Roles, tokens of programs."""

from ssi.accounts.models.officers import Officer
from ssi.accounts.models.parties import Party, UserId, UserIdRole
from ssi.accounts.models.people import Person, RoleGrant
from ssi.accounts.models.succession import Succession
from ssi.accounts.models.tokens import ApiToken

__all__ = ["ApiToken", "Officer", "Party", "Person", "RoleGrant", "Succession", "UserId", "UserIdRole"]
