"""Housekeeping for those whose devices it removes: what will go in which month, and what has gone."""

from datetime import date

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inventory.forms.housekeeping import MonthFilter, PartyFilter
from inventory.models import HousekeepingNotice
from inventory.presenters import housekeeping as presenters
from inventory.search import housekeeping as search
from inventory.search import housekeeping_notices as notices
from inventory.search.housekeeping import Span
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.web.exports import csv_download
from ssi.web.requests import SsiRequest


@requires(Component.HOUSEKEEPING_FORECAST)
@require_safe
def forecast(request: SsiRequest) -> HttpResponse:
    """Show what will be removed in the coming months, and what the latest runs removed."""
    filters, shown = PartyFilter(request.GET, actor=request.actor), None
    scope = search.scope_of(request.actor, filters.party_id)
    try:
        coming = search.forecast(scope, today=timezone.localdate())
        shown = presenters.forecast_page(coming, scope, request.actor)
    except search.CountTakesTooLong as refusal:
        filters.refuse(refusal)
    facts = {"filters": filters, "shown": shown, "notices": notices.notices_of(scope)}
    return render(request, "inventory/housekeeping/forecast.html", facts)


@requires(Component.HOUSEKEEPING_FORECAST)
@require_safe
def forecast_csv(request: SsiRequest) -> HttpResponseBase:
    """Send the same numbers as a CSV file; the page itself says why if that cannot be."""
    filters = PartyFilter(request.GET, actor=request.actor)
    scope = search.scope_of(request.actor, filters.party_id)
    try:
        coming = search.forecast(scope, today=timezone.localdate())
    except search.CountTakesTooLong:
        return redirect(f"{reverse('inventory:housekeeping')}?{request.GET.urlencode()}")
    return csv_download("housekeeping", presenters.MONTHS_HEADER, presenters.month_rows(coming))


@requires(Component.HOUSEKEEPING_FORECAST)
@require_safe
def month(request: SsiRequest, month: str) -> HttpResponse:
    """List the devices of a month, type by type, with the day of each and whether it is held."""
    filters = MonthFilter(request.GET, actor=request.actor)
    scope, spans = search.scope_of(request.actor, filters.party_id), _spans_or_404(month)
    found = search.month_of(
        spans,
        scope,
        today=timezone.localdate(),
        device_type=filters.chosen_type,
        cursor=request.GET.get("cursor", ""),
    )
    shown = presenters.month_page(found, scope, request.actor)
    return render(request, "inventory/housekeeping/month.html", {"shown": shown})


@requires(Component.HOUSEKEEPING_FORECAST)
@require_safe
def month_csv(request: SsiRequest, month: str) -> HttpResponseBase:
    """Send the devices of a month, of all types, as a CSV file."""
    filters = MonthFilter(request.GET, actor=request.actor)
    scope, spans = search.scope_of(request.actor, filters.party_id), _spans_or_404(month)
    coming = search.every_coming(spans, scope, today=timezone.localdate())
    return csv_download(f"housekeeping-{month}", presenters.COMING_HEADER, presenters.coming_rows(coming))


@requires(Component.HOUSEKEEPING_FORECAST)
@require_safe
def notice(request: SsiRequest, reference: str) -> HttpResponse:
    """Show what a run removed of a party's devices."""
    found = _notice_or_404(request, reference)
    page = notices.removed_page(found, cursor=request.GET.get("cursor", ""))
    facts = {"notice": found, "removed": presenters.removed_in_words(found), "page": page}
    return render(request, "inventory/housekeeping/notice.html", facts)


@requires(Component.HOUSEKEEPING_FORECAST)
@require_safe
def notice_csv(request: SsiRequest, reference: str) -> HttpResponseBase:
    """Send what a run removed of a party's devices as a CSV file."""
    found = _notice_or_404(request, reference)
    rows = presenters.removed_rows(notices.every_removed(found))
    return csv_download(f"housekeeping-{found.reference}", presenters.REMOVED_HEADER, rows)


def _spans_or_404(month: str) -> list[Span]:
    wanted: date | None = presenters.month_of_address(month)
    spans = search.spans_of(search.durations_in_force(), timezone.localdate())
    found = [span for span in spans if span.month_date == wanted]
    if not found:
        raise Http404
    return found


def _notice_or_404(request: SsiRequest, reference: str) -> HousekeepingNotice:
    found = notices.notice_of(reference, request.actor)
    if found is None:
        raise Http404
    return found
