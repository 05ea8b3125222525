"""Parties and their User IDs at the desk."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ssi.access.actor import Actor
from ssi.access.roles import UserRole
from ssi.accounts.actions import parties
from ssi.accounts.models import Party, UserId
from ssi.web.desk import DeskAdmin, DeskForm


class StandingFilter(admin.SimpleListFilter):
    """Filters parties by whether they are still in the market."""

    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        return [("in", "In the market"), ("left", "Left")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list to the chosen one."""
        if self.value() not in {"in", "left"}:
            return queryset
        return queryset.filter(left_date__isnull=self.value() == "in")


class PartyForm(DeskForm):
    """A party as the desk edits it."""

    class Meta:
        model = Party
        fields = ("name", "left_date", "requests_per_day")
        labels = {"left_date": "Left the market on", "requests_per_day": "Requests a day"}


@admin.register(Party)
class PartyAdmin(DeskAdmin):
    """A party: its name, the day it left, its User IDs and its people."""

    form = PartyForm
    list_display = ("name", "user_ids_in_words", "left_date")
    list_filter = (StandingFilter,)
    search_fields = ("name",)
    ordering = ("name",)
    readonly_fields = ("user_ids_listed", "people_counted")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return parties with their User IDs, for the list."""
        return super().get_queryset(request).prefetch_related("user_ids__roles")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the name first; the rest comes once the party is there."""
        if obj is None:
            return ("name",)
        return ("name", "left_date", "requests_per_day", "user_ids_listed", "people_counted")

    def act(self, form: Any, by: Actor, *, change: bool) -> Party:
        """Register, rename, set its quota, or record that it left or came back."""
        wanted = form.cleaned_data
        if not change:
            return parties.register_party(name=wanted["name"], by=by)
        party: Party = form.instance
        if "name" in form.changed_data:
            party = parties.rename_party(party_id=party.pk, name=wanted["name"], by=by)
        if "requests_per_day" in form.changed_data:
            wanted_quota = wanted["requests_per_day"]
            party = parties.set_requests_per_day(party_id=party.pk, requests_per_day=wanted_quota, by=by)
        if "left_date" in form.changed_data:
            if wanted["left_date"] is None:
                return parties.mark_returned(party_id=party.pk, by=by)
            return parties.mark_left(party_id=party.pk, left_date=wanted["left_date"], by=by)
        return party

    @admin.display(description="User IDs")
    def user_ids_in_words(self, party: Party) -> str:
        """Return the User IDs with their roles."""
        return "; ".join(f"{each.eui} ({_roles_of(each)})" for each in party.user_ids.all()) or "none"

    @admin.display(description="User IDs")
    def user_ids_listed(self, party: Party) -> SafeString:
        """Return the User IDs as links, and the way to add one."""
        lines = format_html_join(
            "",
            '<li><a class="id-text" href="{}">{}</a> {} {}</li>',
            (
                (
                    reverse("admin:accounts_userid_change", args=[each.pk]),
                    each.eui,
                    _roles_of(each),
                    each.descriptor,
                )
                for each in party.user_ids.all()
            ),
        )
        add = f"{reverse('admin:accounts_userid_add')}?party={party.pk}"
        return format_html('<ul class="rows">{}</ul><a href="{}">Register a User ID</a>', lines, add)

    @admin.display(description="People")
    def people_counted(self, party: Party) -> SafeString:
        """Return how many accounts the party has, as a link to them."""
        url = f"{reverse('admin:accounts_person_changelist')}?party__id__exact={party.pk}"
        return format_html('<a href="{}">{} accounts</a>', url, party.people.count())


class UserIdForm(DeskForm):
    """A User ID with its User Roles."""

    user_roles = forms.TypedMultipleChoiceField(
        label="User Roles",
        choices=[(role.value, f"{role.value}: {role.label}") for role in UserRole],
        coerce=UserRole,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["user_roles"] = list(self.instance.roles.values_list("user_role", flat=True))

    class Meta:
        model = UserId
        fields = ("party", "eui", "descriptor")
        labels = {"descriptor": "Service User Descriptor"}
        help_texts = {"descriptor": "At most 30 characters; the party chooses it when the User ID is registered."}


@admin.register(UserId)
class UserIdAdmin(DeskAdmin):
    """A User ID: whose it is stays; its roles and its descriptor can change."""

    form = UserIdForm
    list_display = ("eui", "party", "roles_in_words", "descriptor")
    list_select_related = ("party",)
    search_fields = ("party__name", "descriptor")
    search_help_text = "A party's name or a Service User Descriptor."
    ordering = ("party__name", "eui")
    fields = ("party", "eui", "user_roles", "descriptor")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return User IDs with their roles, for the list."""
        return super().get_queryset(request).prefetch_related("roles")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the party and the number of a User ID that is registered."""
        return ("party", "eui") if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Leave the roles to the form: they are no column."""
        kwargs["fields"] = ["descriptor"] if obj else ["party", "eui", "descriptor"]
        return super().get_form(request, obj, change=change, **kwargs)

    def act(self, form: Any, by: Actor, *, change: bool) -> UserId:
        """Register it, or change its roles and descriptor."""
        wanted = form.cleaned_data
        if change:
            return parties.change_user_id(
                eui=form.instance.eui, user_roles=wanted["user_roles"], descriptor=wanted["descriptor"], by=by
            )
        return parties.add_user_id(
            party_id=wanted["party"].pk,
            eui=wanted["eui"],
            user_roles=wanted["user_roles"],
            descriptor=wanted["descriptor"],
            by=by,
        )

    @admin.display(description="User Roles")
    def roles_in_words(self, user_id: UserId) -> str:
        """Return the roles in DUIS's order."""
        return _roles_of(user_id)


def _roles_of(user_id: UserId) -> str:
    held = {each.user_role for each in user_id.roles.all()}
    return ", ".join(role for role in UserRole if role in held)
