"""Uploads: the list of them, and the page of each with its findings."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.uploads.forms.uploads import UploadFilter
from ssi.uploads.presenters import differences, upload_lists
from ssi.uploads.presenters import uploads as presenters
from ssi.uploads.search import recovery, work
from ssi.uploads.search import uploads as search
from ssi.uploads.views.finding import found_or_404
from ssi.web.exports import csv_download
from ssi.web.requests import SsiRequest

VIEW = Component.ADT_AND_QUARANTINE_VIEW


@requires(VIEW)
@require_safe
def uploads(request: SsiRequest) -> HttpResponse:
    """List the uploads, the newest first, narrowed by filters that stay in the address; what awaits one on top."""
    filters, page, cursor = UploadFilter(request.GET), None, request.GET.get("cursor", "")
    if filters.is_valid():
        try:
            page = search.uploads_page(filters.active, by=request.actor, cursor=cursor)
        except Refusal as refusal:
            filters.refuse(refusal)
    is_start = not cursor and not filters.active
    awaiting = work.awaiting(request.actor) if is_start else None
    facts = {"filters": filters, "page": page, "awaiting": awaiting, "recovery": recovery.running()}
    return render(request, "uploads/uploads/list.html", facts | upload_lists.facts_of(page, request.actor))


@requires(VIEW)
@require_safe
def export(request: SsiRequest) -> HttpResponseBase:
    """Send the list, narrowed by the same filters, as a CSV file."""
    filters = UploadFilter(request.GET)
    if not filters.is_valid():
        return redirect(f"{reverse('uploads:uploads')}?{request.GET.urlencode()}")
    rows = map(upload_lists.csv_row, search.every_upload(filters.active, by=request.actor))
    return csv_download("uploads", upload_lists.CSV_HEADER, rows)


@requires(VIEW)
@require_safe
def upload(request: SsiRequest, reference: str) -> HttpResponse:
    """Show an upload: where it stands, its steps, what was found, what changes, and who did what."""
    found = found_or_404(request, reference)
    page = presenters.UploadPage(
        found,
        request.actor,
        timezone.now(),
        facts=work.facts_of(found),
        findings=search.findings_page(found, cursor=request.GET.get("cursor", "")),
    )
    return render(request, "uploads/uploads/upload.html", {"page": page, "upload": found})


@requires(VIEW)
@require_safe
def findings_csv(request: SsiRequest, reference: str) -> HttpResponseBase:
    """Send everything that was found in a file as a CSV file."""
    found = found_or_404(request, reference)
    rows = map(presenters.finding_row, search.every_finding(found))
    return csv_download(f"{found.reference}-findings", presenters.FINDINGS_HEADER, rows)


@requires(VIEW)
@require_safe
def changes_csv(request: SsiRequest, reference: str) -> HttpResponseBase:
    """Send everything that a file's thresholds change as a CSV file."""
    found = found_or_404(request, reference)
    rows = map(differences.change_row, work.every_change(found))
    return csv_download(f"{found.reference}-changes", differences.CSV_HEADER, rows)
