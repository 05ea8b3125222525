"""SM WAN coverage: what to expect of the connection at a place."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from inventory.forms.coverage import CoverageForm
from inventory.presenters.coverage import CSV_HEADER, CoveragePage, csv_rows
from inventory.search import coverage as search
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.web.exports import csv_download
from ssi.web.requests import SsiRequest


@requires(Component.WAN_COVERAGE)
@require_safe
def wan_coverage(request: SsiRequest) -> HttpResponse:
    """Look a place up by postcode or UPRN."""
    form = CoverageForm(request.GET or None)
    shown = CoveragePage(search.coverage_at(form.asked)) if form.is_valid() else None
    facts = {"form": form, "shown": shown, "as_of": shown.answer.as_of if shown else search.as_of()}
    return render(request, "inventory/coverage/coverage.html", facts)


@requires(Component.WAN_COVERAGE)
@require_safe
def wan_coverage_csv(request: SsiRequest) -> HttpResponseBase:
    """Return the same answer as a CSV file, with what the providers sent as they sent it."""
    form = CoverageForm(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('inventory:wan_coverage')}?{request.GET.urlencode()}")
    return csv_download("wan-coverage", CSV_HEADER, csv_rows(search.coverage_at(form.asked)))
