"""Thresholds: those in force, every version of them, and each version as a file."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.patience import patience
from ssi.refusals import Refusal
from ssi.uploads.forms.thresholds import ThresholdFilter, UserChoice
from ssi.uploads.models import Upload
from ssi.uploads.presenters import thresholds as presenters
from ssi.uploads.search import sent
from ssi.uploads.search import versions as search
from ssi.uploads.version_files import file_of
from ssi.web.exports import csv_download
from ssi.web.pages import CursorUnknown
from ssi.web.requests import SsiRequest

VIEW = Component.ADT_AND_QUARANTINE_VIEW


@requires(VIEW)
@require_safe
def thresholds(request: SsiRequest) -> HttpResponse:
    """Show what is in force for a User ID in each of its User Roles, beside what was sent."""
    user_ids = search.user_ids_seen(request.actor)
    form = ThresholdFilter(request.GET, user_ids=user_ids, may_choose=request.actor.is_dcc)
    facts: dict[str, Any] = {"filters": form, "chosen": form.chosen, "sets": [], "coming": [], "refusal": None}
    facts["may_prepare"] = request.actor.may(Component.ADT_SUBMISSION)
    if form.chosen is not None:
        current = search.current_of(form.chosen.eui, by=request.actor)
        facts["coming"] = [each for each in current if each.state != "applied"]
        try:
            facts["sets"] = _sets([each for each in current if each.state == "applied"], form)
        except Refusal as refusal:
            facts["refusal"] = refusal
    return render(request, "uploads/thresholds/in_force.html", facts)


def _sets(in_force: Sequence[Upload], form: ThresholdFilter) -> Sequence[presenters.SetInForce]:
    """Return the versions with as many thresholds as a page shows; one query each, three for what was sent."""
    if not in_force:
        return []
    srvs = [form.filters.srv] if form.filters.srv else []
    with patience(sent.TrafficTooLong):
        peaks = sent.peaks(in_force[0].user_id_id, now=timezone.now(), srvs=srvs)
    shown = []
    for upload in in_force:
        found = list(search.narrowed(upload, form.filters)[: search.MOST_SHOWN + 1])
        lines = presenters.lines_of(found[: search.MOST_SHOWN], peaks, timezone.localdate())
        shown.append(presenters.SetInForce(upload, lines, len(found) > search.MOST_SHOWN))
    return shown


@requires(VIEW)
@require_safe
def history(request: SsiRequest) -> HttpResponse:
    """Show every version: from when to when it was in force, and who had a part in it."""
    user_ids = search.user_ids_seen(request.actor)
    form = UserChoice(request.GET, user_ids=user_ids, may_choose=request.actor.is_dcc)
    chosen, cursor, page = form.chosen, request.GET.get("cursor", ""), None
    try:
        page = search.versions_page(by=request.actor, user_id=chosen.eui if chosen else None, cursor=cursor)
    except CursorUnknown as refusal:
        form.refuse(refusal)
    rows = page.rows if page else []
    sizes = search.sizes_of(rows)
    lines = [presenters.VersionLine(each, sizes.get(each.pk, 0), request.actor) for each in rows]
    facts = {"filters": form, "chosen": chosen, "page": page, "lines": lines}
    return render(request, "uploads/thresholds/history.html", facts)


@requires(VIEW)
@require_safe
def thresholds_csv(request: SsiRequest) -> HttpResponseBase:
    """Send a version as CSV for a spreadsheet, or, `as=file`, as a new file in the format that is uploaded."""
    upload = search.version(request.GET.get("version", ""), by=request.actor)
    if upload is None:
        raise Http404
    if request.GET.get("as") == "file":
        name, pieces = file_of(upload)
        response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "no-store"
        return response
    rows = presenters.csv_rows(search.every_threshold(upload))
    return csv_download(f"thresholds-{upload.reference}", presenters.CSV_HEADER, rows)
