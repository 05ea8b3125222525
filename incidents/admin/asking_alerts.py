"""Alerts about parties that ask for far more than they gain, for the DCC service desk: to look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from incidents.models import AskingAlert
from ssi.web.desk import ReadOnly


@admin.register(AskingAlert)
class AskingAlertAdmin(ReadOnly):
    """One alert a party and week; the party's page has its quota."""

    list_display = ("party", "from_date", "asked", "gained", "raised_at")
    list_select_related = ("party",)
    search_fields = ("party__name",)
    ordering = ("-from_date", "-asked")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show all there is."""
        return ("party", "from_date", "asked", "gained", "raised_at")
