"""How django-allauth behaves in this portal."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by the desk or the party's administrator: nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: there is no sign-up."""
        return False
