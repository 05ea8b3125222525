"""The reports of transactions: month by month (RSAT_001), and of one device (RSAT_002)."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from inventory.forms.transactions import DeviceChoice, MonthsFilter
from inventory.presenters import service_requests as trail_presenters
from inventory.presenters import transactions as presenters
from inventory.search import service_requests as trail
from inventory.search import transactions as search
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.web.exports import csv_download
from ssi.web.requests import SsiRequest


@requires(Component.REPORTS)
@require_safe
def monthly(request: SsiRequest) -> HttpResponse:
    """Show the counts of the last months: one's own, or all Users' by party for DCC."""
    form = MonthsFilter(request.GET or None)
    facts = {"filters": form, "shown": _monthly(request, form)}
    return render(request, "inventory/transactions/monthly.html", facts)


@requires(Component.REPORTS)
@require_safe
def monthly_csv(request: SsiRequest) -> HttpResponseBase:
    """Send the same table as a CSV file."""
    page = _monthly(request, MonthsFilter(request.GET or None))
    return csv_download("rsat_001", presenters.CSV_HEADER, presenters.csv_rows(page))


def _monthly(request: SsiRequest, form: MonthsFilter) -> presenters.TransactionsPage:
    lines = search.by_month(form.chosen, by=request.actor)
    return presenters.TransactionsPage(presenters.MONTHLY, lines, search.counted_at(), request.actor.is_dcc)


@requires(Component.AUDIT_TRAIL)
@require_safe
def of_device(request: SsiRequest) -> HttpResponse:
    """Show the counts of the own User ID's messages about one device."""
    form, page = DeviceChoice(request.GET or None), None
    if form.chosen:
        try:
            lines = search.of_device(form.chosen, by=request.actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            page = presenters.TransactionsPage(presenters.OF_DEVICE, lines)
    facts = {"filters": form, "shown": page, "about": presenters.OF_DEVICE, "device_id": form.chosen}
    return render(request, "inventory/transactions/of_device.html", facts)


@requires(Component.AUDIT_TRAIL)
@require_safe
def of_device_csv(request: SsiRequest) -> HttpResponseBase:
    """Send the own User ID's messages about one device as a CSV file, each of them a line."""
    device_id = DeviceChoice(request.GET or None).chosen
    the_page = f"{reverse('inventory:rsat_002')}?{request.GET.urlencode()}"
    if device_id is None:
        return redirect(the_page)
    most = trail_presenters.MOST_IN_A_FILE + 1
    try:
        found = trail.every_entry(trail.TrailFilters(device_id=device_id), by=request.actor, at_most=most)
    except trail.TrailTooLong:
        return redirect(the_page)
    return csv_download("rsat_002", trail_presenters.CSV_HEADER, trail_presenters.csv_rows(found))
