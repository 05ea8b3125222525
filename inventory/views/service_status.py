"""The DCC Service Status of meter points, for DCC's staff alone: what waits, the files, and history."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from inventory.forms.service_status import MeterPointForm
from inventory.presenters.service_status import HistoryPage, ServiceStatusPage
from inventory.search import service_status as search
from inventory.service_status_files import content_of, name_of
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.web.requests import SsiRequest


@requires(Component.DCC_SERVICE_STATUS)
@require_safe
def service_statuses(request: SsiRequest) -> HttpResponseBase:
    """Show what waits to be told and the files that told it; a meter point typed in leads to its history."""
    form = MeterPointForm(request.GET if "mpxn" in request.GET else None)
    if form.is_valid():
        try:
            found = search.history_of(form.cleaned_data["mpxn"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("inventory:service_status", found.meter_point.mpxn)
    page = search.files_page(cursor=request.GET.get("cursor", ""))
    facts = {"form": form, "shown": ServiceStatusPage(search.waiting(), page)}
    return render(request, "inventory/service_status/list.html", facts)


@requires(Component.DCC_SERVICE_STATUS)
@require_safe
def service_status(request: SsiRequest, mpxn: str) -> HttpResponse:
    """Show the history of one meter point."""
    try:
        history = search.history_of(mpxn)
    except Refusal as refusal:
        raise Http404 from refusal
    return render(request, "inventory/service_status/history.html", {"shown": HistoryPage(history)})


@requires(Component.DCC_SERVICE_STATUS)
@require_safe
def service_status_file(request: SsiRequest, recipient: str, number: int) -> HttpResponse:
    """Hand a file over as it was made."""
    file = search.file_of(recipient, number)
    if file is None:
        raise Http404
    response = HttpResponse(content_of(file, search.lines_of(file)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name_of(file)}"'
    response["Cache-Control"] = "no-store"
    return response
