"""Suspicions: devices whose details are probably wrong, for whoever may put them right."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inventory.forms.suspicions import SuspicionFilter
from inventory.presenters import suspicions as presenters
from inventory.search import suspicions as search
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.web.exports import csv_download
from ssi.web.requests import SsiRequest

READERS = (Component.INVENTORY_CORRECTION, Component.SERVICE_DESK)


@requires(*READERS)
@require_safe
def suspicions(request: SsiRequest) -> HttpResponse:
    """List the suspicions of a kind."""
    filters, shown = SuspicionFilter(request.GET, actor=request.actor), None
    try:
        shown = _page(request, filters)
    except Refusal as refusal:
        filters.refuse(refusal)
    return render(request, "inventory/suspicions/list.html", {"filters": filters, "shown": shown})


def _page(request: SsiRequest, filters: SuspicionFilter) -> presenters.SuspicionsPage:
    kind, user_id = filters.chosen_kind, filters.chosen_user
    page, suspected = search.suspicions_page(
        kind, request.actor, user_id=user_id, cursor=request.GET.get("cursor", "")
    )
    return presenters.SuspicionsPage(
        filters=filters,
        page=page,
        suspected=suspected,
        numbers=search.numbers(request.actor, user_id),
        users=search.party_names(page.rows) if request.actor.is_dcc else {},
        refreshed_at=search.refreshed_at(),
    )


@requires(*READERS)
@require_safe
def suspicions_csv(request: SsiRequest) -> HttpResponseBase:
    """Send the suspicions of a kind as a file that the upload of corrections takes as it is."""
    filters = SuspicionFilter(request.GET, actor=request.actor)
    kind = filters.chosen_kind
    found = search.every_suspicion(
        kind, request.actor, user_id=filters.chosen_user, at_most=presenters.MOST_IN_A_FILE
    )
    return csv_download("suspicions", presenters.csv_header(kind), presenters.csv_rows(kind, found))
