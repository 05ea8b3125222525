"""Answering by file: what waits for an answer to take away, and the page that takes it back filled in."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from incidents.actions import bulk_moves, obligations
from incidents.actions.bulk_moves.answer_rows import HEADER
from incidents.forms.bulk_moves import AnswerFileForm
from incidents.models import WorkPack
from incidents.presenters import bulk_moves as presenters
from incidents.search import bulk_moves as search
from incidents.views.batches import RECOGNISED
from incidents.views.work_packs import found_or_404
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.web.exports import csv_download, xlsx_download
from ssi.web.requests import SsiRequest

RESPOND = Component.INSTALL_CODE_REQUEST_RESPOND
ENDINGS = ("csv", "xlsx")
form_page = require_http_methods(["GET", "HEAD", "POST"])


@requires(RESPOND)
@never_cache
@form_page
def work_pack_answers(request: SsiRequest, reference: str) -> HttpResponse:
    """Take a file of answers to the requests of a work pack."""
    return _answers(request, found_or_404(request, reference))


@requires(RESPOND)
@never_cache
@form_page
def answers(request: SsiRequest) -> HttpResponse:
    """Take a file of answers to whatever requests are assigned to us."""
    return _answers(request, None)


@requires(RESPOND)
@require_safe
def work_pack_template(request: SsiRequest, reference: str, ending: str) -> HttpResponseBase:
    """Send the requests of a work pack that wait for an answer, as a file to be filled in."""
    return _template(request, found_or_404(request, reference), ending)


@requires(RESPOND)
@require_safe
def template(request: SsiRequest, ending: str) -> HttpResponseBase:
    """Send all requests that wait for an answer of ours, as a file to be filled in."""
    return _template(request, None, ending)


@sensitive_variables("form")
def _answers(request: SsiRequest, pack: WorkPack | None) -> HttpResponse:
    """Show the page, or have the file checked; its codes are sealed at once, nothing is answered by that."""
    form = AnswerFileForm(request.POST, request.FILES) if request.method == "POST" else AnswerFileForm()
    if form.is_valid():
        try:
            job = bulk_moves.answer_by_file(
                sheet=form.sheet, file_name=form.file_name, again=form.cleaned_data["again"], by=request.actor
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(f"{job.get_absolute_url()}?{RECOGNISED}=yes" if job.recognised else job)
    facts = {"form": form, "pack": pack, "waiting": search.count_to_answer(request.actor, pack)}
    return render(request, "incidents/answer_files/answers.html", facts)


def _template(request: SsiRequest, pack: WorkPack | None, ending: str) -> HttpResponseBase:
    if ending not in ENDINGS:
        raise Http404
    found = search.to_answer(request.actor, pack)
    rows = obligations.show_oldest(found, by=request.actor, most=bulk_moves.MOST_ANSWERS)
    name, lines = presenters.template_name(pack), map(presenters.template_line, rows)
    if ending == "csv":
        return csv_download(name, HEADER, lines)
    return xlsx_download(name, HEADER, lines, choices=presenters.TEMPLATE_CHOICES)
