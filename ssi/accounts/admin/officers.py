"""The register of officers at the desk: SROs are registered, nominations confirmed or refused, roles ended."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ssi.access.actor import Actor
from ssi.accounts.actions import officers
from ssi.accounts.models import Officer, Person, UserId
from ssi.accounts.models.officers import Capacity, EndedBecause, Standing
from ssi.web.desk import DeskAdmin, DeskForm, Move
from ssi.web.forms import SuggestedError
from ssi.web.templatetags.ssi import mono, status_tag, when

REGISTERED = ("acting_for", "name", "email", "nominated_by", "nominated_as")


def _confirm(pk: int, by: Actor) -> str:
    officer = officers.confirm(reference=Officer.objects.get(pk=pk).reference, by=by)
    return f"Confirmed: {officer.name} acts as {officer.job_type_role} of {officer.party.name} from now on."


class RegisterForm(DeskForm):
    """Who becomes SRO of which User ID, and who of the party nominated them in which capacity."""

    nominated_as = forms.TypedChoiceField(
        label="They nominated as",
        choices=[("", "Choose one"), *((each.value, each.label) for each in officers.NOMINATE_SROS)],
        coerce=Capacity,
    )

    class Meta:
        model = Officer
        fields = ("acting_for", "name", "email", "nominated_by")
        labels = {
            "name": "Name of the Senior Responsible Officer",
            "email": "Their e-mail address with the party",
            "nominated_by": "Who nominated them",
        }
        help_texts = {
            "email": "If there is no account, it is opened, and they are e-mailed a link to set a password.",
            "nominated_by": "Name of the Director, Company Secretary or Chief Information Security Officer.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = UserId.objects.current().select_related("party").order_by("party__name", "eui")
        self.fields["acting_for"].queryset = current  # type: ignore[attr-defined]  # a ModelChoiceField


class RefuseForm(DeskForm):
    """Why a nomination is refused; the button beside it confirms."""

    class Meta:
        model = Officer
        fields = ("answer",)
        labels = {"answer": "Why you refuse it"}
        help_texts = {"answer": "The party's SROs read this. Leave it empty to confirm, with the button on top."}


class EndForm(DeskForm):
    """Why a role ends."""

    ended_because = forms.TypedChoiceField(
        label="Why the role ends", choices=[("", "Choose one"), *EndedBecause.choices], coerce=EndedBecause
    )

    class Meta:
        model = Officer
        fields = ()

    def clean_ended_because(self) -> EndedBecause:
        """Ask for a reason."""
        if not self.cleaned_data["ended_because"]:
            raise SuggestedError("No reason was chosen.", "Choose one: the party's SROs read it.")
        return EndedBecause(self.cleaned_data["ended_because"])


class LookedAt(DeskForm):
    """Nothing is to be decided any more."""

    class Meta:
        model = Officer
        fields = ()


FORMS = {Standing.NOMINATED: RefuseForm, Standing.CONFIRMED: EndForm}
BUTTONS = {Standing.NOMINATED: "Refuse the nomination", Standing.CONFIRMED: "End the role"}


@admin.register(Officer)
class OfficerAdmin(DeskAdmin):
    """An entry of the register: what awaits the desk comes first."""

    change_form_template = "accounts/admin/officer.html"
    list_display = (
        "reference",
        "shown_standing",
        "job_type_role",
        "name",
        "party",
        "user_id",
        "nominated_at",
    )
    list_filter = ("standing", "job_type_role")
    list_select_related = ("party",)
    search_fields = ("reference", "email", "name", "party__name")
    search_help_text = "A reference, a person's name or e-mail address, or a party's name."
    ordering = (Case(When(standing=Standing.NOMINATED, then=Value(0)), default=Value(1)), "-nominated_at")
    sortable_by = ()
    moves = (
        Move(
            "confirm",
            "Confirm: DCC has matched the person",
            _confirm,
            lambda each: each.standing == Standing.NOMINATED,
            "primary",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return entries with what their pages name."""
        return super().get_queryset(request).select_related("party", "acting_for__party", "person", "grant")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow while there is something to decide; what has ended is only looked at."""
        return (obj is None or obj.standing in FORMS) and super().has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask whom to register; afterwards show the entry, with what is to be decided last."""
        if obj is None:
            return REGISTERED
        asked = {Standing.NOMINATED: ("answer",), Standing.CONFIRMED: ("ended_because",)}.get(obj.standing, ())
        return (*self.get_readonly_fields(request, obj), *asked)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep what was entered."""
        if obj is None:
            return ()
        steps = {
            Standing.NOMINATED: ("account",),
            Standing.CONFIRMED: ("account", "decided_by", "decided_at"),
            Standing.REFUSED: ("decided_by", "decided_at", "answer"),
            Standing.WITHDRAWN: ("ended_by", "ended_at"),
            Standing.ENDED: ("account", "decided_by", "decided_at", "ended_by", "ended_at", "ended_because"),
        }[Standing(obj.standing)]
        about = ("reference", "shown_standing", "job_type_role", "party", "acting_for", "name", "email")
        return (*about, "nominated_by", "nominated_as", "nominated_at", *steps)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form for what may be decided now."""
        chosen: type[DeskForm] = RegisterForm if obj is None else FORMS.get(obj.standing, LookedAt)
        kwargs |= {"form": chosen, "fields": list(chosen.Meta.fields)}  # type: ignore[attr-defined]  # each has one
        return super().get_form(request, obj, change=change, **kwargs)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Name the button after what it does."""
        thing = kwargs.get("obj")
        button = "Register the SRO" if thing is None else BUTTONS.get(thing.standing, "")
        return super().render_change_form(request, {**context, "button": button}, *args, **kwargs)

    def act(self, form: Any, by: Actor, *, change: bool) -> Officer:
        """Register an SRO, refuse a nomination, or end a role."""
        wanted, entry = form.cleaned_data, form.instance
        if not change:
            return officers.register_sro(
                eui=wanted["acting_for"].eui,
                email=wanted["email"],
                name=wanted["name"],
                nominated_by=wanted["nominated_by"],
                nominated_as=wanted["nominated_as"],
                by=by,
            )
        reference = Officer.objects.only("reference").get(pk=entry.pk).reference
        if "ended_because" in wanted:
            return officers.end(reference=reference, because=wanted["ended_because"], by=by)
        return officers.refuse(reference=reference, answer=wanted["answer"], by=by)

    @admin.display(description="Standing")
    def shown_standing(self, officer: Officer) -> SafeString:
        """Return where it stands."""
        return status_tag(officer.get_standing_display())

    @admin.display(description="User ID")
    def user_id(self, officer: Officer) -> str:
        """Return the User ID on one line."""
        return mono(officer.acting_for_id)

    @admin.display(description="Account")
    def account(self, officer: Officer) -> SafeString | str:
        """Return whose account the address has, and what to do about another company's."""
        person = Person.objects.select_related("party").filter(email=officer.email).first()
        if person is None:
            return "None yet: confirming opens it, and the person is e-mailed a link to set a password."
        url = reverse("admin:accounts_person_change", args=[person.pk])
        return format_html('<a href="{}">{}</a>, {}', url, person.name, _in_words(person, officer))


def _in_words(person: Person, officer: Officer) -> SafeString | str:
    if person.party_id != officer.party_id:
        return f"who works for {person.party or 'DCC'}: this nomination must be refused."
    if not person.is_active:
        return "closed: reopen it first."
    return format_html("last signed in: {}.", when(person.last_login) or "never")
