"""The audit log on the service desk's pages: to look at, and nothing else."""

from django.contrib import admin

from ssi.audit.models import AuditEvent
from ssi.web.desk import FirstPage, ReadOnly


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    """Events, newest first, found by the reference of the thing or the address of the person."""

    list_display = ("id", "at", "event", "reference", "person_email", "party_name", "via")
    search_fields = ("=reference", "=person_email")
    search_help_text = "A reference, a User ID or a person's e-mail address, in full."
    ordering = ("-id",)
    sortable_by = ()  # no other order has an index
    paginator = FirstPage
    fields = (
        "id",
        "at",
        "event",
        "about",
        "reference",
        "person_email",
        "party_name",
        "acting_user_id",
        "acting_user_role",
        "via",
        "detail",
        "digest_in_hex",
    )

    @admin.display(description="digest")
    def digest_in_hex(self, event: AuditEvent) -> str:
        """Return the link of the chain as `verify_audit` prints it."""
        return bytes(event.digest).hex()
