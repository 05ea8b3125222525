"""Who is signed in: as allauth's backend says, read by a prepared statement with every page."""

from typing import Final

from allauth.account.auth_backends import AuthenticationBackend

from ssi.accounts.models import Person
from ssi.prepared import Prepared, Slot

_PERSON: Final = Prepared(lambda: Person.objects.filter(pk=Slot("person", Person._meta.get_field("id"))))


class PersonBackend(AuthenticationBackend):  # type: ignore[misc] # allauth has no types
    """allauth's backend, that reads a person more cheaply."""

    def get_user(self, user_id: int) -> Person | None:
        """Return the person, None where there is none or the account is closed."""
        person = _PERSON.first(person=user_id)
        return person if person is not None and self.user_can_authenticate(person) else None
