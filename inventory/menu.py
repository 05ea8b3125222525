"""What the inventory puts into the menu."""

from typing import Final

from ssi.access.components import Component
from ssi.web.navigation import Entry, add

GROUP: Final = "Inventory"

add(
    Entry("Devices", "inventory:devices", (Component.INVENTORY_SEARCH,), order=10, group=GROUP),
    Entry("Service requests", "inventory:service_requests", (Component.AUDIT_TRAIL,), order=14, group=GROUP),
    Entry("Corrections", "inventory:corrections", (Component.INVENTORY_CORRECTION,), order=16, group=GROUP),
    Entry(
        "Suspicions",
        "inventory:suspicions",
        (Component.INVENTORY_CORRECTION, Component.SERVICE_DESK),
        order=18,
        group=GROUP,
    ),
    Entry("Central Products List", "inventory:products", (Component.CPL_VIEWER,), order=20, group=GROUP),
    Entry("SM WAN coverage", "inventory:wan_coverage", (Component.WAN_COVERAGE,), order=24, group=GROUP),
    Entry("Housekeeping", "inventory:housekeeping", (Component.HOUSEKEEPING_FORECAST,), order=26, group=GROUP),
    Entry(
        "DCC Service Status", "inventory:service_statuses", (Component.DCC_SERVICE_STATUS,), order=28, group=GROUP
    ),
    Entry("Reports", "inventory:reports", (Component.REPORTS,), order=29, group=GROUP),
)
