"""How installing suppliers meet their obligation: one's own figures among blinded others, all of them for DCC."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from incidents.forms.performance import PeriodForm
from incidents.presenters import performance as presenters
from incidents.search import performance as search
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.web.exports import csv_download
from ssi.web.requests import SsiRequest

READERS = (Component.INCIDENTS, Component.SERVICE_DESK)


@requires(*READERS)
@require_safe
def performance(request: SsiRequest) -> HttpResponse:
    """Show the figures of a period."""
    form = PeriodForm(request.GET or None)
    facts = {"filters": form, "shown": _page(request, form)}
    return render(request, "incidents/performance/performance.html", facts)


@requires(*READERS)
@require_safe
def export(request: SsiRequest) -> HttpResponseBase:
    """Send the same table as a CSV file, with the same figures left out."""
    page = _page(request, PeriodForm(request.GET or None))
    return csv_download("install-code-performance", presenters.CSV_HEADER, presenters.csv_rows(page))


def _page(request: SsiRequest, form: PeriodForm) -> presenters.PerformancePage:
    """Return the figures of the chosen period as the actor may read them: whole months, unless they read names."""
    period = form.chosen(whole_months=not request.actor.may(Component.SERVICE_DESK))
    return presenters.page_of(search.measured(period, today=timezone.localdate()), period, request.actor)
