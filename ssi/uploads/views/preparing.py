"""Preparing a file of thresholds: the rows, what is found in them, and the file to be signed off line."""

from datetime import timedelta
from typing import Any

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.uploads.actions import preparing as actions
from ssi.uploads.forms.thresholds import PrepareForm, initial_rows
from ssi.uploads.models import PreparedFile
from ssi.uploads.presenters.preparing import Checked, PreparedPage
from ssi.uploads.search.thresholds import in_force, thresholds_of
from ssi.uploads.typed_thresholds import MOST_ROWS
from ssi.web.requests import SsiRequest
from ssi.web.sending import once_for


@requires(Component.ADT_SUBMISSION)
@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: SsiRequest) -> HttpResponse:
    """Take rows, show everything that is wrong with them, and make the file of good ones."""
    if request.method != "POST":
        return _shown(request, _first_form(request))
    form = PrepareForm(request.POST, request.FILES, user_roles=_user_roles(request))
    if request.POST.get("do") == "read":
        form.read_file()
        return _shown(request, form, says="" if form.errors else "The rows of the file stand below. Check them.")
    return _checked(request, form) if form.is_valid() else _shown(request, form)


def _checked(request: SsiRequest, form: PrepareForm) -> HttpResponse:
    """Show what the check found, or the file that was made of good rows, where one was asked for."""
    wanted = _wanted(form)
    checked = Checked(actions.rehearse(wanted, by=request.actor), form.cleaned_data["rows"])
    if request.POST.get("do") == "prepare" and checked.rehearsed.is_good:
        try:
            made = once_for(request, form, lambda: {"made": actions.prepare(wanted, by=request.actor).reference})
            return redirect("uploads:prepared_thresholds", made["made"])
        except Refusal as refusal:
            form.refuse(refusal)
    return _shown(request, form, checked=checked)


def _shown(request: SsiRequest, form: PrepareForm, **more: Any) -> HttpResponse:
    found = actions.newest_open(request.actor.user.user_id, by=request.actor)
    facts = {"form": form, "prepared": [PreparedPage(each) for each in found], "checked": None, "says": ""}
    return render(request, "uploads/thresholds/prepare.html", facts | more)


def _first_form(request: SsiRequest) -> PrepareForm:
    """Return the form with what is in force in the User Role acted in, unless that is too much to edit here."""
    user = request.actor.user
    current = in_force(user.user_id, user.user_role)
    thresholds = list(thresholds_of(current)[: MOST_ROWS + 1]) if current else []
    rows = initial_rows(thresholds) if len(thresholds) <= MOST_ROWS else ""
    initial = {
        "user_role": user.user_role,
        "effective_date": timezone.localdate() + timedelta(days=1),
        "rows": rows,
    }
    return PrepareForm(initial=initial, user_roles=_user_roles(request))


def _user_roles(request: SsiRequest) -> list[str]:
    """Return the User Roles of the User ID that one acts for here."""
    own = f"{request.actor.user.user_id}/"
    return [each.value.removeprefix(own) for each in request.acting_choices if each.value.startswith(own)]


def _wanted(form: PrepareForm) -> actions.Wanted:
    return actions.Wanted(
        user_role=form.cleaned_data["user_role"],
        replaces=form.cleaned_data["replaces"],
        effective_date=form.cleaned_data["effective_date"],
        rows=[each.record for each in form.cleaned_data["rows"]],
    )


@requires(Component.ADT_SUBMISSION)
@require_safe
def prepared_thresholds(request: SsiRequest, reference: str) -> HttpResponse:
    """Show a prepared file: what it is called, its hash, and what to do with it."""
    page = PreparedPage(_found(request, reference))
    return render(request, "uploads/thresholds/prepared.html", {"page": page, "prepared": page.prepared})


@requires(Component.ADT_SUBMISSION)
@require_safe
def prepared_thresholds_file(request: SsiRequest, reference: str) -> HttpResponseBase:
    """Send the very bytes that are to be signed."""
    prepared = _found(request, reference)
    content, octets = actions.opened(prepared), "application/octet-stream"
    response = FileResponse(content, as_attachment=True, filename=prepared.file_name, content_type=octets)
    response["Cache-Control"] = "no-store"
    return response


def _found(request: SsiRequest, reference: str) -> PreparedFile:
    try:
        return actions.one(reference, by=request.actor)
    except actions.PreparedFileUnknown as unknown:
        raise Http404 from unknown
