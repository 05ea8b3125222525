"""What an ADT file would have done to the last 30 days: a page, and the same as a CSV file."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind
from ssi.uploads.presenters import what_if as presenters
from ssi.uploads.search.sent import TrafficTooLong
from ssi.uploads.search.what_if import what_if as replay
from ssi.uploads.views.finding import found_or_404
from ssi.web.exports import csv_download
from ssi.web.requests import SsiRequest


@requires(Component.ADT_AND_QUARANTINE_VIEW)
@require_safe
def what_if(request: SsiRequest, reference: str) -> HttpResponse:
    """Show what the file's thresholds would have done, beside those in force."""
    upload, page, refusal = _of_thresholds(request, reference), None, None
    try:
        page = presenters.WhatIfPage(replay(upload))
    except TrafficTooLong as too_long:
        refusal = too_long
    facts = {"upload": upload, "page": page, "refusal": refusal}
    return render(request, "uploads/thresholds/what_if.html", facts)


@requires(Component.ADT_AND_QUARANTINE_VIEW)
@require_safe
def what_if_csv(request: SsiRequest, reference: str) -> HttpResponseBase:
    """Send the table as a CSV file."""
    upload = _of_thresholds(request, reference)
    try:
        page = presenters.WhatIfPage(replay(upload))
    except TrafficTooLong:
        return redirect(presenters.address_of(upload))
    return csv_download(f"{upload.reference}-what-if", presenters.CSV_HEADER, presenters.csv_rows(page))


def _of_thresholds(request: SsiRequest, reference: str) -> Upload:
    """Return the upload; an Exit Quarantine file has no such page."""
    upload = found_or_404(request, reference)
    if upload.kind != Kind.ADT:
        raise Http404
    return upload
