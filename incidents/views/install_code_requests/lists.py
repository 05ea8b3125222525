"""The two lists of requests, raised by us and assigned to us, and their export."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from incidents.actions import obligations
from incidents.forms.install_code_requests import RequestFilter
from incidents.models.choices import Side
from incidents.presenters import install_code_requests as presenters
from incidents.presenters.bulk_moves import together_of
from incidents.presenters.tabs import Tab, tabs_of
from incidents.search import install_code_requests as search
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.web.exports import csv_download
from ssi.web.requests import SsiRequest

HANDLERS = (Component.INSTALL_CODE_REQUEST_RAISE, Component.INSTALL_CODE_REQUEST_RESPOND)


@requires(*HANDLERS)
@require_safe
def requests(request: SsiRequest) -> HttpResponse:
    """List the requests of one side, the newest first."""
    side, filters = _side(request), RequestFilter(request.GET or None)
    found = search.requests_of(request.actor, side=side, **filters.narrowing())
    facts = {
        "page": obligations.show_page(found, by=request.actor, cursor=request.GET.get("cursor", "")),
        "side": side,
        "tabs": tabs_of(request.actor, Tab(side.value)),
        "filters": filters,
        "may_raise": request.actor.may(Component.INSTALL_CODE_REQUEST_RAISE),
        "may_answer": request.actor.may(Component.INSTALL_CODE_REQUEST_RESPOND),
        "together": together_of(request.actor, side),
    }
    return render(request, "incidents/install_code_requests/requests.html", facts)


@requires(*HANDLERS)
@require_safe
def export(request: SsiRequest) -> HttpResponseBase:
    """Send the same list as a CSV file."""
    filters = RequestFilter(request.GET or None)
    found = search.requests_of(request.actor, side=_side(request), **filters.narrowing())
    rows = map(presenters.csv_row, obligations.show_every_one(found, by=request.actor))
    return csv_download("install-code-requests", presenters.CSV_HEADER, rows)


def _side(request: SsiRequest) -> Side:
    """Return the side asked for; without one, that on which the actor has something to do."""
    asked = request.GET.get("side", "")
    if asked in Side.values:
        return Side(asked)
    return Side.RAISED if request.actor.may(Component.INSTALL_CODE_REQUEST_RAISE) else Side.ASSIGNED
