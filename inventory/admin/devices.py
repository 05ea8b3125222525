"""Devices and their models for the DCC service desk: to look at, never to change. Messages alone change them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from inventory.models import Device, DeviceModel
from inventory.recognise import Kind, recognise
from ssi.large_lists import FirstPage
from ssi.refusals import Refusal
from ssi.web.desk import ReadOnly
from ssi.web.templatetags.ssi import day, status_tag


@admin.register(Device)
class DeviceAdmin(ReadOnly):
    """Devices, found by their Device ID."""

    list_display = ("device_id", "device_type", "status", "since", "device_model", "notifying_party")
    list_select_related = ("device_model", "notified_by__party")
    sortable_by = ()  # no other order has an index
    ordering = ("device_id",)
    search_fields = ("device_id",)
    search_help_text = "A whole Device ID, dashes or not."
    show_full_result_count = False
    paginator = FirstPage

    @admin.display(description="SMI Status")
    def status(self, device: Device) -> SafeString:
        """Return its status as the portal's other pages show it."""
        return status_tag(device.get_smi_status_display())

    @admin.display(description="since")
    def since(self, device: Device) -> SafeString | str:
        """Return the day from which its status applies; the time is on the device's page."""
        return day(device.status_since)

    @admin.display(description="notifying party")
    def notifying_party(self, device: Device) -> str:
        """Return the party's name; the User ID is on the device's page."""
        return device.notified_by.party.name if device.notified_by else "-"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the device whose whole Device ID was typed: no index serves a part of one."""
        if not search_term.strip():
            return queryset, False
        try:
            recognised = recognise(search_term)
        except Refusal:
            return queryset.none(), False
        if recognised.kind is not Kind.DEVICE_ID:
            return queryset.none(), False
        return queryset.filter(pk=recognised.value), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the device with what its page shows, in one query."""
        related = ("device_model", "notified_by__party", "comms_hub", "import_meter_point")
        found = self.get_search_results(request, Device.objects.select_related(*related), object_id)[0]
        return found.first()

    def view_on_site(self, obj: Device) -> str:
        """Return the address of the device's page in the portal."""
        return obj.get_absolute_url()


@admin.register(DeviceModel)
class DeviceModelAdmin(ReadOnly):
    """Device Models: a small table."""

    list_display = ("manufacturer", "model", "device_type", "firmware_version", "smets_version", "cpl_status")
    list_filter = ("device_type", "cpl_status")
    ordering = ("manufacturer", "model", "firmware_version")
    search_fields = ("manufacturer", "model", "firmware_version")
