"""How requests are found: one's own lists, what awaits one, one request by its reference, those of a device."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef
from django.utils import timezone

from incidents import rules
from incidents.actions.install_code_requests.locking import RequestUnknown
from incidents.models import BulkJob, InstallCodeRequest, InstallCodeRequestEvent, WorkPack
from incidents.models.choices import Event, Side, State
from incidents.models.install_code_requests import InstallCodeRequestQuerySet
from incidents.search.performance import askings
from inventory.models import Device
from ssi.access.actor import Actor
from ssi.access.prepared import PreparedFor
from ssi.eui64 import Eui64, Eui64Field
from ssi.prepared import Slot
from ssi.web.pages import PAGE_SIZE, Page, page_of

ROWS_OF_DEVICE = 10
EXPORT_CHUNK = 2_000
NOTICE_TAKES = timedelta(hours=1)
"""An e-mail that has not been accepted for so long needs somebody to look."""
NEWEST_FIRST = ("-id",)

Requests = InstallCodeRequestQuerySet


def one(reference: str, *, by: Actor) -> InstallCodeRequest:
    """Return the request with its parties. Raises RequestUnknown also for what `by` may not see."""
    found = with_parties(InstallCodeRequest.objects.visible_to(by).by_reference(reference.upper())).first()
    if found is None:
        raise RequestUnknown(reference=reference)
    return found


def history_of(request: InstallCodeRequest, *, by: Actor) -> Sequence[InstallCodeRequestEvent]:
    """Return what happened to `request` as `by` may read it, the oldest first."""
    return histories_of([request], by=by)[request.pk]


def histories_of(
    requests: Sequence[InstallCodeRequest], *, by: Actor
) -> Mapping[int, Sequence[InstallCodeRequestEvent]]:
    """Return the histories of many requests by their key; one query.

    The raiser and the desk read all of it. Whoever is asked reads that it was raised, and what happened since it
    was theirs: what an installing supplier before them wrote was written for the raiser.
    """
    histories: dict[int, list[InstallCodeRequestEvent]] = {request.pk: [] for request in requests}
    for step in InstallCodeRequestEvent.objects.filter(request__in=requests).order_by("id"):
        histories[step.request_id].append(step)
    asked = [request.pk for request in requests if rules.side_of(request, by) is Side.ASSIGNED]
    return histories | {key: _since_it_was_theirs(histories[key]) for key in asked}


def _since_it_was_theirs(history: list[InstallCodeRequestEvent]) -> list[InstallCodeRequestEvent]:
    """Return the raising, and all from the last time on that somebody else was asked."""
    changes = [number for number, step in enumerate(history) if step.event in (Event.ASSIGNED, Event.REROUTED)]
    since = changes[-1] if changes else 0
    return [step for number, step in enumerate(history) if number >= since or step.event == Event.RAISED]


def device_of(request: InstallCodeRequest) -> Device | None:
    """Return the device as the inventory knows it now; None once housekeeping has removed it (MP121 R7)."""
    return Device.objects.select_related("device_model").filter(pk=request.device_id).first()


def devices_of(requests: Sequence[InstallCodeRequest]) -> Mapping[Eui64, Device]:
    """Return the devices of many requests by their Device ID, as the inventory knows them now; one query."""
    return Device.objects.in_bulk([each.device_id for each in requests])


def requests_of(
    actor: Actor,
    *,
    side: Side | None = None,
    state: State | None = None,
    overdue: bool = False,
    not_notified: bool = False,
    batch: str = "",
    pack: str = "",
    asked: Eui64 | str | None = None,
    asking: Mapping[str, Any] | None = None,
) -> Requests:
    """Return the requests `actor` may see, narrowed.

    `overdue` are those nobody answered by their due date; `not_notified` those whose installing supplier should
    have been told by now. `batch` and `pack` are references, of which others' are as unknown; `asked` is the User
    ID that is asked, or "nobody"; `asking` are the facts of `performance.askings`, some of which they must have.
    """
    found = InstallCodeRequest.objects.visible_to(actor)
    if side is not None:
        found = found.filter(**{"raised_by" if side is Side.RAISED else "assigned_to": actor.user_id})
    if overdue:
        found = found.overdue()
    if not_notified:
        found = found.not_notified(asked_before=timezone.now() - NOTICE_TAKES)
    if batch:
        found = found.filter(batch__in=BulkJob.objects.visible_to(actor).filter(reference=batch))
    if pack:
        found = found.filter(work_pack__in=WorkPack.objects.visible_to(actor).filter(reference=pack))
    if asking is not None:
        behind = askings(**asking, today=timezone.localdate())
        found = found.filter(Exists(behind.filter(request=OuterRef("pk"))))
    if asked is not None:
        found = found.filter(assigned_to=asked) if isinstance(asked, Eui64) else found.filter(assigned_to=None)
    return found.filter(state=state) if state else found


def page_of_requests(found: Requests, *, cursor: str = "", size: int = PAGE_SIZE) -> Page[InstallCodeRequest]:
    """Return one page of `found`, the newest first, with parties. Raises CursorUnknown."""
    return page_of(with_parties(found), key=NEWEST_FIRST, cursor=cursor, size=size)


def every_one(found: Requests) -> Iterator[InstallCodeRequest]:
    """Yield all of `found`, the newest first, without holding them in memory."""
    return with_parties(found).order_by(*NEWEST_FIRST).iterator(chunk_size=EXPORT_CHUNK)


def of_device(device_id: Eui64, *, by: Actor) -> Sequence[InstallCodeRequest]:
    """Return the newest requests for a device that `by` may see."""
    return _OF_DEVICE(by, device_id=device_id)


def with_parties(found: Requests) -> Requests:
    """Return `found` with the parties of both sides read along, for lists and pages that name them."""
    return found.select_related("raised_by", "raised_by_party", "assigned_to__party")


def _newest_of_device(actor: Actor) -> Requests:
    found = InstallCodeRequest.objects.visible_to(actor).filter(device_id=Slot("device_id", Eui64Field()))
    return with_parties(found).order_by(*NEWEST_FIRST)[:ROWS_OF_DEVICE]


_OF_DEVICE: Final = PreparedFor(_newest_of_device)
