"""The moves of an upload, a page each: submitted, approved, declined, withdrawn.

They differ in their form and in the action it goes to; what they share stands here, once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import NotAllowed, NotInThisState, Refusal
from ssi.uploads import moves
from ssi.uploads.actions import approving, submitting, withdrawing
from ssi.uploads.forms import uploads as forms
from ssi.uploads.models import Upload
from ssi.uploads.moves import Verb
from ssi.uploads.presenters.upload_moves import confirmation_of
from ssi.uploads.presenters.uploads import UploadPage
from ssi.uploads.search import uploads as search
from ssi.uploads.search import work
from ssi.uploads.views.finding import found_or_404
from ssi.web.forms import SsiForm
from ssi.web.requests import SsiRequest
from ssi.web.sending import once_for

VIEW, APPROVAL = Component.ADT_AND_QUARANTINE_VIEW, Component.ADT_APPROVAL
SUBMITTERS = (Component.ADT_SUBMISSION, Component.EXIT_QUARANTINE_SUBMISSION)
form_page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Screen:
    """One such page: the move it makes, its form for an upload, and the action that what was typed goes to."""

    verb: Verb
    form: Callable[[Upload, Any], SsiForm]
    act: Callable[[dict[str, Any], str, Actor], Upload]


SUBMIT = Screen(
    Verb.SUBMIT,
    lambda upload, data: forms.SubmitForm(
        data, initial={"seen": submitting.shown(upload)}, has_warnings=bool(upload.warnings)
    ),
    lambda typed, reference, by: submitting.submit(
        reference=reference, warnings_checked=typed.get("checked", False), by=by, seen=typed["seen"]
    ),
)
APPROVE = Screen(
    Verb.APPROVE,
    lambda upload, data: forms.ConfirmForm(data),
    lambda typed, reference, by: approving.approve(reference=reference, by=by),
)
DECLINE = Screen(
    Verb.DECLINE,
    lambda upload, data: forms.DeclineForm(data),
    lambda typed, reference, by: approving.decline(reference=reference, because=typed["because"], by=by),
)
WITHDRAW = Screen(
    Verb.WITHDRAW,
    lambda upload, data: forms.ConfirmForm(data),
    lambda typed, reference, by: withdrawing.withdraw(reference=reference, by=by),
)


@requires(*SUBMITTERS)
@form_page
def submit(request: SsiRequest, reference: str) -> HttpResponse:
    """Show what changes, and submit it."""
    return serve(request, reference, SUBMIT)


@requires(APPROVAL)
@form_page
def approve(request: SsiRequest, reference: str) -> HttpResponse:
    """Show what changes, and approve it."""
    return serve(request, reference, APPROVE)


@requires(APPROVAL)
@form_page
def decline(request: SsiRequest, reference: str) -> HttpResponse:
    """Decline it, with a reason."""
    return serve(request, reference, DECLINE)


@requires(APPROVAL)
@form_page
def withdraw(request: SsiRequest, reference: str) -> HttpResponse:
    """Take it back."""
    return serve(request, reference, WITHDRAW)


@requires(VIEW)
@require_safe
def done(request: SsiRequest, reference: str, verb: str) -> HttpResponse:
    """Confirm what was done and say what happens next."""
    upload = found_or_404(request, reference)
    confirmation = confirmation_of(upload, verb)
    if confirmation is None:
        return redirect(upload)
    return render(request, "uploads/uploads/done.html", {"upload": upload, "confirmation": confirmation})


def serve(request: SsiRequest, reference: str, screen: Screen) -> HttpResponse:
    """Show the page, or carry out what was sent; say why where the move cannot be made."""
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
        return not_now(request, upload, moves.why_not(upload, screen.verb, request.actor) or refusal)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, found_or_404(request, reference), form, screen)
    return redirect("uploads:done", upload.reference, screen.verb)


def not_now(request: SsiRequest, upload: Upload, refusal: Refusal) -> HttpResponse:
    """Say why the move cannot be made, with the way back to the upload."""
    facts = {
        "title": "This cannot be done" if isinstance(refusal, NotAllowed) else "This cannot be done now",
        "detail": refusal.message,
        "suggestion": refusal.way_out,
        "upload": upload,
    }
    return render(request, "uploads/uploads/not_now.html", facts, status=refusal.status)


def _page(request: SsiRequest, upload: Upload, form: SsiForm, screen: Screen) -> HttpResponse:
    page = UploadPage(
        upload,
        request.actor,
        timezone.now(),
        facts=work.facts_of(upload),
        findings=search.findings_page(upload, cursor=request.GET.get("cursor", "")),
    )
    facts = {"form": form, "upload": upload, "page": page, "verb": screen.verb}
    return render(request, f"uploads/uploads/{screen.verb}.html", facts)
