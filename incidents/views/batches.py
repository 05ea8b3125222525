"""Work on many requests at once: a list to be checked, the page of each job through all its states, its files."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.actions import batches as actions
from incidents.forms.batches import ConfirmBatchForm, ConfirmForm, NewBatchForm
from incidents.models import BulkJob
from incidents.models.choices import BulkKind, BulkState
from incidents.presenters import batch_files as files
from incidents.presenters import batches as presenters
from incidents.presenters.tabs import Tab, tabs_of
from incidents.search import batches as search
from incidents.views.sending import send_once
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.web.errors import refused
from ssi.web.exports import csv_download
from ssi.web.requests import SsiRequest

RAISE, RESPOND = Component.INSTALL_CODE_REQUEST_RAISE, Component.INSTALL_CODE_REQUEST_RESPOND
READERS = (RAISE, RESPOND, Component.SERVICE_DESK)
RECOGNISED = "recognised"


@requires(*READERS)
@require_safe
def batches(request: SsiRequest) -> HttpResponse:
    """List the jobs of the actor's User ID, the newest first."""
    page = search.page_of_jobs(request.actor, cursor=request.GET.get("cursor", ""))
    facts = {
        "page": page,
        "lines": [presenters.Line(job) for job in page.rows],
        "tabs": tabs_of(request.actor, Tab.BATCHES),
        "may_raise": request.actor.may(RAISE),
    }
    return render(request, "incidents/batches/list.html", facts)


@requires(RAISE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_batch(request: SsiRequest) -> HttpResponse:
    """Take a list of devices and have it checked; nothing is raised by that."""
    form = NewBatchForm(request.POST, request.FILES) if request.method == "POST" else NewBatchForm()
    if form.is_valid():
        try:
            job = actions.draft(**form.facts, by=request.actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _to_page_of(job)
    return render(request, "incidents/batches/new.html", {"form": form})


@requires(RAISE)
@require_POST
def check_again(request: SsiRequest, reference: str) -> HttpResponse:
    """Have the list of a batch checked anew: what was open then may be free now."""
    try:
        return _to_page_of(actions.draft_again(reference, request.actor))
    except actions.BatchUnknown as unknown:
        raise Http404 from unknown
    except Refusal as refusal:
        return refused(request, refusal)


def _to_page_of(job: BulkJob) -> HttpResponse:
    """Go to the job's page; it says so if this list was given before."""
    return redirect(f"{job.get_absolute_url()}?{RECOGNISED}=yes" if job.recognised else job.get_absolute_url())


@requires(*READERS)
@require_safe
def batch(request: SsiRequest, reference: str) -> HttpResponse:
    """Show a job: being checked, checked, being carried out, or done."""
    job = found_or_404(request, reference)
    return _page(request, job, _form_of(job)())


@requires(RAISE, RESPOND)
@require_POST
def confirm(request: SsiRequest, reference: str) -> HttpResponse:
    """Have a checked job carried out."""
    job = found_or_404(request, reference)
    form = _form_of(job)(request.POST)
    if form.is_valid():
        responsible = form.cleaned_data.get("responsible", True)
        try:
            send_once(request, form, lambda: actions.confirm(reference, request.actor, responsible=responsible))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(job)
    return _page(request, found_or_404(request, reference), form)


@requires(RAISE, RESPOND)
@require_POST
def cancel(request: SsiRequest, reference: str) -> HttpResponse:
    """Call a job off before anything is done."""
    job = found_or_404(request, reference)
    try:
        actions.cancel(reference, request.actor)
    except Refusal as refusal:
        return refused(request, refusal)
    return redirect(job)


@requires(*READERS)
@require_safe
def bad_rows(request: SsiRequest, reference: str) -> HttpResponseBase:
    """Send the rows that cannot be done as a CSV file."""
    job = found_or_404(request, reference)
    lines = files.bad_row_lines(search.every_bad_row(job))
    return csv_download(f"{job.reference}-not-acceptable", files.BAD_ROWS_HEADER, lines)


@requires(*READERS)
@require_safe
def results(request: SsiRequest, reference: str) -> HttpResponseBase:
    """Send every row with what became of it as a CSV file."""
    job = found_or_404(request, reference)
    lines = files.result_lines(search.every_row(job))
    return csv_download(f"{job.reference}-results", files.RESULTS_HEADER, lines)


def found_or_404(request: SsiRequest, reference: str) -> BulkJob:
    """Return the job, or answer 404 alike for what does not exist and for what the actor may not see."""
    try:
        return search.one(reference, by=request.actor)
    except actions.BatchUnknown as unknown:
        raise Http404 from unknown


def _form_of(job: BulkJob) -> type[ConfirmForm]:
    return ConfirmBatchForm if job.kind == BulkKind.RAISE else ConfirmForm


def _page(request: SsiRequest, job: BulkJob, form: ConfirmForm) -> HttpResponse:
    """Return the page of a job in its present state."""
    reason = request.GET.get("reason", "")
    is_over = job.state in {BulkState.DONE, BulkState.RUNNING}
    page = presenters.BatchPage(
        job,
        request.actor,
        timezone.now(),
        outcome=search.outcome_of(job, by=request.actor) if is_over else search.Outcome(),
        reasons=presenters.reasons_of(search.findings_of(job)),
        bad_rows=search.bad_rows(job, finding=reason, cursor=request.GET.get("cursor", "")),
        reason=reason,
        plan=search.plan_of(job) if job.kind == BulkKind.RAISE and job.state == BulkState.CHECKED else (),
    )
    facts = {"page": page, "job": job, "form": form, RECOGNISED: RECOGNISED in request.GET}
    return render(request, "incidents/batches/batch.html", facts)
