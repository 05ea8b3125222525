"""The inventory's pages in `docs/reference`, written from the code."""

from inventory.actions.coverage import reference as wan_coverage
from inventory.actions.devices import reference as device_status
from inventory.actions.meter_points import reference as service_status_files
from inventory.actions.products import reference as central_products_list
from inventory.actions.registrations import reference as registration_data
from inventory.actions.service_requests import reference as duis_answers


def pages() -> dict[str, str]:
    """Return the pages of this app by file name."""
    return {
        "central-products-list.md": central_products_list.page(),
        "device-status.md": device_status.page(),
        "duis-answers.md": duis_answers.page(),
        "registration-data.md": registration_data.page(),
        "service-status-files.md": service_status_files.page(),
        "wan-coverage.md": wan_coverage.page(),
    }
