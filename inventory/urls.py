"""The inventory's addresses, all under /devices/."""

from django.urls import path, register_converter

from inventory.views import devices
from ssi.eui64 import Eui64Converter

register_converter(Eui64Converter, "eui64")

app_name = "inventory"
urlpatterns = [
    path("", devices.devices, name="devices"),
    path("export.csv", devices.devices_csv, name="devices_csv"),
    path("lookup/", devices.lookup, name="lookup"),
    path("<eui64:device_id>/", devices.device, name="device"),
]
