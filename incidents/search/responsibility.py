"""What the service desk sees of raisers' claims: who asks more than it gains, and what is contradicted."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from incidents.models import AskingAlert, InstallCodeRequest
from incidents.models.choices import Responsibility

SHOWN_FOR = timedelta(days=7)


def alerts_shown(now: datetime | None = None) -> Sequence[AskingAlert]:
    """Return the alerts of the last week with their parties, the largest askers first."""
    since = (now or timezone.now()) - SHOWN_FOR
    found = AskingAlert.objects.filter(from_date__gte=timezone.localdate(since - SHOWN_FOR), raised_at__gte=since)
    return list(found.select_related("party").order_by("-asked", "party__name"))


def contradicted(found: QuerySet[InstallCodeRequest]) -> QuerySet[InstallCodeRequest]:
    """Return those of `found` whose raiser's claim registration data contradict."""
    return found.filter(responsibility=Responsibility.CONTRADICTED)
