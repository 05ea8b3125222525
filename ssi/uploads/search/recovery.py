"""Disaster recovery: whether it is running, what came by e-mail in it, and what became of that. Source: DP109."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count

from ssi.access.components import Component
from ssi.accounts.models import RoleGrant
from ssi.accounts.models.people import RoleGrantQuerySet
from ssi.eui64 import Eui64
from ssi.uploads.models import DisasterRecovery, Upload

IN_FLIGHT: Final = timedelta(days=1)
"""An e-mail sent in disaster recovery may come so long after its end."""

REGISTERED_AFTER: Final = timedelta(days=7)
"""The desk may register what came for so long after the end; whatever is found later the User uploads itself."""

MOST_TIMES: Final = 100
MOST_FILES: Final = 2_000


def running() -> DisasterRecovery | None:
    """Return the disaster recovery that is running, if one is; a probe of an index that holds one row at most."""
    return DisasterRecovery.objects.filter(ended_at__isnull=True).first()


def of_email_that_came(at: datetime, now: datetime) -> DisasterRecovery | None:
    """Return the time of disaster recovery to which an e-mail belongs, if one still takes what came then.

    Mail programs tell when it came to the minute.
    """
    before = (
        DisasterRecovery.objects.filter(declared_at__lt=at + timedelta(minutes=1)).order_by("-declared_at").first()
    )
    if before is None or before.ended_at is None:
        return before
    is_taken = at <= before.ended_at + IN_FLIGHT and now <= before.ended_at + REGISTERED_AFTER
    return before if is_taken else None


@dataclass(frozen=True, slots=True)
class Time:
    """One time of disaster recovery, and how many files were registered in it."""

    recovery: DisasterRecovery
    files: int


def times() -> Sequence[Time]:
    """Return the times of disaster recovery, the newest first; one query."""
    found = DisasterRecovery.objects.select_related("declared_by", "ended_by").annotate(files=Count("uploads"))
    return [Time(each, each.files) for each in found.order_by("-declared_at", "-id")[:MOST_TIMES]]


def files_of(recovery: DisasterRecovery) -> Sequence[Upload]:
    """Return what the desk registered in it, in the order in which it came, with everybody that it names."""
    found = Upload.objects.filter(recovery=recovery).select_related(
        "party", "uploaded_by", "signer", "submitted_by", "approved_by", "confirmed_by", "ended_by"
    )
    return list(found.order_by("sent_by_email_at", "id")[:MOST_FILES])


def officers_grants() -> RoleGrantQuerySet:
    """Return what makes somebody an officer who may speak for a User on the telephone: an ARO or SRO, in force."""
    roles = Component.ADT_APPROVAL.rule.job_type_roles
    return RoleGrant.objects.in_force().filter(person__is_active=True, job_type_role__in=roles)


def officers(user_id: Eui64 | None = None) -> Sequence[RoleGrant]:
    """Return the officers of a User ID with their names, or of every one, by party; one query."""
    found = officers_grants().select_related("person", "acting_for__party")
    if user_id is not None:
        found = found.filter(acting_for=user_id)
    return list(found.order_by("acting_for__party__name", "acting_for", "person__name", "person", "pk"))
