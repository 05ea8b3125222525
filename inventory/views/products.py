"""The Central Products List: the browser for everybody, its imports, and the desk's way to send a new one."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from inventory.actions.products import drafting
from inventory.forms.products import ApplyListForm, NewListForm, ProductFilter
from inventory.models import CplImport
from inventory.presenters import products as presenters
from inventory.search import products as search
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.refusals import Refusal
from ssi.web.exports import csv_download
from ssi.web.requests import SsiRequest
from ssi.web.sending import once_for

READ, DESK = Component.CPL_VIEWER, Component.SERVICE_DESK


@requires(READ)
@require_safe
def products(request: SsiRequest) -> HttpResponse:
    """List the entries, narrowed by filters that stay in the address."""
    filters, page = ProductFilter(request.GET), None
    if filters.is_valid():
        try:
            page = search.products_page(filters.filters, cursor=request.GET.get("cursor", ""))
        except Refusal as refusal:
            filters.refuse(refusal)
    facts = {
        "filters": filters,
        "page": page,
        "lines": [presenters.ProductLine(entry) for entry in page.rows] if page else [],
        "may_import": request.actor.may(DESK),
    }
    return render(request, "inventory/products/list.html", facts)


@requires(READ)
@require_safe
def products_csv(request: SsiRequest) -> HttpResponseBase:
    """Send the list, narrowed by the same filters, as a CSV file."""
    filters = ProductFilter(request.GET)
    if not filters.is_valid():
        return redirect(f"{reverse('inventory:products')}?{request.GET.urlencode()}")
    rows = presenters.csv_rows(search.every_product(filters.filters))
    return csv_download("central-products-list", presenters.CSV_HEADER, rows)


@requires(READ)
@require_safe
def product(request: SsiRequest, key: int) -> HttpResponse:
    """Show an entry with its history and, to DCC, how many devices have it."""
    try:
        detail = search.product_of(key, with_devices=request.actor.is_dcc)
    except search.ProductUnknown as unknown:
        raise Http404 from unknown
    return render(request, "inventory/products/entry.html", {"shown": presenters.ProductPage(detail)})


@requires(READ)
@require_safe
def imports(request: SsiRequest) -> HttpResponse:
    """List the imports, the newest first."""
    page = search.imports_page(cursor=request.GET.get("cursor", ""))
    facts = {
        "page": page,
        "lines": [presenters.ImportPage(each, request.actor) for each in page.rows],
        "may_import": request.actor.may(DESK),
    }
    return render(request, "inventory/products/imports.html", facts)


@requires(READ)
@require_safe
def one_import(request: SsiRequest, key: int) -> HttpResponse:
    """Show what an import did, and to DCC how far its devices followed."""
    found = _import_or_404(key)
    page = search.changes_page(found, cursor=request.GET.get("cursor", ""))
    facts = {
        "shown": presenters.ImportPage(found, request.actor),
        "page": page,
        "lines": [presenters.ChangeLine(each) for each in page.rows],
    }
    return render(request, "inventory/products/import.html", facts)


@requires(READ)
@require_safe
def import_csv(request: SsiRequest, key: int) -> HttpResponseBase:
    """Send everything an import did to entries as a CSV file."""
    rows = presenters.change_rows(search.every_change(_import_or_404(key)))
    return csv_download(f"central-products-list-import-{key}", presenters.CHANGES_HEADER, rows)


@requires(DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def new_import(request: SsiRequest) -> HttpResponse:
    """Take a full list and check it; nothing is changed by that."""
    form = NewListForm(request.POST, request.FILES) if request.method == "POST" else NewListForm()
    checked = None
    if form.is_valid():
        file = form.cleaned_data["file"]
        checked = drafting.check(file.read(), name=file.name, by=request.actor)
        if checked.draft is not None:
            return redirect("inventory:product_check", checked.draft.reference)
    return render(request, "inventory/products/new.html", {"form": form, "checked": checked})


@requires(DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: SsiRequest, reference: str) -> HttpResponse:
    """Show what a checked list would do, and apply it once that is confirmed."""
    if request.method == "POST" and (applied := _applied_before(request, reference)):
        return applied
    try:
        draft = drafting.draft_of(reference, by=request.actor)
    except drafting.DraftUnknown as unknown:
        raise Http404 from unknown
    page = presenters.CheckPage(draft)
    form = ApplyListForm(request.POST or None, removes_many=page.found["removes_many"])
    if form.is_valid():
        try:
            return _applied(request, form, reference)
        except Refusal as refusal:
            form.refuse(refusal)
    return render(request, "inventory/products/check.html", {"form": form, "shown": page})


def _applied_before(request: SsiRequest, reference: str) -> HttpResponse | None:
    """Answer the second press of the button, when the draft is gone: the first one's import."""
    form = ApplyListForm(request.POST, removes_many=False)
    if not form.is_valid() or drafting.is_there(reference, by=request.actor):
        return None
    try:
        return _applied(request, form, reference)
    except drafting.DraftUnknown as unknown:
        raise Http404 from unknown


def _applied(request: SsiRequest, form: ApplyListForm, reference: str) -> HttpResponse:
    """Apply a checked list once, and go to its import."""

    def act() -> dict[str, int]:
        remove_many = bool(form.cleaned_data.get("remove_many"))
        return {"key": drafting.confirm(reference, remove_many=remove_many, by=request.actor).pk}

    key = once_for(request, form, act)["key"]
    messages.success(request, "The list is applied. Devices follow as soon as a worker is free.")
    return redirect("inventory:product_import", key)


def _import_or_404(key: int) -> CplImport:
    try:
        return search.import_of(key)
    except search.ImportUnknown as unknown:
        raise Http404 from unknown
