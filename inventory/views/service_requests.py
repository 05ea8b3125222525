"""The audit trail of a User's own Service Requests, Responses and Alerts: the list, one message, the file."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from inventory.forms.service_requests import TrailFilter
from inventory.presenters import service_requests as presenters
from inventory.search import service_requests as search
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.web.exports import csv_download
from ssi.web.requests import SsiRequest


@requires(Component.AUDIT_TRAIL)
@require_safe
def service_requests(request: SsiRequest) -> HttpResponse:
    """Show the own User ID's messages, narrowed by filters that stay in the address."""
    filters, page = TrailFilter(request.GET), None
    if filters.is_valid():
        try:
            page = search.trail_page(filters.filters, by=request.actor, cursor=request.GET.get("cursor", ""))
        except Refusal as refusal:
            filters.refuse(refusal)
    facts = {"filters": filters, "page": page, "lines": presenters.lines(page.rows) if page else []}
    return render(request, "inventory/service_requests/list.html", facts)


@requires(Component.AUDIT_TRAIL)
@require_safe
def service_request(request: SsiRequest, key: str) -> HttpResponse:
    """Show one message with all its facts; another User's is as one that never was."""
    try:
        entry = search.entry_at(key, by=request.actor)
    except search.EntryUnknown as unknown:
        raise Http404 from unknown
    related = presenters.lines(search.same_request(entry, by=request.actor))
    facts = {"line": presenters.Line(entry), "entry": entry, "related": related}
    return render(request, "inventory/service_requests/detail.html", facts)


@requires(Component.AUDIT_TRAIL)
@require_safe
def service_requests_csv(request: SsiRequest) -> HttpResponseBase:
    """Return the list, narrowed by the same filters, as a CSV file; the list itself says why if that cannot be."""
    filters = TrailFilter(request.GET)
    the_list = f"{reverse('inventory:service_requests')}?{request.GET.urlencode()}"
    if not filters.is_valid():
        return redirect(the_list)
    try:
        found = search.every_entry(filters.filters, by=request.actor, at_most=presenters.MOST_IN_A_FILE + 1)
    except search.TrailTooLong:
        return redirect(the_list)
    return csv_download("service-requests", presenters.CSV_HEADER, presenters.csv_rows(found))
