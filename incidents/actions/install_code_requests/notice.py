"""The moment an installing supplier was told: from it the five Working Days run."""

from datetime import datetime

from incidents.actions.install_code_requests import clock
from incidents.actions.install_code_requests.locking import locked
from incidents.models import InstallCodeRequest
from incidents.models.choices import HANDED_OVER, State
from ssi.access.actor import Actor


def notice_given(*, reference: str, at: datetime, asked_at: datetime | None = None) -> None:
    """Record that the mail server accepted the notification at `at`, and start the clock from there.

    The first notice counts: later ones, and those of a request that moved on, change nothing. `asked_at` is when
    that notification was written: one from before the request last changed hands told somebody else. Call it in
    a transaction. Source: SEC App AC 4.16(c), "within five Working Days of receiving the notification".
    """
    request = locked(reference, by=Actor.system())
    if request.state != State.ASSIGNED or request.notified_at is not None:
        return
    if asked_at is not None and asked_at < _last_handed_over_at(request):
        return
    clock.notice([request], at=at)


def _last_handed_over_at(request: InstallCodeRequest) -> datetime:
    handed_over = request.history.filter(event__in=HANDED_OVER).order_by("-id").values_list("at", flat=True)
    return handed_over.first() or request.created_at
