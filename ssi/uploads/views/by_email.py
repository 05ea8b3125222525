"""Disaster recovery: declaring and ending it, registering files that came by e-mail, and the after-report."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.uploads.actions import recovery as actions
from ssi.uploads.forms import desk as forms
from ssi.uploads.forms.desk import Do
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind, State
from ssi.uploads.presenters.desk import REPORT_HEADER, ReportLine
from ssi.uploads.search import recovery as search
from ssi.uploads.views.finding import found_or_404
from ssi.web.exports import csv_download
from ssi.web.forms import SsiForm
from ssi.web.requests import SsiRequest
from ssi.web.sending import once_for

DECLARED = "Uploads are closed; whoever may send files is told to use e-mail."
ENDED = "The portal takes files again."
DESK = Component.SIGNED_FILES_DESK
form_page = require_http_methods(["GET", "HEAD", "POST"])


@requires(DESK)
@form_page
def disaster_recovery(request: SsiRequest) -> HttpResponse:
    """Declare disaster recovery, or end the one that runs; list the times there were."""
    form = _sent(request)
    if form is not None and form.is_valid():
        try:
            return _declared_or_ended(request, form)
        except actions.RecoveryIsRunning as refusal:
            form.refuse(refusal)
    running = search.running()
    if form is None or (isinstance(form, forms.EndForm) and running is None):
        form = forms.EndForm(initial={"reference": running.reference}) if running else forms.DeclareForm()
    facts = {"form": form, "ends": isinstance(form, forms.EndForm), "running": running, "times": search.times()}
    return render(request, "uploads/desk/disaster_recovery.html", facts)


def _sent(request: SsiRequest) -> SsiForm | None:
    """Return the form that was sent, by what it says that it does; what runs meanwhile does not change that."""
    if request.method != "POST":
        return None
    return forms.EndForm(request.POST) if request.POST.get("do") == Do.END else forms.DeclareForm(request.POST)


def _declared_or_ended(request: SsiRequest, form: SsiForm) -> HttpResponse:
    """Do what the form is for, once however often the button was pressed, and say what was done."""
    typed, by = form.cleaned_data, request.actor
    if isinstance(form, forms.EndForm):
        once_for(request, form, lambda: {"reference": actions.end(reference=typed["reference"], by=by).reference})
        messages.success(request, ENDED)
    else:
        because, instructions = typed["because"], typed["instructions"]
        once_for(
            request,
            form,
            lambda: {"reference": actions.declare(because=because, instructions=instructions, by=by).reference},
        )
        messages.success(request, DECLARED)
    return redirect("uploads:disaster_recovery")


@requires(DESK)
@form_page
def register(request: SsiRequest) -> HttpResponse:
    """Register a file that came by e-mail."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = forms.RegisterForm(*sent, officers=search.officers())
    if form.is_valid():
        try:
            return redirect("uploads:by_email", _registered(request, form))
        except Refusal as refusal:
            form.refuse(refusal)
    return render(request, "uploads/desk/register.html", {"form": form, "running": search.running()})


def _registered(request: SsiRequest, form: forms.RegisterForm) -> str:
    """Hand the file over, once however often the button was pressed; return the upload's reference."""
    typed = form.cleaned_data
    file, signature = typed["file"], typed["signature"]
    signed = actions.SignedFile(
        kind=Kind(typed["kind"]),
        content=file,
        name=file.name,
        size=file.size,
        signature=signature.read() if signature else None,
        signature_name=signature.name if signature else "",
    )
    answer = once_for(
        request,
        form,
        lambda: {
            "reference": actions.register(
                file=signed,
                for_user_id=typed["for_user_id"],
                came_at=typed["came_at"],
                said_by=typed["said_by"],
                by=request.actor,
            ).reference
        },
    )
    return str(answer["reference"])


@requires(DESK)
@require_safe
def by_email(request: SsiRequest, reference: str) -> HttpResponse:
    """Show a file that came by e-mail, and what the desk may do with it now."""
    upload = _that_came_by_email(request, reference)
    return render(request, "uploads/desk/by_email.html", {"upload": upload, "line": ReportLine(upload)})


@dataclass(frozen=True, slots=True)
class Screen:
    """A page on which the desk acts on the User's word: its words, and the action that it goes to."""

    heading: str
    lead: str
    button: str
    state: State
    act: Callable[[dict[str, Any], str, Actor], Upload]


SUBMIT = Screen(
    "Submit on the User's word",
    "Nothing in the file is wrong, but a person must look at it. Ask an officer of the User to, and go on only if"
    " that officer says yes.",
    "Submit it for the User",
    State.CHECKED,
    lambda typed, reference, by: actions.submit(
        reference=reference,
        warnings_checked=typed.get("checked", False),
        said_by=typed["said_by"],
        by=by,
    ),
)
APPROVE = Screen(
    "Approve on a second officer's word",
    "A second officer of the User must say yes: neither who signed the file nor who said yes to it before. You"
    " must be somebody else than whoever registered or submitted it here.",
    "Approve it for the User",
    State.AWAITING_APPROVAL,
    lambda typed, reference, by: actions.approve(reference=reference, said_by=typed["said_by"], by=by),
)


@requires(DESK)
@form_page
def submit(request: SsiRequest, reference: str) -> HttpResponse:
    """Submit a file that came by e-mail, on the User's word."""
    return _serve(request, reference, SUBMIT)


@requires(DESK)
@form_page
def approve(request: SsiRequest, reference: str) -> HttpResponse:
    """Approve a file that came by e-mail, on a second officer's word."""
    return _serve(request, reference, APPROVE)


@requires(DESK)
@form_page
def withdraw(request: SsiRequest, reference: str) -> HttpResponse:
    """Take a file that came by e-mail back, on the User's word."""
    upload = _that_came_by_email(request, reference)
    return _serve(
        request,
        reference,
        Screen(
            "Withdraw on the User's word",
            "It goes no further, and what is in force stays. A withdrawn file stays withdrawn.",
            "Withdraw it for the User",
            State(upload.state),
            lambda typed, reference, by: actions.withdraw(reference=reference, said_by=typed["said_by"], by=by),
        ),
    )


def _serve(request: SsiRequest, reference: str, screen: Screen) -> HttpResponse:
    upload = _that_came_by_email(request, reference)
    asks = bool(upload.warnings) and screen is SUBMIT
    officers = search.officers(upload.user_id_id)
    data = request.POST if request.method == "POST" else None
    form = forms.OnTheirWordForm(data, officers=officers, asks_for_warnings=asks)
    if form.is_valid():
        try:
            _acted_once(request, form, upload, screen)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("uploads:by_email", upload.reference)
    elif upload.state != screen.state:
        return redirect("uploads:by_email", upload.reference)
    facts = {"form": form, "upload": upload, "screen": screen}
    return render(request, "uploads/desk/on_their_word.html", facts)


def _acted_once(request: SsiRequest, form: SsiForm, upload: Upload, screen: Screen) -> None:
    once_for(
        request,
        form,
        lambda: {"reference": screen.act(form.cleaned_data, upload.reference, request.actor).reference},
    )


@requires(DESK)
@require_safe
def report(request: SsiRequest) -> HttpResponse:
    """Report, for each time of disaster recovery, what came by e-mail and what became of it."""
    times = search.times()
    shown = _chosen(times, request.GET.get("time", ""))
    lines = [ReportLine(upload) for upload in search.files_of(shown.recovery)] if shown else []
    facts = {"times": times, "shown": shown, "lines": lines}
    return render(request, "uploads/desk/report.html", facts)


@requires(DESK)
@require_safe
def report_csv(request: SsiRequest) -> HttpResponseBase:
    """Send the report of one time as a CSV file."""
    shown = _chosen(search.times(), request.GET.get("time", ""))
    if shown is None:
        raise Http404
    rows = [ReportLine(upload).as_row() for upload in search.files_of(shown.recovery)]
    return csv_download(f"by-email-{shown.recovery.reference}", REPORT_HEADER, rows)


def _chosen(times: Any, reference: str) -> search.Time | None:
    """Return the time that was asked for, else the newest, if there is any."""
    asked = [each for each in times if each.recovery.reference == reference.upper()]
    return next(iter(asked or times), None)


def _that_came_by_email(request: SsiRequest, reference: str) -> Upload:
    upload = found_or_404(request, reference)
    if upload.recovery_id is None:
        raise Http404
    return upload
