"""API tokens at the desk: which there are, and ending one. The token itself is known to nobody."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.actions import tokens
from ssi.accounts.models import ApiToken
from ssi.web.desk import DeskAdmin, Move


def _end(pk: int, by: Actor) -> str:
    token = tokens.end_token(token_id=pk, by=by)
    return f"The token of {token.person.name} works no more."


@admin.register(ApiToken)
class ApiTokenAdmin(DeskAdmin):
    """A token: issued at the terminal, ended here."""

    list_display = ("person", "can_reveal", "created_at", "expires_at", "standing")
    list_filter = ("can_reveal",)
    list_select_related = ("person",)
    search_fields = ("person__email", "person__name")
    search_help_text = "A person's name or e-mail address."
    ordering = ("-created_at",)
    fields = ("person", "can_reveal", "created_at", "expires_at", "ended_at")
    moves = (Move("end", "End the token", _end, lambda token: token.ended_at is None, "danger"),)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: `manage.py api_token` issues tokens, for a token on a screen would be read."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a token is ended and another issued."""
        return False

    @admin.display(description="Standing")
    def standing(self, token: ApiToken) -> str:
        """Return whether it works."""
        if token.ended_at is not None:
            return "Ended"
        return "Expired" if token.expires_at and token.expires_at < timezone.now() else "Works"
