"""The moment an installing supplier was told, by e-mail or in the portal: from it the five Working Days run.

Source: SEC App AC 4.16(c), "within five Working Days of receiving the notification".
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from incidents.actions.install_code_requests import clock
from incidents.actions.install_code_requests.clock import Told
from incidents.actions.install_code_requests.locking import locked
from incidents.models import InstallCodeRequest, WorkPack
from incidents.models.choices import HANDED_OVER, Event
from ssi.access.actor import Actor
from ssi.audit import log


def notice_given(*, reference: str, at: datetime, asked_at: datetime | None = None) -> None:
    """Record that the mail server accepted the notification at `at`, and start the clock from there.

    The first notice counts: later ones, and those of a request that moved on, change nothing. `asked_at` is when
    that notification was written: one from before the request last changed hands told somebody else. Call it in
    a transaction.
    """
    request = locked(reference, by=Actor.system())
    if not request.awaits_notice:
        return
    if asked_at is not None and asked_at < _last_handed_over_at(request):
        return
    clock.notice([request], at=at, how=Told.BY_EMAIL)


def _last_handed_over_at(request: InstallCodeRequest) -> datetime:
    handed_over = request.history.filter(event__in=HANDED_OVER).order_by("-id").values_list("at", flat=True)
    return handed_over.first() or request.created_at


def shown(requests: Sequence[InstallCodeRequest], *, by: Actor) -> None:
    """Record that requests were shown to `by`: once somebody of the supplier asked has seen one, its clock runs.

    The raiser and the desk may look as they like. Asks the database nothing where nothing is new; the requests
    given then know their notice and due date.
    """
    new = {each.pk: each for each in requests if each.awaits_notice and by.user_id == each.assigned_to_id}
    if not new:
        return
    with transaction.atomic():
        asked = InstallCodeRequest.objects.select_for_update(no_key=True).order_by("pk")
        begun = clock.notice(
            asked.filter(pk__in=new, assigned_to=by.user_id), at=timezone.now(), how=Told.IN_THE_PORTAL, by=by
        )
    for each in begun:
        new[each.pk].notified_at, new[each.pk].due_date = each.notified_at, each.due_date


# --- Work packs: one notice for thousands of requests ---------------------------------------------------------

_PACK_TOLD = """
WITH begun AS (
    UPDATE incidents_installcoderequest SET notified_at = %(at)s, due_date = %(due_date)s
     WHERE id IN (SELECT id FROM incidents_installcoderequest
                   WHERE work_pack_id = %(pack)s AND assigned_to_id = %(installer)s
                     AND state = 'assigned' AND notified_at IS NULL
                   ORDER BY id FOR NO KEY UPDATE)
    RETURNING id
), clocks AS (
    UPDATE incidents_obligation SET notified_at = %(at)s, first_due_date = %(due_date)s, due_date = %(due_date)s
      FROM begun WHERE request_id = begun.id AND ended_at IS NULL
)
INSERT INTO incidents_installcoderequestevent (request_id, at, event, party_name, text)
SELECT id, %(now)s, %(event)s, '', %(how)s FROM begun ORDER BY id
"""


def pack_notice_given(*, reference: str, at: datetime) -> None:
    """Record that the mail server accepted the e-mail about a work pack at `at`: the clocks of its requests start.

    Those that moved on meanwhile, or were told of already, stay as they are. Call it in a transaction.
    """
    pack = WorkPack.objects.select_for_update(no_key=True).filter(reference=reference).first()
    if pack is not None:
        _tell(pack, at, Told.BY_EMAIL, Actor.system())


def pack_shown(pack: WorkPack, *, by: Actor) -> None:
    """Record that `by` opened a work pack: the first time its installing supplier does, all its clocks start."""
    if pack.notified_at is not None or by.user_id != pack.installer_id:
        return
    with transaction.atomic():
        fresh = WorkPack.objects.select_for_update(no_key=True).get(pk=pack.pk)
        _tell(fresh, timezone.now(), Told.IN_THE_PORTAL, by)
    pack.notified_at = fresh.notified_at


def _tell(pack: WorkPack, at: datetime, how: Told, by: Actor) -> None:
    """Start the clocks of a locked pack in one statement; one audit event, since it was one notice."""
    if pack.notified_at is not None:
        return
    pack.notified_at = at
    pack.save(update_fields=["notified_at"])
    facts: dict[str, Any] = {
        "pack": pack.pk,
        "installer": pack.installer_id.as_bigint,
        "at": at,
        "now": timezone.now(),
        "due_date": clock.due_date_from(at),
        "event": Event.NOTIFIED,
        "how": how.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PACK_TOLD, facts)
        told = cursor.rowcount
    log.record("work_pack.notified", by=by, about=pack, how=how.name.lower(), requests=told)
