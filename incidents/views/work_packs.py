"""Work packs: what another supplier asked in one go, answered one after the other."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from incidents.actions import obligations
from incidents.models import InstallCodeRequest, WorkPack
from incidents.models.choices import State
from incidents.presenters import work_packs as presenters
from incidents.presenters.tabs import Tab, tabs_of
from incidents.search import work_packs as search
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.web.requests import SsiRequest

RESPOND = Component.INSTALL_CODE_REQUEST_RESPOND
READERS = (RESPOND, Component.SERVICE_DESK)


@requires(*READERS)
@require_safe
def work_packs(request: SsiRequest) -> HttpResponse:
    """List the work packs that wait for answers, or all of them; the newest first."""
    every = "all" in request.GET
    page, packs = search.page_of_packs(request.actor, to_do=not every, cursor=request.GET.get("cursor", ""))
    facts = {"page": page, "packs": packs, "every": every, "tabs": tabs_of(request.actor, Tab.WORK_PACKS)}
    return render(request, "incidents/work_packs/list.html", facts)


@requires(*READERS)
@require_safe
def work_pack(request: SsiRequest, reference: str) -> HttpResponse:
    """Show a work pack; the first time its supplier opens it, its clocks start."""
    pack = found_or_404(request, reference)
    asked = request.GET.get("state", "")
    state = State(asked) if asked in State.values else None
    page = presenters.PackPage(
        pack,
        search.progress_of(pack),
        obligations.show_page_of_pack(pack, by=request.actor, state=state, cursor=request.GET.get("cursor", "")),
        state,
        request.actor,
    )
    return render(request, "incidents/work_packs/pack.html", {"page": page, "pack": pack})


@requires(RESPOND)
@require_safe
def next_request(request: SsiRequest, reference: str) -> HttpResponse:
    """Lead to the answer of the next request of the pack, or back to the pack when none is left."""
    pack = found_or_404(request, reference)
    upcoming = search.next_to_answer(pack, after=request.GET.get("after", ""))
    if upcoming is None:
        messages.success(request, "Nothing in this work pack waits for an answer any more.")
        return redirect(pack)
    return redirect(presenters.in_queue(reverse("incidents:answer", args=[upcoming.reference]), pack))


def found_or_404(request: SsiRequest, reference: str) -> WorkPack:
    """Return the pack, or answer 404 alike for what does not exist and for what the actor may not see."""
    try:
        return obligations.show_pack(reference, by=request.actor)
    except search.WorkPackUnknown as unknown:
        raise Http404 from unknown


def queue_of(request: SsiRequest, code_request: InstallCodeRequest) -> presenters.Queue | None:
    """Return the queue in which a request is being answered, if the address names its pack; else None."""
    named = request.GET.get(presenters.PACK, "").upper()
    pack = code_request.work_pack
    if not named or pack is None or pack.reference != named or pack.installer_id != request.actor.user_id:
        return None
    return presenters.Queue(search.turn_of(code_request, pack))
