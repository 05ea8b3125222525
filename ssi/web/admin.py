"""The audit log on the service desk's pages: to look at, and nothing else."""

from collections.abc import Sequence
from typing import Final

from django.contrib import admin
from django.contrib.auth import get_user_model

from ssi.audit import search
from ssi.audit.models import AuditEvent
from ssi.large_lists import FirstPage, FoundByKey
from ssi.web.desk import ReadOnly

MOST_FOUND: Final = ReadOnly.list_per_page + 1
"""Events that a search finds: the page, and one more so that it says that there are more."""


def _about(references: Sequence[str]) -> Sequence[int]:
    return search.newest_about(references, most=MOST_FOUND)


def _done_by(addresses: Sequence[str]) -> Sequence[int]:
    people = get_user_model()._base_manager.filter(email__in=addresses)
    return search.newest_by(people.values_list("pk", flat=True), most=MOST_FOUND)


@admin.register(AuditEvent)
class AuditEventAdmin(FoundByKey, ReadOnly):
    """Events, newest first, found by the reference of the thing or the address of the person."""

    list_display = ("id", "at", "event", "reference", "person_email", "party_name", "via")
    search_fields = ("=reference", "=person_email")
    probes = (_about, _done_by)
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
