"""Requests for the DCC service desk: to look at, with the desk's moves as links to the portal's own pages.

Nothing is edited here, so nothing goes round the actions. Sealed install codes have no page at all.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from incidents.models import InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.choices import Responsibility
from incidents.moves import Verb
from incidents.presenters import install_code_requests as presenters
from incidents.search.install_code_requests import requests_of
from incidents.search.responsibility import contradicted
from inventory.recognise import Kind, recognise
from ssi.large_lists import FirstPage
from ssi.refusals import Refusal
from ssi.web.desk import ReadOnly, actor_of
from ssi.web.templatetags.ssi import due, mono, status_tag

DESK_MOVES = (Verb.REROUTE, Verb.UNLOCK, Verb.NOTES)


class AnswerFilter(admin.SimpleListFilter):
    """Requests that nobody answered by their due date, or whose installing supplier was not told."""

    title = "answer"
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices of the portal's own lists."""
        return [("overdue", "Overdue"), ("not_notified", "Installer not notified yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to what was chosen."""
        overdue, not_notified = self.value() == "overdue", self.value() == "not_notified"
        if not (overdue or not_notified):
            return queryset
        found = requests_of(actor_of(request), overdue=overdue, not_notified=not_notified)
        return queryset.filter(pk__in=found.values("pk"))


class ClaimFilter(admin.SimpleListFilter):
    """Requests whose raiser's claim registration data contradict; other verdicts have no index."""

    title = "claim"
    parameter_name = "claim"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the one choice there is."""
        return [(Responsibility.CONTRADICTED.value, "Contradicted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to those, if asked."""
        return contradicted(queryset) if self.value() == Responsibility.CONTRADICTED else queryset


class HistoryInline(admin.TabularInline):  # type: ignore[type-arg]  # takes no parameters when it runs
    """What happened to a request: the party, never the person."""

    model = InstallCodeRequestEvent
    fields = ("at", "event", "party_name", "text")
    readonly_fields = fields
    ordering = ("-id",)
    extra = 0
    can_delete = False
    verbose_name_plural = "History"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the actions write the history."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: history stays as it is."""
        return False


@admin.register(InstallCodeRequest)
class InstallCodeRequestAdmin(ReadOnly):
    """Requests for Install Code, found by reference or Device ID."""

    list_display = ("reference", "standing", "due", "device", "raised_by_party", "asked", "claim")
    list_filter = ("state", AnswerFilter, ClaimFilter)
    list_select_related = ("raised_by_party", "assigned_to__party")
    sortable_by = ()  # no other order has an index
    ordering = ("-id",)
    search_fields = ("reference",)
    search_help_text = "A whole reference or Device ID."
    show_full_result_count = False
    paginator = FirstPage
    change_form_template = "incidents/admin/change_form.html"
    inlines = (HistoryInline,)
    fields = (
        "reference",
        "state",
        "device_id",
        "device_type",
        "mpxn",
        "raised_by",
        "raised_in_role",
        "responsibility_claimed_at",
        "responsibility",
        "assigned_to",
        "assigned_because",
        "with_desk_because",
        "created_at",
        "needed_by_date",
        "notified_at",
        "due_date",
        "answered_at",
        "reveals",
        "reveals_allowed",
        "ended_at",
        "outcome",
    )

    @admin.display(description="state")
    def standing(self, request: InstallCodeRequest) -> str:
        """Return the state as the portal shows it."""
        return status_tag(request.get_state_display())

    @admin.display(description="Device ID")
    def device(self, request: InstallCodeRequest) -> str:
        """Return the Device ID on one line."""
        return mono(request.device_id)

    @admin.display(description="asked")
    def asked(self, request: InstallCodeRequest) -> str:
        """Return who is asked."""
        return request.assigned_to.party.name if request.assigned_to else "nobody"

    @admin.display(description="claim")
    def claim(self, request: InstallCodeRequest) -> str:
        """Return what registration data say of the raiser's claim, once they say something."""
        if request.responsibility == Responsibility.UNCHECKED:
            return ""
        return status_tag(request.get_responsibility_display())

    @admin.display(description="answer due")
    def due(self, request: InstallCodeRequest) -> str:
        """Return the due date while it matters, and whether it has passed."""
        if request.awaits_notice:
            return "not notified yet"
        return due(request.due_date) if request.clock_runs else ""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return what bears the whole reference or Device ID that was typed."""
        if not search_term.strip():
            return queryset, False
        try:
            recognised = recognise(search_term)
        except Refusal:
            return queryset.none(), False
        if recognised.kind is Kind.INCIDENT:
            return queryset.filter(pk__in=InstallCodeRequest.objects.by_reference(str(recognised.value))), False
        if recognised.kind is Kind.DEVICE_ID:
            return queryset.filter(device_id=recognised.value), False
        return queryset.none(), False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a request with the desk's moves, greyed where they cannot be made."""
        shown = self.get_object(request, object_id)
        buttons = presenters.buttons_of(shown, DESK_MOVES, actor_of(request)) if shown else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "buttons": buttons})
