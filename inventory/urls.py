"""The inventory's addresses: devices, and beside them what concerns many."""

from django.urls import path, register_converter

from inventory.search.reports import DeviceReport
from inventory.views import (
    correcting,
    corrections,
    coverage,
    devices,
    housekeeping,
    places,
    products,
    reports,
    service_requests,
    service_status,
    suspicions,
    transactions,
)
from ssi.eui64 import Eui64Converter
from ssi.web import references  # noqa: F401 - registers <reference:…>

register_converter(Eui64Converter, "eui64")

app_name = "inventory"
urlpatterns = [
    path("devices/", devices.devices, name="devices"),
    path("devices/export.csv", devices.devices_csv, name="devices_csv"),
    path("devices/lookup/", devices.lookup, name="lookup"),
    path("devices/by-address/", places.devices_by_address, name="devices_by_address"),
    path("devices/<eui64:device_id>/", devices.device, name="device"),
    path("wan-coverage/", coverage.wan_coverage, name="wan_coverage"),
    path("wan-coverage/export.csv", coverage.wan_coverage_csv, name="wan_coverage_csv"),
    path("dcc-service-status/", service_status.service_statuses, name="service_statuses"),
    path("dcc-service-status/<str:mpxn>/", service_status.service_status, name="service_status"),
    path(
        "dcc-service-status/files/<str:recipient>/<int:number>.csv",
        service_status.service_status_file,
        name="service_status_file",
    ),
    path("service-requests/", service_requests.service_requests, name="service_requests"),
    path("service-requests/export.csv", service_requests.service_requests_csv, name="service_requests_csv"),
    path("service-requests/<str:key>/", service_requests.service_request, name="service_request"),
    path("devices/<eui64:device_id>/correct/", correcting.correct, name="correct"),
    path("devices/<eui64:device_id>/correct/desk/", correcting.ask_the_desk, name="ask_the_desk"),
    path("devices/<eui64:device_id>/correct/<slug:verb>/", correcting.done, name="correction_done"),
    path("devices/<eui64:device_id>/delete/", correcting.delete, name="delete_device"),
    path("corrections/", corrections.corrections, name="corrections"),
    path("corrections/new/", corrections.new, name="correction_new"),
    path("corrections/<reference:reference>/", corrections.correction, name="correction"),
    path("corrections/<reference:reference>/rows.csv", corrections.rows_csv, name="correction_rows"),
    path("corrections/<reference:reference>/apply/", corrections.apply, name="correction_apply"),
    path("corrections/<reference:reference>/revert/", corrections.revert, name="correction_revert"),
    path("corrections/<reference:reference>/cancel/", corrections.cancel, name="correction_cancel"),
    path("corrections/<reference:reference>/withdraw/", corrections.withdraw, name="correction_withdraw"),
    path("corrections/suspicions/", suspicions.suspicions, name="suspicions"),
    path("corrections/suspicions/export.csv", suspicions.suspicions_csv, name="suspicions_csv"),
    path("products/", products.products, name="products"),
    path("products/export.csv", products.products_csv, name="products_csv"),
    path("products/imports/", products.imports, name="product_imports"),
    path("products/imports/new/", products.new_import, name="product_import_new"),
    path("products/imports/check/<str:reference>/", products.check, name="product_check"),
    path("products/imports/<int:key>/", products.one_import, name="product_import"),
    path("products/imports/<int:key>/export.csv", products.import_csv, name="product_import_csv"),
    path("products/<int:key>/", products.product, name="product"),
    path("reports/", reports.reports, name="reports"),
    *(
        path(f"reports/{slug}/{file}", view, {"report": report}, name=f"{slug.replace('-', '_')}{suffix}")
        for report, slug in ((each, each.lower().replace("_", "-")) for each in DeviceReport)
        for file, suffix, view in (("", "", reports.devices), ("export.csv", "_csv", reports.devices_csv))
    ),
    path("reports/transactions/", transactions.monthly, name="rsat_001"),
    path("reports/transactions/export.csv", transactions.monthly_csv, name="rsat_001_csv"),
    path("reports/transactions/device/", transactions.of_device, name="rsat_002"),
    path("reports/transactions/device/export.csv", transactions.of_device_csv, name="rsat_002_csv"),
    path("housekeeping/", housekeeping.forecast, name="housekeeping"),
    path("housekeeping/export.csv", housekeeping.forecast_csv, name="housekeeping_csv"),
    path("housekeeping/notices/<reference:reference>/", housekeeping.notice, name="housekeeping_notice"),
    path(
        "housekeeping/notices/<reference:reference>/export.csv",
        housekeeping.notice_csv,
        name="housekeeping_notice_csv",
    ),
    path("housekeeping/<slug:month>/", housekeeping.month, name="housekeeping_month"),
    path("housekeeping/<slug:month>/export.csv", housekeeping.month_csv, name="housekeeping_month_csv"),
]
