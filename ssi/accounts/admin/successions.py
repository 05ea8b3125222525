"""Successions at the desk: entered, and ended; what was entered wrongly is ended and entered anew."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from ssi.access.actor import Actor
from ssi.accounts.actions import successions
from ssi.accounts.models import Succession, UserId
from ssi.accounts.models.succession import TakenOverBecause
from ssi.web.desk import DeskAdmin, DeskForm, Move


def _end(pk: int, by: Actor) -> str:
    succession = successions.end(succession_id=pk, by=by)
    return f"Ended: nobody is asked in the place of {succession.user_id_id} any more."


class StandingFilter(admin.SimpleListFilter):
    """Filters successions by whether they were ended."""

    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        return [("open", "In force"), ("ended", "Ended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list to the chosen one."""
        if self.value() not in {"open", "ended"}:
            return queryset
        return queryset.filter(ended_at__isnull=self.value() == "open")


class SuccessionForm(DeskForm):
    """Who took over which User ID, from when, and why."""

    because = forms.TypedChoiceField(
        label="Why", choices=[("", "Choose one"), *TakenOverBecause.choices], coerce=TakenOverBecause
    )

    class Meta:
        model = Succession
        fields = ("user_id", "successor", "from_date")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "successor" not in self.fields:  # only looked at
            return
        everyone = UserId.objects.select_related("party").order_by("party__name", "eui")
        self.fields["user_id"].queryset = everyone  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["successor"].queryset = everyone  # type: ignore[attr-defined]


@admin.register(Succession)
class SuccessionAdmin(DeskAdmin):
    """A succession: entered once, then only ended."""

    form = SuccessionForm
    list_display = ("taken_over", "taken_over_by", "from_date", "because", "standing")
    list_filter = (StandingFilter, "because")
    list_select_related = ("user_id__party", "successor__party")
    search_fields = ("user_id__party__name", "successor__party__name")
    search_help_text = "The name of either party."
    ordering = ("-entered_at",)
    moves = (Move("end", "End the succession", _end, lambda each: each.ended_at is None, "danger"),)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a succession is ended and another entered, so that the log tells who was asked when."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for what there is to know; afterwards show who did what when."""
        asked = ("user_id", "successor", "from_date", "because")
        return asked if obj is None else (*asked, "entered_at", "entered_by", "ended_at", "ended_by")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Leave the reason to the form's own field."""
        kwargs["fields"] = ["user_id", "successor", "from_date"]
        return super().get_form(request, obj, change=change, **kwargs)

    def act(self, form: Any, by: Actor, *, change: bool) -> Succession:
        """Enter it."""
        wanted = form.cleaned_data
        return successions.enter(
            eui=wanted["user_id"].eui,
            successor=wanted["successor"].eui,
            from_date=wanted["from_date"],
            because=wanted["because"],
            by=by,
        )

    @admin.display(description="User ID taken over", ordering="user_id")
    def taken_over(self, succession: Succession) -> str:
        """Return the User ID with its party."""
        return str(succession.user_id)

    @admin.display(description="Taken over by", ordering="successor")
    def taken_over_by(self, succession: Succession) -> str:
        """Return the successor's User ID with its party."""
        return str(succession.successor)

    @admin.display(description="Standing")
    def standing(self, succession: Succession) -> str:
        """Return whether it counts."""
        return "Ended" if succession.ended_at else "In force"
