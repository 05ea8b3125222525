"""Files of corrections: sending one, its page through all its states, its rows; what the desk was asked for."""

from collections.abc import Callable

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory.actions.corrections import batches, manual
from inventory.actions.corrections.reading import LARGEST_BYTES
from inventory.forms.corrections import GoAheadForm, NewFileForm
from inventory.models import CorrectionBatch
from inventory.models.corrections import CorrectionState
from inventory.presenters import corrections as presenters
from inventory.search import corrections as search
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.web.errors import refused
from ssi.web.exports import csv_download
from ssi.web.in_memory import allow_more
from ssi.web.requests import SsiRequest
from ssi.web.sending import once_for

CORRECTION = Component.INVENTORY_CORRECTION
RECOGNISED = "recognised"

allow_more("/corrections/new/", LARGEST_BYTES + 1_000_000)


@requires(CORRECTION)
@require_safe
def corrections(request: SsiRequest) -> HttpResponse:
    """List the files of the actor's User ID, and what it asked of the desk."""
    page = search.page_of_batches(request.actor, cursor=request.GET.get("cursor", ""))
    facts = {
        "page": page,
        "lines": [presenters.BatchPage(each, timezone.now()) for each in page.rows],
        "manual": search.manual_corrections(request.actor) if page.is_first else (),
    }
    return render(request, "inventory/corrections/list.html", facts)


@requires(CORRECTION)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SsiRequest) -> HttpResponse:
    """Take a file of ESME Variants and have it checked; nothing is changed by that."""
    form = NewFileForm(request.POST, request.FILES) if request.method == "POST" else NewFileForm()
    if form.is_valid():
        try:
            batch = batches.send(form.upload, file_name=form.upload.name, by=request.actor)
        except Refusal as refusal:
            refusal.field = "file"
            form.refuse(refusal)
        else:
            seen = f"?{RECOGNISED}=yes" if batch.recognised else ""
            return redirect(batch.get_absolute_url() + seen)
    return render(request, "inventory/corrections/new.html", {"form": form})


@requires(CORRECTION)
@require_safe
def correction(request: SsiRequest, reference: str) -> HttpResponse:
    """Show a file of corrections in its present state, or what the desk was asked for."""
    asked = search.manual_correction(reference, by=request.actor)
    if asked is not None:
        facts = {"correction": asked, "form": GoAheadForm()}
        return render(request, "inventory/corrections/manual_correction.html", facts)
    return _page(request, _found_or_404(request, reference), GoAheadForm())


@requires(CORRECTION)
@require_POST
def apply(request: SsiRequest, reference: str) -> HttpResponse:
    """Have exactly what was previewed applied."""
    return _moved(request, reference, batches.apply)


@requires(CORRECTION)
@require_POST
def revert(request: SsiRequest, reference: str) -> HttpResponse:
    """Have put back what stood there before, where nothing changed since."""
    return _moved(request, reference, batches.revert)


@requires(CORRECTION)
@require_POST
def cancel(request: SsiRequest, reference: str) -> HttpResponse:
    """Call a file off before anything is changed."""
    return _moved(request, reference, batches.cancel)


@requires(CORRECTION)
@require_POST
def withdraw(request: SsiRequest, reference: str) -> HttpResponse:
    """Take back what the desk was asked for."""
    try:
        manual.withdraw(reference, by=request.actor)
    except manual.CorrectionUnknown as unknown:
        raise Http404 from unknown
    except Refusal as refusal:
        return refused(request, refusal)
    return redirect("inventory:correction", reference)


@requires(CORRECTION)
@require_safe
def rows_csv(request: SsiRequest, reference: str) -> HttpResponseBase:
    """Send every row with what became of it as a CSV file."""
    batch = _found_or_404(request, reference)
    rows = presenters.csv_rows(batch, search.every_row(batch))
    return csv_download(f"{batch.reference}-corrections", presenters.CSV_HEADER, rows)


def _moved(request: SsiRequest, reference: str, act: Callable[..., CorrectionBatch]) -> HttpResponse:
    """Have a file moved once, however often the button was pressed."""
    batch, form = _found_or_404(request, reference), GoAheadForm(request.POST)
    if form.is_valid():
        try:
            once_for(request, form, lambda: {"reference": act(reference, by=request.actor).reference})
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(batch)
    return _page(request, _found_or_404(request, reference), form)


def _found_or_404(request: SsiRequest, reference: str) -> CorrectionBatch:
    """Return the file, or answer 404 alike for what does not exist and for what the actor may not see."""
    try:
        return search.batch(reference, by=request.actor)
    except batches.BatchUnknown as unknown:
        raise Http404 from unknown


def _page(request: SsiRequest, batch: CorrectionBatch, form: GoAheadForm) -> HttpResponse:
    reason, shows_bad = request.GET.get("reason", ""), request.GET.get("show") == "refused"
    cursor = request.GET.get("cursor", "")
    has_rows = batch.state != CorrectionState.CHECKING
    page = presenters.BatchPage(
        batch,
        timezone.now(),
        good_page=search.page_of_rows(batch, refused=False, cursor=cursor) if has_rows and not shows_bad else None,
        bad_page=search.page_of_rows(batch, refused=True, finding=reason, cursor=cursor)
        if has_rows and shows_bad
        else None,
        reason=reason,
    )
    facts = {"page": page, "batch": batch, "form": form, RECOGNISED: RECOGNISED in request.GET}
    return render(request, "inventory/corrections/batch.html", facts)
