"""Incidents of every kind: for now these are the Requests for Install Code."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from incidents.actions import obligations
from incidents.forms.install_code_requests import RequestFilter
from incidents.presenters import install_code_requests as presenters
from incidents.presenters.obligations import clock_of
from incidents.search import install_code_requests as search
from incidents.search.obligations import clocks_of
from incidents.views.finding import shown_or_404
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.web.requests import SsiRequest

READERS = (
    Component.INCIDENTS,
    Component.INSTALL_CODE_REQUEST_RAISE,
    Component.INSTALL_CODE_REQUEST_RESPOND,
)


@requires(*READERS)
@require_safe
def incidents(request: SsiRequest) -> HttpResponse:
    """List the incidents that the actor may see, the newest first."""
    filters = RequestFilter(request.GET or None)
    found = search.requests_of(request.actor, **filters.narrowing())
    page = obligations.show_page(found, by=request.actor, cursor=request.GET.get("cursor", ""))
    return render(request, "incidents/incidents.html", {"filters": filters, "page": page})


@requires(*READERS)
@require_safe
def incident(request: SsiRequest, reference: str) -> HttpResponse:
    """Show one incident with its history and the moves the actor may make now."""
    code_request = shown_or_404(request, reference)
    page = presenters.page_of(
        code_request,
        search.history_of(code_request, by=request.actor),
        search.device_of(code_request),
        request.actor,
    )
    clock = clock_of(code_request, clocks_of(code_request, by=request.actor))
    facts = {"page": page, "clock": clock, "code_request": code_request}
    return render(request, "incidents/install_code_requests/request.html", facts)
