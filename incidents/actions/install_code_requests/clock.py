"""The obligation clock: when it starts, runs and stops. Every function takes many requests and queries alike.

A request's clock is its running `Obligation`; what lists show of it (`notified_at`, `due_date`) stands on the
request as well. Source: SEC App AC 4.16(c), "within five Working Days of receiving the notification".
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum

from django.conf import settings
from django.utils import timezone

from incidents import history
from incidents.models import InstallCodeRequest, Obligation
from incidents.models.choices import Event, ObligationEnd
from ssi import working_days
from ssi.access.actor import Actor
from ssi.audit import log
from ssi.calendar.search import overrides
from ssi.db import insert_many, update_many
from ssi.eui64 import Eui64

NOTIFIED = "install_code_request.notified"


class Told(Enum):
    """How the installing supplier was told, in the words of the history: whichever came first."""

    BY_EMAIL = "The mail server accepted the e-mail."
    IN_THE_PORTAL = "First seen in the portal."


def due_date_from(received_at: datetime) -> date:
    """Return the last day of the answer: five Working Days after the notification."""
    return working_days.due(received_at, settings.SSI_INSTALL_CODE_RESPONSE_WORKING_DAYS, overrides())


def start(asked: Mapping[int, Eui64], *, at: datetime) -> None:
    """Begin an obligation for each request: `asked` gives the installing supplier by the request's key."""
    if len(asked) == 1:
        ((request_id, installer_id),) = asked.items()
        Obligation(request_id=request_id, installer_id=installer_id, asked_at=at).save(force_insert=True)
    elif asked:
        insert_many(Obligation(asked_at=at), {"request_id": list(asked), "installer_id": list(asked.values())})


def notice(
    requests: Iterable[InstallCodeRequest], *, at: datetime, how: Told, by: Actor | None = None
) -> list[InstallCodeRequest]:
    """Record that the installing supplier was told at `at`, when its clock starts; return those that began.

    Only the first notice counts, and only while the request is assigned. `by` is who of the installing supplier
    looked, if that is how it was told. The caller has locked the requests.
    """
    begun = [each for each in requests if each.awaits_notice]
    if not begun:
        return []
    due_date = due_date_from(at)
    for request in begun:
        request.notified_at, request.due_date = at, due_date
    update_many(begun, ["notified_at", "due_date"])
    Obligation.objects.filter(request__in=begun, ended_at__isnull=True).update(
        notified_at=at, first_due_date=due_date, due_date=due_date
    )
    portal = Actor.system()
    history.add_many(begun, Event.NOTIFIED, by=portal, text=lambda _: how.value)
    log.record_many(NOTIFIED, by=by or portal, about=begun, details=[{"how": how.name.lower()}] * len(begun))
    return begun


def stop(requests: Sequence[InstallCodeRequest], how: ObligationEnd, *, at: datetime) -> None:
    """End the running obligations of `requests`, and keep how long each took in Working Days.

    An answer given before anybody was told, by whoever looked first or from escrow, took none.
    """
    running = list(Obligation.objects.filter(request__in=requests, ended_at__isnull=True))
    day, days_over = timezone.localdate(at), overrides()
    for obligation in running:
        obligation.ended_at, obligation.ended_by = at, how
        if obligation.notified_at is not None and obligation.due_date is not None:
            begun = working_days.received_on(obligation.notified_at, days_over)
            obligation.working_days = working_days.count_between(begun, day, days_over)
            obligation.in_time = day <= obligation.due_date
        elif how is ObligationEnd.ANSWERED:
            obligation.working_days, obligation.in_time = 0, True
    update_many(running, ["ended_at", "ended_by", "working_days", "in_time"])


def mark_wrong(requests: Sequence[InstallCodeRequest]) -> None:
    """Note on the newest answered obligation of each request that its code was found wrong."""
    newest = (
        Obligation.objects.filter(request__in=requests, ended_by=ObligationEnd.ANSWERED)
        .order_by("request", "-id")
        .distinct("request")
    )
    Obligation.objects.filter(pk__in=newest.values("pk")).update(answered_wrongly=True)
