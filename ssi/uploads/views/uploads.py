"""Uploads: the list of them, and the page of each."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.uploads.search import uploads as search
from ssi.web.requests import SsiRequest

VIEW = Component.ADT_AND_QUARANTINE_VIEW


@requires(VIEW)
@require_safe
def uploads(request: SsiRequest) -> HttpResponse:
    """List the uploads that the actor may see, the newest first."""
    page = search.uploads_page({}, by=request.actor, cursor=request.GET.get("cursor", ""))
    return render(request, "uploads/uploads/list.html", {"page": page})
