"""What accounts put into the menu."""

from ssi.access.components import Component
from ssi.web.navigation import Entry, add

add(Entry("Service desk", "admin:index", (Component.SERVICE_DESK,), order=2))
add(
    Entry(
        "Responsible officers",
        "officers",
        (Component.ARO_NOMINATION,),
        order=48,
        group="Thresholds and quarantine",
    )
)
