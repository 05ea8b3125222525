"""Incidents of every kind: for now these are the Requests for Install Code."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from incidents.actions import obligations
from incidents.forms.install_code_requests import RequestFilter
from incidents.presenters import install_code_requests as presenters
from incidents.presenters.obligations import clock_of
from incidents.search import install_code_requests as search
from incidents.search.obligations import clocks_of
from incidents.views.finding import shown_or_404, together_or_404
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.web import references
from ssi.web.requests import SsiRequest

READERS = (
    Component.INCIDENTS,
    Component.INSTALL_CODE_REQUEST_RAISE,
    Component.INSTALL_CODE_REQUEST_RESPOND,
)
OFFICERS = (Component.ADT_AND_QUARANTINE_VIEW, Component.ARO_NOMINATION)
"""They are written to about signed files alone, which no reader of incidents sees."""


@requires(*READERS)
@require_safe
def incidents(request: SsiRequest) -> HttpResponse:
    """List the incidents that the actor may see, the newest first."""
    filters = RequestFilter(request.GET or None)
    found = search.requests_of(request.actor, **filters.narrowing())
    page = obligations.show_page(found, by=request.actor, cursor=request.GET.get("cursor", ""))
    return render(request, "incidents/incidents.html", {"filters": filters, "page": page})


@requires(*READERS, *OFFICERS)
@require_safe
def incident(request: SsiRequest, reference: str) -> HttpResponse:
    """Show one incident with its history and its moves; the reference of something else leads to its page."""
    if not any(request.actor.may(component) for component in READERS):
        return _elsewhere(request, reference)
    try:
        code_request = shown_or_404(request, reference)
    except Http404:
        elsewhere = references.address_of(reference, request.actor)
        return redirect(elsewhere or together_or_404(request, reference))
    history = search.history_of(code_request, by=request.actor)
    page = presenters.page_of(code_request, history, search.device_of(code_request), request.actor)
    clock = clock_of(code_request, clocks_of(code_request, by=request.actor))
    facts = {"page": page, "clock": clock, "code_request": code_request}
    return render(request, "incidents/install_code_requests/request.html", facts)


def _elsewhere(request: SsiRequest, reference: str) -> HttpResponse:
    """Lead one who reads no incidents to what else the reference names, or answer 404."""
    address = references.address_of(reference, request.actor)
    if not address:
        raise Http404
    return redirect(address)
