"""The page on which a signed file is sent."""

from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.uploads.actions import receiving
from ssi.uploads.forms.uploads import UploadForm
from ssi.uploads.models.choices import Kind
from ssi.uploads.models.uploads import LONGEST_SIGNATURE
from ssi.uploads.presenters.new_upload import NewUploadPage
from ssi.uploads.search import recovery
from ssi.web.requests import SsiRequest
from ssi.web.sending import once_for

KINDS: Final = {"adt": Kind.ADT, "exit-quarantine": Kind.EXIT_QUARANTINE}
"""How addresses call the kinds."""


@requires(Component.ADT_SUBMISSION, Component.EXIT_QUARANTINE_SUBMISSION)
@require_http_methods(["GET", "HEAD", "POST"])
def new_upload(request: SsiRequest, kind: str) -> HttpResponse:
    """Say what a good file looks like and take one; while disaster recovery runs, say where to send it instead."""
    if kind not in KINDS:
        raise Http404
    page = NewUploadPage(KINDS[kind], request.actor)
    if running := recovery.running():
        return render(request, "uploads/uploads/closed.html", {"page": page, "recovery": running})
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        try:
            return redirect("uploads:upload", _received(request, form, KINDS[kind]))
        except Refusal as refusal:
            form.refuse(refusal)
    return render(request, "uploads/uploads/new.html", {"page": page, "form": form})


def _received(request: SsiRequest, form: UploadForm, kind: Kind) -> str:
    """Hand the file over, once however often the button was pressed; return the upload's reference."""
    file, signature = form.cleaned_data["file"], form.cleaned_data["signature"]
    answer = once_for(
        request,
        form,
        lambda: {
            "reference": receiving.receive(
                kind=kind,
                file=file,
                name=file.name,
                size=file.size,
                signature=signature.read(LONGEST_SIGNATURE + 1) if signature else None,
                signature_name=signature.name if signature else "",
                submit_when_checked=False,
                by=request.actor,
            ).reference
        },
    )
    return str(answer["reference"])
