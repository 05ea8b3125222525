"""Devices by where they are."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inventory.forms.coverage import CoverageForm
from inventory.search.places import MOST_DEVICES, devices_at
from ssi.access.components import Component
from ssi.access.decorators import requires
from ssi.web.requests import SsiRequest


@requires(Component.INVENTORY_SEARCH)
@require_safe
def devices_by_address(request: SsiRequest) -> HttpResponse:
    """Find devices by UPRN, or by postcode and premises, where one may see the address."""
    form = CoverageForm(request.GET or None)
    place = form.asked if form.is_valid() else None
    devices = devices_at(place, request.actor) if place else []
    facts = {"form": form, "place": place, "devices": devices, "is_cut": len(devices) == MOST_DEVICES}
    return render(request, "inventory/devices/by_address.html", facts)
