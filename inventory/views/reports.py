"""The reports: what there are, and those of devices by SMI Status, firmware and model."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inventory.forms.reports import ReportFilter
from inventory.presenters import reports as presenters
from inventory.presenters import transactions
from inventory.search import reports as search
from inventory.search.reports import DeviceReport
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.web.exports import csv_download
from ssi.web.requests import SsiRequest


@requires(Component.REPORTS)
@require_safe
def reports(request: SsiRequest) -> HttpResponse:
    """List the reports."""
    facts = {
        "reports": [*presenters.ABOUT.values(), *transactions.reports_for(request.actor)],
        "refreshed_at": search.refreshed_at(),
    }
    return render(request, "inventory/reports/index.html", facts)


@requires(Component.REPORTS)
@require_safe
def devices(request: SsiRequest, report: DeviceReport) -> HttpResponse:
    """Show a report of devices."""
    form = ReportFilter(request.GET or None, actor=request.actor)
    facts = {"filters": form, "shown": _page(report, form)}
    return render(request, "inventory/reports/devices.html", facts)


@requires(Component.REPORTS)
@require_safe
def devices_csv(request: SsiRequest, report: DeviceReport) -> HttpResponseBase:
    """Send all of a report's lines as a CSV file."""
    page = _page(report, ReportFilter(request.GET or None, actor=request.actor))
    return csv_download(page.about.report.lower(), presenters.csv_header(page), presenters.csv_rows(page))


def _page(report: DeviceReport, form: ReportFilter) -> presenters.ReportPage:
    lines = search.counted(report, form.chosen)
    return presenters.ReportPage(presenters.ABOUT[report], lines, search.refreshed_at())
