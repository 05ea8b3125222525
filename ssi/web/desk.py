"""What the service desk's pages share: nothing goes round the actions, and a refusal is a form's error.

`DeskAdmin` saves by calling an action, and offers moves: buttons that each call one action. `ReadOnly` shows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_POST

from ssi.access.actor import Actor
from ssi.audit.models import AuditEvent
from ssi.refusals import Refusal
from ssi.web.forms import SuggestedError

MOST_EVENTS = 200


def actor_of(request: HttpRequest) -> Actor:
    """Return who works at the desk; the middleware lets nobody else come so far."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@dataclass(frozen=True, slots=True)
class Move:
    """A button of a thing's page that calls one action.

    `do(pk, by)` does it and returns what to say; the button is shown when `fits(thing)`, and the action decides.
    `kind` is primary, secondary, quiet or danger; `name` stands in the address.
    """

    name: str
    label: str
    do: Callable[[Any, Actor], str]
    fits: Callable[[Any], bool]
    kind: str = "secondary"


class DeskForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for type checkers only
    """A form of the desk. What must hold is said by the action, with a way out, not by the table's constraints."""

    use_required_attribute = False
    refusal: Refusal | None = None

    def clean(self) -> dict[str, Any]:
        """Show why the action refused what was sent, if it did."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.refusal is not None:
            field = self.refusal.field if self.refusal.field in self.fields else None
            self.add_error(field, SuggestedError(self.refusal.message, self.refusal.way_out))
        return cleaned

    def _post_clean(self) -> None:
        """Leave the instance as it is; Django would check the table's constraints, which name no way out."""


class Closed(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for type checkers only
    """Base of the desk's pages: nothing is deleted or done to many at once, and the audit log is the history."""

    actions = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0  # "?all" would fetch a table of a hundred million rows

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the list under the name of what it lists."""
        title = {"title": capfirst(str(self.opts.verbose_name_plural))}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow only the filters that are offered: any other would tell a hidden field letter by letter."""
        offered = {getattr(each, "parameter_name", each) for each in self.list_filter}
        name, _, how = lookup.partition("__")
        return name in offered and how in {"", "exact", "id__exact", "isnull"}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what was, stays; it is ended or closed instead."""
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what the audit log knows of a thing, newest first."""
        thing = self.get_object(request, unquote(object_id))
        if thing is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": "History",
            "subtitle": str(thing),
            "opts": self.opts,
            "original": thing,
            "events": [_as_step(event) for event in _events_about(thing)],
        }
        return render(request, "web/desk/history.html", context)


class ReadOnly(Closed):
    """A page on which nothing can be added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: nothing is made here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: nothing is changed here."""
        return False


class DeskAdmin(Closed):
    """A page whose form calls an action when it is saved, and whose buttons are moves."""

    form = DeskForm
    change_form_template = "web/desk/change_form.html"
    moves: ClassVar[tuple[Move, ...]] = ()
    formfield_overrides = {
        models.DateField: {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")},
        models.CharField: {"widget": forms.TextInput},
    }

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Return the plain field: what it refers to is added on its own page, not in a second window."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def act(self, form: Any, by: Actor, *, change: bool) -> models.Model:
        """Do by action what the form says, and return the thing. Raises Refusal."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Call the action; the form's own instance is never saved, only told what the action made."""
        done = self.act(form, actor_of(request), change=change)
        obj.__dict__.update(done.__dict__)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, which shows the refusal of the attempt before it, if there was one."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show or save; when the action refuses, nothing was done and the form comes back with the reason."""
        thing = self.get_object(request, unquote(object_id)) if object_id else None
        context: dict[str, Any] = {"show_save_and_continue": False, "show_save_and_add_another": False}
        if thing is not None:
            context |= {"title": str(thing), "subtitle": None, "moves": self._offers(thing)}
        try:
            return super().changeform_view(request, object_id, form_url, {**context, **(extra_context or {})})
        except Refusal as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write nothing: the action wrote to the audit log."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write nothing: the action wrote to the audit log."""

    def get_urls(self) -> list[URLPattern]:
        """Add an address for each move."""
        wrapped = self.admin_site.admin_view
        return [
            path(
                f"<path:object_id>/{move.name}/",
                wrapped(require_POST(partial(self._make_move, move))),
                name=self._name_of(move),
            )
            for move in self.moves
        ] + super().get_urls()

    def _make_move(self, move: Move, request: HttpRequest, object_id: str) -> HttpResponse:
        thing = self.get_object(request, unquote(object_id))
        if thing is None:
            raise Http404
        try:
            messages.success(request, move.do(thing.pk, actor_of(request)))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)

    def _offers(self, thing: Any) -> list[dict[str, str]]:
        return [
            {
                "label": move.label,
                "url": reverse(f"admin:{self._name_of(move)}", args=[quote(thing.pk)]),
                "kind": move.kind,
            }
            for move in self.moves
            if move.fits(thing)
        ]

    def _name_of(self, move: Move) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{move.name}"


def _events_about(thing: Any) -> Sequence[AuditEvent]:
    """Return what the audit log knows of a thing, newest first; nothing of what it never speaks of."""
    if not hasattr(thing, "audit_name"):
        return []
    events = AuditEvent.objects.filter(about=thing.audit_name, reference=thing.audit_ref)
    return list(events.order_by("-id")[:MOST_EVENTS])


def _as_step(event: AuditEvent) -> dict[str, Any]:
    """Return an audit event as a step of the timeline."""
    facts = "; ".join(f"{name.replace('_', ' ')}: {_in_words(value)}" for name, value in event.detail.items())
    who = " of ".join(part for part in (event.person_email, event.party_name) if part)
    title = event.event.split(".")[-1].replace("_", " ").capitalize()
    return {"title": title, "at": event.at, "by": who or event.via, "detail": facts}


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
