"""The device list with its search box, a device's page, and the lookup of a pasted list."""

from http import HTTPStatus

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from inventory import search
from inventory.forms.devices import MOST_ON_SCREEN, DeviceFilter, LookupForm, SearchForm
from inventory.presenters import devices as presenters
from inventory.recognise import SeveralRecognised
from ssi import routing
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.eui64 import Eui64
from ssi.refusals import Refusal
from ssi.web.exports import csv_download, csv_download_of
from ssi.web.requests import SsiRequest


@requires(Component.INVENTORY_SEARCH)
@require_safe
def devices(request: SsiRequest) -> HttpResponseBase:
    """Search box, filters and list; an identifier in the box goes straight to what it names."""
    if request.GET.get("q", "").strip():
        return _search(request)
    filters, page = DeviceFilter(request.GET), None
    if filters.is_valid():
        try:
            page = search.devices_page(filters.filters, cursor=request.GET.get("cursor", ""), with_points=False)
        except Refusal as refusal:
            filters.refuse(refusal)
    facts = {"form": SearchForm(), "filters": filters, "page": page}
    return render(request, "inventory/devices/list.html", facts)


def _search(request: SsiRequest) -> HttpResponseBase:
    form = SearchForm(request.GET)
    if form.is_valid():
        try:
            return redirect(_address_of(search.find(form.cleaned_data["q"])))
        except SeveralRecognised:
            return _looked_up(request, LookupForm.of(form.cleaned_data["q"]))
        except Refusal as refusal:
            return _refused(request, form, refusal)
    return _refused(request, form)


def _refused(
    request: SsiRequest, form: SearchForm, refusal: Refusal | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    """Show the search box with what was typed and why nothing came of it."""
    if refusal:
        form.refuse(refusal)
    return render(request, "inventory/devices/list.html", {"form": form}, status=status)


def _address_of(found: search.Found) -> str:
    if found.incident_reference:
        return reverse("incidents:incident", args=[found.incident_reference])
    if found.device:
        return found.device.get_absolute_url()
    return f"{reverse('inventory:devices')}?mpxn={found.mpxn}"


@requires(Component.INVENTORY_SEARCH)
@require_safe
def devices_csv(request: SsiRequest) -> HttpResponseBase:
    """Return the list, narrowed by the same filters, as a CSV file; the list itself says why if that cannot be."""
    filters = DeviceFilter(request.GET)
    the_list = f"{reverse('inventory:devices')}?{request.GET.urlencode()}"
    if not filters.is_valid():
        return redirect(the_list)
    most = presenters.MOST_IN_A_FILE
    more = presenters.more_than_a_file(most)
    try:
        lines = search.device_lines(filters.filters, at_most=most, more=more)
    except search.SearchTooBroad:
        return redirect(the_list)
    return csv_download_of("devices", presenters.CSV_HEADER, lines)


@requires(Component.INVENTORY_SEARCH)
@require_safe
def device(request: SsiRequest, device_id: Eui64) -> HttpResponse:
    """Return a device's page; its address in another spelling leads to the one in capitals with dashes."""
    address = reverse("inventory:device", args=[device_id])
    if request.path != address:
        return redirect(address)
    try:
        detail = search.detail_of(device_id, request.actor)
    except search.DeviceUnknown as refusal:
        return _refused(request, SearchForm({"q": str(device_id)}), refusal, status=refusal.status)
    shown = presenters.DevicePage(detail, request.actor)
    return render(request, "inventory/devices/detail.html", {"shown": shown, "device": detail.device})


@requires(Component.INVENTORY_SEARCH)
@require_http_methods(["GET", "HEAD", "POST"])
def lookup(request: SsiRequest) -> HttpResponseBase:
    """Look up a pasted list: on screen, or as a CSV file."""
    routing.only_reads()
    return _looked_up(request, LookupForm(request.POST or None))


def _looked_up(request: SsiRequest, form: LookupForm) -> HttpResponseBase:
    answer = None
    if form.is_valid():
        try:
            answer = search.look_up(form.cleaned_data["identifiers"], most=MOST_ON_SCREEN)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            if "csv" in request.POST:
                return csv_download("device-lookup", presenters.LOOKUP_HEADER, presenters.lookup_rows(answer))
    shown = presenters.LookupPage(answer, request.actor) if answer else None
    return render(request, "inventory/devices/lookup.html", {"form": form, "shown": shown})
