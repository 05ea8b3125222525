"""The moment an installing supplier was told: from it the five Working Days run."""

from datetime import datetime

from incidents import history
from incidents.actions.install_code_requests.clock import due_date_from
from incidents.actions.install_code_requests.locking import locked
from incidents.models import InstallCodeRequest
from incidents.models.choices import HANDED_OVER, Event, State
from ssi.access.actor import Actor
from ssi.audit import log


def notice_given(*, reference: str, at: datetime, asked_at: datetime | None = None) -> None:
    """Record that the mail server accepted the notification at `at`, and start the clock from there.

    The first notice counts: later ones, and those of a request that moved on, change nothing. `asked_at` is when
    that notification was written: one from before the request last changed hands told somebody else. Call it in
    a transaction. Source: SEC App AC 4.16(c), "within five Working Days of receiving the notification".
    """
    portal = Actor.system()
    request = locked(reference, by=portal)
    if request.state != State.ASSIGNED or request.notified_at is not None:
        return
    if asked_at is not None and asked_at < _last_handed_over_at(request):
        return
    request.notified_at = at
    request.due_date = due_date_from(at)
    request.save(update_fields=["notified_at", "due_date"])
    history.add(request, Event.NOTIFIED, by=portal)
    log.record("install_code_request.notified", by=portal, about=request)


def _last_handed_over_at(request: InstallCodeRequest) -> datetime:
    handed_over = request.history.filter(event__in=HANDED_OVER).order_by("-id").values_list("at", flat=True)
    return handed_over.first() or request.created_at
