"""Quarantined communications: the events, what each holds, and what is decided about it."""

from dataclasses import replace

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.uploads import storage, targets
from ssi.uploads.actions.quarantine import deciding, preparing
from ssi.uploads.forms.quarantine import CommunicationFilter, DecideForm, EventFilter
from ssi.uploads.models import QuarantineEvent
from ssi.uploads.presenters import quarantine as presenters
from ssi.uploads.search import quarantine as search
from ssi.web.errors import refused
from ssi.web.exports import csv_download
from ssi.web.forms import SsiForm
from ssi.web.idempotency import Answer
from ssi.web.requests import SsiRequest
from ssi.web.sending import once_for

VIEW = Component.ADT_AND_QUARANTINE_VIEW
DECIDE = Component.EXIT_QUARANTINE_SUBMISSION


@requires(VIEW)
@require_safe
def events(request: SsiRequest) -> HttpResponse:
    """List the events that the actor may see, the newest first."""
    filters, page = EventFilter(request.GET), None
    try:
        page = search.events_page(filters.is_open, by=request.actor, cursor=request.GET.get("cursor", ""))
    except Refusal as refusal:
        filters.refuse(refusal)
    facts = {"filters": filters, "page": page, "lines": presenters.event_lines(page) if page else []}
    return render(request, "uploads/quarantine/list.html", facts)


@requires(VIEW)
@require_safe
def event(request: SsiRequest, reference: str) -> HttpResponse:
    """Show an event with what it holds."""
    return _page(request, found_or_404(request, reference), DecideForm())


@requires(VIEW)
@require_safe
def event_csv(request: SsiRequest, reference: str) -> HttpResponseBase:
    """Send what an event holds as a CSV file."""
    found = found_or_404(request, reference)
    filters = CommunicationFilter(request.GET)
    if not filters.is_valid():
        return redirect(_back(request, found))
    rows = search.every_communication(found, filters.narrowing)
    return csv_download(f"quarantine-{found.reference}", presenters.CSV_HEADER, presenters.csv_rows(found, rows))


@requires(DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: SsiRequest, reference: str) -> HttpResponse:
    """Decide about what is ticked, or, after a look at how many they are, about all that the filters find."""
    found = found_or_404(request, reference)
    filters = CommunicationFilter(request.GET)
    if request.method != "POST":
        return _check(request, found, filters, DecideForm(initial={"everything": True}))
    form = DecideForm(request.POST)
    if form.is_valid() and filters.is_valid():
        try:
            answer = once_for(request, form, lambda: _decided(request, found, form, filters))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            words = presenters.decided_in_words(answer["fitting"], form.cleaned_data["decision"])
            messages.success(request, words)
            return redirect(_back(request, found))
    return _check(request, found, filters, form) if form.asks_for_all else _page(request, found, form)


def _decided(
    request: SsiRequest, found: QuarantineEvent, form: DecideForm, filters: CommunicationFilter
) -> Answer:
    narrowing = replace(filters.narrowing, up_to=form.cleaned_data["up_to"]) if form.asks_for_all else None
    done = deciding.decide(reference=found.reference, narrowing=narrowing, by=request.actor, **form.facts)
    return {"fitting": done.fitting}


@requires(DECIDE)
@require_POST
def prepare(request: SsiRequest, reference: str) -> HttpResponse:
    """Build the file to be signed."""
    found = found_or_404(request, reference)
    form = SsiForm(request.POST)
    if not form.is_valid():
        return redirect(found)
    try:
        once_for(request, form, lambda: _prepared(request, found))
    except Refusal as refusal:
        return refused(request, refusal)
    messages.success(
        request, "The file is built. Download it, sign it off line, and upload it with its signature."
    )
    return redirect(f"{found.get_absolute_url()}#file")


def _prepared(request: SsiRequest, found: QuarantineEvent) -> Answer:
    return {"reference": preparing.prepare(reference=found.reference, by=request.actor).reference}


@requires(DECIDE)
@require_safe
def prepared_file(request: SsiRequest, reference: str) -> HttpResponseBase:
    """Send a file that the portal built, to be signed off line."""
    try:
        found = search.prepared(reference, by=request.actor)
    except search.PreparedFileUnknown as unknown:
        raise Http404 from unknown
    content = storage.opened(found.stored_as, found.sha256)
    response = FileResponse(content, as_attachment=True, filename=found.file_name, content_type="text/csv")
    response["Cache-Control"] = "no-store"
    return response


def found_or_404(request: SsiRequest, reference: str) -> QuarantineEvent:
    """Return the event, or answer 404 alike for what does not exist and for what the actor may not see."""
    try:
        return search.one(reference, by=request.actor)
    except search.EventUnknown as unknown:
        raise Http404 from unknown


def _back(request: SsiRequest, found: QuarantineEvent) -> str:
    """Return the event's page with the filters, and the page of the list, that the reader came from."""
    query = request.GET.urlencode()
    return f"{found.get_absolute_url()}{f'?{query}' if query else ''}#communications"


def _check(
    request: SsiRequest, found: QuarantineEvent, filters: CommunicationFilter, form: DecideForm
) -> HttpResponse:
    """Show how many communications are meant before anything is decided about them; later ones are not meant."""
    number, up_to = 0, form.cleaned_data.get("up_to") if form.is_bound else None
    try:
        number, form.initial["up_to"] = search.count_held(found, replace(filters.narrowing, up_to=up_to))
    except Refusal as refusal:
        filters.refuse(refusal)
    facts = {
        "event": presenters.EventLine(found, presenters.Due(found, timezone.now())),
        "form": form,
        "filters": filters,
        "number": number,
        "chosen": presenters.chosen_in_words(filters.narrowing),
        "back": _back(request, found),
    }
    return render(request, "uploads/quarantine/decide.html", facts)


def _page(request: SsiRequest, found: QuarantineEvent, form: DecideForm) -> HttpResponse:
    filters = CommunicationFilter(request.GET)
    narrowing, page = filters.narrowing, None
    try:
        page = search.communications_page(found, narrowing, cursor=request.GET.get("cursor", ""))
    except Refusal as refusal:
        filters.refuse(refusal)
    may_see_devices = request.actor.may(Component.INVENTORY_SEARCH)
    shown = presenters.EventPage(
        event=found,
        actor=request.actor,
        rows=page.rows if page else (),
        sums=search.sums_of(found),
        prepared=search.prepared_for(found),
        uploads=search.uploads_about(found, by=request.actor),
        history=search.history_of(found),
        devices=targets.pages_of({each.target for each in page.rows}) if page and may_see_devices else {},
        now=timezone.now(),
    )
    facts = {"shown": shown, "page": page, "filters": filters, "form": form}
    return render(request, "uploads/quarantine/event.html", facts)
