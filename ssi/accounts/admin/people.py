"""People at the desk: accounts are opened, closed and reopened; grants have pages of their own."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ssi.access.actor import Actor
from ssi.accounts.actions import people
from ssi.accounts.actions.people import PartyOrDcc
from ssi.accounts.models import Person
from ssi.accounts.presenters import standing_of
from ssi.web.desk import DeskAdmin, DeskForm, Move
from ssi.web.templatetags.ssi import when


def _close(pk: int, by: Actor) -> str:
    person = people.close_account(person_id=pk, by=by)
    return f"The account of {person.name} is closed; its sessions and tokens have ended."


def _reopen(pk: int, by: Actor) -> str:
    person = people.reopen_account(person_id=pk, by=by)
    return f"{person.name} may sign in again."


def _send_link(pk: int, by: Actor) -> str:
    person = people.send_password_link(person_id=pk, by=by)
    return f"A link to set a password is on its way to {person.email}."


def _gets_links(person: Person) -> bool:
    return person.is_active and not person.is_feed


class PersonForm(DeskForm):
    """An account to be opened; the person sets the password, by a link that is e-mailed to them alone."""

    class Meta:
        model = Person
        fields = ("email", "name", "party", "is_dcc_staff")


@admin.register(Person)
class PersonAdmin(DeskAdmin):
    """A person: the e-mail address and the employer stay, the name can be corrected."""

    form = PersonForm
    list_display = ("name", "email", "works_for", "standing", "signed_in_at")
    list_filter = ("is_active", "is_dcc_staff", "is_feed", "party")
    list_select_related = ("party",)
    search_fields = ("email", "name")
    ordering = ("name",)
    readonly_fields = ("works_for", "standing", "signed_in_at", "opened_at", "grants_listed")
    moves = (
        Move("password-link", "E-mail a password link", _send_link, _gets_links),
        Move("close", "Close the account", _close, lambda person: person.is_active, "danger"),
        Move("reopen", "Reopen the account", _reopen, lambda person: not person.is_active),
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for what an account needs; afterwards show it with its grants."""
        if obj is None:
            return ("email", "name", "party", "is_dcc_staff")
        return ("email", "name", *self.readonly_fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the address: the audit log knows the person by it."""
        return (*self.readonly_fields, "email") if obj else self.readonly_fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Ask for the employer only when the account is opened."""
        kwargs["fields"] = ["name"] if obj else ["email", "name", "party", "is_dcc_staff"]
        return super().get_form(request, obj, change=change, **kwargs)

    def act(self, form: Any, by: Actor, *, change: bool) -> Person:
        """Open the account, or correct the name."""
        wanted = form.cleaned_data
        if change:
            return people.correct_name(person_id=form.instance.pk, name=wanted["name"], by=by)
        if wanted["is_dcc_staff"] == (wanted["party"] is not None):
            raise PartyOrDcc
        return people.open_account(email=wanted["email"], name=wanted["name"], party=wanted["party"], by=by)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return people with their party."""
        return super().get_queryset(request).select_related("party")

    @admin.display(description="Works for", ordering="party__name")
    def works_for(self, person: Person) -> str:
        """Return the party's name, or what of DCC it is."""
        if person.is_feed:
            return "DCC's feed (API only)"
        return person.party.name if person.party else "DCC service desk"

    @admin.display(description="Account", ordering="is_active")
    def standing(self, person: Person) -> str:
        """Return whether the person may sign in."""
        return "Open" if person.is_active else "Closed"

    @admin.display(description="Last sign-in", ordering="last_login")
    def signed_in_at(self, person: Person) -> str:
        """Return when the person last signed in."""
        return when(person.last_login) or "never"

    @admin.display(description="Account opened")
    def opened_at(self, person: Person) -> str:
        """Return since when the person has an account."""
        return when(person.joined_at)

    @admin.display(description="Job Type Roles")
    def grants_listed(self, person: Person) -> SafeString | str:
        """Return the grants as links, and the way to add one."""
        if person.is_dcc_staff:
            return "DCC staff act for no User ID and need none."
        if person.is_feed:
            return "DCC's feed brings DUIS messages by token; it acts for no User ID and never signs in."
        lines = format_html_join(
            "",
            '<li><a href="{}">{} for <span class="id-text">{}</span></a> {}</li>',
            (
                (
                    reverse("admin:accounts_rolegrant_change", args=[grant.pk]),
                    grant.get_job_type_role_display(),
                    grant.acting_for_id,
                    standing_of(grant),
                )
                for grant in person.grants.order_by("ended_at", "acting_for", "job_type_role")
            ),
        )
        add = f"{reverse('admin:accounts_rolegrant_add')}?person={person.pk}"
        return format_html('<ul class="rows">{}</ul><a href="{}">Grant a Job Type Role</a>', lines, add)
