"""The outbox on the service desk's pages: failures first, and "send again"; nothing else can be changed there."""

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import F, Q, QuerySet
from django.db.models.lookups import IsNull
from django.http import HttpRequest

from ssi.access.actor import Actor
from ssi.large_lists import FirstPage, FoundByKey
from ssi.notifications import actions as outbox_actions
from ssi.notifications import search
from ssi.notifications.models import FAILED_AT, OutboxMessage
from ssi.refusals import Refusal

NOT_ARRIVED, FAILED, BOUNCED = "not-arrived", "failed", "bounced"
FAILING, WAITING, UNHANDLED, DELIVERED = "failing", "waiting", "unhandled", "delivered"
STATES = {
    NOT_ARRIVED: ("Failed or bounced", Q(IsNull(FAILED_AT, False))),
    FAILED: ("Not delivered, given up", Q(dead_at__isnull=False)),
    BOUNCED: ("Bounced", Q(bounced_at__isnull=False)),
    FAILING: ("Failing, tried again", Q(dead_at=None, delivered_at=None) & ~Q(last_error="")),
    WAITING: ("Waiting", Q(dead_at=None, delivered_at=None, last_error="")),
    UNHANDLED: ("Delivered, not yet recorded", Q(delivered_at__isnull=False, handled_at=None, bounced_at=None)),
    DELIVERED: ("Delivered", Q(delivered_at__isnull=False, handled_at__isnull=False, bounced_at=None)),
}

FAILURES_FIRST: Final = (FAILED_AT.desc(nulls_last=True), F("id").desc())
ORDERS: Final[dict[str, tuple[Any, ...]]] = {
    NOT_ARRIVED: FAILURES_FIRST,
    FAILED: ("-dead_at", "-id"),
    BOUNCED: ("-bounced_at", "-id"),
    FAILING: ("next_attempt_at", "id"),
    WAITING: ("next_attempt_at", "id"),
    UNHANDLED: ("next_attempt_at", "id"),
    DELIVERED: ("-delivered_at", "-id"),
}
"""Each state in the order of the index that holds nothing else."""


class StateFilter(admin.SimpleListFilter):
    """Filters by what became of the e-mail."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the states, failures first."""
        return [(value, label) for value, (label, _) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list to the chosen state."""
        chosen = STATES.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


@admin.register(OutboxMessage)
class OutboxMessageAdmin(FoundByKey):
    """E-mails as the desk sees them."""

    list_display = ("reference", "state", "subject", "recipient", "created_at", "attempts", "why")
    list_filter = (StateFilter,)
    search_fields = ("=reference", "=recipient", "=message_id")
    search_help_text = "A reference, an e-mail address or a Message-ID, in full"
    probes = (search.newest_about, search.newest_to, search.with_message_id)
    paginator = FirstPage
    sortable_by = ()  # no other order has an index
    show_facets = admin.ShowFacets.NEVER  # it would count every e-mail for each state
    show_full_result_count = False
    list_max_show_all = 0
    actions = ("send_again",)
    exclude = ("text", "html")  # a link that opens an account stands in them until it is delivered

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """Return failures first; what is found newest first; a state as its index is."""
        if request.GET.get("q", "").strip():
            return ("-id",)
        return ORDERS.get(request.GET.get(StateFilter.parameter_name, ""), FAILURES_FIRST)

    @admin.display(description="State")
    def state(self, message: OutboxMessage) -> str:
        """Say what became of the e-mail."""
        if message.dead_at:
            return STATES[FAILED][0]
        if message.bounced_at:
            return STATES[BOUNCED][0]
        if message.delivered_at:
            return STATES[DELIVERED if message.handled_at else UNHANDLED][0]
        return STATES[FAILING if message.last_error else WAITING][0]

    @admin.display(description="Why not")
    def why(self, message: OutboxMessage) -> str:
        """Say why it did not arrive, or not yet."""
        return message.bounce or message.last_error

    @admin.action(description="Send again", permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        """Put the chosen e-mails back to be delivered; say which cannot be."""
        by: Actor = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware
        for key in queryset.values_list("pk", flat=True):
            try:
                message = outbox_actions.send_again(message_id=key, by=by)
            except Refusal as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, f"The e-mail about {message.reference} will be sent again.")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow the state alone: a filter by a field would tell a text that is not shown letter by letter."""
        return lookup == StateFilter.parameter_name

    def has_add_permission(self, request: HttpRequest) -> bool:
        """E-mails come from actions alone."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: OutboxMessage | None = None) -> bool:
        """What was said stays as it was said."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OutboxMessage | None = None) -> bool:
        """Old e-mails go by the retention rules."""
        return False
