"""Job Type Roles at the desk: granted and ended; ARO and SRO by the register of officers alone."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ssi.access.actor import Actor
from ssi.access.roles import CONFIRMED_BY_DCC, JobTypeRole
from ssi.accounts.actions import grants
from ssi.accounts.models import Officer, Person, RoleGrant, UserId
from ssi.accounts.presenters import standing_of
from ssi.web.desk import DeskAdmin, DeskForm, Move
from ssi.web.forms import SuggestedError

WAITING = Q(ended_at=None, confirmed_at=None, job_type_role__in=CONFIRMED_BY_DCC)
STANDINGS = {
    "waiting": ("Waits for confirmation", WAITING),
    "open": ("In force", Q(ended_at=None) & ~WAITING),
    "ended": ("Ended", Q(ended_at__isnull=False)),
}


def _end(pk: int, by: Actor) -> str:
    grant = grants.end_grant(grant_id=pk, by=by)
    return f"Ended: {grant.person.name} does not hold {grant.job_type_role} for {grant.acting_for_id} any more."


def _ends_here(grant: RoleGrant) -> bool:
    return grant.ended_at is None and grant.job_type_role not in CONFIRMED_BY_DCC


class StandingFilter(admin.SimpleListFilter):
    """Filters grants by whether they count."""

    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer what waits for the desk first."""
        return [(value, label) for value, (label, _) in STANDINGS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list to the chosen one."""
        chosen = STANDINGS.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class GrantForm(DeskForm):
    """Whom to grant what. The person is named by e-mail address: a list of thousands helps nobody."""

    email = forms.EmailField(label="Person's e-mail address")
    job_type_role = forms.TypedChoiceField(
        label="Job Type Role",
        choices=[
            ("", "Choose one"),
            *((role.value, f"{role.value}: {role.label}") for role in JobTypeRole if role not in CONFIRMED_BY_DCC),
        ],
        coerce=JobTypeRole,
        help_text="ARO and SRO are not granted here: see “Responsible officers”.",
    )

    class Meta:
        model = RoleGrant
        fields = ("acting_for",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "acting_for" not in self.fields:  # only looked at
            return
        person = Person.objects.filter(pk=self.initial["person"]).first() if self.initial.get("person") else None
        user_ids = UserId.objects.current().select_related("party").order_by("party__name", "eui")
        if person is not None:
            self.initial.setdefault("email", person.email)
            user_ids = user_ids.filter(party=person.party_id)
            self.initial.setdefault("acting_for", user_ids.first())
        self.fields["acting_for"].queryset = user_ids  # type: ignore[attr-defined]  # a ModelChoiceField

    def clean_email(self) -> str:
        """Refuse an address that no account has."""
        email = str(self.cleaned_data["email"])
        if not Person.objects.filter(email__iexact=email).exists():
            raise SuggestedError("No account has this address.", "Check the spelling, or open the account first.")
        return email


@admin.register(RoleGrant)
class RoleGrantAdmin(DeskAdmin):
    """A grant: made once, then only ended. An officer's is made and ended by the register's entry."""

    form = GrantForm
    list_display = ("person_name", "job_type_role", "acting_for", "standing", "granted_at", "granted_by")
    list_filter = (StandingFilter, "job_type_role")
    list_select_related = ("person", "acting_for__party")
    search_fields = ("person__email", "person__name", "acting_for__party__name")
    search_help_text = "A person's name or e-mail address, or a party's name."
    ordering = ("-granted_at",)
    readonly_fields = ("entry",)
    moves = (Move("end", "End the grant", _end, _ends_here, "danger"),)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a grant is ended and another made, so that the log tells who held what when."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for whom, for which User ID, and what; afterwards show who did what when."""
        if obj is None:
            return ("email", "acting_for", "job_type_role")
        steps = ("granted_at", "granted_by", "confirmed_at", "confirmed_by", "ended_at", "ended_by")
        entry = ("entry",) if obj.job_type_role in CONFIRMED_BY_DCC else ()
        return ("person", "acting_for", "job_type_role", "standing", *entry, *steps)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Leave person and role to the form's own fields."""
        kwargs["fields"] = ["acting_for"]
        return super().get_form(request, obj, change=change, **kwargs)

    def act(self, form: Any, by: Actor, *, change: bool) -> RoleGrant:
        """Grant it."""
        wanted = form.cleaned_data
        person = Person.objects.get_by_natural_key(wanted["email"])
        return grants.grant_role(
            person_id=person.pk, eui=wanted["acting_for"].eui, job_type_role=wanted["job_type_role"], by=by
        )

    @admin.display(description="Person", ordering="person__name")
    def person_name(self, grant: RoleGrant) -> str:
        """Return the person's name."""
        return grant.person.name

    @admin.display(description="Standing")
    def standing(self, grant: RoleGrant) -> str:
        """Return whether it counts."""
        return standing_of(grant)

    @admin.display(description="In the register of officers")
    def entry(self, grant: RoleGrant) -> SafeString | str:
        """Return the entry that made the grant, as a link."""
        officer = Officer.objects.filter(grant=grant).first()
        if officer is None:
            return "No entry"
        url = reverse("admin:accounts_officer_change", args=[officer.pk])
        return format_html('<a class="id-text" href="{}">{}</a>', url, officer.reference)
