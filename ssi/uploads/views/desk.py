"""DCC's desk for signed files: what is to be confirmed, and confirming or refusing it; and who tried at what."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import NotAllowed, NotInThisState, Refusal
from ssi.uploads import moves
from ssi.uploads.actions import confirming
from ssi.uploads.forms import desk as forms
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Scan
from ssi.uploads.moves import Verb
from ssi.uploads.presenters.desk import TRIES_HEADER, QueueLine, TryLine, try_row
from ssi.uploads.presenters.uploads import UploadPage
from ssi.uploads.search import desk as search
from ssi.uploads.search import uploads, work
from ssi.uploads.search.parts import ended_parts
from ssi.uploads.views.finding import found_or_404
from ssi.uploads.views.upload_moves import not_now
from ssi.web.exports import csv_download
from ssi.web.forms import SsiForm
from ssi.web.requests import SsiRequest
from ssi.web.sending import once_for

DESK = Component.SIGNED_FILES_DESK
form_page = require_http_methods(["GET", "HEAD", "POST"])


@requires(DESK)
@require_safe
def to_confirm(request: SsiRequest) -> HttpResponse:
    """List what Users wait for DCC's word on, the soonest due first."""
    page = search.to_confirm_page(cursor=request.GET.get("cursor", ""))
    today = timezone.localdate()
    ended = ended_parts(page.rows)
    lines = [QueueLine(upload, today, ended[upload.pk]) for upload in page.rows]
    facts = {"page": page, "lines": lines, "counted": search.count_to_confirm()}
    return render(request, "uploads/desk/to_confirm.html", facts)


@dataclass(frozen=True, slots=True)
class Screen:
    """A page of DCC's word: the move it makes, its form for an upload, and the action that it goes to."""

    verb: Verb
    form: Callable[[Upload, Any], SsiForm]
    act: Callable[[dict[str, Any], str, Actor], Upload]


CONFIRM = Screen(
    Verb.CONFIRM,
    lambda upload, data: forms.ConfirmFileForm(
        data, is_scanned=upload.scan == Scan.CLEAN, has_ended=bool(ended_parts([upload])[upload.pk])
    ),
    lambda typed, reference, by: confirming.confirm(
        reference=reference,
        unscanned_accepted=typed.get("unscanned_accepted", False),
        ended_accepted=typed.get("ended_accepted", False),
        by=by,
    ),
)
REFUSE = Screen(
    Verb.REFUSE,
    lambda upload, data: forms.RefuseFileForm(data),
    lambda typed, reference, by: confirming.refuse(reference=reference, because=typed["because"], by=by),
)


@requires(DESK)
@form_page
def confirm(request: SsiRequest, reference: str) -> HttpResponse:
    """Show what changes, and confirm it for DCC."""
    return _serve(request, reference, CONFIRM)


@requires(DESK)
@form_page
def refuse(request: SsiRequest, reference: str) -> HttpResponse:
    """Refuse it for DCC, with a reason."""
    return _serve(request, reference, REFUSE)


@requires(DESK)
@require_safe
def said(request: SsiRequest, reference: str) -> HttpResponse:
    """Say what DCC has said to an upload, and what happens next."""
    return render(request, "uploads/desk/said.html", {"upload": found_or_404(request, reference)})


@requires(Component.SECURITY_EVENTS)
@require_safe
def security_events(request: SsiRequest) -> HttpResponse:
    """List who tried at what guards the grid, the newest first."""
    page = search.tries_page(request.actor, cursor=request.GET.get("cursor", ""))
    facts = {"page": page, "lines": [TryLine(event) for event in page.rows]}
    return render(request, "uploads/desk/security_events.html", facts)


@requires(Component.SECURITY_EVENTS)
@require_safe
def security_events_csv(request: SsiRequest) -> HttpResponseBase:
    """Send the same list as a CSV file."""
    return csv_download("security-events", TRIES_HEADER, map(try_row, search.every_try(request.actor)))


def _serve(request: SsiRequest, reference: str, screen: Screen) -> HttpResponse:
    upload = found_or_404(request, reference)
    form = screen.form(upload, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        refusal = moves.why_not(upload, screen.verb, request.actor)
        return not_now(request, upload, refusal) if refusal else _page(request, upload, form, screen)
    try:
        once_for(
            request,
            form,
            lambda: {"reference": screen.act(form.cleaned_data, upload.reference, request.actor).reference},
        )
    except (NotAllowed, NotInThisState) as refusal:
        return not_now(request, upload, refusal)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, upload, form, screen)
    return redirect("uploads:said", upload.reference)


def _page(request: SsiRequest, upload: Upload, form: SsiForm, screen: Screen) -> HttpResponse:
    page = UploadPage(
        upload,
        request.actor,
        timezone.now(),
        facts=work.facts_of(upload),
        findings=uploads.findings_page(upload, cursor=request.GET.get("cursor", "")),
    )
    line = QueueLine(upload, timezone.localdate(), ended_parts([upload])[upload.pk])
    facts = {"form": form, "upload": upload, "page": page, "line": line}
    return render(request, f"uploads/desk/{screen.verb}.html", facts)
