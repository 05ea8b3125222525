"""Finding requests in order to show them: a supplier asked that sees one in the portal has been told of it.

Each function finds what its namesake in `incidents.search` finds, and starts the clocks of what `by` sees for the
first time. Whoever finds requests for another purpose than to show them asks the search.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from incidents.actions.install_code_requests.notice import pack_shown, shown
from incidents.models import InstallCodeRequest, WorkPack
from incidents.models.choices import State
from incidents.search import home, install_code_requests, work_packs
from incidents.search.install_code_requests import EXPORT_CHUNK, Requests
from ssi.access.actor import Actor
from ssi.eui64 import Eui64
from ssi.web.pages import PAGE_SIZE, Page


def show_one(reference: str, *, by: Actor) -> InstallCodeRequest:
    """Return the request to be shown to `by`. Raises RequestUnknown also for what `by` may not see."""
    found = install_code_requests.one(reference, by=by)
    shown([found], by=by)
    return found


def show_page(found: Requests, *, by: Actor, cursor: str = "", size: int = PAGE_SIZE) -> Page[InstallCodeRequest]:
    """Return one page of `found` to be shown to `by`, the newest first. Raises CursorUnknown."""
    page = install_code_requests.page_of_requests(found, cursor=cursor, size=size)
    shown(page.rows, by=by)
    return page


def show_every_one(found: Requests, *, by: Actor) -> Iterator[InstallCodeRequest]:
    """Yield all of `found`, the newest first, as they leave for `by`."""
    rows = install_code_requests.every_one(found)
    while chunk := list(islice(rows, EXPORT_CHUNK)):
        shown(chunk, by=by)
        yield from chunk


def show_oldest(found: Requests, *, by: Actor, most: int) -> list[InstallCodeRequest]:
    """Return up to so many of `found` as they leave for `by`, the oldest first."""
    rows = list(found.order_by("id")[:most])
    for start in range(0, len(rows), EXPORT_CHUNK):
        shown(rows[start : start + EXPORT_CHUNK], by=by)
    return rows


def show_of_device(device_id: Eui64, *, by: Actor) -> Sequence[InstallCodeRequest]:
    """Return the newest requests for a device, to be shown to `by`."""
    found = install_code_requests.of_device(device_id, by=by)
    shown(found, by=by)
    return found


def show_pack(reference: str, *, by: Actor) -> WorkPack:
    """Return the work pack to be shown to `by`. Raises WorkPackUnknown also for what `by` may not see."""
    found = work_packs.one(reference, by=by)
    pack_shown(found, by=by)
    return found


def show_page_of_pack(
    pack: WorkPack, *, by: Actor, state: State | None = None, cursor: str = ""
) -> Page[InstallCodeRequest]:
    """Return one page of a pack's requests to be shown to `by`: what came back with a wrong code is news."""
    page = work_packs.page_of_requests(pack, state=state, cursor=cursor)
    shown(page.rows, by=by)
    return page


def show_awaiting(by: Actor) -> home.Awaiting:
    """Return what awaits `by`, to be shown on the home page."""
    awaiting = home.awaiting(by)
    shown(awaiting.to_answer.rows, by=by)
    return awaiting
