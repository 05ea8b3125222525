"""The inventory's addresses: devices, and beside them what concerns many."""

from django.urls import path, register_converter

from inventory.views import devices
from ssi.eui64 import Eui64Converter

register_converter(Eui64Converter, "eui64")

app_name = "inventory"
urlpatterns = [
    path("devices/", devices.devices, name="devices"),
    path("devices/export.csv", devices.devices_csv, name="devices_csv"),
    path("devices/lookup/", devices.lookup, name="lookup"),
    path("devices/<eui64:device_id>/", devices.device, name="device"),
]
